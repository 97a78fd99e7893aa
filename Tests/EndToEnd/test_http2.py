"""HTTP/2 with prior knowledge, on the same port: real clients first, then frames that no good client sends."""

import json
import re
import signal
import subprocess
import threading

import httpx
import pytest
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, PingAckReceived

from http2_client import (
    ENHANCE_YOUR_CALM, INTERNAL_ERROR, PREFACE, PROTOCOL_ERROR, REFUSED_STREAM, Frames, frame, literal)
from radicled import PATIENCE, Ended, eventually, serve

MANIFEST = """
workers: 1
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /json/{name}:
        template: { json: { name: "{{ path.name }}", protocol: "{{ request.protocol }}", host: "{{ headers.host }}" } }
      /request: { echo: request }
      POST /echo: { echo: body, middleware: { body_limit: off, timeout: off } }
      POST /small: { echo: body, middleware: { body_limit: 10B } }
      GET /events:
        template: { content_type: text/event-stream, messages: [one, two, three], interval: 20ms }
      GET /trailers: { template: { text: "body", trailers: { x-sum: "{{ request.method }}" } } }
      GET /late: { template: "late", delay: 300ms }
      GET /endless: { template: "endless", delay: 300s, middleware: { timeout: off } }
      GET /timeout: { template: "late", delay: 10s, middleware: { timeout: 100ms } }
      GET /cut: { template: "x", fault: { share: 1, cut: true } }
      GET /abort: { template: "x", fault: { share: 1, abort: { code: UNAVAILABLE } } }
      GET /limited: { template: "x", middleware: { rate_limit: { rate: 1/h, key: "'all'" } } }
      GET /file: { template: { file: big.bin } }
      GET /nothing: { template: { status: 204 } }
"""
BIG = bytes(range(256)) * 8192


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST, files={"big.bin": BIG}) as server:
        yield server


@pytest.fixture()
def client(server):
    with httpx.Client(http1=False, http2=True, base_url=server.url, timeout=PATIENCE) as client:
        yield client


# Real clients


def test_curl_is_answered(server):
    head = server.curl("-i", "--http2-prior-knowledge", "/json/Ann")
    assert head.startswith("HTTP/2 200")
    assert json.loads(head.partition("\n\n")[2]) == {
        "name": "Ann", "protocol": "HTTP/2", "host": f"127.0.0.1:{server.port}"}


def test_both_versions_share_the_port(server):
    assert server.get("/").text == "root"
    assert server.curl("--http2-prior-knowledge", "/") == "root"
    assert server.curl("--http1.1", "/") == "root"


@pytest.mark.parametrize("path, status", [
    ("/", 200), ("/nowhere", 404), ("/timeout", 504), ("/abort", 503), ("/json/%zz", 400), ("/nothing", 204)])
def test_both_versions_answer_the_same(server, client, path, status):
    one, two = server.get(path), client.get(path)
    assert one.status == two.status_code == status
    assert two.http_version == "HTTP/2"
    ours = {name: value for name, value in two.headers.items() if name not in ("date", "x-request-id", "content-length")}
    theirs = {name: value for name, value in one.headers if name not in (
        "date", "x-request-id", "content-length", "connection")}
    assert ours == theirs
    if status >= 400:
        assert {**two.json(), "request_id": ""} == {**one.json(), "request_id": ""}
    else:
        assert two.content == one.body


def test_method_is_told_with_allow(client):
    answer = client.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_head_has_no_body(client):
    answer = client.head("/")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "4", b"")


def test_rate_limit_is_429(client):
    assert client.get("/limited").status_code == 200
    answer = client.get("/limited")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_request_is_seen_whole(client):
    seen = client.post("/request?a=b", json={"x": 1}, headers={"x-mine": "yes"}).json()
    assert (seen["method"], seen["path"], seen["query"], seen["body"]) == ("POST", "/request", {"a": "b"}, {"x": 1})
    assert seen["protocol"] == "HTTP/2"
    assert seen["headers"]["x-mine"] == "yes"
    assert seen["headers"]["host"] == seen["host"]


def test_large_bodies_go_both_ways(client):
    assert client.post("/echo", content=BIG).content == BIG
    assert client.get("/file").content == BIG
    assert client.get("/file", headers={"range": "bytes=5-9"}).content == BIG[5:10]


def test_large_upload_by_curl_is_echoed(server, tmp_path):
    (tmp_path / "in").write_bytes(BIG)
    server.curl("--http2-prior-knowledge", "--data-binary", f"@{tmp_path}/in", "-o", str(tmp_path / "out"), "/echo")
    assert (tmp_path / "out").read_bytes() == BIG


