"""A client written from the documents alone talks to the programs: enrolment, directory, call,
answer, proofs, and what it must refuse. Arguments: build folder.
"""

import base64
import json
import sys
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop())
sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import crypto, enrolment, envelope, logs, wire  # noqa: E402 (the path comes first)
from client.directory import Replica  # noqa: E402
from client.refused import Refused  # noqa: E402
from client.station import Station  # noqa: E402
from territory import DOMAIN, Territory  # noqa: E402

ADMISSION = SOURCE / "schemas/kinds/admission"
PRACTICE = "cabinet-essai"
WARD = f"geriatrie.ch-essai@{DOMAIN}"
URGENT = 1


def example(act):
    return json.loads((ADMISSION / f"examples/{act}.json").read_text(encoding="utf-8"))


def flipped(data, at):
    """The same bytes, or text, but for one bit."""
    if isinstance(data, str):
        other = "B" if data[at] == "A" else "A"
        return data[:at] + other + data[at + 1:]
    made = bytearray(data)
    made[at] ^= 1
    return bytes(made)


class Exchange:
    """One exchange, from an invitation to a proof; the tests ask what came of it."""

    folder = territory = station = None

    @classmethod
    def make(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="relais-second-")
        root = Path(cls.folder.name)
        (root / "generated").mkdir()
        wire.prepare(SOURCE / "schemas", root / "generated")
        cls.territory = Territory(BUILD / "bin", ADMISSION, root)
        cls._enrol()
        cls._call()
        cls._answer()
        cls._prove(root)

    @classmethod
    def unmake(cls):
        if cls.station:
            cls.station.link.close()
        if cls.territory:
            cls.territory.close()
        if cls.folder:
            cls.folder.cleanup()

    @classmethod
    def _enrol(cls):
        token = cls.territory.invite(PRACTICE).read_text(encoding="utf-8")
        cls.invitation = enrolment.read_token(token, int(time.time() * 1000))
        cls.keys = enrolment.Keys()
        organisation = {"title": "Cabinet d'essai", "kind": 2, "identifier": "36000000000024"}
        person = {"title": "Dr Essai", "profession": "10", "rpps": "01234567897"}
        payload = enrolment.proposal(DOMAIN, PRACTICE, cls.keys, organisation, person, "Bureau")
        conversation = enrolment.Enrolment(cls.invitation, payload)
        conversation.propose()
        try:
            cls.undecided = conversation.decision()
        except Refused as error:
            cls.undecided = error.name
        cls.territory.approve()
        cls.approved = conversation.decision()
        conversation.link.close()
        cls.station = Station(cls.invitation, PRACTICE, cls.keys)
        cls.station.begin()
        enrolment.check_welcome(cls.invitation, cls.station.replica, PRACTICE, cls.keys)
        cls.size_enrolled = cls.station.replica.size
        fingerprint = crypto.sha256(crypto.public_of(cls.keys.authority)).hex()
        cls.territory.confirm(PRACTICE, fingerprint)
        cls.territory.station("cpts", "attest", PRACTICE, "Dr Essai")
        cls.territory.publish(SOURCE / "schemas/kinds/alert")
        cls.territory.station("cpts", "group", "set", "veille", "--title", "Veille", "--takes",
                              "alert")
        cls.territory.station("cpts", "group", "add", "veille", WARD)
        cls.territory.station("ch-essai", "group", "leave", "veille")
        cls.territory.station("ch-essai", "absence", "add", WARD, "--until", "31/12/2099")
        cls.territory.station("ch-essai", "absence", "end", WARD)
        replica = cls.station.replica
        cls.station.until(lambda: replica.attested(replica.size, PRACTICE, cls.keys.person_id))

    @classmethod
    def _call(cls):
        cls.station.attach()
        cls.kind = cls.station.fetch_kind("admission")
        cls.thread = envelope.new_id()
        acts = [("call", example("call"), {"urgency": 2}), ("deposit", example("deposit"), {})]
        cls.sent = cls.station.prepare(cls.kind, cls.thread, [WARD], acts)
        cls.receipts = [cls.station.submit(sent) for sent in cls.sent]
        cls.shown = cls.territory.station("ch-essai", "show", cls.thread.hex())

    @classmethod
    def _answer(cls):
        form = ADMISSION / "examples/ask.json"
        cls.asked = cls.territory.station("ch-essai", "act", cls.thread.hex(), "ask", "--form",
                                          form)
        station = cls.station
        station.until(lambda: len(station.of("EnvelopeEntry")) >= 3)
        station.acknowledge(URGENT)
        cls.own, cls.answer = station.of("EnvelopeEntry")[:2], station.of("EnvelopeEntry")[2]
        cls.opened = station.opener.open(cls.answer)
        cls.steps = station.opener.steps

    @classmethod
    def _prove(cls, root):
        cls.proof = cls.station.fetch_proof(cls.sent[0])
        message = cls.asked["messages"][0]["message"]
        cls.territory.station("ch-essai", "proof", message, "-o", root / "ask.tlog-proof",
                              "--wait", "1min")
        cls.written = (root / "ask.tlog-proof").read_text(encoding="utf-8")


