"""Connect by hand: the rules of its protocol page (connectrpc.com/docs/protocol) one by one, over HTTP/1.1 and HTTP/2."""

import base64
import gzip
import json
import struct
import zlib
from urllib.parse import quote, urlencode

import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2

from call_faces import ALL, CODES, FACES, STATUSES, ask, envelope, envelopes, greeter, path_of
from call_faces import echo as echoing
from grpc_client import Everything, HelloReply, HelloRequest
from http2_client import Frames, frame
from radicled import chunked

UNARY, JSON = FACES["connect"], FACES["connect_json"]
STREAM, STREAM_JSON = FACES["connect_stream"], FACES["connect_stream_json"]
ANN = HelloRequest(name="Ann")
THREE = HelloRequest(name="Ann", count=3)

both_versions = pytest.mark.parametrize("version", ["1.1", "2"])
both_codecs = pytest.mark.parametrize("face", [UNARY, JSON], ids=["proto", "json"])
both_stream_codecs = pytest.mark.parametrize("face", [STREAM, STREAM_JSON], ids=["proto", "json"])


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


@pytest.fixture(scope="module")
def echo():
    with echoing() as server:
        yield server


def listed(value):
    return [item.strip() for item in value.split(",")]


# MARK: Unary-Request: content types


@both_versions
@pytest.mark.parametrize("type, body", [
    ("application/json", b'{"name":"Ann"}'),
    ("application/json; charset=utf-8", b'{"name":"Ann"}'),
    ("Application/JSON;charset=UTF-8", b'{"name":"Ann"}'),
    ("application/proto", ANN.SerializeToString()),
    ("application/proto;foo=bar", ANN.SerializeToString()),
])
def test_a_codec_that_is_known_is_that_of_the_answer(server, version, type, body):
    answer = ask(server, "POST", path_of("SayHello"), {"content-type": type}, body, version)
    face = JSON if "json" in type.lower() else UNARY
    assert face.read(answer).messages[0].message == "Hello Ann"


@both_versions
@pytest.mark.parametrize("method, type", [
    ("SayHello", type) for type in (
        None, "", "json", "text/plain", "text/json", "application/xml", "application/jso", "application/jsonx", "application/",
        "application/json+proto", "application/protobuf", "application/x-protobuf", "application/connect+proto",
        "application/connect+json", "application/json, application/proto")
] + [
    ("SayHelloOften", type) for type in (
        None, "application/json", "application/proto", "application/connect", "application/connect+", "application/connect+xml",
        "application/connect+jsonx", "application/connect+prot", "application/connect-proto", "text/plain")])
def test_a_codec_that_is_unknown_is_415_with_those_that_are(server, version, method, type):
    fields = {} if type is None else {"content-type": type}
    answer = ask(server, "POST", path_of(method), fields, b"{}", version)
    assert answer.status == 415
    known = listed(answer.header("accept-post"))
    assert set(known) >= ({"application/json", "application/proto"} if method == "SayHello"
                          else {"application/connect+json", "application/connect+proto"})
    assert "application/grpc-web" in known


@both_versions
@pytest.mark.parametrize("method, allowed", [("SayHello", {"POST"}), ("SayHelloOften", {"POST"}), ("LookUp", {"GET", "POST"})])
@pytest.mark.parametrize("asked", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_of_http_are_405(server, version, method, allowed, asked):
    if asked in allowed:
        return
    path = path_of(method) + "?connect=v1&encoding=json&message=%7B%7D"
    answer = ask(server, asked, path, {"content-type": "application/json"}, version=version)
    assert answer.status == 405
    assert set(listed(answer.header("allow"))) - {"HEAD", "OPTIONS"} == allowed


# MARK: Content codings


CODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes, "GZIP": gzip.compress}


@both_versions
@both_codecs
@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_body(server, version, face, coding):
    body = CODINGS[coding](face.request([ANN]))
    told = face.call(server, "SayHello", [], [("content-encoding", coding)], version, body)
    assert told.messages[0].message == "Hello Ann"


@both_versions
@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_an_empty_body_is_never_decompressed(server, version, coding):
    told = UNARY.call(server, "SayHello", [], [("content-encoding", coding)], version, b"")
    assert told.messages[0].message == "Hello "


