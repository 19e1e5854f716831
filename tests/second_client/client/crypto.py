"""Signatures, HPKE, HMAC and the recovery secret: docs/formats.md, sections 2, 6 and 7.

HPKE (RFC 9180) is made here by hand: base mode, single shot, DHKEM(P-256, HKDF-SHA256),
HKDF-SHA256, AES-256-GCM. A private key is a key object of `cryptography`, a public key 65 bytes.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .refused import Refused, require

CURVE = ec.SECP256R1()
ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
ECDSA = ec.ECDSA(hashes.SHA256())
KEM = b"KEM" + bytes.fromhex("0010")
SUITE = b"HPKE" + bytes.fromhex("001000010002")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def sha256(data):
    return hashlib.sha256(data).digest()


def new_key():
    return ec.generate_private_key(CURVE)


def key_of(scalar):
    """Refused: box_unopenable, if the scalar is no private key."""
    number = int.from_bytes(scalar, "big")
    require(len(scalar) == 32 and 0 < number < ORDER, "box_unopenable", "scalar")
    return ec.derive_private_key(number, CURVE)


def scalar_of(private):
    return private.private_numbers().private_value.to_bytes(32, "big")


def public_of(private):
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def point(public):
    """Refused: invalid_field, if these are not the 65 bytes of a point of the curve."""
    require(len(public) == 65 and public[0] == 4, "invalid_field", "point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, bytes(public))
    except ValueError:
        raise Refused("invalid_field", "not on the curve") from None


def under(context, body):
    return context.encode() + b"\0" + body


def sign(private, context, body):
    r, s = utils.decode_dss_signature(private.sign(under(context, body), ECDSA))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public, context, body, signature):
    """Refused: bad_signature."""
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        point(public).verify(utils.encode_dss_signature(r, s), under(context, body), ECDSA)
    except InvalidSignature:
        raise Refused("bad_signature", context) from None


def mac(key, context, body):
    return hmac.new(key, under(context, body), hashlib.sha256).digest()


def same(left, right):
    return hmac.compare_digest(left, right)


def extract(salt, secret):
    return hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()


def expand(key, info, length):
    made, block = b"", b""
    while len(made) < length:
        block = hmac.new(key, block + info + bytes([len(made) // 32 + 1]),
                         hashlib.sha256).digest()
        made += block
    return made[:length]


def _labeled_extract(suite, salt, label, secret):
    return extract(salt, b"HPKE-v1" + suite + label + secret)


def _labeled_expand(suite, key, label, info, length):
    return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def derive_key_pair(secret):
    """RFC 9180, section 7.1.3, for DHKEM(P-256)."""
    key = _labeled_extract(KEM, b"", b"dkp_prk", secret)
    for counter in range(256):
        candidate = _labeled_expand(KEM, key, b"candidate", bytes([counter]), 32)
        if 0 < int.from_bytes(candidate, "big") < ORDER:
            return key_of(candidate)
    raise Refused("internal", "no key pair")


def _schedule(shared_point, enc, public, info):
    key = _labeled_extract(KEM, b"", b"eae_prk", shared_point)
    shared = _labeled_expand(KEM, key, b"shared_secret", enc + public, 32)
    context = (b"\0" + _labeled_extract(SUITE, b"", b"psk_id_hash", b"")
               + _labeled_extract(SUITE, b"", b"info_hash", info))
    secret = _labeled_extract(SUITE, shared, b"secret", b"")
    return (_labeled_expand(SUITE, secret, b"key", context, 32),
            _labeled_expand(SUITE, secret, b"base_nonce", context, 12))


def hpke_seal(public, info, associated, plain, ephemeral=None):
    """(enc, sealed). `ephemeral` is given by vectors alone."""
    ephemeral = ephemeral or new_key()
    enc = public_of(ephemeral)
    key, nonce = _schedule(ephemeral.exchange(ec.ECDH(), point(public)), enc, public, info)
    return enc, AESGCM(key).encrypt(nonce, plain, associated)


def hpke_open(private, info, associated, enc, sealed):
    """Refused: box_unopenable."""
    try:
        shared = private.exchange(ec.ECDH(), point(enc))
        key, nonce = _schedule(shared, bytes(enc), public_of(private), info)
        return AESGCM(key).decrypt(nonce, bytes(sealed), associated)
    except (Refused, InvalidTag):
        raise Refused("box_unopenable") from None


def gcm_seal(key, associated, plain):
    return AESGCM(key).encrypt(bytes(12), plain, associated)


def gcm_open(key, associated, sealed):
    """Refused: content_undecryptable."""
    try:
        return AESGCM(key).decrypt(bytes(12), bytes(sealed), associated)
    except InvalidTag:
        raise Refused("content_undecryptable") from None


def grant_binding(mailbox, epoch):
    return b"relais/v1/grant", f"{mailbox}\n{epoch}\n".encode()


class Recovery:
    """The recovery secret of an organisation, its two key pairs and its sheet."""

    def __init__(self, secret=None):
        self.secret = secret or os.urandom(32)
        key = extract(b"relais/v1/recovery", self.secret)
        self.signing = derive_key_pair(expand(key, b"signing", 32))
        self.sealing = derive_key_pair(expand(key, b"sealing", 32))

    def sheet(self):
        data = self.secret + sha256(self.secret)[:2]
        bits = "".join(f"{byte:08b}" for byte in data)
        bits += "0" * (-len(bits) % 5)
        text = "".join(CROCKFORD[int(bits[at:at + 5], 2)] for at in range(0, len(bits), 5))
        return "-".join(text[at:at + 5] for at in range(0, len(text), 5))
