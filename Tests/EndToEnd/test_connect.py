"""Connect: what connectrpc's own client for Python gets from a manifest's methods, over HTTP/1.1 and HTTP/2.

It speaks gRPC and gRPC-Web too, so some of its calls are made by all three.
"""

import asyncio
import json
import threading

import pytest
from connectrpc.client import ConnectClient, ConnectClientSync, ResponseMetadata
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf import message_factory
from google.rpc import error_details_pb2
from pyqwest import Client, HTTPTransport, HTTPVersion, SyncClient, SyncHTTPTransport

from call_faces import ALL, CODES, HELLO, STATUSES, greeter
from call_faces import echo as echoing
from grpc_client import POOL, Everything, HelloRequest
from radicled import PATIENCE

VERSIONS = {"1.1": HTTPVersion.HTTP1, "2": HTTPVersion.HTTP2}
CODECS = {"proto": google_protobuf_binary_codec(), "json": google_protobuf_json_codec()}
STREAMS = {(False, False): StreamType.UNARY, (False, True): StreamType.SERVER_STREAM,
           (True, False): StreamType.CLIENT_STREAM, (True, True): StreamType.BIDI_STREAM}


def described(method, service="Greeter"):
    found = POOL.FindServiceByName(f"helloworld.{service}").FindMethodByName(method)
    level = IdempotencyLevel.NO_SIDE_EFFECTS if found.GetOptions().idempotency_level == 1 else IdempotencyLevel.UNKNOWN
    return MethodInfo(
        name=method, service_name=f"helloworld.{service}", input=message_factory.GetMessageClass(found.input_type),
        output=message_factory.GetMessageClass(found.output_type), idempotency_level=level,
        stream_type=STREAMS[found.client_streaming, found.server_streaming])


def client(server, version="1.1", codec="proto", protocol=ProtocolType.CONNECT, **options):
    # By itself it compresses everything.
    options.setdefault("send_compression", None)
    return ConnectClientSync(
        server.url, codec=CODECS[codec], protocol=protocol,
        http_client=SyncClient(SyncHTTPTransport(http_version=VERSIONS[version])),
        timeout_ms=options.pop("timeout_ms", int(PATIENCE * 1000)), **options)


def call(to, method, request, service="Greeter", **options):
    """What a method answers: a message, or a list of them."""
    info = described(method, service)
    ask = {StreamType.UNARY: to.execute_unary, StreamType.SERVER_STREAM: to.execute_server_stream,
           StreamType.CLIENT_STREAM: to.execute_client_stream, StreamType.BIDI_STREAM: to.execute_bidi_stream}
    answer = ask[info.stream_type](request=request, method=info, **options)
    return list(answer) if info.stream_type in (StreamType.SERVER_STREAM, StreamType.BIDI_STREAM) else answer


def failure(ask):
    with pytest.raises(ConnectError) as raised:
        ask()
    return raised.value


def details(error):
    return {detail.type_name: detail.message_bytes for detail in error.details}


def name(value):
    return value if isinstance(value, str) else value.name.lower()


both_versions = pytest.mark.parametrize("version", VERSIONS)
both_codecs = pytest.mark.parametrize("codec", CODECS)
# A client of gRPC needs HTTP/2, and JSON is Connect's alone.
PROTOCOLS = [
    ("1.1", ProtocolType.CONNECT), ("2", ProtocolType.CONNECT), ("1.1", ProtocolType.GRPC_WEB), ("2", ProtocolType.GRPC_WEB),
    ("2", ProtocolType.GRPC)]
each_protocol = pytest.mark.parametrize("version, protocol", PROTOCOLS, ids=name)
each_form = pytest.mark.parametrize("version, protocol, codec", [
    *[(*pair, "proto") for pair in PROTOCOLS], ("1.1", ProtocolType.CONNECT, "json"), ("2", ProtocolType.CONNECT, "json")],
    ids=name)


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


# MARK: The four kinds


