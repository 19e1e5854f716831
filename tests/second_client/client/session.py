"""A session with a broker over CURVE: requests with their replies, pushes as they come.

docs/protocol.md, sections 2 to 4. Confined to one thread. Every wait has a guard.
"""

import zmq
from zmq.utils import z85

from . import wire
from .refused import Refused, require

WAIT_MS = 30000
RETRY_MS = 2000


def curve_pair():
    """(public, secret), 32 raw bytes each."""
    return tuple(z85.decode(half) for half in zmq.curve_keypair())


class Link:
    """A DEALER to one socket. `on_push` is called with (name, body) of what carries number 0."""

    def __init__(self, endpoint, server_key, own, on_push=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.on_push, self.number = on_push, 0
        options = {zmq.CURVE_SERVERKEY: z85.encode(server_key),
                   zmq.CURVE_PUBLICKEY: z85.encode(own[0]),
                   zmq.CURVE_SECRETKEY: z85.encode(own[1]),
                   zmq.LINGER: 0, zmq.IMMEDIATE: 1, zmq.MAXMSGSIZE: wire.FRAME_BYTES_MAX,
                   zmq.RECONNECT_IVL: -1, zmq.SNDTIMEO: WAIT_MS}
        for option, value in options.items():
            self.socket.setsockopt(option, value)
        self.socket.connect(endpoint)

    def close(self):
        self.socket.close()
        self.context.term()

    def request(self, kind, /, **fields):
        """(name, body) of the reply. Refused: what the broker says; unreachable, timed_out."""
        self.number += 1
        try:
            self.socket.send(wire.frame(self.number, kind, **fields))
        except zmq.Again:
            raise Refused("unreachable", kind) from None
        while True:
            number, name, body = self._receive(WAIT_MS)
            if number == 0 and name != "Refusal":
                self._push(name, body)
                continue
            require(number == self.number, "internal", f"a reply to {number}: {name}")
            if name == "Refusal":
                raise wire.refusal(body)
            return name, body

    def expect(self, reply, kind, /, **fields):
        name, body = self.request(kind, **fields)
        require(name == reply, "malformed", f"{name} in answer to {kind}")
        return body

    def patient(self, reply, kind, tries=30, /, **fields):
        """As expect; what is refused for now is asked again, pushes being taken meanwhile."""
        while True:
            try:
                return self.expect(reply, kind, **fields)
            except Refused as error:
                tries -= 1
                if error.retry != 1 or not tries:
                    raise
                self.pushes(RETRY_MS)

    def pushes(self, wait_ms):
        """Takes one push, if one comes in this time; whether one did."""
        if not self.socket.poll(wait_ms):
            return False
        number, name, body = self._receive(0)
        require(number == 0 and name != "Refusal", "internal", name)
        self._push(name, body)
        return True

    def _push(self, name, body):
        require(name != "Cut", "superseded")
        if self.on_push:
            self.on_push(name, body)

    def _receive(self, wait_ms):
        require(self.socket.poll(wait_ms), "timed_out")
        parts = self.socket.recv_multipart()
        require(len(parts) == 1, "malformed", "several parts")
        return wire.read_frame(parts[0])


def uuid(data):
    return wire.array("Uuid", data)


def digest(data):
    return wire.array("Digest", data)


def statement(body, signature):
    return wire.encode(wire.table("Statement", body=body,
                                  signature=wire.array("Signature", signature)))
