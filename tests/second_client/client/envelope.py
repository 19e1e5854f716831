"""Envelopes: made as protocol.md, section 7.1 says, opened in the order of its section 8."""

import os
import time

from . import crypto, logs, wire
from .directory import split_address
from .names import SLUG
from .refused import require

HEADER_BYTES_MAX = 12288
PADDED_BYTES_MIN, PADDED_BYTES_MAX = 512, 524288
TIME_MS_MAX = 1 << 48
BATCH_MAX = 256
RECIPIENTS_MAX = 64
FALLBACK, DELEGATE = 1, 2  # Standing
OVERDUE, ABSENCE = 2, 3    # Release
PUBLIC_MAX = 16


def new_id():
    """A UUID of version 7 (RFC 9562)."""
    made = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    made[6], made[8] = made[6] & 15 | 0x70, made[8] & 63 | 0x80
    return bytes(made)


def is_v7(uuid):
    return uuid[6] >> 4 == 7 and uuid[8] >> 6 == 2


def pad(payload, salt=None):
    content = (salt or os.urandom(32)) + len(payload).to_bytes(4, "big") + payload
    size = PADDED_BYTES_MIN
    while size < len(content):
        size *= 2
    require(size <= PADDED_BYTES_MAX, "too_large", "content")
    return content.ljust(size, b"\0")


