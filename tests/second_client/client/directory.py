"""A replica of the directory: each entry checked as docs/formats.md, section 8.3 says.

What an entry declares is kept with its position, so that questions are answered "at size n".
"""

from . import crypto, logs, wire
from .names import SLUG, is_identifier, is_title, professions_of
from .refused import require

ENTRY_BYTES_MAX = 32768
GRANTS_MAX = 128
REGISTRARS_MAX = 16
POSTERS_MAX = 64
MEMBERSHIPS_MAX = 128  # of one entry, each way
MEMBERS_MAX = 3000
WITNESSES_MAX = 48
WITNESSES_OF_ORGANISATION_MAX = 3
ABSENCE_PERIODS_MAX = 16
TIME_MS_MAX = 1 << 48
ZERO = bytes(32)
CPTS = 1


class Replica:
    """Begins with nothing but the domain's name and the pinned fingerprint of its authority.

    `append` raises Refused and changes nothing if an entry breaks a rule: the caller keeps the
    evidence and stops.
    """

    def __init__(self, domain, authority):
        self.domain, self.authority = domain, authority
        self.leaves = []
        self.signers = []    # of each entry: the fingerprint of the key that signed it
        self.chains = {}     # chain: (next number, digest of the last signed entry)
        self.history = {}    # (what, ...): [(position, value or None)]
        self.keys = {}       # public key: who showed it
        self.checkpoint = None

    @property
    def size(self):
        return len(self.leaves)

    def root(self, size):
        require(0 < size <= self.size, "wrong_position", "size")
        return logs.root(self.leaves[:size])

    def at(self, size, *key):
        """What stood under this key at that size, or None."""
        found = [value for position, value in self.history.get(key, ()) if position <= size]
        return found[-1] if found else None

    def now(self, *key):
        return self.at(self.size + 1, *key)

    def ever(self, *key):
        return next((value for _, value in reversed(self.history.get(key, ())) if value), None)

    def signer_of(self, *key):
        """The fingerprint that signed the first entry of this key, or None."""
        found = self.history.get(key)
        return self.signers[found[0][0] - 1] if found else None

    def all_now(self, what, organisation):
        found = ((key, self.now(*key)) for key in self.history if key[:2] == (what, organisation))
        return {key: value for key, value in found if value is not None}

    def take(self, first, entries, note):
        """A DirectoryEntries of the broker: entries from `first`, and the note where one came."""
        require(first == self.size, "wrong_position", "not the next entry")
        for data in entries:
            self.append(data)
        if note is None:
            return
        key = self.now("domain")["directory_log"]
        checkpoint = logs.open_checkpoint(note, f"{self.domain}/directory", key)
        require(checkpoint.size <= self.size, "inconsistent_log", "ahead of its entries")
        require(checkpoint.root == self.root(checkpoint.size), "inconsistent_log", "root")
        self.checkpoint = checkpoint

    def append(self, data):
        require(len(data) <= ENTRY_BYTES_MAX, "too_large", "entry")
        signed = wire.read("SignedEntry", data)
        entry = wire.read("Entry", signed["entry"])
        kind, body = entry["body"] or (None, None)
        require(kind, "malformed", "no body")
        chain = entry["chain"]
        require(entry["domain"] == self.domain, "wrong_domain")
        require(chain == "" or SLUG.fullmatch(chain), "bad_entry", "chain")
        number, previous = self.chains.get(chain, (0, ZERO))
        require((entry["number"], entry["previous"]) == (number, previous), "chain_broken", chain)
        require(self.size or kind == "Domain", "bad_entry", "first entry")
        key = self._signer(kind, body, chain, entry["signer"])
        require(crypto.sha256(key) == entry["signer"], "not_a_signer", kind)
        crypto.verify(key, "relais/v1/entry", signed["entry"], signed["signature"])
        require(self.now("suspended", chain) is None, "suspended", chain)
        changes, keys = RULES[kind](self, chain, body, entry["signer"])
        for shown, owner in keys:
            require(self.keys.get(shown, owner) == owner, "key_taken", kind)
        self.keys.update(keys)
        self.leaves.append(logs.leaf_hash(data))
        self.signers.append(entry["signer"])
        self.chains[chain] = (number + 1, crypto.sha256(data))
        for place, value in changes:
            self.history.setdefault(place, []).append((self.size, value))

    def _signer(self, kind, body, chain, signer):
        """The public key that `signer` names, among those that may sign this entry."""
        if chain == "":
            present = body if kind == "Domain" else self.now("domain")
            allowed = [present["authority"]]
            if kind in ("Suspension", "Attestation") or kind == "Admission" and not body["anchor"]:
                allowed += [registrar["key"] for registrar in present["registrars"]]
            require(crypto.sha256(present["authority"]) == self.authority, "not_a_signer",
                    "domain authority")
        elif kind in ("Organisation", "AuthorityReplaced"):
            allowed = [body["authority" if kind == "Organisation" else "recovery_key"]]
        else:
            organisation = self.now("organisation", chain)
            require(organisation, "unknown_object", chain)
            persons = self.all_now("person", chain).values()
            allowed = [organisation["authority"]]
            allowed += [person["key"] for person in persons if person["registrar"]]
        return next((key for key in allowed if crypto.sha256(key) == signer), b"")

    def established(self, size, organisation):
        return self.at(size, "established", organisation) is not None

    def attested(self, size, organisation, person):
        """Whether an attestation stands for what this person declares at that size."""
        declared = self.at(size, "person", organisation, person)
        wanted = (declared["profession"], declared["rpps"]) if declared else None
        return any(self.at(size, *key) == wanted for key in self.history
                   if wanted and key[:1] == ("attestation",) and key[2:] == (organisation, person))

    def unit(self, size, address):
        """The Unit or, for an organisation's own mailbox, {}. Refused: unknown_recipient."""
        unit, organisation = split_address(address, self.domain)
        require(self.at(size, "organisation", organisation), "unknown_recipient", address)
        found = self.at(size, "unit", organisation, unit) if unit else {}
        require(found is not None, "unknown_recipient", address)
        return found

    def away(self, size, mailbox, when_ms):
        """The period of its absence that lasts then, or None: formats.md, section 8.5."""
        unit, organisation = split_address(mailbox, self.domain)
        said = self.at(size, "absence", organisation, unit) or {"periods": ()}
        return next((period for period in said["periods"] or ()
                     if period["from_ms"] <= when_ms < period["until_ms"]), None)

    def members(self, size, group):
        """Mailboxes that are members at that size and exist then: formats.md, section 8.4."""
        name, organisation = split_group(group, self.domain)
        place = ("member", organisation, name)
        found = [key[3] for key in self.history if key[:3] == place and self.at(size, *key)]
        return sorted(mailbox for mailbox in found if self._exists(size, mailbox))

    def _exists(self, size, mailbox):
        unit, organisation = split_address(mailbox, self.domain)
        return (self.at(size, "organisation", organisation) is not None
                and (unit == "" or self.at(size, "unit", organisation, unit) is not None))

    def exists_now(self, mailbox):
        return self._exists(self.size + 1, mailbox)

    def epoch(self, address):
        unit, organisation = split_address(address, self.domain)
        number = self.now("epoch", organisation, unit)
        require(number, "unknown_recipient", f"{address} has no epoch")
        return self.now("epoch_key", organisation, unit, number)


