"""What protobuf's own library makes of bytes, to hold the program's messages against.

    .venv/bin/python Tests/EndToEnd/proto_messages.py   rewrites Tests/Golden/proto/{messages,json,from-json}.txt with the pinned protobuf

Each line is a type, bytes, and those bytes read and written again, or their ProtoJSON, or `refused`; the random numbers always
start the same.
"""

import json
import random
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message, message_factory

from proto_json_cases import CASES as JSON_CASES
from proto_files import BUNDLED, GOLDEN, descriptor_set

FOLDER = GOLDEN / "messages"
TYPES = ["two.All", "three.All", "ed.All", "two.Needs"]
JSON_TYPES = ["two.All", "three.All", "ed.All", "known.All"]
CASES = 200


def classes(types):
    with tempfile.TemporaryDirectory() as folder:
        encoded = descriptor_set([FOLDER, BUNDLED], sorted(path.name for path in FOLDER.glob("*.proto")), Path(folder) / "set")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(encoded).file:
        pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in types}


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


class Maker:
    """Encodes fields of a type as a careless or hostile writer would: any order, any wire type, more than once."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        pick = self.random
        return pick.choice([0, 1, 2, 127, 128, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1, pick.getrandbits(64)])

    def payload(self, wire, descriptor, field, depth):
        pick = self.random
        if wire == 0:
            return varint(self.number() if pick.random() < 0.5 else pick.randrange(4))
        if wire == 1:
            return pick.choice([bytes(8), pick.randbytes(8)])
        if wire == 5:
            return pick.choice([bytes(4), pick.randbytes(4)])
        if field is not None and field.message_type is not None:
            body = self.message(field.message_type, depth + 1)
        elif field is not None and field.is_repeated and pick.random() < 0.7:
            body = b"".join(self.payload(WIRE.get(field.type, 0), descriptor, None, depth) for _ in range(pick.randrange(4)))
        else:
            body = pick.choice(["", "text", "é漢\U0001F600"]).encode() if pick.random() < 0.9 else pick.randbytes(3)
        return varint(len(body)) + body

    def message(self, descriptor, depth=0):
        pick = self.random
        out = b""
        # What an entry of a map does not know this library keeps by taking the whole entry for unknown; others drop it.
        is_entry = descriptor.GetOptions().map_entry
        for _ in range(pick.choice([0, 1, 2, 3, 6]) if depth < 3 else pick.randrange(2)):
            field = pick.choice(descriptor.fields) if is_entry or pick.random() < 0.93 else None
            number = field.number if field is not None else pick.choice([5, 99, 19500, 2**29 - 1] + [0] * (depth == 0))
            if is_entry or field is not None and pick.random() < 0.95:
                wire = WIRE.get(field.type, 0)
                if field.is_repeated and wire not in (2, 3) and pick.random() < 0.5:
                    wire = 2
                if field.message_type is not None:
                    wire = 2 if is_entry else pick.choice([2, 2, 2, 3])
            else:
                wire = pick.randrange(6)
            if wire in (3, 4):
                inner = self.message(field.message_type, depth + 1) if field is not None and field.message_type else b""
                out += varint(number << 3 | 3) + inner + varint(number << 3 | 4)
            else:
                out += varint(number << 3 | wire) + self.payload(wire, descriptor, field, depth)
        return out

    def broken(self, encoded):
        pick = self.random
        data = bytearray(encoded)
        for _ in range(pick.choice([0, 0, 0, 1, 2])):
            if data:
                data[pick.randrange(len(data))] = pick.getrandbits(8)
        if data and pick.random() < 0.15:
            del data[pick.randrange(len(data)):]
        return bytes(data)


# Fields that are neither numbers in varints nor behind a length.
WIRE = {1: 1, 6: 1, 16: 1, 2: 5, 7: 5, 15: 5, 9: 2, 12: 2, 11: 2, 10: 3}


def nested(kind, depth):
    """Messages within messages: `two.All.f17`, or the group."""
    out = b""
    for _ in range(depth):
        out = b"\x8a\x01" + varint(len(out)) + out if kind == "length" else b"\x93\x01" + out + b"\x94\x01"
    return out


def ordered_otherwise(value):
    """Whether it has a map whose order is this library's own: numbers from the highest down, the shortest text last."""
    for field, content in value.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if len(content) > 1:
                return True
            contents = list(content.values()) if field.message_type.fields[1].message_type is not None else []
        else:
            contents = content if field.is_repeated else [content]
        if any(ordered_otherwise(one) for one in contents):
            return True
    return False


def lines():
    maker = Maker(20260101)
    for name, kind in classes(TYPES).items():
        inputs = [maker.broken(maker.message(kind.DESCRIPTOR)) for _ in range(CASES)]
        if name == "two.All":
            inputs += [nested("length", 99), nested("length", 100), nested("length", 101), nested("group", 1),
                       b"\x9b\x06" * 90 + b"\x9c\x06" * 90, b"\x9b\x06" * 200 + b"\x9c\x06" * 200]
        for data in sorted(set(inputs)):
            value = kind()
            try:
                value.MergeFromString(data)
                if ordered_otherwise(value):
                    continue
                outcome = value.SerializePartialToString(deterministic=True).hex() or "-"
            except message.DecodeError:
                outcome = "refused"
            yield f"{name} {data.hex() or '-'} {outcome}"


