"""gRPC: what grpcio, its health, reflection and status packages and buf get from a manifest's methods."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import any_pb2, json_format
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from certificates import Authority
from grpc_client import FILES, Everything, HelloReply, HelloRequest, channel, stub, target
from http2_client import Frames
from radicled import PATIENCE, eventually, run, serve

BUF = Path(sys.executable).parent / "buf"

GREETER = """
services:
  greeter:
    proto: protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
"""
ECHO = """
services:
  echo:
    proto: protos/helloworld.proto
    grpc: helloworld.Echo
    methods: { Unary: { echo: {} }, Down: { echo: {} }, Up: { echo: {} }, Both: { echo: {} } }
"""


def greeter(methods, before=""):
    return serve(before + GREETER + methods, files=FILES)


def echo(before=""):
    return serve(before + ECHO, files=FILES)


HELLO = """
      SayHello: { template: { message: { message: "Hello {{ request.name }}" } } }
"""


# MARK: The four kinds


def test_the_greeter_of_the_talk():
    with greeter(HELLO) as server, channel(server) as to:
        assert stub(to, "Greeter", "SayHello")(HelloRequest(name="Ann"), timeout=PATIENCE).message == "Hello Ann"


def test_a_server_stream():
    with greeter("""
      SayHelloOften:
        template:
          messages:
            - { message: "Hello {{ request.name }}" }
            - { delay: 10ms, message: { message: "again", mood: CHEERFUL, length: "{{ size(request.name) }}" } }
            - { message: "number {{ index }}" }
    """) as server, channel(server) as to:
        answers = list(stub(to, "Greeter", "SayHelloOften")(HelloRequest(name="Ann"), timeout=PATIENCE))
        assert [a.message for a in answers] == ["Hello Ann", "again", "number 2"]
        assert (answers[1].mood, answers[1].length) == (1, 3)


def test_a_server_stream_of_a_list():
    with greeter("""
      SayHelloOften:
        template:
          messages: "{{ request.friends.map(f, {'message': 'Hello ' + f}) }}"
          interval: 1ms
    """) as server, channel(server) as to:
        call = stub(to, "Greeter", "SayHelloOften")
        answers = list(call(HelloRequest(friends=["Ann", "Bob"]), timeout=PATIENCE))
        assert [a.message for a in answers] == ["Hello Ann", "Hello Bob"]
        assert list(call(HelloRequest(), timeout=PATIENCE)) == []


def test_a_client_stream():
    with greeter("""
      SayHelloToAll:
        template:
          message:
            message: "Hello {{ requests.map(r, r.name).join(', ') }}"
            length: "{{ size(requests) }}"
    """) as server, channel(server) as to:
        answer = stub(to, "Greeter", "SayHelloToAll")(
            iter([HelloRequest(name="Ann"), HelloRequest(name="Bob")]), timeout=PATIENCE)
        assert (answer.message, answer.length) == ("Hello Ann, Bob", 2)


def test_a_stream_in_both_directions():
    with greeter("""
      Chat:
        template:
          message: { message: "{{ size(requests) }}: {{ request.name }}" }
          on_end: [{ message: "bye" }]
    """) as server, channel(server) as to:
        answers = list(stub(to, "Greeter", "Chat")(
            iter([HelloRequest(name="Ann"), HelloRequest(name="Bob")]), timeout=PATIENCE))
        assert [a.message for a in answers] == ["1: Ann", "2: Bob", "bye"]


def test_answers_come_as_messages_do():
    with greeter("""
      Chat: { template: { message: { message: "{{ request.name }}" } } }
    """) as server, channel(server) as to:
        send, ended = [], threading.Event()
        more = threading.Semaphore(0)

        def requests():
            while more.acquire(timeout=PATIENCE) and not ended.is_set():
                yield HelloRequest(name=send.pop(0))

        answers = stub(to, "Greeter", "Chat")(requests(), timeout=PATIENCE)
        for name in ("Ann", "Bob"):
            send.append(name)
            more.release()
            assert next(answers).message == name
        ended.set()
        more.release()
        assert list(answers) == []


EVERYTHING = dict(
    text="ä\n", data=b"\0\xff", large=-(2**62), number=0.5, flag=True, mood=2, children=[Everything(text="a"), Everything()],
    counts={"one": 1, "zero": 0}, word="w", maybe=0)


def test_an_echo_of_every_kind():
    with echo() as server, channel(server) as to:
        sent = Everything(**EVERYTHING)
        sent.time.FromJsonString("2026-01-31T12:00:00.5Z")
        sent.extra.update({"a": [1, None, "x"]})
        assert stub(to, "Echo", "Unary")(sent, timeout=PATIENCE) == sent
        assert list(stub(to, "Echo", "Down")(sent, timeout=PATIENCE)) == [sent]
        three = [Everything(large=n) for n in (1, 2, 3)]
        assert stub(to, "Echo", "Up")(iter(three), timeout=PATIENCE) == three[2]
        assert list(stub(to, "Echo", "Both")(iter(three), timeout=PATIENCE)) == three


# MARK: Metadata, status, details


def failure(call):
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value


def test_metadata_and_trailers():
    with greeter("""
      SayHello:
        template:
          metadata: { x-greeting: "to {{ request.name }}", x-raw-bin: "{{ headers['x-in'] }}" }
          trailers: { x-count: "{{ call.count }}" }
          message: { message: "{{ headers['x-in'] }}" }
    """) as server, channel(server) as to:
        answer, call = stub(to, "Greeter", "SayHello").with_call(
            HelloRequest(name="Ann"), metadata=[("x-in", "a b")], timeout=PATIENCE)
        assert answer.message == "a b"
        assert ("x-greeting", "to Ann") in call.initial_metadata() and ("x-raw-bin", b"a b") in call.initial_metadata()
        assert ("x-count", "1") in call.trailing_metadata()


def test_binary_metadata_is_bytes():
    with greeter("""
      SayHello:
        cases: [{ when: "'x-key-bin' in headers", template: { message: { message: a byte } } }]
        template:
          metadata: { x-back-bin: "{{ headers['x-raw-bin'] }}" }
          message: { message: "{{ hex.encode(headers['x-raw-bin']) }}", length: "{{ size(headers['x-raw-bin']) }}" }
    """) as server, channel(server) as to:
        hello = stub(to, "Greeter", "SayHello")
        for raw in (b"", b"\0\xff\xfe", b"a,b", bytes(range(256))):
            answer, call = hello.with_call(HelloRequest(), metadata=[("x-raw-bin", raw)], timeout=PATIENCE)
            assert (answer.message, answer.length) == (raw.hex(), len(raw))
            assert ("x-back-bin", raw) in call.initial_metadata()
        several = [("x-raw-bin", b"one"), ("x-raw-bin", b"two")]
        assert hello(HelloRequest(), metadata=several, timeout=PATIENCE).message == b"one".hex()
        assert hello(HelloRequest(), metadata=[("x-key-bin", b"\xff")], timeout=PATIENCE).message == "a byte"
        error = failure(lambda: hello(HelloRequest(), timeout=PATIENCE))
        assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "no header 'x-raw-bin'")


def test_metadata_that_is_not_base64_is_the_clients_fault():
    with greeter("""
      SayHello: { template: { message: { message: "{{ hex.encode(headers['x-raw-bin']) }}" } } }
    """) as server, Frames(server) as wire:
        fields = CALL + [("x-raw-bin", "not base64!")]
        told = dict(wire.ask(1, "POST", "/helloworld.Greeter/SayHello", fields, body=b"\0\0\0\0\0").answer(1).headers)
        assert (told["grpc-status"], told["grpc-message"]) == ("3", "the metadata 'x-raw-bin' is not base64")


def test_a_failure_with_details():
    with greeter("""
      SayHello:
        template:
          error:
            code: INVALID_ARGUMENT
            message: "no näme: '{{ request.name }}'"
            retry: 2s
            details:
              - google.rpc.BadRequest: { field_violations: [{ field: name, description: "was '{{ request.name }}'" }] }
    """) as server, channel(server) as to:
        error = failure(lambda: stub(to, "Greeter", "SayHello")(HelloRequest(name="%"), timeout=PATIENCE))
        assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "no näme: '%'")
        status = rpc_status.from_call(error)
        found = {}
        for detail in status.details:
            for kind in (error_details_pb2.BadRequest, error_details_pb2.RetryInfo):
                if detail.Is(kind.DESCRIPTOR):
                    found[kind.DESCRIPTOR.name] = kind.FromString(detail.value)
        assert found["BadRequest"].field_violations[0].description == "was '%'"
        assert found["RetryInfo"].retry_delay.seconds == 2


def test_a_stream_that_fails_behind_its_messages():
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }], error: { code: ABORTED, message: enough } } }
    """) as server, channel(server) as to:
        answers = stub(to, "Greeter", "SayHelloOften")(HelloRequest(), timeout=PATIENCE)
        assert next(answers).message == "one"
        error = failure(lambda: next(answers))
        assert (error.code(), error.details()) == (grpc.StatusCode.ABORTED, "enough")