@each_form
def test_a_call_is_answered(server, version, protocol, codec):
    assert call(client(server, version, codec, protocol), "SayHello", HelloRequest(name="Änn")).message == "Hello Änn"


@each_form
def test_a_server_streams(server, version, protocol, codec):
    answers = call(client(server, version, codec, protocol), "SayHelloOften", HelloRequest(name="Ann", count=3))
    assert [answer.message for answer in answers] == ["Ann 0", "Ann 1", "Ann 2"]
    assert call(client(server, version, codec, protocol), "SayHelloOften", HelloRequest()) == []


@each_form
def test_a_client_streams(server, version, protocol, codec):
    to = client(server, version, codec, protocol)
    answer = call(to, "SayHelloToAll", iter([HelloRequest(name="Ann"), HelloRequest(name="Bob")]))
    assert (answer.message, answer.length) == ("Ann, Bob", 2)
    assert call(to, "SayHelloToAll", iter([])).length == 0


@pytest.mark.parametrize("protocol, codec", [
    (ProtocolType.CONNECT, "proto"), (ProtocolType.CONNECT, "json"), (ProtocolType.GRPC, "proto")], ids=name)
def test_both_stream_over_http2(server, protocol, codec):
    requests = iter([HelloRequest(name="Ann"), HelloRequest(name="Bob")])
    answers = call(client(server, "2", codec, protocol), "Chat", requests)
    assert [answer.message for answer in answers] == ["Hello Ann", "Hello Bob", "bye"]


def test_both_streams_need_http2(server):
    error = failure(lambda: call(client(server, "1.1"), "Chat", iter([HelloRequest(name="Ann")])))
    assert error.code is Code.UNIMPLEMENTED and "HTTP/2" in error.message


def test_answers_come_as_messages_do(server):
    more, names = threading.Semaphore(0), []

    def requests():
        while more.acquire(timeout=PATIENCE) and names[-1]:
            yield HelloRequest(name=names[-1])

    answers = client(server, "2").execute_bidi_stream(request=requests(), method=described("Chat"))
    for name in ("Ann", "Bob"):
        names.append(name)
        more.release()
        assert next(answers).message == f"Hello {name}"
    names.append("")
    more.release()
    assert [answer.message for answer in answers] == ["bye"]


