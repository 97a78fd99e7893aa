"""Messages of Connect calls: JSON of any shape and size, and bytes, that are messages or are not (ProtoJSON and protobuf's
encoding). What is told of what is none is `invalid_argument`.
"""

import pytest
from google.protobuf import json_format

from call_faces import ALL, FACES, ask, envelope, greeter, path_of
from call_faces import echo as echoing
from grpc_client import Everything, HelloRequest

UNARY, JSON = FACES["connect"], FACES["connect_json"]
STREAM, STREAM_JSON = FACES["connect_stream"], FACES["connect_stream_json"]
ANN = HelloRequest(name="Ann")

both_versions = pytest.mark.parametrize("version", ["1.1", "2"])


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


@pytest.fixture(scope="module")
def echo():
    with echoing() as server:
        yield server


# MARK: JSON


def nested(depth, leaf="{}"):
    return '{"children":[' * depth + leaf + "]}" * depth


GOOD_JSON = [
    ('{}', Everything()),
    (' \t\r\n{ } \n', Everything()),
    ('{"text":null,"children":null,"note":null,"choice":null}', Everything()),
    ('{"unknown":{"a":[1,{"b":null}]},"text":"x","also":1e300}', Everything(text="x")),
    ('{"text":"\\u00e4\\ud83d\\ude00\\/"}', Everything(text="ä😀/")),
    ('{"large":"9223372036854775807","number":"-Infinity","flag":true}',
     Everything(large=2**63 - 1, number=float("-inf"), flag=True)),
    ('{"large":-9223372036854775808,"maybe":0}', Everything(large=-2**63, maybe=0)),
    ('{"large":1e3,"number":1e308,"maybe":5.0}', Everything(large=1000, number=1e308, maybe=5)),
    ('{"large":1.5e1,"number":1E-400}', Everything(large=15)),
    ('{"mood":"GLUM"}', Everything(mood=2)),
    ('{"mood":2}', Everything(mood=2)),
    ('{"mood":99}', Everything(mood=99)),
    ('{"mood":"NOT_ONE_OF_THEM","text":"x"}', Everything(text="x")),
    ('{"data":"AP8="}', Everything(data=b"\0\xff")),
    ('{"data":"AP8"}', Everything(data=b"\0\xff")),
    ('{"data":"_-8"}', Everything(data=b"\xff\xef")),
    ('{"counts":{"a":1,"b":"2"}}', Everything(counts={"a": 1, "b": 2})),
    ('{"word":"w"}', Everything(word="w")),
    (nested(90), None),
]
BAD_JSON = [
    "", " ", "null", "true", "1", '"text"', "[]", "[{}]", "{", "}", "{]", '{"text"}', '{"text":}', '{"text":"x",}', "{,}",
    "{'text':'x'}", '{text:"x"}', '{"text":"x"}{}', '{"text":"x"} x', '{"text":"x"}\0', "// no\n{}", '{"number":NaN}',
    '{"number":Infinity}', '{"number":+1}', '{"number":01}', '{"number":.5}', '{"number":1.}', '{"number":0x10}', '{"text":"\n"}',
    '{"text":"\\x"}', '{"text":"\\u12"}', '{"text":"\\ud800"}', '{"text":1}', '{"text":["x"]}', '{"text":{}}',
    '{"children":{}}', '{"children":[null]}', '{"children":[1]}', '{"flag":"true"}', '{"flag":1}', '{"maybe":1.5}',
    '{"maybe":2147483648}', '{"large":"9223372036854775808"}', '{"large":1e400}', '{"large":""}', '{"large":" 1"}',
    '{"number":1e400}', '{"number":-1e400}', '{"index":-1}', '{"index":4294967296}', '{"mood":1.5}', '{"mood":[]}',
    '{"data":"!"}', '{"data":[1]}', '{"counts":[]}', '{"counts":{"a":null}}', '{"word":"w","index":1}', '{"text":"a","text":"b"}',
    '{"time":"yesterday"}', '{"time":1}', '{"span":"1"}', '{"span":"1m"}', '{"counts":{"a":1,"a":2}}',
    nested(101), nested(10_000), '{"a":' * 100_000, "[" * 100_000, '{"unknown":' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"large":' + "9" * 100_000 + "}", '{"number":1e' + "9" * 100_000 + "}", "\ufeff{}", "\u00e4",
]


@both_versions
@pytest.mark.parametrize("text, expected", GOOD_JSON, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_json_that_is_a_message(echo, version, text, expected):
    if expected is None:
        expected = json_format.Parse(text, Everything())
    answer = ask(echo, "POST", path_of("Unary", "helloworld.Echo"), JSON.fields(), text.encode(), version)
    told = JSON.read(answer, Everything)
    assert told.messages == [expected], told
    answer = ask(echo, "POST", path_of("Down", "helloworld.Echo"), STREAM_JSON.fields(), envelope(text), version)
    assert STREAM_JSON.read(answer, Everything).messages == [expected]


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: ascii(text[:40]))
def test_json_that_is_no_message(echo, text):
    answer = ask(echo, "POST", path_of("Unary", "helloworld.Echo"), JSON.fields(), text.encode())
    told = JSON.read(answer, Everything)
    assert (told.code, answer.status, told.message != "") == ("invalid_argument", 400, True)
    for method in ("Down", "Up"):
        answer = ask(echo, "POST", path_of(method, "helloworld.Echo"), STREAM_JSON.fields(), envelope(text))
        assert STREAM_JSON.read(answer, Everything).code == "invalid_argument"


@pytest.mark.parametrize("data", [b'{"text":"\xff"}', b'{"\xc3\x28":1}', b'\xff\xfe{\0}\0', b'{"text":"\xed\xa0\x80"}'])
def test_json_that_is_not_utf8_is_no_message(echo, data):
    answer = ask(echo, "POST", path_of("Unary", "helloworld.Echo"), JSON.fields(), data)
    assert JSON.read(answer, Everything).code == "invalid_argument"


# MARK: Protobuf


def deep(depth):
    data = b""
    for _ in range(depth):
        data = b"\x3a" + varint(len(data)) + data
    return data


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


@both_versions
def test_fields_that_are_unknown_are_passed_over(server, version):
    unknown = ANN.SerializeToString() + b"\xfa\x3f\3abc\xf8\x3f\7\xf5\x3f1234"
    assert UNARY.call(server, "SayHello", [], (), version, unknown).messages[0].message == "Hello Ann"


@pytest.mark.parametrize("data", [b"\xff", b"\n", b"\n\5Ann", b"\n\xff\xff\xff\xff\x0fA", b"\x0f", b"\0\0", b"\n\1\xff",
                                  b"\x3b", b"\x3c", b"\n" + b"\xff" * 10 + b"\1", b"\xff" * 11])
def test_bytes_that_are_no_message(server, data):
    told = UNARY.call(server, "SayHello", [], (), body=data)
    assert (told.code, told.answer.status) == ("invalid_argument", 400)
    assert STREAM.call(server, "SayHelloOften", [], (), body=envelope(data)).code == "invalid_argument"


def test_messages_within_messages_have_a_limit(echo):
    path = path_of("Unary", "helloworld.Echo")
    assert UNARY.read(ask(echo, "POST", path, UNARY.fields(), deep(90)), Everything).code == "ok"
    for depth in (101, 10_000):
        assert UNARY.read(ask(echo, "POST", path, UNARY.fields(), deep(depth)), Everything).code == "invalid_argument"
