"""FlatBuffers read by their binary schema: every offset checked, and what is visited bounded.

Python's FlatBuffers has no verifier, and protocol.md (section 1) asks for one. The schema is data:
`flatc --binary --schema` makes it of schemas/*.fbs, a kind's bundle carries it for each form. A
table becomes a dict, a union a pair (name, dict), a struct of one array and a [ubyte] bytes.
"""

import struct

from .refused import require

TABLES_MAX = 4096
DEPTH_MAX = 24
SCHEMA_TABLES_MAX = 65536  # a schema has a table for each attribute

BOOL, STRING, VECTOR, TABLE, UNION, ARRAY = 2, 13, 14, 15, 16, 17
FORMATS = {1: "B", 2: "B", 3: "b", 4: "B", 5: "h", 6: "H", 7: "i", 8: "I", 9: "q", 10: "Q",
           11: "f", 12: "d"}


class Field:
    def __init__(self, name, slot, base, element=0, index=-1, fixed_length=0):
        self.name, self.slot, self.base, self.element = name, slot, base, element
        self.index, self.fixed_length = index, fixed_length
        self.offset = self.default = 0
        self.required = self.optional = False
        self.attributes, self.documentation = {}, []


class Object:
    def __init__(self, name, fields, is_struct=False, size=0):
        self.name, self.fields, self.is_struct, self.size = name, fields, is_struct, size
        self.attributes = {}


class Schema:
    """`objects` and `enums` are lists, as the binary schema orders them; `root` is an Object."""

    def __init__(self, objects, enums, root):
        self.objects, self.enums, self.root = objects, enums, root
        self.by_name = {item.name.rpartition(".")[2]: item for item in objects}

    def enum(self, name):
        return {entry["name"]: entry["value"] for item in self.enums
                if item["name"].rpartition(".")[2] == name for entry in item["values"]}


class Reader:
    """`strict` is the way of forms: no slot beyond the schema, booleans 0 or 1, choices by name."""

    def __init__(self, schema, data, strict=False, tables_max=TABLES_MAX, depth_max=DEPTH_MAX):
        self.schema, self.data, self.strict = schema, bytes(data), strict
        self.tables_left, self.depth_max = tables_max, depth_max

    def root(self, item):
        return self.table(item, self._scalar("I", 0), 1)

    def _scalar(self, form, at):
        size = struct.calcsize("<" + form)
        require(0 <= at <= len(self.data) - size and at % size == 0, "malformed", "offset")
        return struct.unpack_from("<" + form, self.data, at)[0]

    def _follow(self, at):
        step = self._scalar("I", at)
        require(step > 0, "malformed", "offset")
        return at + step

    def table(self, item, at, depth):
        self.tables_left -= 1
        require(self.tables_left >= 0 and depth <= self.depth_max, "over_budget", item.name)
        vtable = at - self._scalar("i", at)
        vtable_size, table_size = self._scalar("H", vtable), self._scalar("H", vtable + 2)
        require(vtable_size >= 4 and vtable_size % 2 == 0 and table_size >= 4
                and vtable + vtable_size <= len(self.data)
                and at + table_size <= len(self.data), "malformed", item.name)
        slots = (vtable_size - 4) // 2
        require(not self.strict or slots <= len(item.fields), "malformed", "slots")
        values = {}
        for field in item.fields:
            where = self._scalar("H", vtable + 4 + 2 * field.slot) if field.slot < slots else 0
            require(where == 0 or where + self._inline_size(field) <= table_size, "malformed",
                    field.name)
            require(where or not field.required, "malformed", f"{field.name} is required")
            values[field.name] = self._field(field, at + where if where else 0, values, depth)
        return values

    def _inline_size(self, field):
        if field.base in FORMATS:
            return struct.calcsize(FORMATS[field.base])
        is_struct = field.base == TABLE and self.schema.objects[field.index].is_struct
        return self.schema.objects[field.index].size if is_struct else 4

    def _field(self, field, at, before, depth):
        if field.base == UNION:
            return self._union(field, at, before[field.name + "_type"], depth)
        if at:
            return self._value(field, field.base, at, depth)
        if field.base in FORMATS and not field.optional:
            return self._checked(field, field.base, field.default)
        return None

    def _union(self, field, at, number, depth):
        if number == 0:
            require(at == 0, "malformed", field.name)
            return None
        for entry in self.schema.enums[field.index]["values"]:
            if entry["value"] == number and at:
                item = self.schema.objects[entry["union_type"]["index"]]
                return entry["name"], self.table(item, self._follow(at), depth + 1)
        return require(False, "malformed", field.name)

    def _value(self, field, base, at, depth):
        if base in FORMATS:
            return self._checked(field, base, self._scalar(FORMATS[base], at))
        if base == STRING:
            return self._string(self._follow(at))
        if base == VECTOR:
            return self._vector(field, self._follow(at), depth)
        item = self.schema.objects[field.index]
        if item.is_struct:
            return self._struct(item, at)
        return self.table(item, self._follow(at), depth + 1)

    def _checked(self, field, base, value):
        if base == BOOL:
            require(not self.strict or value < 2, "malformed", field.name)
            return bool(value)
        if field.index < 0 or base > 10:
            return value
        for entry in self.schema.enums[field.index]["values"]:
            is_union = self.schema.enums[field.index].get("is_union")
            if entry["value"] == value and (is_union or entry["name"] != "unset"):
                return entry["name"] if self.strict else value
        return require(False, "malformed", f"{field.name} is {value}")

    def _string(self, at):
        length = self._scalar("I", at)
        require(at + 4 + length < len(self.data) and self.data[at + 4 + length] == 0, "malformed",
                "string")
        try:
            return self.data[at + 4:at + 4 + length].decode("utf-8")
        except UnicodeDecodeError:
            return require(False, "malformed", "UTF-8")

    def _vector(self, field, at, depth):
        length, base = self._scalar("I", at), field.element
        item = self.schema.objects[field.index] if base == TABLE else None
        size = (item.size if item and item.is_struct
                else struct.calcsize(FORMATS[base]) if base in FORMATS else 4)
        require(at + 4 + length * size <= len(self.data), "malformed", field.name)
        if base in (1, 3, 4) and field.index < 0:
            return self.data[at + 4:at + 4 + length]
        return [self._value(field, base, at + 4 + size * place, depth) for place in range(length)]

    def _struct(self, item, at):
        require(at + item.size <= len(self.data), "malformed", item.name)
        values = {}
        for field in item.fields:
            where = at + field.offset
            if field.base == ARRAY:
                values[field.name] = self.data[where:where + field.fixed_length]
            else:
                values[field.name] = self._value(field, field.base, where, 0)
        return values["b"] if list(values) == ["b"] else values