def test_upload_that_is_too_large_is_413(server, tmp_path):
    (tmp_path / "in").write_bytes(BIG)
    answer = server.curl("-i", "--http2-prior-knowledge", "--data-binary", f"@{tmp_path}/in", "/small")
    assert answer.startswith("HTTP/2 413")
    assert "application/problem+json" in answer


def test_continue_is_said(server):
    shown = subprocess.run(
        ["curl", "-sv", "--http2-prior-knowledge", "-H", "Expect: 100-continue", "-d", "x", server.url + "/echo"],
        capture_output=True, text=True, timeout=PATIENCE)
    assert "< HTTP/2 100" in shown.stderr
    assert shown.stdout == "x"


def test_streams_come_as_they_are_made(client):
    with client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert [line for line in answer.iter_lines() if line] == ["data: one", "data: two", "data: three"]


def test_trailers_follow_the_body(server):
    answer = server.curl("-i", "--http2-prior-knowledge", "/trailers")
    assert answer.rstrip().endswith("x-sum: GET")
    assert "\n\nbody" in answer


def test_nghttp_sees_no_error(server):
    shown = subprocess.run(
        ["nghttp", "-nv", "-m", "20", server.url + "/json/a", server.url + "/file"],
        capture_output=True, text=True, timeout=PATIENCE)
    assert shown.returncode == 0
    assert shown.stdout.count(":status: 200") == 40
    assert "recv RST_STREAM" not in shown.stdout and "recv GOAWAY" not in shown.stdout


def test_h2load_sees_no_error(server):
    shown = subprocess.run(
        ["h2load", "-n", "3000", "-c", "10", "-m", "50", server.url + "/json/a"],
        capture_output=True, text=True, timeout=PATIENCE * 3)
    assert "3000 succeeded, 0 failed, 0 errored, 0 timeout" in shown.stdout, shown.stdout


# What is told of it


def test_log_metrics_and_connections_know_the_version():
    with serve(MANIFEST.replace("services:", "middleware: { access_log: {} }\nservices:", 1), files={"big.bin": BIG}) as server, \
            Frames(server) as client:
        client.ask(1, path="/endless").ask(3, "POST", "/echo", ends=False)
        client.ask(5)
        assert client.answer(5).text == "root"
        [line] = server.access(1)
        assert line["network.protocol.version"] == "2"
        assert line["http.response.status_code"] == 200
        [shown] = [each for each in server.admin("/debug/connections", {"accept": "application/json"}).json()["connections"]
                   if each["protocol"] == "HTTP/2"]
        assert shown["requests"] == 3
        assert [call["route"] for call in shown["calls"]] == ["GET /endless", "POST /echo"]
        assert "GET /endless" in server.admin("/debug/connections").text
        client.send(frame(3, 0, 1, b"\0\0\0\x08"), frame(3, 0, 3, b"\0\0\0\x08"))
        lines = server.access(3)[1:]
        assert [(each["http.response.status_code"], each["radicled.flags"]) for each in lines] == [
            (499, "client_gone")] * 2
        series = server.admin("/metrics").text
        assert re.search(r'http_server_request_duration_seconds_count\{[^}]*network_protocol_version="2"', series)
        eventually(
            lambda: re.search(r"http_server_active_requests\{[^}]*\} 0", server.admin("/metrics").text), "a gauge at 0")


# Frames


def test_preface_may_come_in_pieces(server):
    data = PREFACE + frame(4)
    for cut in range(1, len(data)):
        with Frames(server, begin=False) as client:
            client.send(data[:cut])
            server.get("/")
            client.send(data[cut:])
            client.ask(1)
            assert client.answer(1).text == "root"