def unpad(padded):
    """The payload. Refused: malformed."""
    size = len(padded)
    require(PADDED_BYTES_MIN <= size <= PADDED_BYTES_MAX and size & (size - 1) == 0, "malformed",
            "size of the content")
    end = 36 + int.from_bytes(padded[32:36], "big")
    require(end <= size and not any(padded[end:]), "malformed", "padding")
    require(size == PADDED_BYTES_MIN or end > size // 2, "malformed", "not the smallest size")
    return padded[36:end]


def read_header(data):
    """A header that keeps the rules of formats.md, section 3. Refused: malformed and others."""
    require(len(data) <= HEADER_BYTES_MAX, "too_large", "header")
    header = wire.read("Header", data)
    require(header["version"] == 1, "unsupported_version", "header")
    ids = (header["id"], header["thread"], header["follows"])
    require(all(is_v7(uuid) for uuid in ids if uuid), "invalid_field", "version of a UUID")
    require(SLUG.fullmatch(header["act"]), "invalid_field", "act")
    mailboxes = [recipient["mailbox"] for recipient in header["to"]]
    require(len(mailboxes) <= RECIPIENTS_MAX and len(set(mailboxes)) == len(mailboxes)
            and all(recipient["counter"] and recipient["standing"] <= DELEGATE
                    for recipient in header["to"]), "invalid_field", "to")
    for before, recipient in enumerate(header["to"]):
        place, standing = recipient["in_place_of"], recipient["standing"]
        require(0 < place <= before and header["to"][place - 1]["standing"] == 0
                if standing == DELEGATE else place == 0, "invalid_field", "in_place_of")
    numbers = [public["field"] for public in header["public"] or ()]
    require(len(numbers) <= PUBLIC_MAX and sorted(set(numbers)) == numbers, "invalid_field",
            "public")
    require(PADDED_BYTES_MIN <= header["content_bytes"] <= PADDED_BYTES_MAX
            and header["time_ms"] <= TIME_MS_MAX, "invalid_field", "header")
    return header


def write_header(fields, to, head, public=()):
    """`fields` are the plain ones; `to` pairs (mailbox, counter), `head` (size, root)."""
    head_table = wire.table("Head", size=head[0], root=wire.array("Digest", head[1]))
    return wire.encode(wire.table(
        "Header", version=1, time_ms=int(time.time() * 1000), head=head_table,
        to=[wire.table("Recipient", mailbox=mailbox, counter=counter) for mailbox, counter in to],
        public=[wire.table("PublicField", field=number, value=value)
                for number, value in sorted(public)] or None, **fields))


def sign_headers(person, headers):
    """One signature over 1 to 256 headers; their HeaderSignatures, in order."""
    digests = [logs.leaf_hash(header) for header in headers]
    signature = crypto.sign(person, "relais/v1/envelope", logs.root(digests))
    return [wire.table("HeaderSignature", signature=wire.array("Signature", signature),
                       batch_index=place, batch_size=len(digests),
                       path=[wire.array("Digest", part) for part in logs.path(digests, place)]
                       or None)
            for place in range(len(digests))]


def verify_header(data, signed, key):
    """Refused: proof_invalid, bad_signature."""
    require(0 < signed["batch_size"] <= BATCH_MAX, "proof_invalid", "batch")
    made = logs.root_from_path(logs.leaf_hash(data), signed["batch_index"], signed["batch_size"],
                               signed["path"] or [])
    crypto.verify(key, "relais/v1/envelope", made, signed["signature"])


def box_binding(digest, mailbox, epoch, release):
    return digest, f"{mailbox}\n{epoch}\n{release}".encode()


def seal(header_bytes, signed, padded, replica, release):
    """The Envelope's bytes: box 0 for the sender's own mailbox, then one for each recipient."""
    header, digest = read_header(header_bytes), logs.leaf_hash(header_bytes)
    key, boxes = os.urandom(32), []
    mailboxes = [header["from"], *(recipient["mailbox"] for recipient in header["to"])]
    for position, mailbox in enumerate(mailboxes):
        epoch, held = replica.epoch(mailbox), release if position else 0
        standing = header["to"][position - 1]["standing"] if position else 0
        if standing == FALLBACK:
            held = OVERDUE
        if standing == DELEGATE and held == 0:
            held = ABSENCE
        info, associated = box_binding(digest, mailbox, epoch["number"], held)
        enc, sealed = crypto.hpke_seal(epoch["key"], info, associated, key)
        boxes.append(wire.table("KeyBox", position=position, epoch=epoch["number"], suite=1,
                                enc=enc, sealed_key=sealed, release=held))
    return wire.encode(wire.table("Envelope", header=header_bytes, signed=signed, boxes=boxes,
                                  content=crypto.gcm_seal(key, digest, padded)))


class Opener:
    """Opens what comes to one mailbox. `kinds` maps digests, `epochs` numbers to private keys."""

    def __init__(self, replica, mailbox, kinds, epochs):
        self.replica, self.mailbox, self.kinds, self.epochs = replica, mailbox, kinds, epochs
        self.counters = {}   # (station, lane): the last seen
        self.digests = set()
        self.steps = []      # of the last envelope, for tests of their order

    def open(self, entry):
        """(header, answers). Refused: the verdict, by the first step that fails."""
        self.steps = []
        data, box, accepted = entry["header"], entry["box"], entry["accepted"]
        header, digest = self._form(data, box, entry["content"]), logs.leaf_hash(data)
        self._counter(header, box, digest)
        self._signature(header, data, entry["signed"], accepted)
        kind = self._kind(header, accepted)
        self._head(header, accepted)
        key = self._box(digest, box)
        padded = self._content(header, digest, key, entry["content"])
        self.steps.append("form of the act")
        return header, kind.answers(header["act"], unpad(padded))

    def _form(self, data, box, content):
        self.steps.append("form")
        header = read_header(data)
        mailboxes = [header["from"], *(recipient["mailbox"] for recipient in header["to"])]
        require(box["position"] < len(mailboxes)
                and mailboxes[box["position"]] == self.mailbox, "not_addressed")
        require(len(content) == header["content_bytes"] + 16, "malformed", "content")
        return header

    def _counter(self, header, box, digest):
        self.steps.append("counter")
        if box["position"] == 0 or digest in self.digests:
            return
        place = (header["station"], header["lane"])
        counter = header["to"][box["position"] - 1]["counter"]
        require(counter > self.counters.get(place, 0), "counter_contradiction")
        self.counters[place] = counter
        self.digests.add(digest)

    def _signature(self, header, data, signed, accepted):
        self.steps.append("signature")
        size = accepted["directory_size"]
        require(size <= self.replica.size, "ahead_of_directory")
        _, organisation = split_address(header["from"], self.replica.domain)
        person = self.replica.at(size, "person", organisation, header["by"])
        require(person, "unknown_person")
        verify_header(data, signed, person["key"])

    def _kind(self, header, accepted):
        self.steps.append("kind")
        size = accepted["directory_size"]
        require(self.replica.at(size, "bundle", header["kind"]), "unknown_kind")
        require(header["kind"] in self.kinds, "unknown_kind", "bundle not here yet")
        kind = self.kinds[header["kind"]]
        kind.check_header(header)
        kind.check_signer(self.replica, header, size, accepted["time_ms"])
        return kind

    def _head(self, header, accepted):
        self.steps.append("head")
        head = header["head"]
        require(1 <= head["size"] <= accepted["directory_size"]
                and head["root"] == self.replica.root(head["size"]), "head_contradiction")

    def _box(self, digest, box):
        self.steps.append("box")
        require(box["suite"] == 1, "unsupported_version", "suite")
        require(box["epoch"] in self.epochs, "not_granted")
        info, associated = box_binding(digest, self.mailbox, box["epoch"], box["release"])
        return crypto.hpke_open(self.epochs[box["epoch"]], info, associated, box["enc"],
                                box["sealed_key"])

    def _content(self, header, digest, key, content):
        self.steps.append("content")
        require(len(key) == 32, "box_unopenable")
        padded = crypto.gcm_open(key, digest, content)
        require(crypto.sha256(padded) == header["content_digest"], "digest_mismatch")
        return padded
