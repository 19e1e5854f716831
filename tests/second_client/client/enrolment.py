"""From an invitation to a station in the directory: docs/protocol.md, section 12."""

import base64
import binascii
import time

from . import crypto, envelope, logs, wire
from .directory import Draft
from .refused import Refused, require
from .session import Link, curve_pair, digest, uuid

TOKEN = "relais-invitation-1."
INVITATION_BYTES_MAX = 4096
ORGANISATION = 1


def read_token(text, now_ms):
    """The invitation. Refused: malformed, invitation_unknown."""
    word = "".join(text.split())
    require(word.startswith(TOKEN), "malformed", "token")
    encoded = word[len(TOKEN):]
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused("malformed", "token") from None
    require(base64.urlsafe_b64encode(data).decode().rstrip("=") == encoded, "malformed", "token")
    inside, check = data[:-4], data[-4:]
    require(crypto.sha256(inside)[:4] == check, "malformed", "check bytes")
    require(len(inside) <= INVITATION_BYTES_MAX, "too_large", "invitation")
    invitation = wire.read("Invitation", inside)
    require(len(invitation["authenticator"]) == 16, "malformed", "authenticator")
    require(invitation["expires_ms"] > now_ms, "invitation_unknown", "expired")
    return invitation


class Keys:
    """What a first station makes for itself: nothing of it leaves but public keys."""

    def __init__(self):
        self.curve = curve_pair()
        self.authority, self.person = crypto.new_key(), crypto.new_key()
        self.sealing, self.signing = crypto.new_key(), crypto.new_key()
        self.epochs = {1: crypto.new_key()}
        self.recovery = crypto.Recovery()
        self.person_id, self.station_id = envelope.new_id(), envelope.new_id()


def _grant(key, private, mailbox, station=None):
    info, associated = crypto.grant_binding(mailbox, 1)
    enc, sealed = crypto.hpke_seal(key, info, associated, crypto.scalar_of(private))
    return wire.table("Grant", station=uuid(station) if station else None, enc=enc,
                      sealed_key=sealed)


def _p256(private):
    return wire.array("P256Key", crypto.public_of(private))


def proposal(domain, name, keys, organisation, person, station_title):
    """The bytes of an EnrolmentProposal for a new organisation."""
    draft, now = Draft(domain, name, keys.authority), int(time.time() * 1000)
    recovery, sealing = keys.recovery, keys.sealing
    draft.add("Organisation", now, authority=_p256(keys.authority),
              recovery_signing=digest(crypto.sha256(crypto.public_of(recovery.signing))),
              recovery_sealing=_p256(recovery.sealing), **organisation)
    draft.add("Person", now, id=uuid(keys.person_id), key=_p256(keys.person), registrar=True,
              **person)
    draft.add("Station", now, id=uuid(keys.station_id), title=station_title,
              curve=wire.array("CurveKey", keys.curve[0]), sealing=_p256(sealing),
              signing=_p256(keys.signing), persons=[uuid(keys.person_id)], units=[""])
    mailbox = f"{name}@{domain}"
    grants = [_grant(crypto.public_of(recovery.sealing), keys.epochs[1], mailbox),
              _grant(crypto.public_of(sealing), keys.epochs[1], mailbox, keys.station_id)]
    draft.add("Epoch", now, unit="", number=1, key=_p256(keys.epochs[1]), grants=grants)
    return wire.encode(wire.table(
        "EnrolmentProposal", purpose=ORGANISATION, organisation=name,
        entries=[wire.table("SignedBytes", bytes=entry) for entry in draft.entries]))


class Enrolment:
    """The conversation with the enrolment socket about one proposal."""

    def __init__(self, invitation, payload):
        self.invitation, self.payload = invitation, payload
        self.link = Link(invitation["enrolment_endpoint"], invitation["enrolment_curve"],
                         curve_pair())

    def propose(self):
        locator, key = self.invitation["locator"], self.invitation["authenticator"]
        mac = crypto.mac(key, "relais/v1/enrol", locator + self.payload)
        self.link.expect("Done", "Enrol", locator=uuid(locator), payload=self.payload,
                         mac=digest(mac))

    def decision(self):
        """Whether it was approved. Refused: not_decided, authenticator_wrong and others."""
        named = crypto.sha256(self.payload)
        body = self.link.expect("EnrolmentDecision", "EnrolmentStatus",
                                locator=uuid(self.invitation["locator"]), proposal=digest(named))
        wanted = crypto.mac(self.invitation["authenticator"], "relais/v1/enrol-answer",
                            named + bytes([body["approved"]]))
        require(crypto.same(wanted, body["answer_mac"]), "authenticator_wrong")
        return body["approved"]


def check_welcome(invitation, replica, name, keys):
    """What step 5 asks once the whole directory is here."""
    log_key = replica.now("domain")["directory_log"]
    shown = logs.open_checkpoint(invitation["checkpoint"], f"{replica.domain}/directory", log_key)
    require(shown.root == replica.root(shown.size), "inconsistent_log", "invitation")
    station = replica.now("station", name, keys.station_id)
    own = (keys.curve[0], crypto.public_of(keys.sealing), crypto.public_of(keys.signing))
    require(station and own == (station["curve"], station["sealing"], station["signing"]),
            "key_taken", "own station")
    require(replica.signer_of("admission", name) == invitation["inviter"], "not_a_signer",
            "inviter")
