"""What a broker rings: a mail relay and an HTTPS receiver on 127.0.0.1, both real, one process.

usage: rung_services.py FOLDER SMTP_PORT PLAIN_PORT HTTPS_PORT

FOLDER/ca.pem is the certificate to trust. SMTP_PORT wants STARTTLS and the credentials below,
PLAIN_PORT has neither. Each thing received is a line on standard error, "mail {...}" or
"hook {...}", in JSON; "ready" comes first. FOLDER/mood says how both answer, read each time:
ok, later, never, hang; of HTTPS also: redirect, flood.
"""

import asyncio
import base64
import datetime
import http.server
import ipaddress
import json
import ssl
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = b"relais", b"mot de passe du relais"

FOLDER = Path(sys.argv[1])
OUT = threading.Lock()


def say(word, about):
    with OUT:
        print(word, json.dumps(about), file=sys.stderr, flush=True)


def mood():
    path = FOLDER / "mood"
    return path.read_text(encoding="utf-8").strip() if path.exists() else "ok"


def make_certificate():
    """A TLS context with a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rung services")])
    now = datetime.datetime.utcnow()
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=800))
        .not_valid_after(now + datetime.timedelta(days=800))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    (FOLDER / "ca.pem").write_bytes(certificate.public_bytes(pem))
    (FOLDER / "key.pem").write_bytes(key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "ca.pem", FOLDER / "key.pem")
    return context


class Mail:
    """The relay: what it is given, and how it takes it."""

    async def handle_DATA(self, _server, session, envelope):
        now = mood()
        say("mail", {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": bool(session.ssl),
                     "user": bool(session.authenticated), "mood": now,
                     "data": base64.b64encode(envelope.original_content).decode("ascii")})
        if now == "hang":
            await asyncio.Event().wait()
        return {"later": "451 not now", "never": "550 nobody of that name"}.get(now, "250 OK")


def authenticate(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=(data.login, data.password) == (USER, PASSWORD), handled=False)


class Hook(http.server.BaseHTTPRequestHandler):
    """The receiver."""

    def do_POST(self):
        now = mood()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        say("hook", {"path": self.path, "headers": dict(self.headers.items()), "mood": now,
                     "data": base64.b64encode(body).decode("ascii")})
        if now == "hang":
            threading.Event().wait()
        self.send_response({"later": 503, "never": 410, "redirect": 307}.get(now, 200))
        if now == "redirect":
            self.send_header("Location", f"https://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()
        try:
            while now == "flood":
                self.wfile.write(bytes(65536))
        except OSError:
            pass

    def log_message(self, *_args):
        pass


class Receiver(http.server.ThreadingHTTPServer):
    def handle_error(self, *_args):
        pass  # a peer that does not trust the certificate


def main():
    context = make_certificate()
    smtp, plain, https = (int(port) for port in sys.argv[2:5])
    Controller(Mail(), hostname="127.0.0.1", port=smtp, tls_context=context,
               require_starttls=True, authenticator=authenticate, auth_required=True).start()
    Controller(Mail(), hostname="127.0.0.1", port=plain).start()
    receiver = Receiver(("127.0.0.1", https), Hook)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True,
                                          do_handshake_on_connect=False)
    say("ready", {})
    receiver.serve_forever()


if __name__ == "__main__":
    main()
