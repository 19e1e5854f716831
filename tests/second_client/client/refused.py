"""The one error of this client: a name of the table of errors (docs/protocol.md, section 16)."""


class Refused(Exception):
    """`name` is that of the table; `detail` says where. `retry` is what a broker's refusal says."""

    def __init__(self, name, detail="", retry=0):
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name
        self.detail = detail
        self.retry = retry


def require(condition, name, detail=""):
    if not condition:
        raise Refused(name, detail)