def test_a_message_of_a_server_stream_comes_before_the_next_is_due():
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: never } }] } }
    """) as server:
        for version in VERSIONS:
            answers = client(server, version).execute_server_stream(request=HelloRequest(), method=described("SayHelloOften"))
            assert next(answers).message == "one"
            answers.close()


def test_the_asynchronous_client(server):
    async def ask(version):
        transport = HTTPTransport(http_version=VERSIONS[version])
        async with ConnectClient(server.url, codec=CODECS["proto"], http_client=Client(transport)) as to:
            async def requests():
                yield HelloRequest(name="Ann")
                yield HelloRequest(name="Bob")

            unary = await to.execute_unary(request=HelloRequest(name="Ann"), method=described("SayHello"))
            up = await to.execute_client_stream(request=requests(), method=described("SayHelloToAll"))
            down = [answer.message async for answer in to.execute_server_stream(
                request=HelloRequest(name="Ann", count=2), method=described("SayHelloOften"))]
            both = []
            if version == "2":
                both = [answer.message async for answer in to.execute_bidi_stream(
                    request=requests(), method=described("Chat"))]
            return unary.message, up.message, down, both

    for version in VERSIONS:
        both = ["Hello Ann", "Hello Bob", "bye"] if version == "2" else []
        told = asyncio.run(asyncio.wait_for(ask(version), PATIENCE))
        assert told == ("Hello Ann", "Ann, Bob", ["Ann 0", "Ann 1"], both)


def test_a_hundred_calls_at_once_over_one_connection(server):
    async def ask():
        transport = HTTPTransport(http_version=HTTPVersion.HTTP2)
        async with ConnectClient(server.url, codec=CODECS["proto"], http_client=Client(transport)) as to:
            calls = [to.execute_unary(request=HelloRequest(name=str(n)), method=described("SayHello")) for n in range(100)]
            return [answer.message for answer in await asyncio.gather(*calls)]

    assert asyncio.run(asyncio.wait_for(ask(), PATIENCE)) == [f"Hello {n}" for n in range(100)]


# MARK: Messages


EVERYTHING = dict(
    text="ä\n\"\\\u2028", data=b"\0\xff", large=-(2**62), number=0.5, flag=True, mood=2,
    children=[Everything(text="a"), Everything()], counts={"one": 1, "zero": 0}, word="w", maybe=0)


def sent():
    message = Everything(**EVERYTHING)
    message.time.FromJsonString("2026-01-31T12:00:00.5Z")
    message.span.FromJsonString("-1.5s")
    message.note.value = ""
    message.extra.update({"a": [1, None, "x", {"b": True}]})
    return message


@pytest.fixture(scope="module")
def echo():
    with echoing() as server:
        yield server


@each_form
def test_an_echo_of_every_kind_of_field(echo, version, protocol, codec):
    to, message = client(echo, version, codec, protocol), sent()
    assert call(to, "Unary", message, "Echo") == message
    assert call(to, "Down", message, "Echo") == [message]
    three = [Everything(large=n) for n in (1, 2, 3)]
    assert call(to, "Up", iter(three), "Echo") == three[2]
    if version == "2":
        assert call(to, "Both", iter([*three, message]), "Echo") == [*three, message]


@each_form
def test_an_empty_message(echo, version, protocol, codec):
    to = client(echo, version, codec, protocol)
    assert call(to, "Unary", Everything(), "Echo") == Everything()
    assert call(to, "Down", Everything(), "Echo") == [Everything()]


@each_form
def test_compressed_messages(echo, version, protocol, codec):
    to = client(echo, version, codec, protocol, send_compression=GzipCompression(), accept_compression=[GzipCompression()])
    large = Everything(text=" ".join(map(str, range(20_000))))
    assert call(to, "Unary", large, "Echo") == large
    assert call(to, "Unary", Everything(), "Echo") == Everything()
    assert call(to, "Up", iter([large, Everything(), large]), "Echo") == large
    with ResponseMetadata() as told:
        assert call(to, "Down", large, "Echo") == [large]
    if protocol is ProtocolType.CONNECT:
        assert told.headers["connect-content-encoding"] == "gzip"
    if version == "2":
        assert call(to, "Both", iter([large, Everything(), large]), "Echo") == [large, Everything(), large]


@both_versions
def test_the_compression_middleware_compresses_answers_of_calls(version):
    with echoing("middleware: { compression: {} }\n") as server:
        to = client(server, version, "json", accept_compression=[GzipCompression()])
        large = Everything(text="x" * 20_000)
        with ResponseMetadata() as told:
            assert call(to, "Unary", large, "Echo") == large
        assert told.http_status == 200
        # A stream's messages are compressed by themselves, and never the whole of it.
        with ResponseMetadata() as told:
            assert call(to, "Down", large, "Echo") == [large]
        assert "content-encoding" not in told.headers


@each_protocol
def test_large_messages(echo, version, protocol):
    to = client(echo, version, "proto", protocol)
    large = Everything(data=bytes(range(256)) * (15 << 10))
    assert call(to, "Unary", large, "Echo") == large
    assert call(to, "Down", large, "Echo") == [large]
    over = Everything(data=b"x" * (5 << 20))
    assert failure(lambda: call(to, "Unary", over, "Echo")).code is Code.RESOURCE_EXHAUSTED
    assert failure(lambda: call(to, "Down", over, "Echo")).code is Code.RESOURCE_EXHAUSTED
    assert failure(lambda: call(to, "Up", iter([over]), "Echo")).code is Code.RESOURCE_EXHAUSTED


# MARK: Metadata and trailers


METADATA = """
      SayHello:
        template:
          metadata: { x-greeting: "to {{ request.name }}", x-raw-bin: "{{ headers['x-in-bin'] }}" }
          trailers: { x-count: "{{ call.count }}", x-sum-bin: "{{ headers['x-in-bin'] }}" }
          message: { message: "{{ headers['x-in'] }}" }
      SayHelloOften:
        template:
          metadata: { x-greeting: "to {{ request.name }}", x-raw-bin: "{{ headers['x-in-bin'] }}" }
          trailers: { x-count: "{{ call.count }}", x-sum-bin: "{{ headers['x-in-bin'] }}" }
          messages: [{ message: "{{ headers['x-in'] }}" }]
