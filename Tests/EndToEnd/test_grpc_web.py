"""gRPC-Web by hand (PROTOCOL-WEB.md), binary and text, over HTTP/1.1 and HTTP/2. Its own clients live in pages: see
test_browser_calls.py, and test_connect.py for one that does not.
"""

import base64
import gzip
import itertools
import struct
import zlib

import pytest
from google.rpc import error_details_pb2

from call_faces import ALL, FACES, ask, envelope, envelopes, greeter, path_of, undone
from call_faces import echo as echoing
from grpc_client import Everything, HelloRequest
from http2_client import CANCEL, Frames, frame
from radicled import chunked, serve

BINARY, TEXT = FACES["grpc_web"], FACES["grpc_web_text"]
ANN = HelloRequest(name="Ann")
THREE = HelloRequest(name="Ann", count=3)
TYPES = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text", "application/grpc-web-text+proto"]

both_versions = pytest.mark.parametrize("version", ["1.1", "2"])
both_forms = pytest.mark.parametrize("face", [BINARY, TEXT], ids=["binary", "text"])


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


@pytest.fixture(scope="module")
def echo():
    with echoing() as server:
        yield server


def names(told):
    return [message.message for message in told.messages]


# MARK: Calls


@both_versions
@both_forms
def test_each_kind_of_method(server, version, face):
    assert names(face.call(server, "SayHello", [ANN], version=version)) == ["Hello Ann"]
    assert names(face.call(server, "SayHelloOften", [THREE], version=version)) == ["Ann 0", "Ann 1", "Ann 2"]
    assert names(face.call(server, "SayHelloToAll", [ANN, THREE], version=version)) == ["Ann, Ann"]
    if version == "2":
        assert names(face.call(server, "Chat", [ANN, THREE], version=version)) == ["Hello Ann", "Hello Ann", "bye"]


@both_forms
def test_both_sides_need_http2(server, face):
    told = face.call(server, "Chat", [ANN], version="1.1")
    assert told.code == "unimplemented" and "HTTP/2" in told.message


@both_versions
@both_forms
def test_a_stream_may_be_empty(server, version, face):
    told = face.call(server, "SayHelloOften", [HelloRequest()], version=version)
    assert (told.code, told.messages) == ("ok", [])
    assert face.call(server, "SayHelloToAll", [], version=version).messages[0].length == 0


@both_versions
@pytest.mark.parametrize("type", TYPES + ["Application/Grpc-Web", "application/grpc-web; charset=utf-8"])
def test_the_type_of_the_answer_is_that_of_the_request(server, version, type):
    body = envelope(ANN)
    body = base64.b64encode(body) if "text" in type else body
    answer = ask(server, "POST", path_of("SayHello"), {"content-type": type}, body, version)
    assert (answer.status, answer.header("content-type")) == (200, type.lower().partition(";")[0])
    assert envelopes(undone(answer.body) if "text" in type else answer.body)[-1] == (0x80, b"grpc-status: 0\r\n")


@both_versions
@pytest.mark.parametrize("type", ["application/grpc-webs", "application/grpc-web+json", "application/grpc-web-text+thrift",
                                  "application/grpc-web-", "application/grpc-w"])
def test_another_codec_is_415(server, version, type):
    answer = ask(server, "POST", path_of("SayHello"), {"content-type": type}, envelope(ANN), version)
    assert answer.status == 415 and "application/grpc-web" in answer.header("accept-post")


@both_versions
def test_a_page_may_want_text_for_its_bytes(server, version):
    """Where it cannot read bytes (PROTOCOL-WEB.md, "Text-encoded streams")."""
    fields = BINARY.fields([("accept", "application/grpc-web-text")])
    answer = ask(server, "POST", path_of("SayHello"), fields, envelope(ANN), version)
    assert answer.header("content-type").startswith("application/grpc-web-text")
    assert envelopes(undone(answer.body))[-1] == (0x80, b"grpc-status: 0\r\n")


@both_versions
@both_forms
def test_an_echo_of_a_large_message(echo, version, face):
    sent = Everything(data=bytes(range(256)) * 100, children=[Everything(text="x")] * 100)
    path = path_of("Unary", "helloworld.Echo")
    assert face.read(ask(echo, "POST", path, face.fields(), face.request([sent]), version), Everything).messages == [sent]
    path = path_of("Down", "helloworld.Echo")
    assert face.read(ask(echo, "POST", path, face.fields(), face.request([sent]), version), Everything).messages == [sent]


