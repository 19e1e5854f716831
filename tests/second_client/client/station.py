"""A station of one mailbox: follows the directory, sends, receives, proves.

What docs/protocol.md asks to be stored durably is kept in memory: this station lives for one test.
"""

from dataclasses import dataclass

from . import crypto, envelope, logs, wire
from .directory import Replica, split_address
from .kinds import Kind
from .refused import require
from .session import Link, digest, statement, uuid

CREDIT = 64
LANES = 3
PROTOCOL = 1
STATEMENTS = {"delivered": "DeliveredStatement", "opened": "OpenedStatement",
              "taken": "OpenedStatement"}


@dataclass
class Sent:
    """An envelope of one's own: the bytes that are sent again, and what the receipt said."""
    header: bytes
    signed: object
    data: bytes
    padded: bytes
    accepted: dict = None


class Station:
    def __init__(self, invitation, organisation, keys):
        self.domain = invitation["domain"]
        self.organisation, self.keys = organisation, keys
        self.mailbox = f"{organisation}@{self.domain}"
        self.replica = Replica(self.domain, invitation["domain_authority"])
        self.kinds, self.sent, self.counters = {}, {}, {}
        self.opener = envelope.Opener(self.replica, self.mailbox, self.kinds, keys.epochs)
        self.next = [1] * LANES
        self.unacknowledged = [[] for _ in range(LANES)]
        self.received = []   # (lane, seq, kind of entry, its dict)
        self.entries = []    # of the directory, as they came
        self.incarnation = self.audit_head = self.note = None
        self.link = Link(invitation["broker_endpoint"], invitation["broker_curve"], keys.curve,
                         self._push)

    # ---- the session and the directory ----------------------------------------------------------

    def begin(self):
        welcome = self.link.expect("Welcome", "Hello", protocol=PROTOCOL,
                                   software="second client of the tests")
        require(welcome["domain"] == self.domain, "wrong_domain")
        require(welcome["station"] == self.keys.station_id, "unknown_key", "another station")
        require(welcome["directory_size"] >= self.replica.size, "inconsistent_log", "it was cut")
        self.incarnation = welcome["incarnation"]
        self.link.expect("Done", "FollowDirectory", from_=self.replica.size)
        self.until(lambda: self.replica.size >= welcome["directory_size"]
                   and self.replica.checkpoint is not None
                   and self.replica.checkpoint.size >= welcome["directory_size"])

    def attach(self):
        lanes = [wire.table("LaneCursor", next=first, credit=CREDIT) for first in self.next]
        return self.link.expect("Attached", "Attach", mailbox=self.mailbox,
                                incarnation=uuid(self.incarnation), lanes=lanes)

    def until(self, condition):
        """Takes pushes until the condition holds. Refused: timed_out."""
        while not condition():
            require(self.link.pushes(30000), "timed_out")

    def fetch_kind(self, name):
        published = self.replica.now("kind", name)
        require(published, "unknown_kind", name)
        body = self.link.expect("Bundle", "FetchBundle", digest=digest(published["digest"]))
        test = self.replica.now("domain")["test"]
        self.kinds[published["digest"]] = Kind(body["bytes"], published, test)
        return self.kinds[published["digest"]]

    def _push(self, name, body):
        if name == "DirectoryEntries":
            entries = [entry["bytes"] for entry in body["entries"]]
            self.replica.take(body["from"], entries, body["checkpoint"])
            self.entries += entries
            self.note = body["checkpoint"] or self.note
        elif name == "Delivery":
            self._deliver(body)

    # ---- receiving ------------------------------------------------------------------------------

    def _deliver(self, body):
        lane, seq = body["lane"], body["seq"]
        require((body["mailbox"], body["incarnation"]) == (self.mailbox, self.incarnation),
                "not_addressed", "delivery")
        if seq < self.next[lane]:
            return
        require(seq == self.next[lane], "wrong_position", "a gap in the lane")
        self.next[lane] += 1
        kind, entry = body["entry"]
        self.unacknowledged[lane].append(entry_digest(kind, entry))
        self.received.append((lane, seq, kind, entry))

    def acknowledge(self, lane):
        """Says that everything received in this lane is held here."""
        digests = self.unacknowledged[lane]
        last = self.next[lane] - 1
        body = wire.encode(wire.table(
            "DeliveredStatement", station=uuid(self.keys.station_id), mailbox=self.mailbox,
            incarnation=uuid(self.incarnation), lane=lane, first=last - len(digests) + 1, last=last,
            root=digest(logs.root(digests))))
        signature = crypto.sign(self.keys.signing, "relais/v1/delivered", body)
        self.link.expect("Done", "Acknowledge", statement=statement(body, signature))
        self.unacknowledged[lane] = []

    def state_day(self, day, sent, held):
        """What was sent and is held of a day that is over: section 9.1 of protocol.md."""
        body = wire.encode(wire.table(
            "DayStatement", station=uuid(self.keys.station_id), mailbox=self.mailbox, day=day,
            sent=sent, held=held))
        signature = crypto.sign(self.keys.signing, "relais/v1/day", body)
        return self.link.expect("DayCounted", "StateDay", statement=statement(body, signature))

    def of(self, kind):
        return [entry for _, _, found, entry in self.received if found == kind]

    def notices(self, word):
        number = wire.value("NoticeKind", word)
        found = (self.open_notice(entry["statement"]) for entry in self.of("NoticeEntry"))
        return [notice for notice in found if notice["kind"] == number]

    def open_notice(self, data):
        """A Notice that the broker's key signed. Refused: bad_signature."""
        said = wire.read("Statement", data)
        broker = self.replica.now("domain")["broker_key"]
        crypto.verify(broker, "relais/v1/notice", said["body"], said["signature"])
        return wire.read("Notice", said["body"])

    def check_receipt(self, word, notice, sent):
        """The evidence that a notice holds about `sent`: section 9 of protocol.md."""
        said = wire.read("Statement", notice["statement"])
        body = wire.read(STATEMENTS[word], said["body"])
        unit, organisation = split_address(notice["mailbox"], self.domain)
        station = self.replica.ever("station", organisation, body["station"])
        require(station and unit in station["units"], "not_your_mailbox", "statement")
        require(body["mailbox"] == notice["mailbox"], "not_addressed", "statement")
        context = "relais/v1/delivered" if word == "delivered" else "relais/v1/opened"
        crypto.verify(station["signing"], context, said["body"], said["signature"])
        own, message = logs.leaf_hash(sent.header), envelope.read_header(sent.header)["id"]
        if word != "delivered":
            require((body["message"], body["header"]) == (message, own), "digest_mismatch")
            return
        item = next((item for item in notice["delivered"] if item["message"] == message), None)
        require(item, "digest_mismatch", "not about this message")
        made = logs.root_from_path(own, item["index"], body["last"] - body["first"] + 1,
                                   item["path"] or [])
        require(made == body["root"], "proof_invalid", "delivered")

    # ---- sending --------------------------------------------------------------------------------

    def prepare(self, kind, thread, to, acts):
        """Signs and seals acts of one thread, in order. `acts`: (act, answers, public by name)."""
        headers, pads, answered = [], [], None
        lane = wire.value("Lane", "urgent")
        for act, answers, public in acts:
            padded = envelope.pad(kind.payload(act, answers))
            fields = {"id": uuid(envelope.new_id()), "thread": uuid(thread), "act": act,
                      "kind": digest(kind.digest), "by": uuid(self.keys.person_id),
                      "station": uuid(self.keys.station_id), "from_": self.mailbox, "lane": lane,
                      "content_digest": digest(crypto.sha256(padded)),
                      "content_bytes": len(padded),
                      "answers": digest(answered) if answered else None}
            head = (self.replica.size, self.replica.root(self.replica.size))
            counted = [(mailbox, self._count(mailbox, lane)) for mailbox in to]
            numbers = [(kind.public_number(name), value) for name, value in public.items()]
            headers.append(envelope.write_header(fields, counted, head, numbers))
            kind.check_header(envelope.read_header(headers[-1]))
            pads.append(padded)
            answered = logs.leaf_hash(headers[-1])
        signatures = envelope.sign_headers(self.keys.person, headers)
        releases = [kind.acts[act]["release"] for act, _, _ in acts]
        return [Sent(header, signed, envelope.seal(header, signed, padded, self.replica, release),
                     padded)
                for header, signed, padded, release in zip(headers, signatures, pads, releases)]

    def _count(self, mailbox, lane):
        place = (mailbox, lane)
        self.counters[place] = self.counters.get(place, 0) + 1
        return self.counters[place]

    def submit(self, sent):
        message = envelope.read_header(sent.header)["id"]
        receipt = self.link.patient("Receipt", "Submit", envelope=sent.data)
        require(receipt["id"] == message, "malformed", "receipt of another message")
        sent.accepted = receipt["accepted"]
        self.sent[message] = sent
        return receipt

    # ---- proofs ---------------------------------------------------------------------------------

    def audit_key(self):
        return self.replica.now("domain")["audit_log"]

    def fetch_proof(self, sent):
        """The proof file of an accepted envelope, checked as section 10 of protocol.md says."""
        accepted = sent.accepted
        body = self.link.patient("Proof", "FetchProof", leaf=accepted["leaf"],
                                 leaf_hash=digest(accepted["leaf_hash"]))
        require(logs.leaf_hash(body["leaf"]) == accepted["leaf_hash"]
                and body["index"] == accepted["leaf"], "proof_invalid", "another leaf")
        signed = wire.table("SignedHeader", header=sent.header, signed=sent.signed)
        extra = wire.encode(wire.table("ProofExtra", leaf=body["leaf"], header=signed))
        text = logs.write_proof(extra, body["index"], body["hashes"], body["checkpoint"])
        self._follow_audit(self.check_proof(text).checkpoint)
        return text

    def check_proof(self, text):
        """A proof file, its three steps (formats.md, section 12)."""
        proven = logs.open_proof(text, f"{self.domain}/audit", self.audit_key())
        size = proven.leaf["directory_size"]
        require(size <= self.replica.size, "ahead_of_directory")
        _, organisation = split_address(proven.header["from"], self.domain)
        person = self.replica.at(size, "person", organisation, proven.header["by"])
        require(person, "unknown_person")
        envelope.verify_header(proven.header_bytes, proven.signed, person["key"])
        return proven

    def _follow_audit(self, checkpoint):
        """The head continues the last one seen of this log."""
        last, self.audit_head = self.audit_head, checkpoint
        if last is None:
            return
        body = self.link.expect("Consistency", "FetchConsistency", from_size=last.size,
                                log=wire.value("LogName", "audit"))
        newest = logs.open_checkpoint(body["checkpoint"], f"{self.domain}/audit",
                                      self.audit_key())
        logs.verify_consistency(last.size, last.root, newest.size, newest.root, body["hashes"])
        self.audit_head = newest

    def check_directory_growth(self, from_size):
        """As a light reader would: the root at `from_size` leads to the newest head."""
        body = self.link.expect("Consistency", "FetchConsistency", from_size=from_size,
                                log=wire.value("LogName", "directory"))
        key = self.replica.now("domain")["directory_log"]
        newest = logs.open_checkpoint(body["checkpoint"], f"{self.domain}/directory", key)
        logs.verify_consistency(from_size, self.replica.root(from_size), newest.size, newest.root,
                                body["hashes"])
        return newest


def entry_digest(kind, entry):
    if kind == "EnvelopeEntry":
        return logs.leaf_hash(entry["header"])
    return entry["digest"] if kind == "Tombstone" else logs.leaf_hash(entry["statement"])