def setUpModule():
    unittest.addModuleCleanup(Exchange.unmake)  # also where what follows fails
    Exchange.make()


class Rules(unittest.TestCase):
    """`refused` names the error of the table that a change of the bytes must lead to."""

    def refused(self, name, call, *arguments):
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        self.assertIn(caught.exception.name, name if isinstance(name, tuple) else (name,))


class Enrolment(Rules):
    def test_is_decided_by_the_inviter_alone(self):
        self.assertEqual("not_decided", Exchange.undecided)
        self.assertIs(True, Exchange.approved)

    def test_a_token_with_a_slip_is_refused(self):
        token = (Path(Exchange.folder.name) / f"{PRACTICE}.token").read_text(encoding="utf-8")
        self.refused("malformed", enrolment.read_token, flipped(token, 100), 0)
        self.refused("invitation_unknown", enrolment.read_token, token, 1 << 60)

    def test_station_stands_in_the_directory_confirmed_and_attested(self):
        replica, size = Exchange.station.replica, Exchange.size_enrolled
        self.assertFalse(replica.established(size, PRACTICE))
        self.assertTrue(replica.established(replica.size, PRACTICE))
        person = Exchange.keys.person_id
        self.assertFalse(replica.attested(size, PRACTICE, person))
        self.assertTrue(replica.attested(replica.size, PRACTICE, person))

    def test_members_of_a_group_come_and_go(self):
        replica = Exchange.station.replica
        group = f"#veille.cpts@{DOMAIN}"
        counts = [len(replica.members(size, group)) for size in range(1, replica.size + 1)]
        changes = [count for before, count in zip(counts, counts[1:]) if before != count]
        self.assertEqual([1, 0], changes)
        self.assertEqual([WARD], replica.members(counts.index(1) + 1, group))

    def test_a_ward_is_away_between_what_it_says_and_what_it_says_next(self):
        replica = Exchange.station.replica
        later = 4_000_000_000_000
        away = [bool(replica.away(size, WARD, later)) for size in range(1, replica.size + 1)]
        self.assertEqual(1, away.count(True))
        self.assertFalse(away[-1])
        self.assertIsNone(replica.away(away.index(True) + 1, WARD, 0), "it has not begun")

    def test_another_inviter_is_noticed(self):
        other = Exchange.invitation | {"inviter": bytes(32)}
        self.refused("not_a_signer", enrolment.check_welcome, other, Exchange.station.replica,
                     PRACTICE, Exchange.keys)


