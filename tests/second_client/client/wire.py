"""The tables of schemas/*.fbs: written by the code that flatc generates, read by flat.py.

`prepare` runs flatc into a folder of the caller's; nothing generated is kept in the tree.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import flatbuffers

from . import flat
from .refused import Refused, require

FRAME_BYTES_MAX = 1048576
NAMES = ("audit", "directory", "enrolment", "kind")
_loaded = {}


def prepare(schemas, folder):
    """Generates Python and the binary schema from the folder `schemas`, into `folder`."""
    sources = sorted(str(path) for path in Path(schemas).glob("*.fbs"))
    subprocess.run(["flatc", "--python", "--gen-object-api", "-o", str(folder), *sources],
                   check=True)
    everything = Path(folder) / "everything.fbs"
    everything.write_text("".join(f'include "{name}.fbs";\n' for name in NAMES),
                          encoding="utf-8")
    subprocess.run(["flatc", "--binary", "--schema", "-I", str(schemas), "-o", str(folder),
                    str(everything)], check=True)
    sys.path.insert(0, str(folder))
    _loaded["schema"] = flat.load_schema((Path(folder) / "everything.bfbs").read_bytes())


def read(name, data):
    """The table `name` in `data` as a dict. Refused: malformed, over_budget."""
    schema = _loaded["schema"]
    return flat.Reader(schema, data).root(schema.by_name[name])


def value(enum, name):
    return _loaded["schema"].enum(enum)[name]


def table(name, /, **fields):
    """An object of the generated code; members by their names in the schema."""
    module = importlib.import_module(f"relais.fb.{name}")
    made = getattr(module, name + "T")()
    for member, content in fields.items():
        head, *rest = member.rstrip("_").split("_")
        attribute = head + "".join(part.capitalize() for part in rest)
        attribute += "_" if member.endswith("_") else ""
        require(hasattr(made, attribute), "internal", f"{name}.{member}")
        setattr(made, attribute, content)
    return made


def union(name, field, kind, content, /):
    """The table `name` whose union `field` holds `content`, a table of the kind `kind`."""
    number = getattr(getattr(importlib.import_module(f"relais.fb.{name}"), name), kind)
    return {field: content, field + "_type": number}


class Array:
    """A struct that is one array. The generated P256KeyT calls CreateP256key, which is not there:
    flatc 2.0.8 spells the two differently."""

    def __init__(self, name, data):
        self.b = bytes(data)
        self.create = getattr(importlib.import_module(f"relais.fb.{name}"), f"Create{name}")

    def Pack(self, builder):  # noqa: N802 (the generated code calls it)
        return self.create(builder, self.b)


def array(name, data):
    """Uuid, Digest, Signature, P256Key and so on."""
    return Array(name, data)


def encode(made):
    builder = flatbuffers.Builder(1024)
    builder.Finish(made.Pack(builder))
    return bytes(builder.Output())


def frame(number, kind, /, **fields):
    body = union("Body", "body", kind, table(kind, **fields))
    data = encode(table("Frame", number=number, **body))
    require(len(data) <= FRAME_BYTES_MAX, "too_large", kind)
    return data


def read_frame(data):
    """(number, name of the body, body)."""
    require(len(data) <= FRAME_BYTES_MAX, "too_large")
    content = read("Frame", data)
    require(content["body"] is not None, "malformed", "no body")
    return (content["number"], *content["body"])


def refusal(body):
    """The error that a Refusal of the broker says."""
    return Refused(body["name"], f"{body['code']} {body['detail'] or ''}", body["retry"])
