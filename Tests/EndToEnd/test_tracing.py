"""Distributed tracing: the caller's context, identifiers in the log, spans as a collector decodes them."""

import json
import socket
import threading

import pytest

from collector import Collector, attributes
from radicled import PATIENCE, eventually, serve
from scrape import samples, total

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


def routes(tracing, extra=""):
    return f"""
middleware:
  tracing: {tracing}
services:
  web:
    routes:
      GET /hello/{{name}}: {{ template: "hi {{{{ path.name }}}}" }}
      GET /seen: {{ echo: request }}
      GET /broken: {{ template: {{ error: {{ code: UNAVAILABLE }} }} }}
      GET /missing: {{ template: {{ error: {{ code: NOT_FOUND }} }} }}
      GET /slow: {{ template: late, delay: 60ms }}
      POST /body: {{ template: "{{{{ size(request.body) }}}}" }}
{extra}"""


# The context


@pytest.fixture(scope="module")
def server():
    with serve(routes("{}")) as server:
        yield server


def test_a_callers_trace_goes_on(server):
    answer = server.get("/seen", {"traceparent": f"00-{TRACE}-{PARENT}-01"})
    assert answer.json()["trace_id"] == TRACE
    identity = answer.header("x-request-id")
    line = server.output.wait(
        lambda lines: next((l for l in lines if identity.encode() in l), None), "the line of the call")
    line = json.loads(line)
    assert line["trace_id"] == TRACE
    assert line["trace_flags"] == "01"
    assert len(line["span_id"]) == 16 and line["span_id"] not in (PARENT, "0" * 16)


@pytest.mark.parametrize("sent", [
    None, "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{PARENT}-01",
    f"00-{TRACE.upper()}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01-x",
])
def test_without_a_valid_one_a_trace_begins(server, sent):
    answer = server.get("/seen", {"traceparent": sent} if sent else {})
    identity = answer.json()["trace_id"]
    assert len(identity) == 32 and identity not in (TRACE, "0" * 32)


def test_of_two_traceparents_none_counts(server):
    with server.connect() as wire:
        one = ("traceparent", f"00-{TRACE}-{PARENT}-01")
        assert wire.ask("GET", "/seen", [one, one]).json()["trace_id"] != TRACE


def test_each_call_has_a_trace_of_its_own(server):
    traces = {server.get("/seen").json()["trace_id"] for _ in range(20)}
    assert len(traces) == 20


def test_trust_never_begins_a_new_one():
    with serve(routes("{ trust: never }")) as server:
        answer = server.get("/seen", {"traceparent": f"00-{TRACE}-{PARENT}-01"})
        assert answer.json()["trace_id"] != TRACE


def test_off_means_no_trace():
    with serve(routes("off")) as server:
        assert "trace_id" not in server.get("/seen", {"traceparent": f"00-{TRACE}-{PARENT}-01"}).json()
        assert "trace_id" not in server.access(1)[0]


# The spans