def test_messages_of_several_megabytes(echo):
    for face in (BINARY, TEXT):
        for method in ("Unary", "Down", "Up"):
            sent = Everything(data=bytes(range(256)) * (15 << 10))
            path = path_of(method, "helloworld.Echo")
            assert face.read(ask(echo, "POST", path, face.fields(), face.request([sent])), Everything).messages == [sent]
            over = face.request([Everything(data=b"x" * (4 << 20))])
            assert face.read(ask(echo, "POST", path, face.fields(), over), Everything).code == "resource_exhausted"


# MARK: Metadata, failures


@both_versions
@both_forms
@pytest.mark.parametrize("method", ["SayHello", "SayHelloOften"])
def test_metadata_and_trailers(version, face, method):
    with greeter("""
      SayHello:
        template:
          metadata: { x-greeting: "to {{ request.name }}", x-raw-bin: "{{ headers['x-in-bin'] }}" }
          trailers: { x-count: "{{ call.count }}", x-sum-bin: "{{ headers['x-in-bin'] }}", x-two: [a, b] }
          message: { message: hi }
      SayHelloOften:
        template:
          metadata: { x-greeting: "to {{ request.name }}", x-raw-bin: "{{ headers['x-in-bin'] }}" }
          trailers: { x-count: "{{ call.count }}", x-sum-bin: "{{ headers['x-in-bin'] }}", x-two: [a, b] }
          messages: [{ message: hi }]
    """) as server:
        told = face.call(server, method, [ANN], [("x-in-bin", "AP8=")], version)
        assert told.answer.header("x-greeting") == "to Ann" and told.answer.header("x-raw-bin").rstrip("=") == "AP8"
        assert told.trailer("x-count") == ["1"] and told.trailer("x-sum-bin")[0].rstrip("=") == "AP8"
        assert told.trailer("x-two") in (["a", "b"], ["a, b"], ["a,b"])
        # A trailer is in the body alone.
        assert told.answer.header("x-count") is None and told.answer.header("trailer") is None


@both_versions
@both_forms
def test_a_failure_with_details(version, face):
    error = """error: { code: INVALID_ARGUMENT, message: "no näme: 100 %\\r\\n", retry: 2s,
          details: [{ google.rpc.BadRequest: { field_violations: [{ field: name, description: "ä" }] } }] }"""
    with greeter(f"""
      SayHello: {{ template: {{ {error} }} }}
      SayHelloOften: {{ template: {{ messages: [{{ message: one }}], {error} }} }}
      SayHelloToAll: {{ template: {{ {error} }} }}
    """) as server:
        for method in ("SayHello", "SayHelloOften", "SayHelloToAll"):
            told = face.call(server, method, [ANN], version=version)
            assert (told.code, told.message) == ("invalid_argument", "no näme: 100 %\r\n")
            assert names(told) == (["one"] if method == "SayHelloOften" else [])
            (first, bad), (second, info) = told.details
            assert (first, second) == ("google.rpc.BadRequest", "google.rpc.RetryInfo")
            assert error_details_pb2.BadRequest.FromString(bad).field_violations[0].description == "ä"
            assert error_details_pb2.RetryInfo.FromString(info).retry_delay.seconds == 2
            assert told.trailer("grpc-retry-pushback-ms") == ["2000"]


@both_versions
@both_forms
@pytest.mark.parametrize("path, message", [
    ("/helloworld.Greeter/Nothing", "unknown method Nothing for service helloworld.Greeter"),
    ("/helloworld.Nobody/SayHello", "unknown service helloworld.Nobody"),
    ("/nothing", None), ("/", None), ("/a/b/c", None)])
def test_an_unknown_method(server, version, face, path, message):
    told = face.read(ask(server, "POST", path, face.fields(), face.request([ANN]), version))
    assert told.code == "unimplemented"
    assert message is None or told.message == message


@both_versions
@both_forms
def test_a_method_that_the_manifest_leaves_out(version, face):
    with greeter("\n      SayHello: { template: { message: {} } }\n") as server:
        told = face.call(server, "LookUp", [ANN], version=version)
        assert told.outcome == ("unimplemented", "the method helloworld.Greeter/LookUp is not implemented", [])