@both_versions
@both_codecs
@pytest.mark.parametrize("coding", ["br", "zstd", "snappy", "gzip, br", "x" * 200])
def test_an_unknown_coding_is_told_the_known_ones(server, version, face, coding):
    told = face.call(server, "SayHello", [], [("content-encoding", coding)], version, b"\0\1")
    assert (told.code, told.answer.status) == ("unimplemented", 501)
    assert "gzip" in told.message and "deflate" in told.message
    assert {"gzip", "deflate"} <= set(listed(told.answer.header("accept-encoding")))


@both_versions
@both_codecs
@pytest.mark.parametrize("body", [b"plain", gzip.compress(b"\n\3Ann")[:-9], gzip.compress(b"\n\3Ann") + b"more",
                                  b"\x1f\x8b\x08\0"], ids=["plain", "cut", "with more", "a head"])
def test_a_body_that_is_not_what_its_coding_says(server, version, face, body):
    told = face.call(server, "SayHello", [], [("content-encoding", "gzip")], version, body)
    assert (told.code, told.answer.status) == ("invalid_argument", 400)


def test_a_bomb_is_refused(echo):
    bomb = gzip.compress(Everything(data=b"\0" * (64 << 20)).SerializeToString(), 9)
    told = UNARY.read(ask(echo, "POST", path_of("Unary", "helloworld.Echo"), {
        "content-type": "application/proto", "content-encoding": "gzip"}, bomb))
    assert (told.code, told.answer.status) == ("resource_exhausted", 429)


# MARK: Connect-Protocol-Version


@both_versions
@pytest.mark.parametrize("field, good", [(None, True), ("1", True), ("2", False), ("v1", False), ("1.0", False), ("one", False)])
def test_the_version_of_the_protocol(server, version, field, good):
    fields = [("content-type", "application/json")] + ([("connect-protocol-version", field)] if field else [])
    told = JSON.read(ask(server, "POST", path_of("SayHello"), fields, b"{}", version))
    assert (told.code, told.answer.status) == (("ok", 200) if good else ("invalid_argument", 400))
    fields[0] = ("content-type", "application/connect+json")
    told = STREAM_JSON.read(ask(server, "POST", path_of("SayHelloOften"), fields, envelope("{}"), version))
    assert told.code == ("ok" if good else "invalid_argument")


# MARK: Timeout


@both_versions
@pytest.mark.parametrize("timeout, code", [
    ("60000", "ok"), ("9999999999", "ok"), ("0000060000", "ok"), ("0", "deadline_exceeded"),
    ("-1", "invalid_argument"), ("+1", "invalid_argument"), ("1e3", "invalid_argument"), ("1.5", "invalid_argument"),
    ("10s", "invalid_argument"), ("1 0", "invalid_argument"), ("soon", "invalid_argument"), ("0x10", "invalid_argument"),
    ("10000000000", "invalid_argument"), ("9" * 200, "invalid_argument"), ("\u0661", "invalid_argument")])
def test_forms_of_the_timeout(server, version, timeout, code):
    field = ("connect-timeout-ms", timeout.encode().decode("latin-1"))
    told = UNARY.call(server, "SayHello", [ANN], [field], version)
    assert (told.code, told.answer.status) == (code, STATUSES[code])
    assert STREAM.call(server, "SayHelloOften", [ANN], [field], version).code == code
    assert STREAM.call(server, "SayHelloToAll", [ANN], [field], version).code == code


