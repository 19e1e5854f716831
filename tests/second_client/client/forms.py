"""Forms: JSON to payload and back, by the schema that the bundle carries (formats.md, section 10).

Identifiers (`ident`) are only brought to their one writing: their keys are the sender's to check.
"""

import datetime
import re
import unicodedata

import flatbuffers
from flatbuffers import number_types

from . import flat
from .refused import Refused, require

ELEMENTS_MAX = 5000
BYTES_MAX = 262144
DEPTH_MAX = 8
ITEMS_MAX = 50
TEXT_BYTES_MAX = {False: 500, True: 4000}  # by `multiline`
DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
TRAITS = ("birth_name", "birth_given_names", "birth_date", "sex", "birth_place")
OIDS = {False: ("1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"),
        True: ("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11")}  # by `test` of the domain
NIA_OID = "1.2.250.1.213.1.4.9"
NEVER = re.compile("(?!)")
SEPARATORS = {"ins": re.compile("[ .\u00a0\u202f]"), "siren": re.compile("[ \u00a0\u202f]"),
              "siret": re.compile("[ \u00a0\u202f]")}
FLAGS = {2: number_types.BoolFlags, 3: number_types.Int8Flags, 4: number_types.Uint8Flags,
         5: number_types.Int16Flags, 6: number_types.Uint16Flags, 7: number_types.Int32Flags,
         8: number_types.Uint32Flags, 9: number_types.Int64Flags, 10: number_types.Uint64Flags,
         11: number_types.Float32Flags, 12: number_types.Float64Flags}


class Form:
    """`test`: whether the domain is one for trials, where other identities may travel."""

    def __init__(self, schema, test):
        self.schema, self.test = flat.load_schema(schema), test
        require(self.schema.root, "malformed", "no root table")

    def encode(self, answers):
        """The payload. Refused: unknown_field, invalid_field, missing_field and so on."""
        checked = Checker(self.schema, self.test).table(self.schema.root, answers, "", 1) or {}
        require(checked or not self._mandatory(), "missing_field")
        builder = flatbuffers.Builder(1024)
        builder.Finish(self._write(builder, self.schema.root, checked))
        return bytes(builder.Output())

    def decode(self, payload):
        """The answers. Refused: form_invalid, over_budget."""
        try:
            raw = {}
            if payload:
                require(len(payload) <= BYTES_MAX, "over_budget", "bytes")
                raw = flat.Reader(self.schema, payload, strict=True, tables_max=ELEMENTS_MAX,
                                  depth_max=DEPTH_MAX).root(self.schema.root)
            checked = Checker(self.schema, self.test).table(self.schema.root, raw, "", 1) or {}
            require(checked or not self._mandatory(), "missing_field")
            return checked
        except Refused as error:
            name = "over_budget" if error.name == "over_budget" else "form_invalid"
            raise Refused(name, str(error)) from None

    def _mandatory(self):
        return any("mandatory" in field.attributes for field in self.schema.root.fields)

    def _write(self, builder, item, answers):
        ready = []
        for field in item.fields:
            if field.name in answers:
                ready.append((field, self._prepare(builder, field, answers[field.name])))
        builder.StartObject(len(item.fields))
        for field, value in ready:
            if field.base in FLAGS:
                builder.PrependSlot(FLAGS[field.base], field.slot, value, None)
            else:
                builder.PrependUOffsetTRelativeSlot(field.slot, value, 0)
        return builder.EndObject()

    def _prepare(self, builder, field, value):
        """A scalar as it is written; of anything else, where it was written."""
        if field.base != flat.VECTOR:
            return self._one(builder, field, field.base, value)
        parts = [self._one(builder, field, field.element, part) for part in value]
        flags = FLAGS.get(field.element)
        size = flags.bytewidth if flags else 4
        builder.StartVector(size, len(parts), size)
        for part in reversed(parts):
            if flags:
                builder.Prepend(flags, part)
            else:
                builder.PrependUOffsetTRelative(part)
        return builder.EndVector()

    def _one(self, builder, field, base, value):
        if base == flat.STRING:
            return builder.CreateString(value)
        if base == flat.TABLE:
            return self._write(builder, self.schema.objects[field.index], value)
        if field.index >= 0:
            return next(entry["value"] for entry in self.schema.enums[field.index]["values"]
                        if entry["name"] == value)
        return value