def split_address(address, domain):
    """(unit, organisation) of a mailbox address of this domain. Refused: invalid_field."""
    local, _, place = address.partition("@")
    unit, _, organisation = local.rpartition(".")
    require(place == domain and SLUG.fullmatch(organisation)
            and (SLUG.fullmatch(unit) or "." not in local), "invalid_field", "address")
    return unit, organisation


def split_group(address, domain):
    """(name, organisation) of a group of this domain. Refused: invalid_field."""
    require(address.startswith("#") and "." in address, "invalid_field", "group")
    return split_address(address[1:], domain)


# ---- the rule of each body: (replica, chain, body, signer) gives changes and keys shown ----------

def _points(*keys):
    for key in keys:
        crypto.point(key)


def _own(chain, condition=True):
    require(chain != "" and condition, "bad_entry", "chain")


def _domain(replica, chain, body, signer):
    require(chain == "" and len(body["registrars"]) <= REGISTRARS_MAX, "bad_entry", "Domain")
    _points(body["authority"], body["broker_key"], *(r["key"] for r in body["registrars"]))
    logs_keys = [(body[log], "log") for log in ("audit_log", "directory_log")]
    return [(("domain",), body)], logs_keys


def _admission(replica, chain, body, signer):
    name = body["organisation"]
    require(chain == "" and SLUG.fullmatch(name), "bad_entry", "Admission")
    require(is_identifier(body["identifier"]), "bad_identifier")
    require(replica.now("admission", name) is None, "name_taken", name)
    require(replica.now("identifier", body["identifier"]) is None, "identifier_taken")
    changes = [(("admission", name), body), (("identifier", body["identifier"]), name)]
    if body["anchor"]:
        require(replica.now("anchor") is None, "bad_entry", "a second anchor")
        changes += [(("anchor",), name), (("established", name), name)]
    return changes, []