def known(kind, pick):
    """A message of the well-known types, mostly within what JSON can say."""
    value = kind()
    for field in pick.sample(list(kind.DESCRIPTOR.fields), pick.randrange(1, 6)):
        name = field.name
        if name in ("d", "t"):
            fill_time(getattr(value, name), pick)
        elif name == "ts":
            fill_time(value.ts.add(), pick)
        elif name == "f":
            value.f.paths.extend(pick.choice([["a"], ["foo_bar", "a.b_c"], [], ["fooBar"], ["a_1"], ["a__b"], ["a_"]]))
        elif name == "s":
            value.s.update({"a": pick.choice([None, 1.5, "x", True, [1, "y"], {"b": 2}])})
        elif name in ("v", "m"):
            target = value.v if name == "v" else value.m["k"]
            pick.choice([lambda: setattr(target, "null_value", 0), lambda: setattr(target, "number_value", pick.choice([3, 1e300, float("nan")])),
                         lambda: setattr(target, "string_value", "é\n\""), lambda: target.SetInParent(),
                         lambda: target.list_value.values.add(bool_value=True), lambda: target.struct_value.SetInParent()])()
        elif name == "l":
            value.l.extend([1, "two", None])
        elif name in ("a", "as"):
            target = value.a if name == "a" else getattr(value, "as").add()
            target.type_url = pick.choice(["", "type.googleapis.com/google.protobuf.Duration", "x/known.All", "known.All", "x/gone.Type",
                                           "type.googleapis.com/google.protobuf.Empty", "a/google.protobuf.Int64Value"])
            target.value = pick.choice([b"", b"\x08\x05", b"\x08"]) if "known" not in target.type_url else b"\xca\x01\x01x"
        elif name == "ws":
            value.ws.add(value=pick.choice([0, -1, 2**60]))
        elif name in ("n", "on", "e"):
            setattr(value, name, 0) if name != "e" else value.e.SetInParent()
        elif name.startswith("w"):
            target = getattr(value, name)
            content = target.DESCRIPTOR.fields[0]
            choices = {content.CPPTYPE_BOOL: [True, False], content.CPPTYPE_STRING: ["", "é"], content.CPPTYPE_DOUBLE: [0.1, -0.0, 1e300, 5e-324],
                       content.CPPTYPE_FLOAT: [0.1, 1e30, 16777216.0, float("inf")]}.get(content.cpp_type, [0, 7])
            target.value = pick.choice([b"", b"\xfb\xff\x00"] if content.type == content.TYPE_BYTES else choices)
            target.SetInParent()
        else:
            setattr(value, name, "text")
    return value.SerializeToString(deterministic=True)


def fill_time(target, pick):
    target.seconds = pick.choice([0, 1, -1, 951782400, 1709164799, -62135596800, 253402300799, 253402300800, 315576000000, -315576000000])
    target.nanos = pick.choice([0, 1, 500000000, 123456000, 999999999, -1, -500000000])


def json_lines():
    maker = Maker(20260102)
    for name, kind in classes(JSON_TYPES).items():
        for _ in range(CASES // 2):
            data = known(kind, maker.random) if name == "known.All" else maker.message(kind.DESCRIPTOR)
            value = kind()
            try:
                value.MergeFromString(data)
            except message.DecodeError:
                continue
            try:
                text = json_format.MessageToJson(value, indent=None, descriptor_pool=kind.DESCRIPTOR.file.pool)
                # What is not UTF-8 it shows as Python would.
                outcome = "refused" if "\"b'" in text else json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
            except Exception:  # It has an error of its own for each.
                outcome = "refused"
            yield f"{name} {data.hex() or '-'} {outcome}"


def read_lines():
    kinds = classes(JSON_TYPES)
    for name, text in JSON_CASES:
        kind = kinds[name]
        try:
            value = json_format.Parse(text, kind(), descriptor_pool=kind.DESCRIPTOR.file.pool)
            outcome = value.SerializeToString(deterministic=True).hex() or "-"
        except Exception:  # It has an error of its own for each.
            outcome = "refused"
        yield f"{name} {outcome} {text}"


if __name__ == "__main__":
    text = "\n".join(lines()) + "\n"
    (GOLDEN / "messages.txt").write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10))} cases, {text.count('refused')} of them refused")
    text = "\n".join(json_lines()) + "\n"
    (GOLDEN / "json.txt").write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10))} cases in JSON, {text.count('refused')} of them refused")
    text = "\n".join(read_lines()) + "\n"
    (GOLDEN / "from-json.txt").write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10))} cases from JSON, {text.count('refused')} of them refused")