class Checker:
    """Step 1 of section 10: checks and normalises. Choices are names, before and after."""

    def __init__(self, schema, test):
        self.schema, self.test = schema, test
        self.elements, self.bytes = ELEMENTS_MAX, BYTES_MAX

    def table(self, item, answers, path, depth):
        """What is answered, or None where nothing is."""
        require(isinstance(answers, dict), "invalid_field", path)
        require(depth <= DEPTH_MAX, "over_budget", path)
        self._spend(0)
        known = {field.name for field in item.fields}
        require(set(answers) <= known, "unknown_field", path)
        made = {}
        for field in item.fields:
            place = f"{path}/{field.name}"
            value = self._answer(field, answers.get(field.name), place, depth)
            if value is not None:
                made[field.name] = value
        if not made:
            return None
        for field in item.fields:
            require(field.name in made or "mandatory" not in field.attributes, "missing_field",
                    f"{path}/{field.name}")
        if "identity" in item.attributes:
            self._identity(item, made, path)
        return made

    def _spend(self, size):
        self.elements, self.bytes = self.elements - 1, self.bytes - size
        require(self.elements >= 0 and self.bytes >= 0, "over_budget")

    def _answer(self, field, value, path, depth):
        if value is None or value == "" or value == []:
            return None
        if field.base != flat.VECTOR:
            return self._one(field, field.base, value, path, depth)
        limit = int(field.attributes.get("items_max", ITEMS_MAX))
        require(isinstance(value, list) and len(value) <= limit, "invalid_field", path)
        made = [self._one(field, field.element, part, path, depth) for part in value]
        require(None not in made, "invalid_field", f"{path}: an empty item")
        return made

    def _one(self, field, base, value, path, depth):
        if base == flat.TABLE:
            return self.table(self.schema.objects[field.index], value, path, depth + 1)
        if base == flat.STRING:
            return self._text(field, value, path)
        self._spend(8)
        if base == flat.BOOL:
            require(isinstance(value, bool), "invalid_field", path)
        elif field.index >= 0:
            names = [entry["name"] for entry in self.schema.enums[field.index]["values"]]
            require(value in names, "invalid_field", path)
        else:
            whole = isinstance(value, int) and not isinstance(value, bool)
            require(whole or base > 10 and isinstance(value, float), "invalid_field", path)
            limits = [float(field.attributes[name]) for name in ("min", "max")]
            require(limits[0] <= value <= limits[1], "invalid_field", path)
        return value

    def _text(self, field, value, path):
        require(isinstance(value, str), "invalid_field", path)
        multiline = "multiline" in field.attributes
        text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        text = text.strip(" \u00a0\u202f")
        for letter in text:
            control = unicodedata.category(letter) == "Cc" and not (letter == "\n" and multiline)
            require(not control and letter not in DIRECTION and letter not in "\u2028\u2029",
                    "invalid_field", f"{path}: control character")
        if "ident" in field.attributes:
            text = SEPARATORS.get(field.attributes["ident"], NEVER).sub("", text).upper()
        size = len(text.encode())
        require(size <= int(field.attributes.get("bytes_max", TEXT_BYTES_MAX[multiline])),
                "invalid_field", f"{path}: too long")
        require(len(text) <= int(field.attributes.get("characters_max", size)),
                "invalid_field", f"{path}: too many characters")
        self._spend(size)
        if text:
            self._format(field, text, path)
        return text or None

    def _format(self, field, text, path):
        try:
            if "date" in field.attributes:
                require(re.fullmatch(r"\d{4}-\d\d-\d\d", text), "invalid_field", path)
                year = datetime.date.fromisoformat(text).year
                require(1850 <= year <= 2150, "invalid_field", path)
            if "datetime" in field.attributes:
                form = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)"
                match = re.fullmatch(form, text)
                require(match, "invalid_field", path)
                datetime.datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00"))
        except ValueError:
            raise Refused("invalid_field", path) from None
        if "phone" in field.attributes:
            require(re.fullmatch(r"\+?[0-9 .()-]+", text)
                    and 4 <= sum(letter.isdigit() for letter in text) <= 15, "invalid_field", path)

    def _identity(self, item, made, path):
        names = {field.attributes.get("trait"): field.name for field in item.fields}
        said = {trait: made.get(name) for trait, name in names.items()}
        if said["matricule"] is None and said["oid"] is None:
            return
        require(said["oid"] in OIDS[self.test], "identity_refused", f"{path}: OID")
        if said["matricule"] is not None:
            require(said["status"] == "QUAL" and all(said[trait] for trait in TRAITS),
                    "identity_refused", path)
            # A NIR or a NIA, by its first digit; each has an authority of its own.
            require((said["matricule"][0] in "78") == (said["oid"] == NIA_OID),
                    "identity_refused", path)
