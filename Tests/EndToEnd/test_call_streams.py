"""How calls of each protocol flow: slow readers, small windows, pieces, early answers, clients that go, and what is around."""

import gzip
import json
import struct
import threading

import pytest
from connectrpc.client import ConnectClientSync
from grpc_health.v1 import health_pb2
from pyqwest import HTTPVersion, SyncClient, SyncHTTPTransport

from call_faces import ALL, ECHO, FACES, KINDS, ask, greeter, name_of, path_of, prompt, ways
from call_faces import echo as echoing
from certificates import Authority
from grpc_client import FILES, Everything, HelloRequest
from http2_client import CANCEL, Frames, frame
from radicled import PATIENCE, eventually, serve
from test_connect import CODECS, call

ANN = HelloRequest(name="Ann")
STREAMS = [face for face in FACES.values() if face.is_stream]
# Those that HTTP/1.1 carries as well.
CARRIED = [face for face in FACES.values() if "1.1" in face.versions]

each_stream = pytest.mark.parametrize("face", STREAMS, ids=name_of)
each_carried = pytest.mark.parametrize("face", CARRIED, ids=name_of)


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


@pytest.fixture(scope="module")
def echo():
    with echoing() as server:
        yield server


def send_all(wire, body, stream=1, size=16_384):
    for at in range(0, len(body), size):
        wire.send(frame(0, 0, stream, body[at:at + size]))
    return wire.send(frame(0, 1, stream, b""))


def head_of(face, method, body, *lines, service="helloworld.Greeter"):
    """The head of a request of HTTP/1.1; the lines stand in place of the length."""
    fields = [f"{name}: {value}" for name, value in face.fields()] + list(lines or [f"Content-Length: {len(body)}"])
    return "\r\n".join([f"POST {path_of(method, service)} HTTP/1.1", "Host: x", *fields, "", ""])


def window(stream, size):
    return frame(8, 0, stream, struct.pack("!I", size))


# MARK: Windows


@each_stream
@pytest.mark.parametrize("method", ["Down", "Both"])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_answer_goes_through_small_windows(echo, face, method, step):
    sent = [Everything(text="x" * (20 if step == 1 else 3000))] * (3 if method == "Both" else 1)
    with Frames(echo, settings={4: 0}) as wire:
        prompt(wire.wire)
        wire.ask(1, "POST", path_of(method, "helloworld.Echo"), face.fields(), ends=False)
        send_all(wire, face.request(sent))
        state = wire.stream(1)
        wire.until(lambda: state.responses, "a head")
        while not state.ended:
            wire.send(window(1, step)).ping()
        told = face.read(wire.answer(1), Everything)
    assert (told.code, told.messages) == ("ok", sent)


@each_stream
@pytest.mark.parametrize("ends", [True, False], ids=["with the end", "without"])
def test_a_client_may_send_all_before_it_reads(echo, face, ends):
    """The messages wait behind answers that wait for the reader."""
    sent = [Everything(text=chr(97 + n) * 5000) for n in range(12)]
    body = face.request(sent[:9])
    with Frames(echo, settings={4: 0}) as wire:
        wire.ask(1, "POST", path_of("Both", "helloworld.Echo"), face.fields(), ends=False)
        for at in range(0, len(body), 16_384):
            wire.send(frame(0, 0, 1, body[at:at + 16_384]))
        if ends:
            wire.send(frame(0, 1, 1, b""))
        wire.ping()
        wire.send(window(1, 1 << 20), window(0, 1 << 20))
        if not ends:
            wire.until(lambda: len(wire.stream(1).body) >= 9 * 5000, "the answers")
            send_all(wire, face.request(sent[9:]))
        told = face.read(wire.answer(1), Everything)
    assert (told.code, told.messages) == ("ok", sent[:9] if ends else sent)


carried_streams = pytest.mark.parametrize("face", [face for face in CARRIED if face.is_stream], ids=name_of)