class Directory(Rules):
    def test_head_is_signed_and_covers_the_replica(self):
        replica = Exchange.station.replica
        self.assertEqual((replica.size, replica.root(replica.size)),
                         (replica.checkpoint.size, replica.checkpoint.root))

    def test_log_grew_from_every_size_that_was_seen(self):
        for size in range(1, Exchange.station.replica.size + 1):
            newest = Exchange.station.check_directory_growth(size)
            self.assertEqual(Exchange.station.replica.size, newest.size)

    def test_another_past_is_noticed(self):
        replica = Exchange.station.replica
        leaf = replica.leaves[0]
        try:
            replica.leaves[0] = bytes(32)
            self.refused("inconsistent_log", Exchange.station.check_directory_growth, 2)
        finally:
            replica.leaves[0] = leaf

    def test_an_entry_with_a_flipped_byte_is_refused(self):
        entries, note = Exchange.station.entries, Exchange.station.note
        for at in range(0, len(entries[0]), 5):
            replica = Replica(DOMAIN, Exchange.invitation["domain_authority"])
            with self.assertRaises(Refused, msg=f"byte {at}"):
                replica.take(0, [flipped(entries[0], at), *entries[1:]], note)
            self.assertIsNone(replica.checkpoint)

    def test_a_refused_entry_changes_nothing(self):
        replica, data = Replica(DOMAIN, Exchange.invitation["domain_authority"]), (
            Exchange.station.entries[0])
        body = wire.read("SignedEntry", data)["entry"]
        self.refused("bad_signature", replica.append,
                     flipped(data, data.index(body) + body.index(b"Territoire")))
        self.assertEqual((0, {}, {}), (replica.size, replica.chains, replica.history))

    def test_an_entry_out_of_order_is_refused(self):
        entries = Exchange.station.entries
        replica = Replica(DOMAIN, Exchange.invitation["domain_authority"])
        replica.append(entries[0])
        self.refused("chain_broken", replica.append, entries[0])
        self.refused(("chain_broken", "unknown_object", "bad_entry"), replica.append, entries[2])

    def test_another_authority_is_refused(self):
        replica = Replica(DOMAIN, bytes(32))
        self.refused("not_a_signer", replica.append, Exchange.station.entries[0])

    def test_a_checkpoint_of_another_root_or_key_is_refused(self):
        entries, note = Exchange.station.entries, Exchange.station.note
        key = Exchange.station.replica.now("domain")["directory_log"]
        origin = f"{DOMAIN}/directory"
        self.assertEqual(len(entries), logs.open_checkpoint(note, origin, key).size)
        self.refused("note_invalid", logs.open_checkpoint, note, origin, flipped(key, 0))
        lines = note.split("\n")
        lines[2] = flipped(lines[2], 5)
        self.refused("note_invalid", logs.open_checkpoint, "\n".join(lines), origin, key)

    def test_a_checkpoint_that_is_not_of_these_entries_is_refused(self):
        entries, note = Exchange.station.entries, Exchange.station.note
        for planted in (True, False):
            replica = Replica(DOMAIN, Exchange.invitation["domain_authority"])
            for data in entries[:-1]:
                replica.append(data)
            if planted:
                replica.leaves[0] = bytes(32)
            self.refused("inconsistent_log", replica.take, len(entries) - 1,
                         entries[-1:] if planted else [], note)