# MARK: Timeouts


@both_versions
@pytest.mark.parametrize("timeout, code", [
    ("1H", "ok"), ("60S", "ok"), ("99999999n", "ok"), ("0S", "deadline_exceeded"), ("soon", "internal"), ("1", "internal"),
    ("S", "internal"), ("123456789S", "internal"), ("-1S", "internal"), ("1 S", "internal"), ("1s", "internal")])
def test_forms_of_the_timeout(server, version, timeout, code):
    assert BINARY.call(server, "SayHello", [ANN], [("grpc-timeout", timeout)], version).code == code
    assert BINARY.call(server, "SayHelloOften", [ANN], [("grpc-timeout", timeout)], version).code == code


@both_versions
@both_forms
def test_a_timeout_ends_a_call(version, face):
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 300s }
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
    """) as server:
        field = [("grpc-timeout", "100m")]
        assert face.call(server, "SayHello", [ANN], field, version).code == "deadline_exceeded"
        told = face.call(server, "SayHelloOften", [ANN], field, version)
        assert (names(told), told.code) == (["one"], "deadline_exceeded")


@both_forms
def test_messages_come_when_they_are_made(face):
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
    """) as server, Frames(server) as wire:
        wire.ask(1, "POST", path_of("SayHelloOften"), face.fields(), body=face.request([ANN]))
        size = len(face.request([HelloRequest(name="one")]))
        wire.until(lambda: len(wire.stream(1).body) >= size, "the first message")
        body = wire.stream(1).body
        assert envelopes(undone(body) if face is TEXT else body) == [(0, b"\n\3one")]
        wire.send(frame(3, 0, 1, struct.pack("!I", CANCEL)))
        assert server.access(1)[0]["rpc.status_code"] == "CANCELLED"


# MARK: Text


def padded(*pieces):
    return b"".join(base64.b64encode(piece) for piece in pieces)


def split(data, *sizes):
    """The data in pieces of these sizes, again and again."""
    pieces, at = [], 0
    for size in itertools.cycle(sizes):
        if at >= len(data):
            return pieces
        pieces.append(data[at:at + size])
        at += size


BODY = envelope(ANN)


@both_versions
@pytest.mark.parametrize("sizes", [(1,), (2,), (3,), (4,), (5,), (1, 2, 4), (7, 1)], ids=str)
def test_text_may_be_padded_anywhere(server, version, sizes):
    assert names(TEXT.call(server, "SayHello", [], (), version, padded(*split(BODY, *sizes)))) == ["Hello Ann"]
    body = padded(*split(BODY + envelope(THREE), *sizes))
    assert names(TEXT.call(server, "SayHelloToAll", [], (), version, body)) == ["Ann, Ann"]


@both_versions
@pytest.mark.parametrize("sizes", [(1,), (2,), (3,), (5,), (1, 2, 4)], ids=str)
@pytest.mark.parametrize("pads", [(100,), (1,), (2,), (4, 3)], ids=str)
def test_text_may_be_split_anywhere(server, version, sizes, pads):
    """Neither groups of base64 nor messages end where pieces do."""
    pieces = split(padded(*split(BODY + envelope(THREE), *pads)), *sizes)
    if version == "1.1":
        with server.connect() as wire:
            wire.send(f"POST {path_of('SayHelloToAll')} HTTP/1.1\r\nHost: x\r\nContent-Type: {TEXT.type}\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n")
            answer = wire.send(chunked(*pieces)).read_response()
    else:
        with Frames(server) as wire:
            wire.ask(1, "POST", path_of("SayHelloToAll"), TEXT.fields(), ends=False)
            wire.send(*(frame(0, 0, 1, piece) for piece in pieces), frame(0, 1, 1, b""))
            answer = wire.answer(1)
    assert names(TEXT.read(answer)) == ["Ann, Ann"]


def test_each_piece_of_text_is_read_when_it_comes(server):
    """A message whose last digits are there is answered, though the next has begun within the same group."""
    with Frames(server) as wire:
        wire.ask(1, "POST", path_of("Chat"), TEXT.fields(), ends=False)
        text = base64.b64encode(envelope(ANN) + envelope(THREE))
        for at in range(len(text)):
            wire.send(frame(0, 0, 1, text[at:at + 1]))
        # The first message needs sixteen digits of the text at most.
        wire.until(lambda: wire.stream(1).body, "the first answer")
        wire.send(frame(0, 1, 1, b""))
        assert names(TEXT.read(wire.answer(1))) == ["Hello Ann", "Hello Ann", "bye"]