@carried_streams
@pytest.mark.parametrize("version", ["1.1", "2"])
def test_memory_stays_flat_while_a_client_does_not_read(face, version):
    with greeter("""
      SayHelloOften:
        template: { messages: "{{ lists.range(request.count).map(n, {'message': request.name}) }}" }
    """) as server:
        # 100 MB of messages, of which sockets take a few hundred kilobytes.
        body = face.request([HelloRequest(name="x" * 10_000, count=10_000)])
        if version == "1.1":
            wire = server.connect(receive_buffer=4096)
            wire.send(head_of(face, "SayHelloOften", body)).send(body)
            assert wire.readable(PATIENCE)
        else:
            frames = Frames(server, receive_buffer=4096)
            wire = frames.wire
            frames.ask(1, "POST", path_of("SayHelloOften"), face.fields(), ends=False)
            send_all(frames, body).until(lambda: frames.stream(1).responses, "a head")
        with wire:
            for _ in range(20):
                assert len(face.call(server, "SayHelloOften", [HelloRequest(name="a", count=50)]).messages) == 50
            assert server.memory() < 150_000_000


@carried_streams
def test_a_slow_reader_gets_all_of_a_long_answer(face):
    with greeter("""
      SayHelloOften:
        template: { messages: "{{ lists.range(request.count).map(n, {'message': string(n) + request.name}) }}" }
    """) as server, server.connect(receive_buffer=4096) as wire:
        body = face.request([HelloRequest(name="x" * 2000, count=500)])
        answer = wire.ask("POST", path_of("SayHelloOften"), face.fields(), body)
        told = face.read(answer)
        assert told.code == "ok" and [len(message.message) - 2000 for message in told.messages] == [
            len(str(n)) for n in range(500)]


# MARK: Pieces


@each_carried
def test_a_request_may_come_byte_by_byte(server, face):
    method = "SayHelloToAll" if face.is_stream else "SayHello"
    body = face.request([ANN])
    with server.connect() as wire:
        prompt(wire)
        request = head_of(face, method, body).encode() + body
        for at in range(len(request)):
            wire.send(request[at:at + 1])
        assert face.read(wire.read_response()).messages


@each_carried
def test_calls_in_a_row_are_answered_in_their_order(server, face):
    """Pipelined (RFC 9112 section 9.3.2)."""
    method = "SayHelloToAll" if face.is_stream else "SayHello"
    with server.connect() as wire:
        for number in range(20):
            body = face.request([HelloRequest(name=str(number))])
            wire.send(head_of(face, method, body)).send(body)
        for number in range(20):
            told = face.read(wire.read_response())
            assert told.messages[0].message == (str(number) if face.is_stream else f"Hello {number}")


