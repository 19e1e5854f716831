#!/usr/bin/python3
"""Makes examples.json and proof.txt, the worked examples of docs/formats.md, again.

Written from that page with stock tools alone (hashlib, python3-cryptography, python3-flatbuffers,
flatc), so that it agrees with the C++ only where the page does. ECDSA signatures are the one thing
that differs from run to run. tests/unit/docs checks the files against the C++ and the page.

usage: make.py            (flatc and Debian's python3-cryptography and python3-flatbuffers)
"""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import flatbuffers
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parents[2] / "schemas"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
TIME_MS = 1_795_600_000_000
MAILBOX = "geriatrie.ch-valmont@indre"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def fixed(label, size=32):
    """Bytes that stand for random ones."""
    return sha256(b"relais example: " + label.encode())[:size]


# ---- RFC 9162 ----------------------------------------------------------------------------------

def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def tree_root(hashes_):
    if len(hashes_) == 1:
        return hashes_[0]
    split = 1 << ((len(hashes_) - 1).bit_length() - 1)
    return node_hash(tree_root(hashes_[:split]), tree_root(hashes_[split:]))


def tree_path(hashes_, index):
    if len(hashes_) == 1:
        return []
    split = 1 << ((len(hashes_) - 1).bit_length() - 1)
    if index < split:
        return tree_path(hashes_[:split], index) + [tree_root(hashes_[split:])]
    return tree_path(hashes_[split:], index - split) + [tree_root(hashes_[:split])]


# ---- keys --------------------------------------------------------------------------------------

class P256:
    def __init__(self, scalar):
        self.scalar = scalar
        self.key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
        self.public = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

    def sign(self, context, body):
        der = self.key.sign(context.encode() + b"\x00" + body, ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def shared(self, public):
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        return self.key.exchange(ec.ECDH(), peer)

    def shown(self):
        return {"scalar": self.scalar.hex(), "public": self.public.hex(),
                "fingerprint": sha256(self.public).hex()}


def hkdf_expand(key, info, size):
    out, block = b"", b""
    for counter in range(1, 256):
        if len(out) >= size:
            break
        block = hmac256(key, block, info, bytes([counter]))
        out += block
    return out[:size]


KEM_SUITE = b"KEM" + bytes.fromhex("0010")
HPKE_SUITE = b"HPKE" + bytes.fromhex("001000010002")


def labeled_extract(suite, salt, label, input_):
    return hmac256(salt or bytes(32), b"HPKE-v1" + suite + label + input_)


def labeled_expand(suite, key, label, info, size):
    return hkdf_expand(key, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def hpke_seal(ephemeral, recipient_public, info, aad, plaintext):
    """RFC 9180, base mode, single shot. The intermediate values too."""
    enc = ephemeral.public
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", ephemeral.shared(recipient_public))
    shared = labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + recipient_public, 32)
    context = (b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
               + labeled_extract(HPKE_SUITE, b"", b"info_hash", info))
    secret = labeled_extract(HPKE_SUITE, shared, b"secret", b"")
    key = labeled_expand(HPKE_SUITE, secret, b"key", context, 32)
    nonce = labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)
    return {"info": info.hex(), "aad": aad.decode(), "enc": enc.hex(),
            "shared_secret": shared.hex(), "key": key.hex(), "base_nonce": nonce.hex(),
            "sealed_key": AESGCM(key).encrypt(nonce, plaintext, aad).hex()}


def derive_key_pair(seed):
    """RFC 9180, 7.1.3."""
    prk = labeled_extract(KEM_SUITE, b"", b"dkp_prk", seed)
    for counter in range(256):
        scalar = labeled_expand(KEM_SUITE, prk, b"candidate", bytes([counter]), 32)
        if 0 < int.from_bytes(scalar, "big") < ORDER:
            return P256(scalar)
    raise ValueError("no candidate in range")


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def recovery(secret):
    prk = hmac256(b"relais/v1/recovery", secret)
    whole = secret + sha256(secret)[:2]
    bits = "".join(f"{byte:08b}" for byte in whole)
    bits += "0" * (-len(bits) % 5)
    code = "".join(CROCKFORD[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))
    return {"secret": secret.hex(),
            "signing": derive_key_pair(hkdf_expand(prk, b"signing", 32)).shown(),
            "sealing": derive_key_pair(hkdf_expand(prk, b"sealing", 32)).shown(),
            "sheet": "-".join(code[i:i + 5] for i in range(0, len(code), 5))}