def _suspension(replica, chain, body, signer):
    name = body["organisation"]
    require(chain == "" and replica.now("admission", name), "unknown_object", name)
    suspended = replica.now("suspended", name) is not None
    require(suspended != body["suspended"], "bad_entry", "changes nothing")
    return [(("suspended", name), True if body["suspended"] else None)], []


def _organisation(replica, chain, body, signer):
    admitted = replica.now("admission", chain)
    require(chain and admitted, "unknown_object", chain)
    require(replica.now("organisation", chain) is None, "bad_entry", "not the first")
    require((admitted["authority"], admitted["kind"], admitted["identifier"])
            == (crypto.sha256(body["authority"]), body["kind"], body["identifier"]),
            "bad_entry", "not as admitted")
    require(is_title(body["title"]), "bad_entry", "title")
    _points(body["authority"], body["recovery_sealing"])
    keys = [(body["authority"], chain + " authority"),
            (body["recovery_sealing"], chain + " recovery sealing")]
    return [(("organisation", chain), body)], keys


def _authority_replaced(replica, chain, body, signer):
    before = replica.now("organisation", chain)
    require(before, "unknown_object", chain)
    require(crypto.sha256(body["recovery_key"]) == before["recovery_signing"], "not_a_signer")
    require(body["recovery_signing"] != before["recovery_signing"], "bad_entry", "same recovery")
    _points(body["authority"], body["recovery_sealing"], body["recovery_key"])
    made = before | {name: body[name] for name in
                     ("authority", "recovery_signing", "recovery_sealing")}
    count = replica.chains[chain][0]
    return [(("organisation", chain), made)], [
        (body[name], f"{chain} {name} {count}")
        for name in ("authority", "recovery_key", "recovery_sealing")]


def _person(replica, chain, body, signer):
    _own(chain)
    place = ("person", chain, body["id"])
    before, organisation = replica.now(*place), replica.now("organisation", chain)
    require(body["profession"] in professions_of(organisation["kind"]), "bad_entry", "profession")
    require(body["rpps"] is None or len(body["rpps"]) == 11 and body["rpps"].isdigit(),
            "bad_identifier", "rpps")
    require(is_title(body["title"]), "bad_entry", "title")
    require(before or replica.ever(*place) is None, "revoked", "person")
    home = replica.now("home", body["id"])
    require(home in (None, chain), "bad_entry", "of another organisation")
    _points(body["key"])
    begins, ends = body["from_ms"], body["until_ms"]
    require(max(begins, ends) <= TIME_MS_MAX and (ends == 0 or begins < ends), "invalid_field",
            "until_ms")
    require(not body["registrar"] or begins == ends == 0, "bad_entry", "registrar with dates")
    was = before is not None and before["registrar"]
    if was != body["registrar"] or was and before["key"] != body["key"]:
        require(signer == crypto.sha256(organisation["authority"]), "not_a_signer", "registrar")
    return ([(place, body), (("home", body["id"]), chain)],
            [(body["key"], ("person", body["id"]))])