@each_carried
def test_a_client_may_wait_for_100(server, face):
    method = "SayHelloToAll" if face.is_stream else "SayHello"
    body = face.request([ANN])
    with server.connect() as wire:
        wire.send(head_of(face, method, body, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert wire.read_response().status == 100
        assert face.read(wire.send(body).read_response()).code == "ok"


@each_carried
def test_a_call_by_http_1_0(server, face):
    method = "SayHelloOften" if face.is_stream else "SayHello"
    with server.connect() as wire:
        body = face.request([HelloRequest(name="Ann", count=2)])
        answer = wire.ask("POST", path_of(method), face.fields(), body, version="1.0")
        told = face.read(answer)
    assert [message.message for message in told.messages] == (["Ann 0", "Ann 1"] if face.is_stream else ["Hello Ann"])


@carried_streams
def test_a_broken_message_is_answered_while_more_comes(server, face):
    """A client that streams without end learns at once that it need not."""
    bad = b"\7\0\0\0\0" if face.name != "grpc_web_text" else b"BwAAAAA="
    with server.connect() as wire:
        wire.send(head_of(face, "SayHelloToAll", bad, "Transfer-Encoding: chunked"))
        wire.send(b"%x\r\n%s\r\n" % (len(bad), bad))
        assert face.read(wire.read_response()).code == face.malformed
    with Frames(server) as wire:
        wire.ask(1, "POST", path_of("Chat"), face.fields(), ends=False)
        wire.send(frame(0, 0, 1, face.request([ANN]) + bad))
        told = face.read(wire.answer(1))
        assert ([message.message for message in told.messages], told.code) == (["Hello Ann"], face.malformed)
        # What it sends meanwhile does no harm.
        wire.send(frame(0, 0, 1, bad)).ping()
        wire.ask(3, "POST", path_of("SayHelloOften"), face.fields(), ends=False)
        assert face.read(send_all(wire, face.request([ANN]), 3).answer(3)).code == "ok"


# MARK: Time


def begun(server, face, method, version, *lines):
    """The answer to a request whose body stops in front of its first message's end."""
    first = face.request([Everything(text="x")])[:1]
    if version == "2":
        with Frames(server) as wire:
            fields = face.fields([tuple(line.split(": ")) for line in lines])
            wire.ask(1, "POST", path_of(method, "helloworld.Echo"), fields, ends=False).send(frame(0, 0, 1, first))
            return wire.answer(1)
    with server.connect() as wire:
        head = head_of(face, method, b"", "Content-Length: 100", *lines, service="helloworld.Echo")
        return wire.send(head).send(first).read_response()


@pytest.mark.parametrize("version", ["1.1", "2"])
@each_carried
def test_a_timeout_ends_a_call_whose_message_does_not_come(echo, face, version):
    for method in ("Down", "Up") if face.is_stream else ("Unary",):
        answer = begun(echo, face, method, version, "grpc-timeout: 100m", "connect-timeout-ms: 100")
        assert face.read(answer).code == "deadline_exceeded"


@pytest.mark.parametrize("version", ["1.1", "2"])
@each_carried
def test_a_body_that_stops_ends_the_call(face, version):
    with echoing("limits: { body_gap: 100ms }\n") as server:
        for method in ("Down", "Up") if face.is_stream else ("Unary",):
            assert face.read(begun(server, face, method, version)).code == "deadline_exceeded", method


@each_stream
def test_a_client_that_streams_may_be_silent_between_messages(face):
    """A gap between messages is not one in a body."""
    with echoing("limits: { body_gap: 100ms }\n") as server, Frames(server) as wire:
        prompt(wire.wire)
        wire.ask(1, "POST", path_of("Both", "helloworld.Echo"), face.fields(), ends=False)
        one = face.request([Everything(text="one")])
        wire.send(frame(0, 0, 1, one)).until(lambda: wire.stream(1).body, "the first answer")
        # Another call needs several times the gap to end, and meanwhile this one lives.
        with Frames(server) as other:
            for stream in (1, 3, 5):
                other.ask(stream, "POST", path_of("Both", "helloworld.Echo"), face.fields(), ends=False)
                other.send(frame(0, 0, stream, one[:3]))
                assert face.read(other.answer(stream)).code == "deadline_exceeded"
        wire.send(frame(0, 1, 1, one))
        told = face.read(wire.answer(1), Everything)
        assert (told.code, len(told.messages)) == ("ok", 2)


@pytest.mark.parametrize("face, version", [(face, version) for face in STREAMS for version in face.versions], ids=name_of)
def test_a_timeout_ends_a_long_answer_between_two_messages(face, version):
    """Whatever of it still waits for the reader."""
    with greeter("""
      SayHelloOften:
        template: { messages: "{{ lists.range(request.count).map(n, {'message': request.name}) }}", interval: 1ms }
    """) as server:
        timeout = [("connect-timeout-ms", "200"), ("grpc-timeout", "200m")]
        body = face.request([HelloRequest(name="x" * 9000, count=5000)])
        if version == "2":
            frames = Frames(server, settings={4: 1000})
            wire = frames.wire
            frames.ask(1, "POST", path_of("SayHelloOften"), face.fields(timeout), ends=False)
            send_all(frames, body).until(lambda: len(frames.stream(1).body) >= 1000, "a window full")
        else:
            wire = server.connect(receive_buffer=4096)
            lines = [f"{name}: {value}" for name, value in timeout]
            wire.send(head_of(face, "SayHelloOften", body, f"Content-Length: {len(body)}", *lines)).send(body)
            assert wire.readable(PATIENCE)
        # When a later call has come to its end, the time of this one is over as well.
        later = face.call(server, "SayHelloOften", [HelloRequest(count=5000)], timeout, version)
        assert later.code == "deadline_exceeded"
        with wire:
            if version == "2":
                frames.send(window(1, 1 << 24), window(0, 1 << 24))
            told = face.read(frames.answer(1) if version == "2" else wire.read_response())
        assert told.code == "deadline_exceeded" and all(message.message == "x" * 9000 for message in told.messages)


SLOW = """
      SayHello: { template: { message: { message: late } }, delay: 300s }
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
      SayHelloToAll: { template: { message: { message: late } }, delay: 300s }
      Chat: { template: { messages: [{ message: one }, { delay: 300s, message: { message: late } }] } }
"""


@pytest.mark.parametrize("method, face, version", [
    # Over HTTP/1.1 nobody reads on while a delay stands in front of a client's stream, so the end of that is not seen.
    way for way in ways() if (way[0], way[2]) != ("SayHelloToAll", "1.1")], ids=name_of)
def test_a_client_that_goes_is_logged_as_canceled(method, face, version):
    with greeter(SLOW) as server:
        body = face.request([ANN])
        if version == "2":
            with Frames(server) as wire:
                wire.ask(1, "POST", path_of(method), face.fields(), body=body).ping()
                if KINDS[method][1]:
                    wire.until(lambda: wire.stream(1).body, "the first message")
                wire.send(frame(3, 0, 1, struct.pack("!I", CANCEL))).ping()
        else:
            with server.connect() as wire:
                wire.send(head_of(face, method, body)).send(body)
                if KINDS[method][1]:
                    assert wire.readable(PATIENCE)
                started = f'grpc_server_call_started_total{{grpc_method="helloworld.Greeter/{method}"'
                eventually(lambda: started in server.admin("/metrics").text, "the call has begun")
        line = server.access(1)[0]
        assert line["rpc.status_code"] == ("canceled" if face.name.startswith("connect") else "CANCELLED")
        assert line["radicled.flags"] == "client_gone"


@pytest.mark.parametrize("version", ["1.1", "2"])
@carried_streams
def test_a_drain_lets_streams_end(face, version):
    with greeter("""
      SayHelloOften: { template: { messages: [{ message: one }, { delay: 300ms, message: { message: two } }] } }
    """) as server:
        body = face.request([ANN])
        if version == "2":
            with Frames(server) as wire:
                wire.ask(1, "POST", path_of("SayHelloOften"), face.fields(), body=body)
                wire.until(lambda: wire.stream(1).body, "the first message")
                server.process.terminate()
                answer = wire.answer(1)
        else:
            with server.connect() as wire:
                wire.send(head_of(face, "SayHelloOften", body)).send(body)
                assert wire.readable(PATIENCE)
                server.process.terminate()
                answer = wire.read_response()
        told = face.read(answer)
        assert ([message.message for message in told.messages], told.code) == (["one", "two"], "ok")
        server.wait()


# MARK: What is around


@pytest.mark.parametrize("method, face, version", ways(["SayHello", "SayHelloOften"]), ids=name_of)
def test_the_middleware_sees_a_call_of_each_protocol(method, face, version):
    with greeter(ALL, """
middleware:
  headers: { request: { set: { x-set: "1" } }, response: { set: { x-served: "yes" } }, preset: security }
  rate_limit: { rate: 100/s }
  access_log: { fields: { said: "headers['x-set']" } }
""") as server:
        told = face.call(server, method, [HelloRequest(name="Ann", count=1)], version=version)
        assert told.code == "ok" and told.answer.header("x-served") == "yes"
        assert told.answer.header("x-content-type-options") == "nosniff" and told.answer.header("ratelimit")
        assert server.access(1)[0]["said"] == "1"


def test_metrics_by_the_conventions():
    with greeter(ALL) as server:
        for face in FACES.values():
            for method in ("SayHelloOften",) if face.name.startswith("connect_stream") else ("SayHello",):
                face.call(server, method, [ANN])
        FACES["connect"].call(server, "SayHello", [], body=b"\xff")
        text = server.admin("/metrics").text
        for protocol, system, code, method, count in [
            ("grpc", "grpc", "OK", "SayHello", 1), ("grpc_web", "grpc", "OK", "SayHello", 2),
            ("connect", "connectrpc", "ok", "SayHello", 2), ("connect", "connectrpc", "ok", "SayHelloOften", 2),
            ("connect", "connectrpc", "invalid_argument", "SayHello", 1),
        ]:
            line = next(
                (line for line in text.splitlines() if line.startswith("rpc_server_call_duration_seconds_count{")
                 and f'radicled_protocol="{protocol}"' in line and f'rpc_status_code="{code}"' in line
                 and f'rpc_method="helloworld.Greeter/{method}"' in line), None)
            assert line and f'rpc_system_name="{system}"' in line and line.endswith(f" {count}"), (protocol, code, method, line)


@pytest.mark.parametrize("version", ["1.1", "2"])
@each_carried
def test_health_is_asked_by_each_protocol(server, face, version):
    method = "Watch" if face.name.startswith("connect_stream") else "Check"
    path = path_of(method, "grpc.health.v1.Health")
    body = face.request([health_pb2.HealthCheckRequest(service="helloworld.Greeter")])
    if method == "Check":
        told = face.read(ask(server, "POST", path, face.fields(), body, version), health_pb2.HealthCheckResponse)
        assert told.messages[0].status == health_pb2.HealthCheckResponse.SERVING
        body = face.request([health_pb2.HealthCheckRequest(service="x")])
        assert face.read(ask(server, "POST", path, face.fields(), body, version)).code == "not_found"
    else:
        fields = face.fields([("connect-timeout-ms", "100")])
        told = face.read(ask(server, "POST", path, fields, body, version), health_pb2.HealthCheckResponse)
        assert [message.status for message in told.messages] == [health_pb2.HealthCheckResponse.SERVING]
        assert told.code == "deadline_exceeded"


def test_curl_asks_for_health_in_json(server):
    out = server.curl("-H", "content-type: application/json", "-d", "{}", "/grpc.health.v1.Health/Check")
    assert json.loads(out) == {"status": "SERVING"}


@pytest.mark.parametrize("face", CARRIED, ids=name_of)
def test_the_compression_middleware_leaves_a_call_readable(face):
    with echoing("middleware: { compression: { minimum: 1 } }\n") as server:
        sent = Everything(text="x" * 5000)
        method = "Down" if face.name.startswith("connect_stream") else "Unary"
        for version in ("1.1", "2"):
            fields = face.fields([("accept-encoding", "gzip, br")])
            answer = ask(server, "POST", path_of(method, "helloworld.Echo"), fields, face.request([sent]), version)
            if answer.header("content-encoding"):
                # Only where a client undoes it by itself.
                assert not face.is_stream and answer.header("content-encoding") == "gzip"
                answer.body = gzip.decompress(answer.body)
            assert face.read(answer, Everything).messages == [sent]


def test_many_calls_of_all_protocols_at_once(echo):
    """Each over a connection of its own, all at the same time."""
    wrong = []

    def talk(number):
        face = CARRIED[number % len(CARRIED)]
        sent = Everything(text=str(number), large=number)
        method = "Down" if face.name.startswith("connect_stream") else "Unary"
        for round in range(10):
            path, version = path_of(method, "helloworld.Echo"), ["1.1", "2"][round % 2]
            answer = ask(echo, "POST", path, face.fields(), face.request([sent]), version)
            if face.read(answer, Everything).messages != [sent]:
                wrong.append((face.name, answer))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_over_tls():
    authority = Authority()
    issued = authority.issue("localhost")
    text = "listen: { address: 127.0.0.1:0, tls: { certificate: server.pem, key: server.key } }\n" + ECHO
    with serve(text, files={**FILES, **issued.files()}) as server:
        for version in (HTTPVersion.HTTP1, HTTPVersion.HTTP2, None):
            transport = SyncHTTPTransport(tls_ca_cert=authority.pem.encode(), http_version=version)
            to = ConnectClientSync(
                f"https://localhost:{server.port}", codec=CODECS["proto"], http_client=SyncClient(transport), timeout_ms=20_000)
            assert call(to, "Unary", Everything(text="a"), "Echo").text == "a"
            assert [answer.text for answer in call(to, "Down", Everything(text="a"), "Echo")] == ["a"]
            if version is not HTTPVersion.HTTP1:
                assert len(call(to, "Both", iter([Everything(text="a")] * 3), "Echo")) == 3


@pytest.mark.parametrize("method, face, version", ways(), ids=name_of)
def test_a_place_is_given_back_however_a_call_ends(method, face, version):
    with greeter(ALL, "middleware: { concurrency: 1 }\n") as server:
        for _ in range(3):
            assert face.call(server, method, [ANN], version=version).code == "ok"
            assert face.call(server, method, [], version=version, body=b"\xff" * 9).code != "ok"
            late = [("connect-timeout-ms", "0"), ("grpc-timeout", "0S")]
            assert face.call(server, method, [ANN], late, version=version).code == "deadline_exceeded"
            if version == "2":
                with Frames(server) as wire:
                    wire.ask(1, "POST", path_of(method), face.fields(), ends=False)
                    wire.send(frame(0, 0, 1, face.request([ANN])[:2]), frame(3, 0, 1, struct.pack("!I", CANCEL))).ping()
