"""Logs that only grow: trees (RFC 9162), signed notes, checkpoints and proof files (C2SP).

docs/formats.md, sections 1, 11 and 12. Verification is total: it returns what was verified or
raises Refused.
"""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import crypto, wire
from .refused import Refused, require

NOTE_BYTES_MAX = 65536
SIGNATURES_MAX = 64
ED25519 = b"\x01"


def leaf_hash(data):
    return crypto.sha256(b"\0" + data)


def node(left, right):
    return crypto.sha256(b"\1" + left + right)


def _split(size):
    return 1 << ((size - 1).bit_length() - 1)


def root(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else crypto.sha256(b"")
    at = _split(len(hashes))
    return node(root(hashes[:at]), root(hashes[at:]))


def path(hashes, index):
    """From the leaf's sibling up."""
    if len(hashes) < 2:
        return []
    at = _split(len(hashes))
    if index < at:
        return path(hashes[:at], index) + [root(hashes[at:])]
    return path(hashes[at:], index - at) + [root(hashes[:at])]


def root_from_path(leaf, index, size, hashes):
    """The root that an inclusion path leads to (RFC 9162, 2.1.3.2). Refused: proof_invalid."""
    require(index < size, "proof_invalid", "index")
    at, last, made = index, size - 1, leaf
    for sibling in hashes:
        require(last > 0, "proof_invalid", "path too long")
        if at & 1 or at == last:
            made = node(sibling, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node(made, sibling)
        at, last = at >> 1, last >> 1
    require(last == 0, "proof_invalid", "path too short")
    return made


def verify_consistency(old_size, old_root, new_size, new_root, hashes):
    """RFC 9162, 2.1.4.2. Refused: inconsistent_log, proof_invalid."""
    require(0 < old_size <= new_size, "inconsistent_log", "the log became smaller")
    if old_size == new_size:
        require(not hashes, "proof_invalid", "a path between equal sizes")
        require(old_root == new_root, "inconsistent_log", "two roots of one size")
        return
    parts = ([old_root] if old_size & (old_size - 1) == 0 else []) + list(hashes)
    require(parts, "proof_invalid", "no path")
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = parts[0]
    for part in parts[1:]:
        require(last > 0, "proof_invalid", "path too long")
        if at & 1 or at == last:
            old, new = node(part, old), node(part, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, part)
        at, last = at >> 1, last >> 1
    require(last == 0, "proof_invalid", "path too short")
    require(old == old_root and new == new_root, "inconsistent_log", "consistency")


def strict_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("malformed", "base64") from None
    require(base64.b64encode(data).decode() == text, "malformed", "base64")
    return data


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def verifier_key(origin, key):
    return f"{origin}+{_key_id(origin, key).hex()}+{base64.b64encode(ED25519 + key).decode()}"


def read_verifier_key(text):
    """(origin, key). Refused: note_invalid."""
    origin, key_id, encoded = (text.strip().split("+", 2) + ["", ""])[:3]
    data = strict_base64(encoded)
    require(len(data) == 33 and data[:1] == ED25519, "note_invalid", "verifier key")
    require(_key_id(origin, data[1:]).hex() == key_id, "note_invalid", "key id")
    return origin, data[1:]


def _key_id(origin, key):
    return crypto.sha256(origin.encode() + b"\n" + ED25519 + key)[:4]


def open_checkpoint(note, origin, key):
    """The checkpoint of a note signed by `key`. Refused: note_invalid."""
    require(len(note.encode()) <= NOTE_BYTES_MAX, "note_invalid", "too large")
    text, between, signatures = note.rpartition("\n\n")
    require(between and signatures.endswith("\n"), "note_invalid", "no signatures")
    text += "\n"
    lines = signatures[:-1].split("\n")
    require(len(lines) <= SIGNATURES_MAX, "note_invalid", "signatures")
    require(any([_signed(line, text, origin, key) for line in lines]), "note_invalid", "unsigned")
    parts = text[:-1].split("\n")
    require(len(parts) >= 3 and parts[0] == origin, "note_invalid", "origin")
    digits, encoded = parts[1], parts[2]
    require(digits.isascii() and digits.isdigit() and str(int(digits)) == digits, "note_invalid",
            "size")
    data = strict_base64(encoded)
    require(len(data) == 32, "note_invalid", "root")
    return Checkpoint(origin, int(digits), data)


def _signed(line, text, origin, key):
    """Whether the line is the signature of this key; another key's says nothing."""
    words = line.split(" ")
    require(len(words) == 3 and words[0] == "\u2014", "note_invalid", "signature line")
    data = strict_base64(words[2])
    require(len(data) > 4, "note_invalid", "signature line")
    if words[1] != origin or data[:4] != _key_id(origin, key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(data[4:], text.encode())
    except InvalidSignature:
        raise Refused("note_invalid", "signature") from None
    return True


@dataclass(frozen=True)
class Proven:
    """What a proof file proves: the leaf, and the signed header that it is about."""
    checkpoint: Checkpoint
    leaf: dict
    header: dict
    signed: dict
    header_bytes: bytes


def write_proof(extra, index, hashes, note):
    lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(extra).decode(),
             f"index {index}", *(base64.b64encode(part).decode() for part in hashes)]
    return "\n".join(lines) + "\n\n" + note


def open_proof(text, origin, key):
    """Steps 1 and 2 of formats.md, section 12. Refused: malformed, proof_invalid, note_invalid."""
    body, between, note = text.partition("\n\n")
    require(between, "malformed", "no checkpoint")
    lines = body.split("\n")
    require(len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1"
            and lines[1].startswith("extra ") and lines[2].startswith("index "), "malformed")
    extra = wire.read("ProofExtra", strict_base64(lines[1][6:]))
    digits = lines[2][6:]
    require(digits.isascii() and digits.isdigit() and str(int(digits)) == digits, "malformed")
    hashes = [strict_base64(line) for line in lines[3:]]
    require(all(len(part) == 32 for part in hashes), "malformed", "path")
    checkpoint = open_checkpoint(note, origin, key)
    made = root_from_path(leaf_hash(extra["leaf"]), int(digits), checkpoint.size, hashes)
    require(made == checkpoint.root, "proof_invalid", "root")
    header_bytes = extra["header"]["header"]
    leaf, header = submitted_leaf(extra["leaf"], header_bytes)
    return Proven(checkpoint, leaf, header, extra["header"]["signed"], header_bytes)


def submitted_leaf(leaf_bytes, header_bytes):
    """Leaf and header, if the leaf says that this header was accepted. Refused: proof_invalid."""
    leaf = wire.read("Leaf", leaf_bytes)
    header = wire.read("Header", header_bytes)
    require(leaf["event"] == wire.value("Event", "submitted") and leaf["code"] == 0,
            "proof_invalid", "event")
    require(leaf["header"] == leaf_hash(header_bytes) and leaf["message"] == header["id"],
            "proof_invalid", "header")
    return leaf, header