GOOD_TEXT = base64.b64encode(BODY)
BAD_TEXT = [
    BODY, b"====", b"=AAA", b"A===", b"A=AA", b"AA=A", b"AAA" + GOOD_TEXT, GOOD_TEXT[:-1], GOOD_TEXT[:-2], GOOD_TEXT[:-3],
    GOOD_TEXT + b"=", GOOD_TEXT + b"A", GOOD_TEXT + b"AA", GOOD_TEXT + b"!", b"\0" + GOOD_TEXT, b"AAAA_-8=", b"AAAA AAA",
    GOOD_TEXT[:5] + b"*" + GOOD_TEXT[6:], b"\xff\xff\xff\xff",
]


@both_versions
@pytest.mark.parametrize("body", BAD_TEXT, ids=ascii)
def test_text_that_is_not_base64(server, version, body):
    assert TEXT.call(server, "SayHello", [], (), version, body).code == "internal"
    assert TEXT.call(server, "SayHelloToAll", [], (), version, body).code == "internal"
    if version == "2":
        assert TEXT.call(server, "Chat", [], (), version, body).code == "internal"


# MARK: Envelopes


BAD_ENVELOPES = [
    ("none", [], b"", "unimplemented"),
    ("two", [], BODY + BODY, "unimplemented"),
    ("a cut prefix", [], b"\0\0\0", "internal"),
    ("a cut message", [], BODY[:-1], "internal"),
    ("cut behind one", [], BODY + b"\0\0", ("internal", "unimplemented")),
    ("flags", [], envelope(ANN, 2), "internal"),
    ("trailers of a client", [], envelope(b"a: b\r\n", 0x80), "internal"),
    ("compressed trailers", [], envelope(b"a: b\r\n", 0x81), "internal"),
    ("no encoding", [], envelope(ANN, 1), "internal"),
    ("not gzip", [("grpc-encoding", "gzip")], envelope(ANN, 1), "internal"),
    ("unknown encoding", [("grpc-encoding", "snappy")], envelope(ANN, 1), "unimplemented"),
    ("5 MiB", [], struct.pack("!BI", 0, 5 << 20), "resource_exhausted"),
    ("4 GiB", [], b"\0\xff\xff\xff\xff", "resource_exhausted"),
    ("a cut field", [], envelope(b"\n\x7f"), "internal"),
    ("not UTF-8", [], envelope(b"\n\1\xff"), "internal"),
]


@both_versions
@both_forms
@pytest.mark.parametrize("fields, body, code", [case[1:] for case in BAD_ENVELOPES], ids=[case[0] for case in BAD_ENVELOPES])
def test_broken_messages_have_their_codes(server, version, face, fields, body, code):
    coded = base64.b64encode(body) if face is TEXT else body
    codes = (code,) if isinstance(code, str) else code
    for method in ("SayHello", "SayHelloOften"):
        told = face.call(server, method, [], fields, version, coded)
        assert told.code in codes, (method, told)
    if code == "unimplemented" and fields:
        assert "gzip" in (told.answer.header("grpc-accept-encoding") or told.trailer("grpc-accept-encoding")[0])