def _station(replica, chain, body, signer):
    _own(chain)
    place = ("station", chain, body["id"])
    before = replica.now(*place)
    require(before or replica.ever(*place) is None, "revoked", "station")
    require(replica.now("station_of", body["id"]) in (None, chain), "bad_entry",
            "of another organisation")
    require(body["persons"] and body["units"], "bad_entry", "no person or no unit")
    require(all(replica.now("person", chain, person) for person in body["persons"]),
            "unknown_object", "person")
    require(all(unit == "" or replica.now("unit", chain, unit) for unit in body["units"]),
            "unknown_object", "unit")
    require(is_title(body["title"]), "bad_entry", "title")
    _points(body["sealing"], body["signing"])
    names = ("curve", "sealing", "signing")
    require(before is None or all(before[name] == body[name] for name in names), "bad_entry",
            "keys of a station never change")
    return ([(place, body), (("station_of", body["id"]), chain)],
            [(body[name], (name, body["id"])) for name in names])


def _unit(replica, chain, body, signer):
    _own(chain, SLUG.fullmatch(body["name"]) and is_title(body["title"]))
    return [(("unit", chain, body["name"]), body)], []


def _granted(replica, chain, unit, grants):
    stations = [grant["station"] for grant in grants]
    require(len(set(stations)) == len(stations) <= GRANTS_MAX, "bad_entry", "grants")
    for station in filter(None, stations):
        found = replica.now("station", chain, station)
        require(found and unit in found["units"], "bad_entry", "a grant to one who serves it not")
    return stations


def _epoch(replica, chain, body, signer):
    _own(chain)
    unit, number = body["unit"], body["number"]
    require(unit == "" or replica.now("unit", chain, unit), "unknown_object", "unit")
    require(number == (replica.now("epoch", chain, unit) or 0) + 1, "bad_entry", "epoch number")
    require(_granted(replica, chain, unit, body["grants"]).count(None) == 1, "bad_entry",
            "recovery grant")
    _points(body["key"])
    return ([(("epoch", chain, unit), number), (("epoch_key", chain, unit, number), body)],
            [(body["key"], ("epoch", chain, unit, number))])


def _grants_added(replica, chain, body, signer):
    _own(chain)
    place = ("epoch_key", chain, body["unit"], body["number"])
    before = replica.now(*place)
    require(before, "unknown_object", "epoch")
    made = before | {"grants": before["grants"] + body["grants"]}
    require(None not in [grant["station"] for grant in body["grants"]], "bad_entry", "recovery")
    _granted(replica, chain, body["unit"], made["grants"])
    return [(place, made)], []


def _mandate(replica, chain, body, signer):
    _own(chain, body["by"] != body["on_behalf_of"])
    require(all(replica.now("person", chain, body[name]) for name in ("by", "on_behalf_of")),
            "unknown_object", "person")
    require(replica.ever("mandate", chain, body["id"]) is None, "bad_entry", "not new")
    for act in body["acts"]:
        kind, slash, name = act.partition("/")
        require(slash and SLUG.fullmatch(kind) and (name == "*" or SLUG.fullmatch(name)),
                "bad_entry", "act")
    return [(("mandate", chain, body["id"]), body)], []


def _revocation(replica, chain, body, signer):
    _own(chain)
    what = {wire.value("RevokedObject", name): name
            for name in ("person", "station", "unit", "mandate", "group")}[body["object"]]
    place = (what, chain, body["unit"] if what in ("unit", "group") else body["id"])
    before = replica.now(*place)
    require(before, "unknown_object", what)
    if what == "person" and before["registrar"]:
        authority = replica.now("organisation", chain)["authority"]
        require(signer == crypto.sha256(authority), "not_a_signer", "registrar")
    leaving = []
    if what == "group":
        leaving = [key for key in replica.history
                   if key[:3] == ("member", chain, body["unit"]) and replica.now(*key)]
    return [(place, None), *((key, None) for key in leaving)], []