@pytest.mark.parametrize("code", [c for c in grpc.StatusCode if c is not grpc.StatusCode.OK], ids=lambda c: c.name)
def test_each_code(code):
    with greeter(f"""
      SayHello: {{ template: {{ error: {{ code: {code.name}, message: no }} }} }}
    """) as server, channel(server) as to:
        error = failure(lambda: stub(to, "Greeter", "SayHello")(HelloRequest(), timeout=PATIENCE))
        assert (error.code(), error.details()) == (code, "no")


def test_what_is_not_served():
    with greeter(HELLO) as server, channel(server) as to:
        for service, method, text in [
            ("Greeter", "Chat", "the method helloworld.Greeter/Chat is not implemented"),
            ("Echo", "Unary", None),
        ]:
            call = stub(to, service, method)
            request = HelloRequest()
            error = failure(lambda: list(call(iter([request]), timeout=PATIENCE)) if method == "Chat"
                            else call(Everything(), timeout=PATIENCE))
            assert error.code() is grpc.StatusCode.UNIMPLEMENTED
            if text:
                assert error.details() == text


def test_cases_choose():
    with greeter("""
      SayHello:
        cases:
          - { when: request.name == '', template: { error: { code: INVALID_ARGUMENT, message: who? } } }
          - { when: request.mood == Mood.GLUM, template: { message: { message: cheer up } } }
        template: { message: { message: "Hello {{ request.name }}" } }
      Chat:
        cases:
          - { when: request.name == 'end', template: { error: { code: CANCELLED, message: bye } } }
          - { when: request.count > 1, template: { message: { message: many } } }
        template: { message: { message: "{{ request.name }}" } }
    """) as server, channel(server) as to:
        hello = stub(to, "Greeter", "SayHello")
        assert hello(HelloRequest(name="Ann"), timeout=PATIENCE).message == "Hello Ann"
        assert hello(HelloRequest(name="Ann", mood=2), timeout=PATIENCE).message == "cheer up"
        assert failure(lambda: hello(HelloRequest(), timeout=PATIENCE)).details() == "who?"
        answers = stub(to, "Greeter", "Chat")(
            iter([HelloRequest(name="a"), HelloRequest(count=2), HelloRequest(name="end")]), timeout=PATIENCE)
        assert [next(answers).message, next(answers).message] == ["a", "many"]
        assert failure(lambda: next(answers)).details() == "bye"