def test_what_only_begins_like_it_is_http1(server):
    with server.connect() as wire:
        wire.send("PR")
        server.get("/")
        wire.send("OPFIND / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read_response().status == 405


def test_requests_overtake_each_other(server):
    with Frames(server) as client:
        client.ask(1, path="/late").ask(3)
        assert client.answer(3).text == "root"
        assert not client.stream(1).ended
        assert client.answer(1).text == "late"


def test_echo_goes_both_ways_at_once(server):
    with Frames(server) as client:
        client.ask(1, "POST", "/echo", ends=False)
        for piece in (b"one", b"two", b"three"):
            before = len(client.stream(1).body)
            client.send(frame(0, 0, 1, piece))
            client.until(lambda: len(client.stream(1).body) > before, "an echo")
        client.send(frame(0, 1, 1))
        assert client.answer(1).body == b"onetwothree"


def test_cut_resets_the_stream_alone(server):
    with Frames(server) as client:
        client.ask(1, path="/cut").ask(3)
        assert client.reset_of(1) == INTERNAL_ERROR
        assert client.answer(3).text == "root"


@pytest.mark.parametrize("path", ["/\r\nx: y", "/ HTTP/1.1\r\nhost: b", "/a\0b", "/\n"])
def test_line_breaks_in_the_path_reset_the_stream(server, path):
    fields = [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "localhost")]
    with Frames(server) as client:
        client.send(frame(1, 5, 1, literal(fields)))
        assert client.reset_of(1) == PROTOCOL_ERROR
        client.ask(3)
        assert client.answer(3).text == "root"


def test_window_of_nothing_keeps_memory_flat_and_is_closed():
    manifest = "limits: { send_stall: 500ms }\n" + MANIFEST
    with serve(manifest, files={"big.bin": BIG}) as server:
        server.get("/")
        before = server.memory()
        for _ in range(5):
            with Frames(server, settings={4: 0}) as client:
                for stream in range(1, 200, 2):
                    client.ask(stream, path="/file")
                client.ping()
                assert server.memory() - before < 16 * 1024 * 1024
                assert client.goaway() == ENHANCE_YOUR_CALM
        assert server.get("/").text == "root"


def test_rapid_resets_end_the_connection(server):
    with Frames(server) as client:
        try:
            for stream in range(1, 20_000, 2):
                client.send(client.head(stream, path="/endless"), frame(3, 0, stream, b"\0\0\0\x08"))
        except ConnectionError:
            pass
        assert client.goaway() == ENHANCE_YOUR_CALM
        assert client.goaways[-1][0] < 500
    eventually(
        lambda: re.search(r"http_server_active_requests\{[^}]*\} 0", server.admin("/metrics").text), "a gauge at 0")


def test_more_streams_than_allowed_are_refused(server):
    with Frames(server) as client:
        client.ping()
        assert client.settings[3] == 100
        for stream in range(1, 203, 2):
            client.ask(stream, path="/endless")
        assert client.reset_of(201) == REFUSED_STREAM
        client.send(frame(3, 0, 1, b"\0\0\0\x08")).ask(203)
        assert client.answer(203).text == "root"


def test_continuation_flood_ends_the_connection(server):
    before = server.memory()
    with Frames(server) as client:
        try:
            client.send(frame(1, 1, 1, literal([(":method", "GET")])))
            for _ in range(10_000):
                client.send(frame(9, 0, 1, b"\0\x01x\x01y" * 1000))
        except ConnectionError:
            pass
        assert client.goaway() == ENHANCE_YOUR_CALM
    assert server.memory() - before < 8 * 1024 * 1024


@pytest.mark.parametrize("kind, payload", [(8, b"\0\0\0\1"), (4, b"")])
def test_control_floods_end_the_connection(server, kind, payload):
    with Frames(server) as client:
        client.wire.socket.setblocking(True)
        flood = frame(kind, 0, 0, payload) * 1000
        try:
            for _ in range(300):
                client.send(flood)
                while client.wire.readable():
                    client.read()
        except (ConnectionError, Ended):
            pass
        if not client.goaways:
            client.goaway()
        assert client.goaways[-1][1] == ENHANCE_YOUR_CALM


def test_pings_beside_requests_are_answered(server):
    # As grpc-go does to measure the way: one with each call, and more of them than anybody counts.
    with Frames(server) as client:
        for stream in range(1, 4001, 2):
            client.send(frame(6, 0, 0, b"01234567") * 3, client.head(stream))
            assert client.answer(stream).text == "root"
        assert client.pongs >= 5_000
        assert not client.goaways


@pytest.mark.parametrize("path", [None, "/endless"], ids=["no streams", "a quiet stream"])
def test_too_many_pings_end_the_connection(server, path):
    client, events = H2Connection(), []
    client.initiate_connection()
    if path:
        client.send_headers(
            1, [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "localhost")], end_stream=True)
    for _ in range(10):
        client.ping(b"01234567")
    with server.connect() as wire:
        wire.send(client.data_to_send())
        while not events or not isinstance(events[-1], ConnectionTerminated):
            events += client.receive_data(wire._receive())
    assert events[-1].error_code == ENHANCE_YOUR_CALM and events[-1].additional_data == b"too_many_pings"
    # The first, and two strikes.
    assert sum(isinstance(event, PingAckReceived) for event in events) == 3