@both_versions
@both_forms
@pytest.mark.parametrize("coding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_messages(echo, version, face, coding, compress):
    sent = Everything(text=" ".join(map(str, range(2000))))
    body = envelope(compress(sent.SerializeToString()), 1)
    body = base64.b64encode(body) if face is TEXT else body
    fields = face.fields([("grpc-encoding", coding), ("grpc-accept-encoding", "gzip")])
    for method in ("Unary", "Down", "Up"):
        answer = ask(echo, "POST", path_of(method, "helloworld.Echo"), fields, body, version)
        assert answer.header("content-type") == face.type
        (flags, data), ending = envelopes(face.body_of(answer))
        if flags:
            assert answer.header("grpc-encoding") == "gzip"
            data = gzip.decompress(data)
        assert Everything.FromString(data) == sent and ending[0] == 0x80
        assert bool(flags) == (coding == "gzip")


@both_versions
@both_forms
def test_a_body_may_be_compressed_as_a_whole(server, version, face):
    """The form that the protocol expects (PROTOCOL-WEB.md, "Compression")."""
    told = face.call(server, "SayHello", [], [("content-encoding", "gzip")], version, gzip.compress(face.request([ANN])))
    assert names(told) == ["Hello Ann"]


# MARK: Pages of other origins


APP = "https://app.example.com"
ASKED = "content-type,x-grpc-web,x-user-agent,grpc-timeout"


def listed(value):
    return {item.strip().lower() for item in (value or "").split(",") if item.strip()}


@pytest.fixture(scope="module")
def shared():
    with greeter(ALL, f"middleware: {{ cors: {APP} }}\n") as server:
        yield server


@both_versions
@pytest.mark.parametrize("method, allowed", [
    ("SayHello", {"post"}), ("SayHelloOften", {"post"}), ("LookUp", {"get", "head", "post"})])
def test_a_preflight_of_a_method(shared, version, method, allowed):
    answer = ask(shared, "OPTIONS", path_of(method), [
        ("origin", APP), ("access-control-request-method", "POST"), ("access-control-request-headers", ASKED)], version=version)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == APP
    assert listed(answer.header("access-control-allow-methods")) == allowed
    assert listed(answer.header("access-control-allow-headers")) >= listed(ASKED)


@both_versions
@pytest.mark.parametrize("name", ["grpc_web", "grpc_web_text", "connect", "connect_json", "connect_stream"])
def test_a_page_may_read_what_became_of_its_call(shared, version, name):
    face = FACES[name]
    method = "SayHelloOften" if name == "connect_stream" else "SayHello"
    for headers, code in [((), "ok"), ([("grpc-timeout", "soon"), ("connect-timeout-ms", "soon")], face.malformed)]:
        told = face.call(shared, method, [ANN], [("origin", APP), *headers], version)
        assert told.code == code
        assert told.answer.header("access-control-allow-origin") == APP
        assert listed(told.answer.header("access-control-expose-headers")) >= {
            "x-request-id", "grpc-status", "grpc-message", "grpc-status-details-bin"}
        # Another origin's page may not.
        told = face.call(shared, method, [ANN], [("origin", "https://other.example"), *headers], version)
        assert told.answer.header("access-control-allow-origin") is None


@both_versions
def test_refusals_of_calls_may_be_read_too(shared, version):
    answer = ask(shared, "POST", path_of("SayHello"), [("content-type", "application/xml"), ("origin", APP)], b"<a/>", version)
    assert (answer.status, answer.header("access-control-allow-origin")) == (415, APP)
    answer = ask(shared, "POST", path_of("Nothing"), BINARY.fields([("origin", APP)]), BODY, version)
    assert BINARY.read(answer).code == "unimplemented"
    assert answer.header("access-control-allow-origin") == APP


@both_versions
def test_a_page_of_http_is_told_no_more_than_before(version):
    with serve("""
        middleware: { cors: https://app.example.com }
        services: { web: { routes: { GET /a: { template: hi } } } }
    """) as server:
        answer = ask(server, "GET", "/a", [("origin", APP)], version=version)
        assert answer.header("access-control-expose-headers") == "x-request-id"


# MARK: The connection


def test_the_connection_goes_on_after_every_refusal(server):
    with server.connect() as wire:
        for method, face, fields, body in [
            ("SayHello", BINARY, [], b""), ("SayHello", BINARY, [], b"\0\0"),
            ("SayHello", BINARY, [("grpc-timeout", "soon")], BODY),
            ("SayHelloToAll", BINARY, [], BODY + b"\7"), ("SayHelloToAll", TEXT, [], b"A=A="), ("Nothing", TEXT, [], GOOD_TEXT),
            ("SayHelloOften", TEXT, [("grpc-encoding", "br")], GOOD_TEXT), ("Chat", BINARY, [], BODY),
        ]:
            answer = wire.ask("POST", path_of(method), face.fields(fields), body)
            assert answer.header("connection") != "close", (method, answer)
            answer = wire.ask("POST", path_of("SayHello"), BINARY.fields(), BODY)
            assert names(BINARY.read(answer)) == ["Hello Ann"]