@both_versions
def test_a_timeout_ends_a_call(version):
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 300s }
      LookUp: { template: { message: { message: late } }, delay: 300s }
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
      SayHelloToAll: { template: { message: { message: late } }, delay: 300s }
    """) as server:
        field = [("connect-timeout-ms", "100")]
        told = UNARY.call(server, "SayHello", [ANN], field, version)
        assert (told.code, told.answer.status) == ("deadline_exceeded", 504)
        told = JSON.read(ask(server, "GET", path_of("LookUp") + "?encoding=json&message={}", field, version=version))
        assert (told.code, told.answer.status) == ("deadline_exceeded", 504)
        told = STREAM.call(server, "SayHelloOften", [ANN], field, version)
        assert ([message.message for message in told.messages], told.code) == (["one"], "deadline_exceeded")
        assert STREAM.call(server, "SayHelloToAll", [ANN], field, version).code == "deadline_exceeded"


# MARK: Unary-Get-Request


def got(server, query, version="1.1", fields=(), face=JSON):
    return face.read(ask(server, "GET", f"{path_of('LookUp')}?{query}", fields, version=version))


def url_base64(data, padded=False):
    text = base64.urlsafe_b64encode(data).decode()
    return quote(text) if padded else text.rstrip("=")


# Its base64 has all of `-`, `_` and padding.
ODD = HelloRequest(name="~~?>\u00ff\u07ff>>")


@both_versions
@pytest.mark.parametrize("query", [
    "encoding=json&message=%7B%22name%22%3A%22Ann%22%7D",
    "message=%7B%22name%22%3A%22Ann%22%7D&encoding=json&connect=v1",
    "connect=v1&encoding=json&message=%7B%22name%22:%22Ann%22%7D",
    "connect=v1&base64=1&encoding=json&message=" + url_base64(b'{"name":"Ann"}'),
    "connect=v1&base64=1&encoding=json&message=" + url_base64(b'{"name":"Ann"}', padded=True),
    "connect=v1&base64=1&encoding=json&message=" + url_base64(b'{"name":"Ann"} '),
    # Another value of `base64` counts for nothing.
    "base64=0&encoding=json&message=%7B%22name%22%3A%22Ann%22%7D",
    "base64=&encoding=json&message=%7B%22name%22%3A%22Ann%22%7D",
    "base64=true&encoding=json&message=%7B%22name%22%3A%22Ann%22%7D",
    "encoding=json&compression=identity&message=%7B%22name%22%3A%22Ann%22%7D",
    "encoding=json&compression=&message=%7B%22name%22%3A%22Ann%22%7D",
    "encoding=json&compression=gzip&base64=1&message=" + url_base64(gzip.compress(b'{"name":"Ann"}')),
    "encoding=json&compression=deflate&base64=1&message=" + url_base64(zlib.compress(b'{"name":"Ann"}'), padded=True),
    # Unknown parameters may stand beside them.
    "a=1&encoding=json&b&message=%7B%22name%22%3A%22Ann%22%7D&=c&&utm=x",
    "encoding=json&message=%7b%22name%22%3a%22Ann%22%7d",
    "encoding=json&message=%7B+%22name%22%3A+%22Ann%22%7D",
])
def test_a_get_of_json(server, version, query):
    assert got(server, query, version).messages[0].message == "Hello Ann"


@both_versions
@pytest.mark.parametrize("query", [
    "encoding=proto&base64=1&message=" + url_base64(ODD.SerializeToString()),
    "encoding=proto&base64=1&message=" + url_base64(ODD.SerializeToString(), padded=True),
    "encoding=proto&message=" + quote(ODD.SerializeToString()),
    "encoding=proto&base64=1&compression=gzip&message=" + url_base64(gzip.compress(ODD.SerializeToString())),
    "encoding=json&message=" + quote(json_format.MessageToJson(ODD)),
    "encoding=json&message=" + quote(json_format.MessageToJson(ODD, ensure_ascii=False)),
], ids=["base64", "padded", "percent", "gzip", "json", "json in UTF-8"])
def test_a_get_of_odd_bytes(server, version, query):
    told = got(server, query, version, face=JSON if "json" in query else UNARY)
    assert told.messages[0].message == "Hello " + ODD.name


@both_versions
@pytest.mark.parametrize("query", [
    "encoding=proto&message=", "encoding=proto&base64=1&message=", "message&encoding=proto",
    "encoding=proto&compression=gzip&message=", "encoding=proto&compression=gzip&base64=1&message=",
    "encoding=json&message=%7B%7D"])
def test_a_get_of_an_empty_message(server, version, query):
    assert got(server, query, version, face=JSON if "json" in query else UNARY).messages[0].message == "Hello "


@both_versions
@pytest.mark.parametrize("query, code", [
    ("encoding=json", "invalid_argument"),
    ("encoding=json&message=", "invalid_argument"),
    ("encoding=json&message=%7B", "invalid_argument"),
    ("encoding=json&message=%FF", "invalid_argument"),
    ("encoding=proto&message=%0A%7F", "invalid_argument"),
    ("encoding=json&base64=1&message=%7B%7D", "invalid_argument"),
    ("encoding=json&base64=1&message=e3", "invalid_argument"),
    ("encoding=json&base64=1&message=e", "invalid_argument"),
    ("encoding=json&base64=1&message=e3%3D", "invalid_argument"),
    ("encoding=json&base64=1&message=e3%3D%3D%3D", "invalid_argument"),
    ("encoding=json&base64=1&message=%3D%3D", "invalid_argument"),
    ("encoding=json&base64=1&message=e30*", "invalid_argument"),
    ("encoding=json&connect=v2&message=%7B%7D", "invalid_argument"),
    ("encoding=json&connect=1&message=%7B%7D", "invalid_argument"),
    ("encoding=json&connect=&message=%7B%7D", "invalid_argument"),
    ("encoding=json&compression=br&message=%7B%7D", "unimplemented"),
    ("encoding=json&compression=br&message=", "unimplemented"),
    ("encoding=json&compression=gzip&message=%7B%7D", "invalid_argument"),
    ("encoding=json&compression=gzip&base64=1&message=e30", "invalid_argument"),
])
def test_a_get_that_is_refused(server, version, query, code):
    told = got(server, query, version)
    assert (told.code, told.answer.status) == (code, STATUSES[code])
    if code == "unimplemented":
        assert "gzip" in told.message and "gzip" in told.answer.header("accept-encoding")


@both_versions
@pytest.mark.parametrize("query", ["", "?", "?message=%7B%7D", "?encoding=&message=%7B%7D", "?encoding=xml&message=%7B%7D",
                                   "?encoding=JSON&message=%7B%7D", "?encoding=application/json&message=%7B%7D"])
def test_a_get_of_a_codec_that_is_unknown_is_415(server, version, query):
    assert ask(server, "GET", path_of("LookUp") + query, version=version).status == 415


def test_a_long_message_fits_into_a_query(server):
    name = "x" * 4000
    told = got(server, urlencode({"encoding": "json", "message": json.dumps({"name": name})}))
    assert told.messages[0].message == "Hello " + name


def test_a_method_without_side_effects_is_posted_too(server):
    assert JSON.call(server, "LookUp", [ANN]).messages[0].message == "Hello Ann"


def test_head_is_get_without_the_body(server):
    with server.connect() as wire:
        answer = wire.ask("HEAD", path_of("LookUp") + "?encoding=json&message=%7B%7D")
        assert (answer.status, answer.header("content-type")) == (200, "application/json")


# MARK: Unary-Response


TRAILERS = """
      SayHello:
        cases: [{ when: "request.name == ''", template: { METADATA, error: { code: ABORTED, message: enough } } }]
        template: { METADATA, message: { message: hi } }
      SayHelloOften:
        cases: [{ when: "request.name == ''", template: { METADATA, error: { code: ABORTED, message: enough } } }]
        template: { METADATA, messages: [{ message: hi }] }