class Call(Rules):
    def test_is_accepted_with_its_record(self):
        leaves = [receipt["accepted"]["leaf"] for receipt in Exchange.receipts]
        self.assertEqual(sorted(set(leaves)), leaves)
        self.assertEqual([False, False], [receipt["duplicate"] for receipt in Exchange.receipts])

    def test_the_same_bytes_get_the_same_answer(self):
        again = Exchange.station.submit(Exchange.sent[0])
        self.assertTrue(again["duplicate"])
        self.assertEqual(Exchange.receipts[0]["accepted"], again["accepted"])

    def test_other_bytes_under_its_id_are_refused(self):
        sent = Exchange.sent[0]
        twin = envelope.seal(sent.header, sent.signed, sent.padded, Exchange.station.replica, 0)
        self.refused("duplicate_mismatch",
                     lambda: Exchange.station.link.request("Submit", envelope=twin))

    def test_is_read_at_the_ward_as_it_was_written(self):
        acts = [item for item in Exchange.shown["items"] if item["type"] == "act"]
        self.assertEqual(["call"], [item["act"] for item in acts])
        self.assertEqual(example("call"), acts[0]["form"])
        self.assertEqual({"urgency": "asap"}, acts[0]["public"])
        self.assertEqual("Dr Essai", acts[0]["by"]["title"])

    def test_stands_in_the_senders_own_mailbox(self):
        for sent, entry in zip(Exchange.sent, Exchange.own):
            self.assertEqual(sent.header, entry["header"])
            header, answers = Exchange.station.opener.open(entry)
            self.assertEqual(example(header["act"]), answers)

    def test_of_its_days_only_those_that_are_over_and_counted_are_taken(self):
        for day, name in ((2_000_000, "day_not_over"), (1, "wrong_position")):
            with self.assertRaises(Refused) as caught:
                Exchange.station.state_day(day, 0, 0)
            self.assertEqual(caught.exception.name, name)

    def test_delivery_and_reading_are_proven_by_the_wards_station(self):
        station = Exchange.station
        for word in ("delivered", "opened"):
            station.until(lambda word=word: station.notices(word))
            notice = station.notices(word)[0]
            station.check_receipt(word, notice, Exchange.sent[0])
            with self.assertRaises(Refused):
                station.check_receipt(word, notice | {"mailbox": f"ch-essai@{DOMAIN}"},
                                      Exchange.sent[0])