@pytest.mark.parametrize("form", ["http/protobuf", "http/json"])
def test_a_collector_gets_the_span(form):
    with Collector() as collector, serve(routes(f"{{ otlp: '{collector.url}', protocol: {form} }}"), env=FAST) as server:
        answer = server.get(
            "/hello/Ann?a=1&sig=secret",
            {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=x, other=y", "user-agent": "test/1"})
        assert answer.text == "hi Ann"
        span, = collector.spans(1)
        line, = server.access(1)
        assert span.trace_id.hex() == TRACE == line["trace_id"]
        assert span.span_id.hex() == line["span_id"]
        assert span.parent_span_id.hex() == PARENT
        assert span.trace_state == "vendor=x, other=y"
        assert span.name == "GET /hello/{name}"
        assert span.kind == 2
        assert span.flags == 0x301
        assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < PATIENCE * 1e9
        assert span.status.code == 0
        found = attributes(span)
        assert found.pop("client.port") == found.pop("network.peer.port")
        assert found == {
            "http.request.method": "GET", "url.scheme": "http", "url.path": "/hello/Ann",
            "url.query": "a=1&sig=REDACTED", "http.route": "/hello/{name}", "radicled.service": "web",
            "http.response.status_code": 200, "http.request.body.size": 0, "http.response.body.size": 6,
            "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1", "server.address": "127.0.0.1",
            "server.port": server.port, "network.protocol.name": "http", "network.protocol.version": "1.1",
            "user_agent.original": "test/1", "radicled.request_id": answer.header("x-request-id"),
            "radicled.generation": 1}
        path, _, _, _ = collector.requests[0]
        assert path == "/v1/traces"
        resource = collector.exports()[0].resource_spans[0]
        named = attributes(resource.resource)
        assert named["service.name"] == "test"
        assert named["telemetry.sdk.name"] == "radicled"
        assert named["service.instance.id"]
        assert resource.scope_spans[0].scope.name == "radicled"


def test_what_happens_on_the_way_is_in_events():
    with Collector() as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        server.get("/slow")
        with server.connect() as wire:
            wire.send("POST /body HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            wire.read_response()
            wire.send("hello")
            assert wire.read_response().text == "5"
        by_name = {span.name: span for span in collector.spans(2)}
        slow = by_name["GET /slow"]
        assert [event.name for event in slow.events] == ["radicled.parked", "radicled.resumed"]
        assert slow.events[1].time_unix_nano - slow.events[0].time_unix_nano >= 60_000_000
        for event in slow.events:
            assert slow.start_time_unix_nano <= event.time_unix_nano <= slow.end_time_unix_nano
        assert [event.name for event in by_name["POST /body"].events] == ["http.request.body.read"]


def test_failures_of_the_server_are_errors_and_those_of_the_client_are_not():
    with Collector() as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        for path in ("/broken", "/missing", "/nowhere"):
            server.get(path)
        by_name = {span.name: span for span in collector.spans(3)}
        assert by_name["GET /broken"].status.code == 2
        assert attributes(by_name["GET /broken"])["error.type"] == "503"
        assert by_name["GET /missing"].status.code == 0
        assert "error.type" not in attributes(by_name["GET /missing"])
        assert attributes(by_name["GET"])["http.response.status_code"] == 404


def test_methods_of_ones_own_do_not_make_names():
    with Collector() as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        server.request("BREW", "/hello/x")
        span, = collector.spans(1)
        assert span.name == "HTTP"
        assert attributes(span)["http.request.method"] == "_OTHER"
        assert attributes(span)["http.request.method_original"] == "BREW"


# What is sampled


def test_of_what_is_not_sampled_only_the_notable_is_sent():
    with Collector() as collector, serve(
            routes(f"{{ otlp: '{collector.url}', sample: 0, slow: 50ms }}"), env=FAST) as server:
        for path in ("/hello/a", "/broken", "/slow", "/missing"):
            server.get(path)
        # The caller's decision stands.
        server.get("/seen", {"traceparent": f"00-{TRACE}-{PARENT}-01"})
        server.get("/seen", {"traceparent": f"00-{TRACE}-{PARENT}-00"})
        server.stop()
        assert sorted(span.name for span in collector.spans(3)) == ["GET /broken", "GET /seen", "GET /slow"]


def test_a_share_is_sampled_by_the_trace():
    with Collector() as collector, serve(
            routes(f"{{ otlp: '{collector.url}', sample: 25% }}"), env=FAST) as server:
        for _ in range(400):
            server.get("/hello/a")
        server.stop()
        spans = collector.spans(1)
        # Six deviations of a binomial.
        assert 48 <= len(spans) <= 152
        for span in spans:
            assert int.from_bytes(span.trace_id[9:], "big") >= 0.75 * 2**56
        lines = [line for line in server.access(400)]
        sampled = {line["trace_id"] for line in lines if line["trace_flags"] == "03"}
        assert sampled == {span.trace_id.hex() for span in spans}


def test_the_manifest_can_leave_calls_out():
    with Collector() as collector, serve(
            routes(f"{{ otlp: '{collector.url}', when: \"response.status != 404\" }}"), env=FAST) as server:
        server.get("/missing")
        server.get("/hello/a")
        server.stop()
        assert [span.name for span in collector.spans(1)] == ["GET /hello/{name}"]


# The environment


def test_the_environment_says_what_the_manifest_does_not():
    with Collector() as collector:
        env = FAST | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=s%20t",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test"}
        with serve(routes("{}"), env=env) as server:
            server.get("/hello/a")
            collector.spans(1)
        _, fields, body, _ = collector.requests[0]
        assert fields["x-key"] == "s t"
        assert "content-encoding" not in fields and body.startswith(b"{")
        resource = collector.exports()[0].resource_spans[0].resource
        assert attributes(resource)["deployment.environment.name"] == "test"


@pytest.mark.parametrize("protocol", ["http/json", "http/protobuf"])
def test_spans_are_compressed_where_the_environment_wants_it(protocol):
    with Collector() as collector:
        env = FAST | {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
        with serve(routes(f"{{ otlp: '{collector.url}' }}"), env=env) as server:
            server.get("/hello/a")
            assert [span.name for span in collector.spans(1)] == ["GET /hello/{name}"]
        _, fields, _, _ = collector.requests[0]
        assert fields["content-encoding"] == "gzip"


def test_what_is_not_understood_is_said_at_the_start():
    with serve(routes("{}"), env={"OTEL_EXPORTER_OTLP_ENDPOINT": "https://secure:4318"}) as server:
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in server.event("environment_not_understood")["message"]
        assert server.get("/hello/a").status == 200


def test_the_services_name_can_come_from_the_environment(tmp_path):
    with serve(routes("{}"), env={"OTEL_SERVICE_NAME": "shop"}, defaults={
            "radicle": "1", "listen": "127.0.0.1:0", "shutdown": "{ delay: 0s }"}) as server:
        server.get("/hello/a")
        assert server.access(1)[0]["service.name"] == "shop"


def test_headers_for_the_collector_are_sent_and_not_shown():
    with Collector() as collector, serve(
            routes(f"{{ otlp: '{collector.url}', headers: {{ X-Key: '${{KEY}}' }} }}"),
            env=FAST | {"KEY": "hush"}) as server:
        server.get("/hello/a")
        collector.spans(1)
        assert collector.requests[0][1]["x-key"] == "hush"
        server.stop()
        assert "hush" not in server.log.text


# A collector in trouble (limits.md, faults)


def test_a_collector_that_asks_for_it_is_tried_again():
    with Collector(replies=[(503, {"retry-after": "0"}, b"")]) as collector, serve(
            routes(f"'{collector.url}'"), env=FAST) as server:
        server.get("/hello/a")
        collector.spans(1)
        assert [status for *_, status in collector.requests] == [503, 200]
        assert collector.exports(503) == collector.exports(200)
        server.event("spans_not_exported")
        server.event("spans_exported")


def test_what_is_refused_is_not_tried_again():
    with Collector(replies=[(400, {}, b"")]) as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        server.get("/hello/a")
        collector.wait(lambda it: len(it.requests) == 1, "the request")
        server.get("/hello/b")
        span, = collector.spans(1)
        assert attributes(span)["url.path"] == "/hello/b"
        server.stop()
        assert server.event("spans_lost")["spans"] == "1"


def test_a_dead_collector_costs_spans_and_nothing_else():
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with serve(
            routes(f"'http://127.0.0.1:{port}'"), env=FAST | {"OTEL_BSP_MAX_QUEUE_SIZE": "10"}) as server:
        for _ in range(50):
            assert server.get("/hello/a").status == 200
        server.event("spans_not_exported")
        server.stop()
        assert int(server.event("spans_lost")["spans"]) == 50


def test_a_collector_that_never_answers_does_not_keep_the_server_from_ending():
    deaf = socket.create_server(("127.0.0.1", 0))
    held = []
    threading.Thread(target=lambda: held.append(deaf.accept()), daemon=True).start()
    with serve(routes(f"'http://127.0.0.1:{deaf.getsockname()[1]}'"), env=FAST) as server:
        assert server.get("/hello/a").status == 200
        eventually(lambda: held, "the exporter connects")
        server.stop()
        assert server.event("spans_lost")["spans"] == "1"
    deaf.close()


def answer_for_ever(connection):
    try:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
        while True:
            connection.sendall(b"y")
    except OSError:
        pass


@pytest.mark.parametrize("how", ["silent", "endless"])
def test_a_collector_that_hangs_costs_spans_that_are_counted_and_nothing_else(how):
    """Ten may wait and ten are on their way; each try ends, and so does the server while one runs."""
    held = []
    deaf = socket.create_server(("127.0.0.1", 0), backlog=64)

    def take():
        try:
            while True:
                connection, _ = deaf.accept()
                held.append(connection)
                if how == "endless":
                    threading.Thread(target=answer_for_ever, args=(connection,), daemon=True).start()
        except OSError:
            pass

    threading.Thread(target=take, daemon=True).start()
    env = FAST | {"OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10"}
    with serve(routes(f"'http://127.0.0.1:{deaf.getsockname()[1]}'"), env=env) as server, server.connect() as wire:
        before = server.memory()
        for _ in range(5000):
            assert wire.ask("GET", "/hello/a").status == 200
        eventually(lambda: held, "the exporter connects")
        found = samples(server)
        [queue], [flight] = found["otel_sdk_processor_span_queue_size"], found["otel_sdk_exporter_span_inflight"]
        assert queue[1] <= 10 and flight[1] <= 10
        dropped = total(server, "otel_sdk_processor_span_processed_total", error_type="queue_full")
        assert dropped >= 4900
        assert server.memory() < before + 32 * 1024 * 1024
        server.stop()
        assert server.event("spans_lost")["spans"] == "5000"
    deaf.close()
    for connection in held:
        connection.close()


def test_an_answer_that_is_none_is_no_harm():
    with Collector() as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        collector.replies += [(200, {}, b"\xff\xff\xff"), (200, {}, b"\x0a\x02\x08\x01")]
        server.get("/hello/a")
        collector.spans(1)
        server.get("/hello/b")
        collector.spans(2)
        server.stop()
        # Of the second request the collector rejected one span.
        assert server.event("spans_lost")["spans"] == "1"


def test_bytes_that_are_no_text_do_not_spoil_a_batch():
    with Collector() as collector, serve(routes(f"'{collector.url}'"), env=FAST) as server:
        with server.connect() as wire:
            wire.ask("GET", "/hello/%FF%C3", {"user-agent": "\xff\xc3\x28"})
            wire.ask("GET", "/hello/" + "a" * 6000)
        spans = collector.spans(2)
        assert all(len(attributes(span)["url.path"]) <= 2048 for span in spans)