def _confirmation(replica, chain, body, signer):
    name = body["organisation"]
    _own(chain, chain != name and replica.now("established", chain))
    admitted = replica.now("admission", name)
    require(admitted, "unknown_object", name)
    require(admitted["authority"] == body["authority"], "fingerprint_mismatch", name)
    return [] if replica.now("established", name) else [(("established", name), chain)], []


def _attestation(replica, chain, body, signer):
    name = body["organisation"]
    if chain:
        kind = replica.now("organisation", chain)["kind"]
        _own(chain, chain != name and kind == CPTS and replica.now("established", chain))
    person = replica.now("person", name, body["person"])
    require(person, "unknown_object", "person")
    place, said = ("attestation", chain, name, body["person"]), (body["profession"], body["rpps"])
    if body["withdrawn"]:
        require(replica.now(*place), "unknown_object", "attestation")
        return [(place, None)], []
    require(said == (person["profession"], person["rpps"]), "bad_entry", "not as declared")
    return [(place, said)], []


def _kind_published(replica, chain, body, signer):
    _own(chain, chain == replica.now("anchor"))
    place = ("kind", body["name"])
    before = replica.ever(*place)
    if body["withdrawn"]:
        standing = replica.now(*place)
        require(standing and standing["digest"] == body["digest"], "bad_entry", "not in force")
        return [(place, None)], []
    require(body["version"] == (before["version"] if before else 0) + 1, "bad_entry", "version")
    require(replica.now("bundle", body["digest"]) is None, "bad_entry", "digest published before")
    return [(place, body), (("bundle", body["digest"]), body)], []


def _pack_published(replica, chain, body, signer):
    _own(chain, chain == replica.now("anchor"))
    place = ("pack", body["name"])
    before = replica.ever(*place)
    if body["withdrawn"]:
        standing = replica.now(*place)
        require(standing and standing["digest"] == body["digest"], "bad_entry", "not in force")
        return [(place, None)], []
    require(body["version"] > (before["version"] if before else 0), "bad_entry", "version")
    require(replica.now("manifest", body["digest"]) is None, "bad_entry", "published before")
    return [(place, body), (("manifest", body["digest"]), body)], []


def _witness(replica, chain, body, signer):
    _own(chain)
    require(replica.now("station_of", body["station"]) == chain, "unknown_object", "station")
    place = ("witness", body["station"])
    before = replica.now(*place)
    if body["withdrawn"]:
        require(before == body["key"], "unknown_object", "witness")
        return [(place, None)], []
    require(before is None, "bad_entry", "withdraw the present key first")
    require(replica.now("established", chain), "provisional", chain)
    standing = [key for key in replica.history
                if key[0] == "witness" and replica.now(*key) is not None]
    own = [key for key in standing if replica.now("station_of", key[1]) == chain]
    require(len(own) < WITNESSES_OF_ORGANISATION_MAX, "quota_reached", "of this organisation")
    require(len(standing) < WITNESSES_MAX, "quota_reached", "of this domain")
    return [(place, body["key"])], [(body["key"], ("witness", body["station"], body["key"]))]


def _witness_policy(replica, chain, body, signer):
    authority = crypto.sha256(replica.now("domain")["authority"])
    require(chain == "" and signer == authority, "not_a_signer", "witness policy")
    return [(("witness_policy",), body)], []


def _group(replica, chain, body, signer):
    _own(chain, SLUG.fullmatch(body["name"]) and is_title(body["title"]))
    posters = body["posters"] or ()
    require(body["kinds"] and body["posting"] <= 1 and len(set(posters)) == len(posters)
            and len(posters) <= POSTERS_MAX, "invalid_field", "group")
    require(all(map(replica.exists_now, posters)), "unknown_object", "poster")
    return [(("group", chain, body["name"]), body)], []