"""


@pytest.mark.parametrize("method", ["SayHello", "SayHelloOften"])
@each_protocol
def test_metadata_and_trailers(version, protocol, method):
    with greeter(METADATA) as server, ResponseMetadata() as told:
        answer = call(client(server, version, "proto", protocol), method, HelloRequest(name="Ann"),
                      headers={"x-in": "a b", "x-in-bin": "AP8"})
        assert (answer[0] if isinstance(answer, list) else answer).message == "a b"
        assert told.headers["x-greeting"] == "to Ann" and told.headers["x-raw-bin"].rstrip("=") == "AP8"
        assert told.trailers["x-count"] == "1" and told.trailers["x-sum-bin"].rstrip("=") == "AP8"


# MARK: Failures


FAILING = """
      SayHello: { template: { ERROR } }
      SayHelloOften: { template: { ERROR } }
      SayHelloToAll: { template: { ERROR } }
      Chat: { template: { messages: [{ message: one }], ERROR } }
"""
WITH_DETAILS = """error: {
            code: INVALID_ARGUMENT, message: "no näme: \\"%\\"", retry: 2s,
            details: [{ google.rpc.BadRequest: { field_violations: [{ field: name, description: "was \\"%\\"" }] } }] }"""


@each_form
def test_a_failure_with_details(version, protocol, codec):
    with greeter(FAILING.replace("ERROR", WITH_DETAILS)) as server:
        to = client(server, version, codec, protocol)
        for method in ("SayHello", "SayHelloOften", "SayHelloToAll", *(["Chat"] if version == "2" else [])):
            streams = method in ("SayHelloToAll", "Chat")
            error = failure(lambda: call(to, method, iter([HelloRequest()]) if streams else HelloRequest()))
            assert (error.code, error.message) == (Code.INVALID_ARGUMENT, 'no näme: "%"')
            found = details(error)
            assert list(found) == ["google.rpc.BadRequest", "google.rpc.RetryInfo"]
            violation, = error_details_pb2.BadRequest.FromString(found["google.rpc.BadRequest"]).field_violations
            assert (violation.field, violation.description) == ("name", 'was "%"')
            assert error_details_pb2.RetryInfo.FromString(found["google.rpc.RetryInfo"]).retry_delay.seconds == 2


@each_protocol
def test_a_stream_that_fails_behind_its_messages(version, protocol):
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }], error: { code: ABORTED, message: enough } } }
    """) as server:
        to = client(server, version, "proto", protocol)
        answers = to.execute_server_stream(request=HelloRequest(), method=described("SayHelloOften"))
        assert next(answers).message == "one"
        error = failure(lambda: next(answers))
        assert (error.code, error.message) == (Code.ABORTED, "enough")


@pytest.mark.parametrize("code", CODES[1:])
def test_each_code(code):
    name = {"canceled": "CANCELLED"}.get(code, code.upper())
    with greeter(f"""
      SayHello: {{ template: {{ error: {{ code: {name}, message: no }} }} }}
      SayHelloOften: {{ template: {{ error: {{ code: {name}, message: no }} }} }}
    """) as server:
        for version in VERSIONS:
            with ResponseMetadata() as told:
                error = failure(lambda: call(client(server, version), "SayHello", HelloRequest()))
            assert (error.code.value, error.message, told.http_status) == (code, "no", STATUSES[code])
            with ResponseMetadata() as told:
                error = failure(lambda: call(client(server, version), "SayHelloOften", HelloRequest()))
            assert (error.code.value, error.message, told.http_status) == (code, "no", 200)