"""
LINES = """metadata: { x-one: "1", x-raw-bin: '{{ b"\\x00\\xff" }}' },
            trailers: { x-two: ["2", "zwei"], x-sum-bin: '{{ b"\\xff\\x00\\x01" }}' }"""


@both_versions
@pytest.mark.parametrize("name", ["Ann", ""], ids=["of an answer", "of a failure"])
def test_trailers_are_fields_of_the_head_or_metadata_of_the_ending(version, name):
    with greeter(TRAILERS.replace("METADATA", LINES)) as server:
        for method, face in [
                ("SayHello", UNARY), ("SayHello", JSON), ("SayHelloOften", STREAM), ("SayHelloOften", STREAM_JSON)]:
            told = face.call(server, method, [HelloRequest(name=name)], version=version)
            assert told.code == ("ok" if name else "aborted")
            assert told.answer.header("x-one") == "1" and told.answer.header("x-raw-bin") == "AP8"
            assert told.trailer("x-two") in (["2", "zwei"], ["2, zwei"], ["2,zwei"]), told
            assert told.trailer("x-sum-bin") == ["/wAB"]
            # And nowhere else.
            assert told.answer.header("x-two") is None and told.answer.header("trailer") is None
            assert not told.answer.trailers
            assert bool(told.answer.all("trailer-x-two")) != face.is_stream


@both_versions
@pytest.mark.parametrize("value", ["AP8", "AP8=", "AP8K", "AA==", "AA"])
def test_binary_metadata_comes_with_and_without_padding(version, value):
    with greeter("""
      SayHello: { template: { message: { message: "{{ hex.encode(headers['x-raw-bin']) }}" } } }
    """) as server:
        told = JSON.call(server, "SayHello", [ANN], [("x-raw-bin", value)], version)
        assert told.messages[0].message == base64.b64decode(value + "=" * (-len(value) % 4)).hex()


@both_versions
@both_codecs
def test_an_error_is_json(version, face):
    with greeter("""
      SayHello:
        template:
          error:
            code: UNAVAILABLE
            message: 'no "näme" \\ '
            retry: 30s
            details:
              - google.rpc.BadRequest: { field_violations: [{ field: name, description: "ä" }] }
              - helloworld.HelloReply: { message: hi, mood: GLUM }
              - google.rpc.RequestInfo: {}
              - google.protobuf.Duration: 1.5s
    """) as server:
        answer = ask(server, "POST", path_of("SayHello"), face.fields(), face.request([ANN]), version)
        assert (answer.status, answer.header("content-type")) == (503, "application/json")
        assert answer.header("retry-after") == "30"
        error = json.loads(answer.body)
        assert (error["code"], error["message"]) == ("unavailable", 'no "näme" \\ ')
        told = face.read(answer)
        kinds = {kind.DESCRIPTOR.full_name: kind for kind in (
            error_details_pb2.BadRequest, HelloReply, error_details_pb2.RequestInfo, error_details_pb2.RetryInfo)}
        assert [name for name, _ in told.details] == [
            "google.rpc.BadRequest", "helloworld.HelloReply", "google.rpc.RequestInfo", "google.protobuf.Duration",
            "google.rpc.RetryInfo"]
        for (name, data), shown in zip(told.details, error["details"]):
            if kind := kinds.get(name):
                assert shown["debug"] == json_format.MessageToDict(kind.FromString(data))
        assert error["details"][3]["debug"] == "1.500s"


@both_versions
def test_an_error_without_a_message(version):
    with greeter("""
      SayHello: { template: { error: { code: NOT_FOUND, message: "" } } }
      SayHelloOften: { template: { error: { code: NOT_FOUND, message: "" } } }
    """) as server:
        assert UNARY.call(server, "SayHello", [ANN], version=version).outcome == ("not_found", "", [])
        assert STREAM.call(server, "SayHelloOften", [ANN], version=version).outcome == ("not_found", "", [])


@both_versions
@pytest.mark.parametrize("code", CODES[1:])
def test_the_status_of_http_of_each_code(version, code):
    name = {"canceled": "CANCELLED"}.get(code, code.upper())
    with greeter(f"""
      SayHello: {{ template: {{ error: {{ code: {name}, message: no }} }} }}
      SayHelloOften: {{ template: {{ error: {{ code: {name}, message: no }} }} }}
    """) as server:
        for face in (UNARY, JSON):
            told = face.call(server, "SayHello", [ANN], version=version)
            assert (told.answer.status, told.code, told.message) == (STATUSES[code], code, "no")
        for face in (STREAM, STREAM_JSON):
            assert face.call(server, "SayHelloOften", [ANN], version=version).outcome == (code, "no", [])


# MARK: Streaming-Request


@both_versions
@both_stream_codecs
def test_a_stream_of_each_kind(server, version, face):
    told = face.call(server, "SayHelloOften", [THREE], version=version)
    assert [message.message for message in told.messages] == ["Ann 0", "Ann 1", "Ann 2"]
    assert envelopes(told.answer.body)[-1] == (2, b"{}")
    told = face.call(server, "SayHelloToAll", [ANN, THREE], version=version)
    assert [message.message for message in told.messages] == ["Ann, Ann"]
    assert face.call(server, "SayHelloToAll", [], version=version).messages[0].length == 0
    if version == "2":
        told = face.call(server, "Chat", [ANN, THREE], version=version)
        assert [message.message for message in told.messages] == ["Hello Ann", "Hello Ann", "bye"]


@both_versions
@pytest.mark.parametrize("type", ["application/connect+json; charset=utf-8", "Application/Connect+JSON"])
def test_a_stream_whose_type_is_written_otherwise(server, version, type):
    answer = ask(server, "POST", path_of("SayHelloOften"), {"content-type": type}, envelope("{}"), version)
    assert STREAM_JSON.read(answer).code == "ok"


@both_versions
def test_bytes_of_a_stream_may_come_one_by_one(server, version):
    body = STREAM.request([ANN, THREE])
    pieces = [body[at:at + 1] for at in range(len(body))]
    if version == "1.1":
        with server.connect() as wire:
            fields = {"content-type": STREAM.type, "Transfer-Encoding": "chunked"}
            answer = wire.ask("POST", path_of("SayHelloToAll"), fields, chunked(*pieces))
    else:
        with Frames(server) as wire:
            wire.ask(1, "POST", path_of("SayHelloToAll"), [("content-type", STREAM.type)], ends=False)
            wire.send(*(frame(0, 0, 1, piece) for piece in pieces), frame(0, 1, 1, b""))
            answer = wire.answer(1)
    assert STREAM.read(answer).messages[0].message == "Ann, Ann"


def test_both_sides_need_http2(server):
    for face in (STREAM, STREAM_JSON):
        answer = ask(server, "POST", path_of("Chat"), face.fields(), face.request([ANN]))
        assert (answer.status, answer.header("content-type"), answer.json()["code"]) == (505, "application/json", "unimplemented")


GZIP = [("connect-content-encoding", "gzip")]
BAD_ENVELOPES = [
    ("the flag of an ending", [], envelope(ANN, 2), "invalid_argument"),
    ("a compressed ending", GZIP, envelope(gzip.compress(b"{}"), 3), "invalid_argument"),
    ("the flag of gRPC-Web", [], envelope(ANN, 0x80), "invalid_argument"),
    ("an unknown flag", [], envelope(ANN, 4), "invalid_argument"),
    ("all flags", [], envelope(ANN, 0xFF), "invalid_argument"),
    ("a cut prefix", [], b"\0\0\0", "invalid_argument"),
    ("a cut message", [], envelope(ANN)[:-1], "invalid_argument"),
    ("a prefix alone", [], b"\0\0\0\0\5", "invalid_argument"),
    ("5 MiB", [], struct.pack("!BI", 0, 5 << 20), "resource_exhausted"),
    ("4 GiB", [], b"\0\xff\xff\xff\xff", "resource_exhausted"),
    ("no message of the type", [], envelope(b"\n\x7f"), "invalid_argument"),
    ("not UTF-8", [], envelope(b"\n\1\xff"), "invalid_argument"),
    ("the flag without a coding", [], envelope(ANN, 1), "internal"),
    ("the flag with identity", [("connect-content-encoding", "identity")], envelope(ANN, 1), "internal"),
    ("not gzip", GZIP, envelope(ANN, 1), "invalid_argument"),
    ("half of gzip", GZIP, envelope(gzip.compress(ANN.SerializeToString())[:-5], 1), "invalid_argument"),
    ("an unknown coding", [("connect-content-encoding", "br")], envelope(ANN), "unimplemented"),
]


@both_versions
@pytest.mark.parametrize("fields, body, code", [case[1:] for case in BAD_ENVELOPES], ids=[case[0] for case in BAD_ENVELOPES])
def test_a_broken_stream_has_its_code_and_status_200(server, version, fields, body, code):
    for method in ("SayHelloOften", "SayHelloToAll"):
        told = STREAM.call(server, method, [], fields, version, body)
        assert told.code == code, (method, told)
        if code == "unimplemented":
            assert "gzip" in told.message and "gzip" in told.answer.header("connect-accept-encoding")
    if version == "2":
        assert STREAM.call(server, "Chat", [], fields, version, body).code == code


@both_versions
def test_an_ending_is_not_a_clients(server, version):
    body = envelope(ANN) + envelope("{}", 2)
    assert STREAM.call(server, "SayHelloToAll", [], (), version, body).code == "invalid_argument"
    assert STREAM.call(server, "SayHelloOften", [], (), version, body).code in ("invalid_argument", "unimplemented")


@both_versions
@both_stream_codecs
def test_a_method_that_takes_one_message_takes_just_that(server, version, face):
    assert face.call(server, "SayHelloOften", [], version=version).code == "unimplemented"
    assert face.call(server, "SayHelloOften", [ANN, ANN], version=version).code == "unimplemented"


@both_versions
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@both_stream_codecs
def test_compressed_and_plain_messages_of_one_stream(server, version, face, coding):
    plain = envelopes(face.request([ANN]))[0][1]
    body = envelope(CODINGS[coding](plain), 1) + envelope(plain)
    if face is STREAM:
        # What is empty is not decompressed.
        body += envelope(b"", 1)
    told = face.call(server, "SayHelloToAll", [], [("connect-content-encoding", coding)], version, body)
    assert told.messages[0].message == ("Ann, Ann, " if face is STREAM else "Ann, Ann")


@both_versions
@pytest.mark.parametrize("accepted, coded", [
    (None, None), ("gzip", True), ("br, gzip", True), ("gzip;q=1", None), ("identity", False), ("br", False), ("", None)])
def test_messages_are_compressed_for_whom_that_takes(echo, version, accepted, coded):
    fields = GZIP + ([] if accepted is None else [("connect-accept-encoding", accepted)])
    large = Everything(text="x" * 20_000).SerializeToString()
    body = envelope(gzip.compress(large), 1)
    answer = ask(echo, "POST", path_of("Down", "helloworld.Echo"), STREAM.fields(fields), body, version)
    assert answer.status == 200
    (flags, data), ending = envelopes(answer.body)
    assert ending == (2, b"{}")
    if flags:
        assert answer.header("connect-content-encoding") == "gzip"
        data = gzip.decompress(data)
    assert data == large
    assert coded is None or bool(flags) == coded


@pytest.mark.parametrize("size", [30_000, 200_000])
@pytest.mark.parametrize("name", ["connect_stream", "connect_stream_json", "grpc_web", "grpc_web_text", "grpc"])
def test_the_end_is_told_behind_a_large_message(echo, name, size):
    """The client has ended while the answer still had to wait for the one before."""
    face, sent = FACES[name], Everything(text="x" * size)
    body = face.request([sent])
    with Frames(echo, settings={4: 1 << 24}) as wire:
        wire.send(frame(8, 0, 0, (1 << 24).to_bytes(4, "big")))
        wire.ask(1, "POST", path_of("Both", "helloworld.Echo"), face.fields(), ends=False)
        for at in range(0, len(body), 16_384):
            wire.send(frame(0, 0, 1, body[at:at + 16_384]))
        wire.send(frame(0, 1, 1, b""))
        told = face.read(wire.answer(1), Everything)
    assert (told.code, told.messages) == ("ok", [sent])


# MARK: Procedures


@both_versions
@pytest.mark.parametrize("path", [
    "/helloworld.Greeter/Nothing", "/helloworld.Nobody/SayHello", "/SayHello", "/helloworld.greeter/sayhello"])
def test_an_unknown_procedure(server, version, path):
    answer = ask(server, "POST", path, JSON.fields(), b"{}", version)
    # Clients take 404 for `unimplemented`.
    assert answer.status in (404, 501)
    if answer.header("content-type") == "application/json":
        assert JSON.read(answer).code == "unimplemented"
    answer = ask(server, "POST", path, STREAM.fields(), envelope(ANN), version)
    assert answer.status == 404 or STREAM.read(answer).code == "unimplemented"


@both_versions
def test_a_method_of_the_proto_that_the_manifest_leaves_out(version):
    with greeter("\n      SayHello: { template: { message: {} } }\n") as server:
        told = UNARY.call(server, "LookUp", [ANN], version=version)
        assert (told.code, told.answer.status) == ("unimplemented", 501)
        assert told.message == "the method helloworld.Greeter/LookUp is not implemented"
        assert STREAM.call(server, "SayHelloToAll", [ANN], version=version).code == "unimplemented"
        told = JSON.read(ask(server, "GET", path_of("LookUp") + "?encoding=json&message={}", version=version))
        assert told.code == "unimplemented"


# MARK: The connection


def test_the_connection_goes_on_after_every_refusal(server):
    good = f"POST {path_of('SayHello')} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    with server.connect() as wire:
        for method, fields, body in [
            ("SayHello", {"content-type": "application/xml"}, b"<a/>"),
            ("SayHello", {"content-type": "application/json"}, b"["),
            ("SayHello", {"content-type": "application/json", "content-encoding": "br"}, b"xx"),
            ("SayHello", {"content-type": "application/json", "connect-timeout-ms": "soon"}, b"{}"),
            ("SayHelloOften", {"content-type": "application/connect+json"}, envelope("[")),
            ("SayHelloOften", {"content-type": "application/connect+json"}, envelope("{}", 9)),
            ("SayHelloToAll", {"content-type": "application/connect+json"}, envelope("{}") + envelope("[")),
            ("Nothing", {"content-type": "application/connect+json"}, envelope("{}")),
        ]:
            answer = wire.ask("POST", path_of(method), fields, body)
            assert answer.header("connection") != "close", answer
            wire.send(good)
            assert wire.read_response().status == 200