# ---- FlatBuffers -------------------------------------------------------------------------------


def finish(builder, table):
    builder.Finish(table)
    return bytes(builder.Output())


def vector(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def digests(builder, fb, list_):
    builder.StartVector(32, len(list_), 1)
    for digest in reversed(list_):
        fb.Digest.CreateDigest(builder, digest)
    return builder.EndVector()


def make_payload(remark, phone):
    builder = flatbuffers.Builder(128)
    texts = [builder.CreateString(remark), builder.CreateString(phone)]
    builder.StartObject(2)
    for slot, text in enumerate(texts):
        builder.PrependUOffsetTRelativeSlot(slot, text, 0)
    return finish(builder, builder.EndObject())


def make_header(fb, fields):
    builder = flatbuffers.Builder(1024)
    texts = {name: builder.CreateString(fields[name]) for name in ("act", "from")}
    mailbox = builder.CreateString(fields["to"])
    fb.Recipient.Start(builder)
    fb.Recipient.AddMailbox(builder, mailbox)
    fb.Recipient.AddCounter(builder, fields["counter"])
    to = vector(builder, [fb.Recipient.End(builder)])
    header = fb.Header
    header.Start(builder)
    header.AddVersion(builder, 1)
    for name, add in (("id", header.AddId), ("thread", header.AddThread), ("by", header.AddBy),
                      ("station", header.AddStation)):
        add(builder, fb.Uuid.CreateUuid(builder, bytes.fromhex(fields[name])))
    for name, add in (("kind", header.AddKind), ("answers", header.AddAnswers),
                      ("content_digest", header.AddContentDigest)):
        add(builder, fb.Digest.CreateDigest(builder, bytes.fromhex(fields[name])))
    header.AddAct(builder, texts["act"])
    header.AddFrom_(builder, texts["from"])
    header.AddTo(builder, to)
    header.AddLane(builder, fields["lane"])
    header.AddTimeMs(builder, fields["time_ms"])
    root = bytes.fromhex(fields["head_root"])
    header.AddHead(builder, fb.Head.CreateHead(builder, fields["head_size"], root))
    header.AddContentBytes(builder, fields["content_bytes"])
    return finish(builder, header.End(builder))


def add_signature(builder, fb, signature, index=0, size=1, path=()):
    offset = digests(builder, fb, path) if path else None
    fb.HeaderSignature.Start(builder)
    fb.HeaderSignature.AddSignature(builder, fb.Signature.CreateSignature(builder, signature))
    fb.HeaderSignature.AddBatchIndex(builder, index)
    fb.HeaderSignature.AddBatchSize(builder, size)
    if offset is not None:
        fb.HeaderSignature.AddPath(builder, offset)
    return fb.HeaderSignature.End(builder)


def make_envelope(fb, header, signature, content, boxes):
    builder = flatbuffers.Builder(4096)
    offsets = []
    for position, box in enumerate(boxes):
        enc = builder.CreateByteVector(bytes.fromhex(box["enc"]))
        sealed = builder.CreateByteVector(bytes.fromhex(box["sealed_key"]))
        fb.KeyBox.Start(builder)
        fb.KeyBox.AddPosition(builder, position)
        fb.KeyBox.AddEpoch(builder, box["epoch"])
        fb.KeyBox.AddSuite(builder, 1)
        fb.KeyBox.AddEnc(builder, enc)
        fb.KeyBox.AddSealedKey(builder, sealed)
        offsets.append(fb.KeyBox.End(builder))
    box_vector = vector(builder, offsets)
    content_vector = builder.CreateByteVector(content)
    signed = add_signature(builder, fb, signature)
    header_vector = builder.CreateByteVector(header)
    fb.Envelope.Start(builder)
    fb.Envelope.AddHeader(builder, header_vector)
    fb.Envelope.AddSigned(builder, signed)
    fb.Envelope.AddContent(builder, content_vector)
    fb.Envelope.AddBoxes(builder, box_vector)
    return finish(builder, fb.Envelope.End(builder))


def make_statement(fb, body, signature):
    builder = flatbuffers.Builder(512)
    vector_ = builder.CreateByteVector(body)
    fb.Statement.Start(builder)
    fb.Statement.AddBody(builder, vector_)
    fb.Statement.AddSignature(builder, fb.Signature.CreateSignature(builder, signature))
    return finish(builder, fb.Statement.End(builder))


def make_delivered(fb, fields):
    builder = flatbuffers.Builder(256)
    mailbox = builder.CreateString(fields["mailbox"])
    body = fb.DeliveredStatement
    body.Start(builder)
    body.AddStation(builder, fb.Uuid.CreateUuid(builder, bytes.fromhex(fields["station"])))
    body.AddMailbox(builder, mailbox)
    body.AddIncarnation(builder, fb.Uuid.CreateUuid(builder, bytes.fromhex(fields["incarnation"])))
    body.AddLane(builder, fields["lane"])
    body.AddFirst(builder, fields["first"])
    body.AddLast(builder, fields["last"])
    body.AddRoot(builder, fb.Digest.CreateDigest(builder, bytes.fromhex(fields["root"])))
    return finish(builder, body.End(builder))


def make_entry(fb, number, previous, signer, organisation, authority):
    """A Confirmation in the chain `cabinet-exemple` of the domain `indre`."""
    builder = flatbuffers.Builder(512)
    name = builder.CreateString(organisation)
    fb.Confirmation.Start(builder)
    fb.Confirmation.AddOrganisation(builder, name)
    fb.Confirmation.AddAuthority(builder, fb.Digest.CreateDigest(builder, authority))
    body = fb.Confirmation.End(builder)
    domain, chain = builder.CreateString("indre"), builder.CreateString("cabinet-exemple")
    entry = fb.Entry
    entry.Start(builder)
    entry.AddDomain(builder, domain)
    entry.AddChain(builder, chain)
    entry.AddNumber(builder, number)
    entry.AddPrevious(builder, fb.Digest.CreateDigest(builder, previous))
    entry.AddTimeMs(builder, TIME_MS)
    entry.AddSigner(builder, fb.Digest.CreateDigest(builder, signer))
    entry.AddBodyType(builder, fb.EntryBody.EntryBody.Confirmation)
    entry.AddBody(builder, body)
    return finish(builder, entry.End(builder))


def make_signed_entry(fb, entry, signature):
    builder = flatbuffers.Builder(512)
    vector_ = builder.CreateByteVector(entry)
    fb.SignedEntry.Start(builder)
    fb.SignedEntry.AddEntry(builder, vector_)
    fb.SignedEntry.AddSignature(builder, fb.Signature.CreateSignature(builder, signature))
    return finish(builder, fb.SignedEntry.End(builder))


def make_invitation(fb, fields):
    builder = flatbuffers.Builder(1024)
    texts = {name: builder.CreateString(fields[name])
             for name in ("domain", "broker_endpoint", "enrolment_endpoint", "checkpoint")}
    authenticator = builder.CreateByteVector(bytes.fromhex(fields["authenticator"]))
    table = fb.Invitation
    table.Start(builder)
    table.AddDomain(builder, texts["domain"])
    table.AddPurpose(builder, fields["purpose"])
    table.AddLocator(builder, fb.Uuid.CreateUuid(builder, bytes.fromhex(fields["locator"])))
    table.AddAuthenticator(builder, authenticator)
    table.AddExpiresMs(builder, fields["expires_ms"])
    for name, add in (("inviter", table.AddInviter),
                      ("domain_authority", table.AddDomainAuthority)):
        add(builder, fb.Digest.CreateDigest(builder, bytes.fromhex(fields[name])))
    for name, add in (("broker_curve", table.AddBrokerCurve),
                      ("enrolment_curve", table.AddEnrolmentCurve)):
        add(builder, fb.CurveKey.CreateCurveKey(builder, bytes.fromhex(fields[name])))
    table.AddBrokerEndpoint(builder, texts["broker_endpoint"])
    table.AddEnrolmentEndpoint(builder, texts["enrolment_endpoint"])
    table.AddCheckpoint(builder, texts["checkpoint"])
    return finish(builder, table.End(builder))


def make_leaf(fb, fields):
    builder = flatbuffers.Builder(512)
    texts = {name: builder.CreateString(fields[name]) for name in ("mailbox", "subject")}
    leaf = fb.Leaf
    leaf.Start(builder)
    leaf.AddSalt(builder, fb.Salt.CreateSalt(builder, bytes.fromhex(fields["salt"])))
    leaf.AddTimeMs(builder, fields["time_ms"])
    leaf.AddEvent(builder, fields["event"])
    for name, add in (("station", leaf.AddStation), ("person", leaf.AddPerson),
                      ("message", leaf.AddMessage), ("thread", leaf.AddThread)):
        add(builder, fb.Uuid.CreateUuid(builder, bytes.fromhex(fields[name])))
    leaf.AddMailbox(builder, texts["mailbox"])
    leaf.AddHeader(builder, fb.Digest.CreateDigest(builder, bytes.fromhex(fields["header"])))
    leaf.AddLane(builder, fields["lane"])
    leaf.AddCount(builder, fields["count"])
    leaf.AddSubject(builder, texts["subject"])
    leaf.AddDirectorySize(builder, fields["directory_size"])
    return finish(builder, leaf.End(builder))


def make_extra(fb, leaf, header, signature):
    builder = flatbuffers.Builder(2048)
    leaf_vector = builder.CreateByteVector(leaf)
    signed = add_signature(builder, fb, signature)
    header_vector = builder.CreateByteVector(header)
    fb.SignedHeader.Start(builder)
    fb.SignedHeader.AddHeader(builder, header_vector)
    fb.SignedHeader.AddSigned(builder, signed)
    signed_header = fb.SignedHeader.End(builder)
    fb.ProofExtra.Start(builder)
    fb.ProofExtra.AddLeaf(builder, leaf_vector)
    fb.ProofExtra.AddHeader(builder, signed_header)
    return finish(builder, fb.ProofExtra.End(builder))


# ---- the examples ------------------------------------------------------------------------------

def uuid_v7(label):
    raw = bytearray(TIME_MS.to_bytes(6, "big") + fixed(label, 10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def content_example():
    form = {"remark": "Merci ; la famille est prévenue.", "phone": "02 61 91 00 00"}
    payload = make_payload(form["remark"], form["phone"])
    salt = fixed("salt")
    padded = salt + len(payload).to_bytes(4, "big") + payload
    padded += bytes(512 - len(padded))
    return {"form_name": "Remark", "form": form, "payload": payload.hex(), "salt": salt.hex(),
            "padded": padded.hex(), "digest": sha256(padded).hex()}


def header_example(fb, person, content):
    fields = {"id": uuid_v7("message").hex(), "thread": uuid_v7("thread").hex(),
              "kind": fixed("kind bundle").hex(), "act": "choose",
              "answers": fixed("answered act").hex(), "by": uuid_v7("person").hex(),
              "station": uuid_v7("station").hex(), "from": "cabinet-exemple@indre",
              "to": MAILBOX, "counter": 7, "lane": 1, "time_ms": TIME_MS, "head_size": 42,
              "head_root": fixed("directory root").hex(), "content_digest": content["digest"],
              "content_bytes": 512}
    header = make_header(fb, fields)
    digest = leaf_hash(header)
    message = b"relais/v1/envelope\x00" + digest
    return {"fields": fields, "bytes": header.hex(), "digest": digest.hex(),
            "message": message.hex(), "signature": person.sign("relais/v1/envelope", digest).hex()}


def batch_example(person, first):
    batch = [bytes.fromhex(first), fixed("second header"), fixed("third header")]
    root = tree_root(batch)
    return {"digests": [each.hex() for each in batch], "root": root.hex(),
            "paths": [[each.hex() for each in tree_path(batch, i)] for i in range(3)],
            "signature": person.sign("relais/v1/envelope", root).hex()}


def envelope_example(fb, keys, content, header):
    digest, key = bytes.fromhex(header["digest"]), fixed("content key")
    ciphertext = AESGCM(key).encrypt(bytes(12), bytes.fromhex(content["padded"]), digest)
    boxes = []
    for mailbox, epoch, name in (("cabinet-exemple@indre", 1, "own_epoch"), (MAILBOX, 3, "epoch")):
        aad = f"{mailbox}\n{epoch}\n0".encode()
        ephemeral = keys["ephemeral" if name == "epoch" else "own_ephemeral"]
        boxes.append({"mailbox": mailbox, "epoch": epoch,
                      **hpke_seal(ephemeral, keys[name].public, digest, aad, key)})
    envelope = make_envelope(fb, bytes.fromhex(header["bytes"]),
                             bytes.fromhex(header["signature"]), ciphertext, boxes)
    return {"content_key": key.hex(), "ciphertext": ciphertext.hex(), "boxes": boxes,
            "bytes": envelope.hex()}


def grant_example(keys):
    aad = f"{MAILBOX}\n3\n".encode()
    return hpke_seal(keys["ephemeral"], keys["station_sealing"].public, b"relais/v1/grant", aad,
                     keys["epoch"].scalar)


def delivered_example(fb, keys, header):
    batch = [bytes.fromhex(header["digest"]), fixed("tombstone digest")]
    fields = {"station": uuid_v7("ward station").hex(), "mailbox": MAILBOX,
              "incarnation": fixed("incarnation", 16).hex(), "lane": 1, "first": 12, "last": 13,
              "root": tree_root(batch).hex()}
    body = make_delivered(fb, fields)
    signature = keys["station_signing"].sign("relais/v1/delivered", body)
    return {"digests": [each.hex() for each in batch], "fields": fields, "body": body.hex(),
            "signature": signature.hex(), "statement": make_statement(fb, body, signature).hex()}


def entry_example(fb, keys):
    authority = keys["authority"]
    entry = make_entry(fb, 5, fixed("entry before"), sha256(authority.public), "ch-valmont",
                       fixed("authority of ch-valmont"))
    signature = authority.sign("relais/v1/entry", entry)
    signed = make_signed_entry(fb, entry, signature)
    return {"entry": entry.hex(), "signature": signature.hex(), "signed_entry": signed.hex(),
            "digest": sha256(signed).hex(), "leaf_hash": leaf_hash(signed).hex()}


def checkpoint(origin, size, root, seed):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes(serialization.Encoding.Raw,
                                           serialization.PublicFormat.Raw)
    key_id = sha256(origin.encode(), b"\n\x01", public)[:4]
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    line = base64.b64encode(key_id + key.sign(text.encode())).decode()
    verifier = f"{origin}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    return f"{text}\n— {origin} {line}\n", verifier, public


def enrolment_example(fb):
    note, _, _ = checkpoint("indre/directory", 1, fixed("directory root 1"), fixed("directory log"))
    fields = {"domain": "indre", "purpose": 1, "locator": fixed("locator", 16).hex(),
              "authenticator": fixed("authenticator", 16).hex(),
              "expires_ms": TIME_MS + 86_400_000, "inviter": fixed("inviter").hex(),
              "domain_authority": fixed("domain authority").hex(),
              "broker_curve": fixed("broker curve").hex(),
              "enrolment_curve": fixed("enrolment curve").hex(),
              "broker_endpoint": "tcp://192.0.2.1:5670",
              "enrolment_endpoint": "tcp://192.0.2.1:5671", "checkpoint": note}
    table = make_invitation(fb, fields)
    whole = table + sha256(table)[:4]
    token = "relais-invitation-1." + base64.urlsafe_b64encode(whole).decode().rstrip("=")
    authenticator = bytes.fromhex(fields["authenticator"])
    payload = b"the bytes of an EnrolmentProposal"
    proposal = sha256(payload)
    answers = {name: hmac256(authenticator, b"relais/v1/enrol-answer\x00", proposal,
                             bytes([byte])).hex() for name, byte in (("approved", 1),
                                                                     ("refused", 0))}
    return {"fields": fields, "token": token, "payload": payload.hex(), "proposal": proposal.hex(),
            "mac": hmac256(authenticator, b"relais/v1/enrol\x00", bytes.fromhex(fields["locator"]),
                           payload).hex(), "answers": answers}


def proof_example(fb, header):
    fields = {"salt": fixed("leaf salt", 16).hex(), "time_ms": TIME_MS + 1500, "event": 20,
              "lane": 1, "count": 1, "directory_size": 43, "header": header["digest"],
              "mailbox": header["fields"]["from"], "message": header["fields"]["id"],
              "person": header["fields"]["by"], "station": header["fields"]["station"],
              "subject": header["fields"]["act"], "thread": header["fields"]["thread"]}
    leaf = make_leaf(fb, fields)
    log = [fixed("leaf 0"), fixed("leaf 1"), leaf_hash(leaf), fixed("leaf 3"), fixed("leaf 4")]
    path = tree_path(log, 2)
    seed = fixed("audit log")
    note, verifier, public = checkpoint("indre/audit", len(log), tree_root(log), seed)
    extra = make_extra(fb, leaf, bytes.fromhex(header["bytes"]),
                       bytes.fromhex(header["signature"]))
    lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(extra).decode(), "index 2"]
    lines += [base64.b64encode(each).decode() for each in path]
    (HERE / "proof.txt").write_text("\n".join(lines) + "\n\n" + note, encoding="utf-8")
    return {"leaf_fields": fields, "leaf": leaf.hex(), "leaf_hash": leaf_hash(leaf).hex(),
            "path": [each.hex() for each in path], "root": tree_root(log).hex(),
            "log_seed": seed.hex(), "log_public": public.hex(), "verifier_key": verifier,
            "checkpoint": note, "file": "proof.txt"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        names = ("common", "envelope", "directory", "wire", "enrolment", "audit")
        subprocess.run(["flatc", "--python", "-o", folder]
                       + [str(SCHEMAS / f"{name}.fbs") for name in names], check=True)
        sys.path.insert(0, folder)
        import relais.fb as fb  # noqa: E402 (made a moment ago)
        for module in Path(fb.__path__[0]).glob("*.py"):
            __import__(f"relais.fb.{module.stem}")
        keys = {name: P256(fixed(f"{name} key"))
                for name in ("person", "epoch", "own_epoch", "ephemeral", "own_ephemeral",
                             "station_sealing", "station_signing", "authority")}
        content = content_example()
        header = header_example(fb, keys["person"], content)
        examples = {"keys": {name: key.shown() for name, key in keys.items()},
                    "content": content, "header": header,
                    "batch": batch_example(keys["person"], header["digest"]),
                    "envelope": envelope_example(fb, keys, content, header),
                    "grant": grant_example(keys), "delivered": delivered_example(fb, keys, header),
                    "recovery": recovery(fixed("recovery secret")),
                    "entry": entry_example(fb, keys), "enrolment": enrolment_example(fb),
                    "proof": proof_example(fb, header)}
    text = json.dumps(examples, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE / "examples.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