@each_protocol
def test_what_is_not_served(server, version, protocol):
    to = client(server, version, "proto", protocol)
    assert failure(lambda: call(to, "Unary", Everything(), "Echo")).code is Code.UNIMPLEMENTED
    assert failure(lambda: call(to, "Down", Everything(), "Echo")).code is Code.UNIMPLEMENTED
    with greeter(HELLO) as other:
        error = failure(lambda: call(client(other, version, "proto", protocol), "SayHelloOften", HelloRequest()))
        assert (error.code, error.message) == (
            Code.UNIMPLEMENTED, "the method helloworld.Greeter/SayHelloOften is not implemented")


# MARK: Deadlines


LATE = """
      SayHello: { template: { message: { message: late } }, delay: 300s }
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
"""


@each_protocol
def test_a_deadline_ends_a_call(version, protocol):
    """The client gives up by itself too; what the server says of it is in the access log."""
    with greeter(LATE) as server:
        to = client(server, version, "proto", protocol)
        assert failure(lambda: call(to, "SayHello", HelloRequest(), timeout_ms=100)).code is Code.DEADLINE_EXCEEDED
        answers = to.execute_server_stream(request=HelloRequest(), method=described("SayHelloOften"), timeout_ms=300)
        assert next(answers).message == "one"
        assert failure(lambda: next(answers)).code is Code.DEADLINE_EXCEEDED
        lines = [line for line in server.access(2)]
        assert {line["rpc.status_code"].lower() for line in lines} <= {"deadline_exceeded", "cancelled", "canceled"}


@each_protocol
def test_the_servers_own_timeout(version, protocol):
    with greeter(LATE, "middleware: { timeout: 50ms }\n") as server:
        error = failure(lambda: call(client(server, version, "proto", protocol), "SayHello", HelloRequest()))
        assert error.code is Code.DEADLINE_EXCEEDED


# MARK: GET


@both_versions
@both_codecs
@pytest.mark.parametrize("compression", [None, GzipCompression()], ids=["identity", "gzip"])
def test_a_method_without_side_effects_is_got(version, codec, compression):
    with greeter(ALL) as server:
        to = client(server, version, codec, send_compression=compression)
        assert call(to, "LookUp", HelloRequest(name="Änn"), use_get=True).message == "Hello Änn"
        assert call(to, "LookUp", HelloRequest(), use_get=True).message == "Hello "
        assert call(to, "LookUp", HelloRequest(name="Ann")).message == "Hello Ann"
        assert [line["rpc.status_code"] for line in server.access(3)] == ["ok", "ok", "ok"]


@both_versions
def test_another_method_is_not_got(server, version):
    with ResponseMetadata() as told:
        failure(lambda: call(client(server, version), "SayHello", HelloRequest(name="Ann"), use_get=True))
    assert told.http_status == 405 and told.headers["allow"]


# MARK: What others tell of it


def test_the_access_log_tells_of_a_call():
    with greeter(ALL) as server:
        call(client(server, "1.1"), "SayHello", HelloRequest(name="Ann"))
        call(client(server, "2", protocol=ProtocolType.GRPC_WEB), "SayHelloOften", HelloRequest(name="Ann", count=2))
        unary, stream = server.access(2)
        assert (unary["rpc.method"], unary["rpc.status_code"], unary["rpc.system.name"]) == (
            "helloworld.Greeter/SayHello", "ok", "connectrpc"), json.dumps(unary)
        assert (stream["rpc.method"], stream["rpc.status_code"], stream["rpc.system.name"]) == (
            "helloworld.Greeter/SayHelloOften", "OK", "grpc"), json.dumps(stream)
