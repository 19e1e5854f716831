"""The worked examples of docs/formats.md, by the client that was written from it."""

import base64
import json
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import crypto, enrolment, envelope, logs, wire  # noqa: E402 (the path comes first)
from client.refused import Refused  # noqa: E402

EXAMPLES = SOURCE / "tests/data/examples"
DATA = json.loads((EXAMPLES / "examples.json").read_text(encoding="utf-8"))
WARD = "geriatrie.ch-valmont@indre"
FOLDER = tempfile.TemporaryDirectory(prefix="relais-second-")


def value(place):
    """The bytes at a place of the examples: "header/bytes"."""
    found = DATA
    for word in place.split("/"):
        found = found[word]
    return bytes.fromhex(found)


def private(name):
    return crypto.key_of(value(f"keys/{name}/scalar"))


def setUpModule():
    wire.prepare(SOURCE / "schemas", FOLDER.name)


def tearDownModule():
    FOLDER.cleanup()


class Examples(unittest.TestCase):
    def test_header_digest_and_signature(self):
        header = value("header/bytes")
        self.assertEqual(value("header/digest"), logs.leaf_hash(header))
        self.assertEqual("choose", envelope.read_header(header)["act"])
        signed = {"signature": value("header/signature"), "batch_index": 0, "batch_size": 1,
                  "path": None}
        envelope.verify_header(header, signed, value("keys/person/public"))
        with self.assertRaises(Refused):
            envelope.verify_header(header, signed, value("keys/authority/public"))

    def test_batch_has_the_paths_of_the_page(self):
        digests = [bytes.fromhex(text) for text in DATA["batch"]["digests"]]
        self.assertEqual(value("batch/root"), logs.root(digests))
        for place, expected in enumerate(DATA["batch"]["paths"]):
            path = logs.path(digests, place)
            self.assertEqual(expected, [part.hex() for part in path])
            self.assertEqual(value("batch/root"),
                             logs.root_from_path(digests[place], place, len(digests), path))

    def test_content_is_padded_as_on_the_page(self):
        padded = envelope.pad(value("content/payload"), value("content/salt"))
        self.assertEqual(value("content/padded"), padded)
        self.assertEqual(value("content/digest"), crypto.sha256(padded))
        self.assertEqual(value("content/payload"), envelope.unpad(padded))
        with self.assertRaises(Refused):
            envelope.unpad(padded[:-1] + b"\1")

    def test_grant_is_sealed_as_on_the_page(self):
        info, associated = crypto.grant_binding(WARD, 3)
        scalar = value("keys/epoch/scalar")
        enc, sealed = crypto.hpke_seal(value("keys/station_sealing/public"), info, associated,
                                       scalar, private("ephemeral"))
        self.assertEqual((value("grant/enc"), value("grant/sealed_key")), (enc, sealed))
        self.assertEqual(scalar, crypto.hpke_open(private("station_sealing"), info, associated,
                                                  enc, sealed))
        with self.assertRaises(Refused):
            crypto.hpke_open(private("epoch"), info, associated, enc, sealed)

    def test_envelope_opens_with_the_wards_key(self):
        whole = wire.read("Envelope", value("envelope/bytes"))
        info, associated = envelope.box_binding(value("header/digest"), WARD, 3, 0)
        box = whole["boxes"][1]
        key = crypto.hpke_open(private("epoch"), info, associated, box["enc"], box["sealed_key"])
        self.assertEqual(value("envelope/content_key"), key)
        padded = crypto.gcm_open(key, value("header/digest"), whole["content"])
        self.assertEqual(value("content/padded"), padded)

    def test_recovery_sheet_and_its_keys(self):
        recovery = crypto.Recovery(value("recovery/secret"))
        self.assertEqual(DATA["recovery"]["sheet"], recovery.sheet())
        self.assertEqual(value("recovery/signing/public"), crypto.public_of(recovery.signing))
        self.assertEqual(value("recovery/sealing/public"), crypto.public_of(recovery.sealing))

    def test_signed_entry(self):
        data = value("entry/signed_entry")
        signed = wire.read("SignedEntry", data)
        crypto.verify(value("keys/authority/public"), "relais/v1/entry", signed["entry"],
                      signed["signature"])
        self.assertEqual((value("entry/digest"), value("entry/leaf_hash")),
                         (crypto.sha256(data), logs.leaf_hash(data)))

    def test_invitation_and_its_macs(self):
        invitation = enrolment.read_token(DATA["enrolment"]["token"], 0)
        self.assertEqual("indre", invitation["domain"])
        key, payload = invitation["authenticator"], value("enrolment/payload")
        made = crypto.mac(key, "relais/v1/enrol", invitation["locator"] + payload)
        self.assertEqual(value("enrolment/mac"), made)
        named = crypto.sha256(payload)
        for word, byte in (("approved", b"\1"), ("refused", b"\0")):
            self.assertEqual(value(f"enrolment/answers/{word}"),
                             crypto.mac(key, "relais/v1/enrol-answer", named + byte))

    def test_proof_file(self):
        text = (EXAMPLES / "proof.txt").read_text(encoding="utf-8")
        origin, key = logs.read_verifier_key(DATA["proof"]["verifier_key"])
        self.assertEqual(DATA["proof"]["verifier_key"], logs.verifier_key(origin, key))
        proven = logs.open_proof(text, origin, key)
        self.assertEqual((5, value("proof/root")),
                         (proven.checkpoint.size, proven.checkpoint.root))
        envelope.verify_header(proven.header_bytes, proven.signed, value("keys/person/public"))
        lines = text.split("\n")
        lines[3] = base64.b64encode(bytes(32)).decode()
        with self.assertRaises(Refused):
            logs.open_proof("\n".join(lines), origin, key)


if __name__ == "__main__":
    unittest.main()