# MARK: Time, cancelling, limits


# As eager as grpcio can be made to be: it waits a second between two, whatever it is told.
KEEPALIVE = [("grpc.keepalive_time_ms", 10), ("grpc.http2.max_pings_without_data", 0)]


def test_keepalive_of_a_quiet_stream():
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 4s, message: { message: two } }] } }
    """) as server, channel(server, *KEEPALIVE) as to:
        answers = stub(to, "Greeter", "SayHelloOften")(HelloRequest(), timeout=PATIENCE)
        assert [a.message for a in answers] == ["one", "two"]


def test_keepalive_that_is_too_eager_is_told_so():
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: two } }] } }
    """, "limits: { ping_interval: 5m }\n") as server, channel(server, *KEEPALIVE) as to:
        answers = stub(to, "Greeter", "SayHelloOften")(HelloRequest(), timeout=PATIENCE)
        assert next(answers).message == "one"
        error = failure(lambda: next(answers))
        assert error.code() is grpc.StatusCode.UNAVAILABLE and "too_many_pings" in error.details()


def test_a_deadline_ends_a_call():
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 60s }
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 60s, message: { message: late } }] } }
    """) as server, channel(server) as to:
        error = failure(lambda: stub(to, "Greeter", "SayHello")(HelloRequest(), timeout=0.1))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        answers = stub(to, "Greeter", "SayHelloOften")(HelloRequest(), timeout=0.3)
        assert next(answers).message == "one"
        assert failure(lambda: next(answers)).code() is grpc.StatusCode.DEADLINE_EXCEEDED

        def calls():
            lines = [json.loads(line) for line in server.output.lines]
            return [line["rpc.status_code"] for line in lines if line.get("event") == "access"]

        eventually(lambda: len(calls()) == 2, "both calls are logged")


def test_the_servers_own_timeout():
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 60s, middleware: { timeout: 50ms } }
    """) as server, channel(server) as to:
        error = failure(lambda: stub(to, "Greeter", "SayHello")(HelloRequest(), timeout=PATIENCE))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_cancelled_call_is_logged_so():
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 60s, message: { message: late } }] } }
    """) as server, channel(server) as to:
        answers = stub(to, "Greeter", "SayHelloOften")(HelloRequest(), timeout=PATIENCE)
        assert next(answers).message == "one"
        answers.cancel()
        line = server.output.wait(
            lambda lines: next((json.loads(l) for l in lines if b'"CANCELLED"' in l), None), "a cancelled call")
        assert line["rpc.method"] == "helloworld.Greeter/SayHelloOften"
        assert line["radicled.flags"] == "client_gone"


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate], ids=["gzip", "deflate"])
def test_compressed_messages(compression):
    with echo() as server, channel(server) as to:
        # What shrinks to less than a hundredth is taken for a bomb.
        sent = Everything(text=" ".join(map(str, range(30_000))))
        assert stub(to, "Echo", "Unary")(sent, compression=compression, timeout=PATIENCE) == sent
        both = stub(to, "Echo", "Both")(iter([sent, Everything(), sent]), compression=compression, timeout=PATIENCE)
        assert list(both) == [sent, Everything(), sent]


def test_large_messages():
    with echo() as server, channel(server, ("grpc.max_receive_message_length", -1)) as to:
        sent = Everything(data=bytes(range(256)) * (15 << 10))
        assert stub(to, "Echo", "Unary")(sent, timeout=PATIENCE) == sent
        assert list(stub(to, "Echo", "Both")(iter([sent, sent]), timeout=PATIENCE)) == [sent, sent]
        error = failure(lambda: stub(to, "Echo", "Unary")(Everything(data=b"x" * (5 << 20)), timeout=PATIENCE))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        error = failure(lambda: list(
            stub(to, "Echo", "Both")(iter([Everything(data=b"x" * (5 << 20))]), timeout=PATIENCE)))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("limit, size, fits", [("off", 5 << 20, True), ("1KiB", 2000, False), ("8MiB", 5 << 20, True)])
def test_body_limit_is_one_for_each_message(limit, size, fits):
    with echo(f"middleware: {{ body_limit: {limit} }}\n") as server, \
            channel(server, ("grpc.max_receive_message_length", -1)) as to:
        both = stub(to, "Echo", "Both")(iter([Everything(data=b"x" * size)] * 2), timeout=PATIENCE)
        if fits:
            assert [len(message.data) for message in both] == [size, size]
        else:
            assert failure(lambda: list(both)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_bomb_is_refused():
    with echo() as server, channel(server) as to:
        sent = Everything(data=b"\0" * (64 << 20))
        error = failure(lambda: stub(to, "Echo", "Unary")(sent, compression=grpc.Compression.Gzip, timeout=PATIENCE))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


CALL = [("content-type", "application/grpc"), ("te", "trailers")]
NAMED = b"\n\3Ann"


@pytest.mark.parametrize("fields, body, code", [
    ([], b"", 12),
    ([], b"\0\0\0\0\5" + NAMED + b"\0\0\0\0\0", 12),
    ([], b"\0\0\0", 13),
    ([], b"\0\0\0\0\x09" + NAMED, 13),
    ([], b"\2\0\0\0\5" + NAMED, 13),
    ([], b"\1\0\0\0\5" + NAMED, 13),
    ([("grpc-encoding", "gzip")], b"\1\0\0\0\5" + NAMED, 13),
    ([("grpc-encoding", "snappy")], b"\1\0\0\0\5" + NAMED, 12),
    ([], b"\0\xff\xff\xff\xff", 8),
    ([], b"\0\0\0\0\2\n\x7f", 13),
    ([], b"\0\0\0\0\3\n\1\xff", 13),
    ([("grpc-timeout", "soon")], b"\0\0\0\0\5" + NAMED, 13),
    ([("grpc-timeout", "0S")], b"\0\0\0\0\5" + NAMED, 4),
    ([("grpc-timeout", "1H")], b"\0\0\0\0\5" + NAMED, 0),
], ids=["none", "two", "cut prefix", "cut message", "flags", "no encoding", "not gzip", "unknown encoding", "4 GiB", "cut field",
        "not UTF-8", "bad timeout", "no time", "an hour"])
def test_broken_messages_have_their_codes(fields, body, code):
    with greeter(HELLO) as server, Frames(server) as wire:
        wire.ask(1, "POST", "/helloworld.Greeter/SayHello", CALL + fields, body=body)
        answer = wire.answer(1)
        told = dict(answer.headers) | dict(answer.trailers)
        assert (answer.status, int(told["grpc-status"])) == (200, code), told.get("grpc-message")
        # The connection goes on.
        assert wire.ask(3, "POST", "/helloworld.Greeter/SayHello", CALL, body=b"\0\0\0\0\5" + NAMED).answer(3).body


def test_memory_stays_flat_while_a_client_does_not_read():
    with greeter("""
      SayHelloOften:
        template: { messages: "{{ lists.range(request.count).map(n, {'message': request.name}) }}" }
    """) as server:
        name = b"x" * 10_000
        message = b"\n" + bytes([0x90, 0x4E]) + name + b"\x10\x90\x4E"
        body = b"\0" + len(message).to_bytes(4, "big") + message
        with Frames(server, receive_buffer=4096) as wire:
            wire.ask(1, "POST", "/helloworld.Greeter/SayHelloOften", CALL, body=body)
            wire.until(lambda: wire.stream(1).responses, "a head")
            # 100 MB of messages, of which the windows let out 64 KiB.
            with channel(server) as to:
                for _ in range(20):
                    assert list(stub(to, "Greeter", "SayHelloOften")(HelloRequest(name="a", count=50), timeout=PATIENCE))
            assert server.memory() < 150_000_000


def test_a_message_is_there_while_its_answer_waits():
    with greeter("""
      Chat:
        template:
          messages: [{ message: "1 {{ request.name }}" }, { delay: 20ms, message: { message: "2 {{ request.name }}" } }]
    """) as server, channel(server) as to:
        answers = stub(to, "Greeter", "Chat")(iter([HelloRequest(name=n) for n in ("Ann", "Bob")]), timeout=PATIENCE)
        assert [a.message for a in answers] == ["1 Ann", "2 Ann", "1 Bob", "2 Bob"]


def test_over_tls():
    authority = Authority()
    issued = authority.issue("localhost")
    text = "listen: { address: 127.0.0.1:0, tls: { certificate: server.pem, key: server.key } }\n" + GREETER + HELLO
    with serve(text, files={**FILES, **issued.files()}) as server:
        credentials = grpc.ssl_channel_credentials(authority.pem.encode())
        with grpc.secure_channel(target(server), credentials, options=[("grpc.ssl_target_name_override", "localhost")]) as to:
            assert stub(to, "Greeter", "SayHello")(HelloRequest(name="Ann"), timeout=PATIENCE).message == "Hello Ann"


def test_a_thousand_streams_at_once():
    async def ask(server):
        async with grpc.aio.insecure_channel(target(server)) as to:
            call = stub(to, "Echo", "Both")
            calls = [call() for _ in range(1000)]

            async def talk(number, call):
                for round in range(3):
                    await call.write(Everything(large=number * 10 + round))
                    assert (await call.read()).large == number * 10 + round
                await call.done_writing()
                assert await call.read() is grpc.aio.EOF

            await asyncio.wait_for(asyncio.gather(*(talk(*pair) for pair in enumerate(calls))), PATIENCE * 3)

    with echo("limits: { streams: 1000 }\n") as server:
        asyncio.run(ask(server))


def test_a_rate_limit_refuses_with_details():
    with greeter(HELLO, "middleware: { rate_limit: { rate: 1/h, burst: 1 } }\n") as server, channel(server) as to:
        hello = stub(to, "Greeter", "SayHello")
        hello(HelloRequest(), timeout=PATIENCE)
        error = failure(lambda: hello(HelloRequest(), timeout=PATIENCE))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        kinds = {detail.type_url for detail in rpc_status.from_call(error).details}
        assert kinds == {"type.googleapis.com/google.rpc.RetryInfo", "type.googleapis.com/google.rpc.QuotaFailure"}


# MARK: Health and reflection


def test_health():
    with greeter(HELLO) as server, channel(server) as to:
        health = health_pb2_grpc.HealthStub(to)
        for service in ("", "helloworld.Greeter"):
            request = health_pb2.HealthCheckRequest(service=service)
            assert health.Check(request, timeout=PATIENCE).status == health_pb2.HealthCheckResponse.SERVING
        error = failure(lambda: health.Check(health_pb2.HealthCheckRequest(service="x"), timeout=PATIENCE))
        assert error.code() is grpc.StatusCode.NOT_FOUND
        listed = health.List(health_pb2.HealthListRequest(), timeout=PATIENCE).statuses
        assert set(listed) == {"", "helloworld.Greeter"}
        unknown = health.Watch(health_pb2.HealthCheckRequest(service="x"), timeout=PATIENCE)
        assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        unknown.cancel()


def test_health_is_false_first_thing_in_drain():
    with serve("shutdown: { delay: 1s }\n" + GREETER + HELLO, files=FILES) as server, channel(server) as to:
        health = health_pb2_grpc.HealthStub(to)
        watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=PATIENCE)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        server.process.terminate()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        # It is still answered.
        assert stub(to, "Greeter", "SayHello")(HelloRequest(), timeout=PATIENCE).message == "Hello "
        assert failure(lambda: next(watch)).code() is grpc.StatusCode.UNAVAILABLE
        server.process.wait(PATIENCE)


def test_reflection():
    with greeter(HELLO) as server, channel(server) as to:
        database = ProtoReflectionDescriptorDatabase(to)
        assert set(database.get_services()) == {
            "helloworld.Greeter", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection"}
        file = database.FindFileContainingSymbol("helloworld.Greeter")
        assert file.name == "helloworld.proto" and "google/protobuf/timestamp.proto" in file.dependency
        assert database.FindFileByName("google/protobuf/timestamp.proto").package == "google.protobuf"
        with pytest.raises(KeyError):
            database.FindFileContainingSymbol("helloworld.Nothing")


def buf(server, path, data, *arguments):
    answer = subprocess.run(
        [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "-d", data, *arguments,
         f"http://{target(server)}/{path}"], capture_output=True, text=True, timeout=PATIENCE, cwd=server.directory)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_buf_with_and_without_a_schema():
    with greeter(HELLO) as server:
        for schema in ([], ["--schema", "protos"]):
            out = buf(server, "helloworld.Greeter/SayHello", '{"name": "Ann"}', *schema)
            assert json.loads(out) == {"message": "Hello Ann"}


# MARK: What others tell of it


def test_metrics_by_the_conventions():
    with greeter(HELLO, """