class Answer(Rules):
    def fresh(self, **changes):
        """An opener that has seen nothing yet, and the answer with these members changed."""
        station = Exchange.station
        opener = envelope.Opener(station.replica, station.mailbox, station.kinds,
                                 Exchange.keys.epochs)
        return opener, Exchange.answer | changes

    def test_is_opened_after_all_checks_in_their_order(self):
        header, answers = Exchange.opened
        self.assertEqual(("ask", WARD), (header["act"], header["from"]))
        self.assertEqual(example("ask"), answers)
        self.assertEqual(["form", "counter", "signature", "kind", "head", "box", "content",
                          "form of the act"], Exchange.steps)

    def test_one_to_another_mailbox_is_refused(self):
        opener, entry = self.fresh()
        opener.mailbox = WARD
        self.refused("not_addressed", opener.open, entry)

    def test_a_counter_that_does_not_rise_is_refused(self):
        opener, entry = self.fresh()
        opener.open(entry)
        opener.open(entry)
        opener.digests.clear()
        self.refused("counter_contradiction", opener.open, entry)

    def test_a_header_with_a_flipped_byte_is_refused_before_its_box_is_tried(self):
        for at in range(len(Exchange.answer["header"])):
            opener, entry = self.fresh(header=flipped(Exchange.answer["header"], at))
            with self.assertRaises(Refused):
                opener.open(entry)
            self.assertNotIn("kind", opener.steps)

    def test_another_signature_or_path_is_refused(self):
        signed = Exchange.answer["signed"]
        twin = signed | {"signature": flipped(signed["signature"], 0)}
        opener, entry = self.fresh(signed=twin)
        self.refused("bad_signature", opener.open, entry)
        opener, entry = self.fresh(signed=signed | {"path": [bytes(32)]})
        self.refused("proof_invalid", opener.open, entry)

    def test_another_head_is_noticed(self):
        opener, entry = self.fresh()
        size = Exchange.opened[0]["head"]["size"]
        opener.replica = Replica(DOMAIN, Exchange.invitation["domain_authority"])
        for data in Exchange.station.entries:
            opener.replica.append(data)
        opener.replica.leaves[size - 1] = bytes(32)
        self.refused("head_contradiction", opener.open, entry)

    def test_another_key_or_epoch_does_not_open_it(self):
        opener, entry = self.fresh()
        opener.epochs = {1: crypto.new_key()}
        self.refused("box_unopenable", opener.open, entry)
        opener, entry = self.fresh()
        opener.epochs = {}
        self.refused("not_granted", opener.open, entry)

    def test_a_box_with_a_flipped_byte_is_refused(self):
        box = Exchange.answer["box"]
        for name in ("enc", "sealed_key"):
            opener, entry = self.fresh(box=box | {name: flipped(box[name], 1)})
            self.refused("box_unopenable", opener.open, entry)
        opener, entry = self.fresh(box=box | {"release": 1})
        self.refused("box_unopenable", opener.open, entry)

    def test_content_that_is_not_the_signed_one_is_refused(self):
        digest, box = logs.leaf_hash(Exchange.answer["header"]), Exchange.answer["box"]
        info, bound = envelope.box_binding(digest, Exchange.station.mailbox, box["epoch"], 0)
        key = crypto.hpke_open(Exchange.keys.epochs[box["epoch"]], info, bound, box["enc"],
                               box["sealed_key"])
        padded = crypto.gcm_open(key, digest, Exchange.answer["content"])
        opener, entry = self.fresh(content=crypto.gcm_seal(key, digest, flipped(padded, 0)))
        self.refused("digest_mismatch", opener.open, entry)

    def test_one_whose_signer_had_no_right_to_it_yet_is_refused(self):
        opener, _ = self.fresh()
        call = Exchange.own[0]
        before = call["accepted"] | {"directory_size": Exchange.size_enrolled}
        self.refused("not_attested", opener.open, call | {"accepted": before})
        self.assertEqual("kind", opener.steps[-1])

    def test_content_with_a_flipped_byte_is_refused(self):
        content = Exchange.answer["content"]
        for at in (0, len(content) // 2, len(content) - 1):
            opener, entry = self.fresh(content=flipped(content, at))
            self.refused("content_undecryptable", opener.open, entry)


class Proof(Rules):
    def test_fetched_proves_acceptance(self):
        proven = Exchange.station.check_proof(Exchange.proof)
        self.assertEqual(("call", Exchange.thread),
                         (proven.header["act"], proven.header["thread"]))
        self.assertEqual(crypto.sha256(Exchange.sent[0].padded), proven.header["content_digest"])

    def test_written_by_the_other_client_proves_its_answer(self):
        proven = Exchange.station.check_proof(Exchange.written)
        self.assertEqual(Exchange.answer["header"], proven.header_bytes)

    def test_log_of_the_broker_only_grows(self):
        first = Exchange.station.audit_head
        Exchange.station.fetch_proof(Exchange.sent[1])
        self.assertGreaterEqual(Exchange.station.audit_head.size, first.size)

    def test_with_a_character_changed_is_refused(self):
        for text in (Exchange.proof, Exchange.written):
            lines = text.split("\n")
            begin = len(lines[0]) + len(lines[1]) + 2
            for at in [*range(len(lines[0])), *range(begin, len(text) - 1)]:
                with self.assertRaises(Refused, msg=f"character {at}, {text[at]!r}"):
                    Exchange.station.check_proof(flipped(text, at))

    def test_with_a_byte_of_its_leaf_header_or_signature_changed_is_refused(self):
        text = Exchange.written
        extra = logs.strict_base64(text.split("\n")[1].removeprefix("extra "))
        content = wire.read("ProofExtra", extra)
        header = content["header"]
        for part in (content["leaf"], header["header"], header["signed"]["signature"]):
            begin = extra.index(part)
            for at in range(begin, begin + len(part)):
                twin = base64.b64encode(flipped(extra, at)).decode()
                changed = text.replace(text.split("\n")[1], f"extra {twin}")
                with self.assertRaises(Refused, msg=f"byte {at - begin} of {len(part)}"):
                    Exchange.station.check_proof(changed)

    def test_of_another_log_or_key_is_refused(self):
        key = Exchange.station.audit_key()
        self.refused("note_invalid", logs.open_proof, Exchange.proof, f"{DOMAIN}/directory", key)
        other = Exchange.station.replica.now("domain")["directory_log"]
        self.refused("note_invalid", logs.open_proof, Exchange.proof, f"{DOMAIN}/audit", other)


if __name__ == "__main__":
    unittest.main()