# reflection.fbs of FlatBuffers, as far as it is used: tables with their slots.
REFLECTION = {
    "Schema": "0 objects [Object], 1 enums [Enum], 4 root_table Object",
    "Object": "0 name string, 1 fields [Field], 2 is_struct bool, 4 bytesize int, "
              "5 attributes [KeyValue]",
    "Enum": "0 name string, 1 values [EnumVal], 2 is_union bool, 3 underlying_type Type",
    "EnumVal": "0 name string, 1 value long, 3 union_type Type, 4 documentation [string]",
    "Field": "0 name string, 1 type Type, 2 id ushort, 3 offset ushort, 4 default_integer long, "
             "7 required bool, 9 attributes [KeyValue], 10 documentation [string], "
             "11 optional bool",
    "Type": "0 base_type byte, 1 element byte, 2 index int, 3 fixed_length ushort",
    "KeyValue": "0 key string, 1 value string",
}
WORDS = {"bool": 2, "byte": 3, "ushort": 6, "int": 7, "long": 9, "string": STRING}


def _reflection():
    places = {name: place for place, name in enumerate(REFLECTION)}
    objects = []
    for name, text in REFLECTION.items():
        fields = []
        for slot, member, kind in (part.split() for part in text.split(", ")):
            word = kind.strip("[]")
            base, index = WORDS.get(word, TABLE), places.get(word, -1)
            outer = VECTOR if kind.startswith("[") else base
            fields.append(Field(member, int(slot), outer, base, index))
            fields[-1].default = -1 if member == "index" else 0
        objects.append(Object(name, fields))
    return Schema(objects, [], objects[0])


def load_schema(data):
    """The Schema of a binary schema's bytes, which may come from anyone."""
    require(data[4:8] == b"BFBS", "malformed", "no binary schema")
    reflection = _reflection()
    raw = Reader(reflection, data, tables_max=SCHEMA_TABLES_MAX).root(reflection.root)
    objects = [_object(item) for item in raw["objects"] or ()]
    enums = raw["enums"] or []
    for item in objects:
        for field in item.fields:
            inner = field.element if field.base in (VECTOR, ARRAY) else field.base
            limit = len(objects) if inner == TABLE else len(enums)
            require(inner in FORMATS or inner in (STRING, TABLE, UNION), "malformed", field.name)
            require(-1 <= field.index < limit and (field.index >= 0 or inner not in (TABLE, UNION)),
                    "malformed", field.name)
    root = raw["root_table"]
    return Schema(objects, enums, next((item for item in objects
                                        if root and item.name == root["name"]), None))


def _object(raw):
    fields = []
    for entry in sorted(raw["fields"] or (), key=lambda entry: entry["id"]):
        kind = entry["type"]
        field = Field(entry["name"], entry["id"], kind["base_type"], kind["element"],
                      kind["index"], kind["fixed_length"])
        field.offset, field.default = entry["offset"], entry["default_integer"]
        field.required, field.optional = entry["required"], entry["optional"]
        field.attributes = _attributes(entry)
        fields.append(field)
    item = Object(raw["name"], fields, raw["is_struct"], raw["bytesize"])
    item.attributes = _attributes(raw)
    return item


def _attributes(raw):
    return {pair["key"]: pair["value"] for pair in raw["attributes"] or ()}