middleware:
  metrics: { counters: { hello_count: { labels: { name: request.name }, on: greeter } } }
""") as server, channel(server) as to:
        hello = stub(to, "Greeter", "SayHello")
        for name in ("Ann", "Ann", "Bob"):
            hello(HelloRequest(name=name), timeout=PATIENCE)
        text = server.admin("/metrics").text
        assert 'hello_count_total{name="Ann"} 2' in text and 'hello_count_total{name="Bob"} 1' in text
        assert 'rpc_server_call_duration_seconds_count{otel_scope_name="radicled",radicled_protocol="grpc",' \
            'rpc_method="helloworld.Greeter/SayHello",rpc_status_code="OK",rpc_system_name="grpc"} 3' in text
        # Names of three letters in messages of five bytes, "Hello Ann" in eleven: no prefix is counted.
        for way, size in (("rcvd", 15), ("sent", 33)):
            assert f'grpc_server_call_{way}_total_compressed_message_size_bytes_sum{{otel_scope_name="radicled",' \
                'radicled_protocol="grpc",rpc_method="helloworld.Greeter/SayHello",rpc_status_code="OK",' \
                f'rpc_system_name="grpc"}} {size}' in text
        assert 'grpc_server_call_started_total{grpc_method="helloworld.Greeter/SayHello",otel_scope_name="radicled"} 3' in text


def test_an_http_client_is_told():
    with greeter(HELLO) as server:
        path = "/helloworld.Greeter/SayHello"
        assert server.request("POST", path, {"content-type": "text/plain"}, b"{}").status == 415
        assert server.get(path).status == 405
        assert server.request("POST", path, {"content-type": "application/grpc"}, b"").status == 505


# MARK: Lint


@pytest.mark.parametrize("methods, rule, text", [
    ("SayHello: { template: { message: { message: '{{ request.nmae }}' } } }", "unknown-name", "nmae"),
    ("SayHello: { template: { message: { mesage: hi } } }", "unknown-field", "mesage"),
    ("SayHello: { template: { message: { mood: CHERFUL } } }", "unknown-enum-value", "CHERFUL"),
])
def test_lint_finds_misspelt_names(tmp_path, methods, rule, text):
    (tmp_path / "protos").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    manifest = tmp_path / "m.yaml"
    manifest.write_text("radicle: 1\n" + GREETER + "      " + methods + "\n")
    answer = run("lint", "--format", "json", manifest)
    assert answer.returncode == 1
    findings = json.loads(answer.stdout)["findings"]
    assert [finding["rule"] for finding in findings] == [rule] and text in findings[0]["message"]


def test_lint_points_into_the_proto(tmp_path):
    (tmp_path / "protos").mkdir()
    proto = tmp_path / "protos" / "helloworld.proto"
    proto.write_text(FILES["protos/helloworld.proto"].replace("string name = 1;", "string name 1;"))
    manifest = tmp_path / "m.yaml"
    manifest.write_text("radicle: 1\n" + GREETER + HELLO)
    answer = run("lint", "--format", "json", manifest)
    finding = json.loads(answer.stdout)["findings"][0]
    assert finding["rule"] == "proto-syntax" and finding["file"] == str(proto)