def test_keepalive_is_answered():
    # What keeps the distance passes, without a stream and with one that is quiet.
    with serve("limits: { ping_interval: 1ms }\n" + MANIFEST, files={"big.bin": BIG}) as server, Frames(server) as client:
        for stream in (None, 1):
            if stream:
                client.ask(stream, path="/endless")
            for _ in range(20):
                client.ping()
                threading.Event().wait(0.002)
        assert not client.goaways


def test_compressed_bomb_is_431(server):
    before = server.memory()
    with Frames(server) as client:
        head = literal([(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "localhost")])
        entry = b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000
        for stream in range(1, 41, 2):
            block = head + (entry if stream == 1 else b"") + b"\xbe" * 12_000
            client.send(frame(1, 1, stream, block[:16_000]), frame(9, 4, stream, block[16_000:]))
            assert client.answer(stream).status == 431
        client.ask(41)
        assert client.answer(41).text == "root"
    assert server.memory() - before < 8 * 1024 * 1024


# Endings


def test_drain_says_goaway_twice_and_finishes_what_runs():
    with serve(MANIFEST, files={"big.bin": BIG}) as server, Frames(server) as client:
        client.ask(1, path="/late").ping()
        server.process.send_signal(signal.SIGTERM)
        client.until(lambda: client.goaways, "GOAWAY")
        assert client.goaways[0][:2] == (0x7FFFFFFF, 0)
        # On its way before the client knew.
        client.until(lambda: len(client.goaways) > 1, "the second GOAWAY")
        assert client.goaways[1][1] == 0
        client.ask(99)
        assert client.reset_of(99) == REFUSED_STREAM
        assert client.answer(1).text == "late"
        with pytest.raises(Ended):
            client.read()
        server.wait(expect=0)


def test_drain_ends_in_time_whatever_clients_do():
    manifest = "shutdown: { delay: 0s, grace: 500ms }\n" + MANIFEST
    with serve(manifest, files={"big.bin": BIG}) as server:
        idle = server.connect()
        keep = server.connect()
        assert keep.ask("GET", "/").status == 200
        with Frames(server, acknowledge=False) as deaf, Frames(server) as both, Frames(server, settings={4: 0}) as stalled:
            both.ask(1, "POST", "/echo", ends=False).ping()
            stalled.ask(1, path="/file").ping()
            deaf.ask(1, path="/endless")
            deaf.send(frame(6, 0, 0, b"01234567")).until(lambda: deaf.pongs, "a pong")
            server.process.send_signal(signal.SIGTERM)
            server.wait(expect=0)
        idle.close()
        keep.close()


def test_used_up_connection_ends_gracefully():
    with serve("limits: { requests_per_connection: 3 }\n" + MANIFEST, files={"big.bin": BIG}) as server:
        with Frames(server) as client:
            for stream in (1, 3, 5):
                client.ask(stream)
                assert client.answer(stream).text == "root"
            assert client.goaway() == 0
            assert [last for last, _, _ in client.goaways] == [0x7FFFFFFF, 5]


def test_idle_connection_ends():
    with serve("limits: { idle: 300ms }\n" + MANIFEST, files={"big.bin": BIG}) as server, Frames(server) as client:
        client.ask(1)
        assert client.answer(1).text == "root"
        assert client.goaway() == 0


def test_body_that_stops_is_408():
    with serve("limits: { body_gap: 300ms }\n" + MANIFEST, files={"big.bin": BIG}) as server, Frames(server) as client:
        client.ask(1, "POST", "/request", ends=False).ask(3)
        assert client.answer(3).text == "root"
        assert client.answer(1).status == 408


def test_proxy_header_goes_before_it():
    manifest = MANIFEST.replace("workers: 1", 'workers: 1\nlisten: { address: "127.0.0.1:0", proxy_protocol: required }')
    with serve(manifest, files={"big.bin": BIG}) as server, Frames(server, begin=False) as client:
        client.send(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n", PREFACE, frame(4))
        client.ask(1, path="/request")
        assert client.answer(1).json()["client"] == {"address": "192.0.2.7", "port": 4711}


def test_reload_keeps_connections():
    with serve(MANIFEST, files={"big.bin": BIG}) as server, Frames(server) as client:
        client.ask(1, path="/late").ask(3)
        assert client.answer(3).text == "root"
        server.reload(MANIFEST.replace('"root"', '"another"'))
        client.ask(5)
        assert client.answer(5).text == "another"
        assert client.answer(1).text == "late"