def _membership(replica, chain, body, signer):
    _own(chain)
    name, owner = split_group(body["group"], replica.domain)
    require(replica.now("group", owner, name), "unknown_object", body["group"])
    added, removed = body["added"] or (), body["removed"] or ()
    require(0 < len(added) + len(removed) and max(len(added), len(removed)) <= MEMBERSHIPS_MAX
            and len(set(added)) == len(added) and len(set(removed)) == len(removed),
            "invalid_field", "who comes and goes")

    def is_member(mailbox):
        return replica.now("member", owner, name, mailbox)

    require(chain == owner or not added, "not_a_signer", "who keeps the group adds to it")
    require(all(map(replica.exists_now, added)), "unknown_object", "added")
    require(not any(map(is_member, added)), "bad_entry", "a member already")
    require(all(map(is_member, removed)), "unknown_object", "removed")
    require(chain == owner or all(split_address(mailbox, replica.domain)[1] == chain
                                  for mailbox in removed), "not_a_signer", "of another")
    standing = [key for key in replica.history
                if key[:3] == ("member", owner, name) and replica.now(*key)]
    require(len(standing) + len(added) <= MEMBERS_MAX, "too_large", "members")
    return ([(("member", owner, name, mailbox), None) for mailbox in removed]
            + [(("member", owner, name, mailbox), True) for mailbox in added]), []


def _absence(replica, chain, body, signer):
    _own(chain, SLUG.fullmatch(body["unit"]))
    mailbox = f"{body['unit']}.{chain}@{replica.domain}"
    require(replica.now("unit", chain, body["unit"]), "unknown_object", mailbox)
    periods = body["periods"] or ()
    ends = [period["until_ms"] for period in periods]
    require(len(periods) <= ABSENCE_PERIODS_MAX
            and all(period["from_ms"] < period["until_ms"] <= TIME_MS_MAX for period in periods)
            and all(end <= period["from_ms"] for end, period in zip(ends, periods[1:])),
            "invalid_field", "periods")
    for delegate in (period["delegate"] for period in periods if period["delegate"]):
        require(delegate != mailbox, "bad_entry", "its own delegate")
        require(split_address(delegate, replica.domain)[0] and replica.exists_now(delegate),
                "unknown_object", delegate)
    return [(("absence", chain, body["unit"]), body)], []


RULES = {
    "Domain": _domain, "Admission": _admission, "Suspension": _suspension,
    "Organisation": _organisation, "AuthorityReplaced": _authority_replaced, "Person": _person,
    "Station": _station, "Unit": _unit, "Epoch": _epoch, "GrantsAdded": _grants_added,
    "Mandate": _mandate, "Revocation": _revocation, "Confirmation": _confirmation,
    "Attestation": _attestation, "KindPublished": _kind_published, "Witness": _witness,
    "WitnessPolicy": _witness_policy, "Group": _group, "Membership": _membership,
    "PackPublished": _pack_published, "Absence": _absence,
}


class Draft:
    """A chain that is being written: entries signed in order, each naming the one before."""

    def __init__(self, domain, chain, private, number=0, previous=ZERO):
        self.domain, self.chain, self.private = domain, chain, private
        self.number, self.previous, self.entries = number, previous, []

    def add(self, kind, time_ms, /, **fields):
        signer = crypto.sha256(crypto.public_of(self.private))
        body = wire.union("EntryBody", "body", kind, wire.table(kind, **fields))
        entry = wire.encode(wire.table(
            "Entry", domain=self.domain, chain=self.chain, number=self.number,
            previous=wire.array("Digest", self.previous), time_ms=time_ms,
            signer=wire.array("Digest", signer), **body))
        signature = crypto.sign(self.private, "relais/v1/entry", entry)
        signed = wire.encode(wire.table("SignedEntry", entry=entry,
                                        signature=wire.array("Signature", signature)))
        self.entries.append(signed)
        self.number, self.previous = self.number + 1, crypto.sha256(signed)
