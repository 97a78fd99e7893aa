"""What is counted, as Prometheus, its own linter and two other parsers read it; and that it agrees with the access log."""

import collections
import contextlib
import gzip
import http.client
import json
import math
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from radicled import PATIENCE, ROOT, eventually, serve
from scrape import DURATION, Prometheus, needs_prometheus, samples, total

OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}
TRACED = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}

OWN = """
probes: 127.0.0.1:0
middleware:
  metrics:
    counters:
      hello_count: { help: Greetings sent, labels: { name: path.name }, on: "web.GET /hello/{name}" }
    gauges:
      last_size: { value: response.size }
    histograms:
      sizes: { help: Sizes of answers, value: response.size, buckets: [1, 10, 1000000], labels: { route: call.route } }
"""

ROUTES = """
services:
  web:
    routes:
      GET /hello/{name}: { template: "Hello {{ path.name }}" }
      POST /echo: { echo: body }
      GET /fails: { template: { error: { code: UNAVAILABLE } } }
      GET /slow: { template: late, delay: 300s, middleware: { timeout: off } }
      GET /cut: { template: hi, fault: { share: 1, cut: true } }
"""

MANIFEST = OWN + ROUTES


def make_calls(server, count):
    """So many calls of several kinds, over one connection where the server keeps it."""
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
    kinds = [("GET", "/hello/Ann", None), ("GET", "/hello/Bob", None), ("POST", "/echo", b"x" * 700),
             ("GET", "/fails", None), ("GET", "/nowhere", None), ("FROB", "/hello/Ann", None)]
    for number in range(count):
        method, path, body = kinds[number % len(kinds)]
        connection.request(method, path, body=body, headers=TRACED)
        connection.getresponse().read()
    connection.close()


def test_metrics_agree_with_the_access_log():
    with serve(MANIFEST) as server:
        make_calls(server, 100)
        lines = server.access(100)
        eventually(lambda: total(server, DURATION + "_count") == 100, "100 calls counted")
        logged = collections.Counter(
            (line["http.request.method"] if line["http.request.method"] != "FROB" else "_OTHER",
             line.get("http.route", ""), str(line["http.response.status_code"])) for line in lines)
        found = samples(server)
        counted = {
            (labels["http_request_method"], labels.get("http_route", ""), labels["http_response_status_code"]): value
            for labels, value in found[DURATION + "_count"]}
        assert counted == dict(logged)
        for name, key in [("request", "http.request.body.size"), ("response", "http.response.body.size")]:
            size = sum(value for _, value in found[f"http_server_{name}_body_size_bytes_sum"])
            assert size == sum(line[key] for line in lines)
        seconds = sum(value for _, value in found[DURATION + "_sum"])
        assert math.isclose(seconds, sum(line["http.server.request.duration"] for line in lines), abs_tol=110e-6)
        assert {labels["name"]: value for labels, value in found["hello_count_total"]} == {"Ann": 17, "Bob": 17}
        assert all(value == 0 for _, value in found["http_server_active_requests"])


def test_preflight_is_no_call_in_metrics_of_ones_own():
    with serve("""
        middleware:
          cors: { origins: "https://app.example.com" }
          metrics:
            counters: { orders: { help: Orders } }
            histograms: { items: { help: Items of an order, value: size(body.items), buckets: [1, 10] } }
        services: { web: { routes: { "POST /orders": { template: { status: 201 } } } } }
    """) as server:
        asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        assert server.request("OPTIONS", "/orders", asked).status == 204
        json_body = {"Content-Type": "application/json"}
        assert server.request("POST", "/orders", json_body, b'{"items": [1, 2, 3]}').status == 201
        eventually(lambda: total(server, DURATION + "_count") == 2, "both are counted as requests")
        assert total(server, "orders_total") == 1
        assert (total(server, "items_count"), total(server, "items_sum")) == (1, 3)
        assert total(server, "radicled_metric_failures_total") == 0


def test_histograms_are_whole():
    with serve(MANIFEST) as server:
        make_calls(server, 30)
        found = samples(server)
    for name in (DURATION, "http_server_request_body_size_bytes", "sizes"):
        series = collections.defaultdict(list)
        for labels, value in found[name + "_bucket"]:
            series[tuple(sorted((k, v) for k, v in labels.items() if k != "le"))].append((float(labels["le"]), value))
        counts = {tuple(sorted(labels.items())): value for labels, value in found[name + "_count"]}
        assert series.keys() == counts.keys() and series
        for key, buckets in series.items():
            assert buckets == sorted(buckets) and [v for _, v in buckets] == sorted(v for _, v in buckets)
            assert buckets[-1] == (math.inf, counts[key])
    bounds = sorted({float(labels["le"]) for labels, _ in found[DURATION + "_bucket"]})
    assert bounds == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, math.inf]


def test_openmetrics_is_read_strictly():
    with serve(MANIFEST) as server:
        make_calls(server, 30)
        answer = server.admin("/metrics", OPENMETRICS)
    assert answer.header("content-type").startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert answer.text.endswith("# EOF\n")
    families = {family.name: family for family in read_openmetrics(answer.text)}
    assert families["hello_count"].type == "counter"
    assert families[DURATION].unit == "seconds"
    exemplars = [sample.exemplar for sample in families[DURATION].samples if sample.exemplar]
    assert exemplars and {example.labels["trace_id"] for example in exemplars} == {TRACED["traceparent"][3:35]}
    created = [sample for sample in families["hello_count"].samples if sample.name == "hello_count_created"]
    assert len(created) == 2 and all(sample.value > 1.6e9 for sample in created)


@pytest.mark.parametrize("accept, expected", [
    (None, "text/plain; version=0.0.4; charset=utf-8"),
    ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
    ("image/png", "text/plain; version=0.0.4; charset=utf-8"),
    ("text/plain;version=1.0.0;escaping=allow-utf-8",
     "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"),
    ("application/openmetrics-text;version=0.0.1", "application/openmetrics-text; version=0.0.1; charset=utf-8"),
    ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.9,"
     "text/plain;version=0.0.4;q=0.5", "text/plain; version=0.0.4; charset=utf-8"),
])
def test_form_is_what_the_scraper_likes_best(accept, expected):
    with serve(MANIFEST) as server:
        answer = server.admin("/metrics", {"Accept": accept} if accept else None)
        assert answer.header("content-type") == expected
        assert ("# EOF" in answer.text) == expected.startswith("application/")
        assert server.admin("/metrics", listener="probes").status == 200
        assert server.admin("/metrics", method="POST").status == 405


def test_gzip_is_the_same_text():
    with serve("admin: 127.0.0.1:0\n" + MANIFEST) as server:
        make_calls(server, 12)
        answer = server.admin("/metrics", {"Accept-Encoding": "gzip"})
        assert answer.header("content-encoding") == "gzip"
        text = gzip.decompress(answer.body).decode()
        assert any(family.name == DURATION for family in read_text(text))
        assert server.admin("/metrics", {"Accept-Encoding": "gzip;q=0"}).header("content-encoding") is None


needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed: Debian's package prometheus has it")


@needs_promtool
def test_promtool_finds_nothing():
    traced = 'middleware: { tracing: { otlp: "http://127.0.0.1:1" } }\n'
    for text in (MANIFEST, traced + "services: { web: { routes: { GET /: { template: hi } } } }"):
        with serve(text) as server:
            make_calls(server, 30)
            text = server.admin("/metrics").body
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=PATIENCE)
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_every_name_is_published():
    """What a scrape has beside the manifest's own is in the golden list, with its kind."""
    golden = dict(line.split()[:2] for line in (ROOT / "Tests/Golden/metrics.txt").read_text().splitlines())
    kinds = {"info": "gauge", "unknown": "untyped"}
    guide = (ROOT / "docs/guides/metrics.md").read_text()
    with serve('middleware: { tracing: { otlp: "http://127.0.0.1:1" }, metrics: { counters: { a: {} } }, concurrency: 5 }\n'
               "services: { web: { routes: { GET /: { template: hi } } } }") as server:
        server.get("/")
        text = server.admin("/metrics").text
    types = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
    assert types.pop("a_total") == "counter"
    assert types == {name: kinds.get(kind, kind) for name, kind in golden.items()}
    for name in golden:
        assert f"`{name}`" in guide, f"{name} is not in docs/guides/metrics.md"


@needs_prometheus
def test_prometheus_scrapes_it():
    with serve(MANIFEST) as server:
        make_calls(server, 100)
        with Prometheus(server.others["probes"]) as prometheus:
            eventually(lambda: prometheus.value(f"sum({DURATION}_count)") == 100, "a scrape with the hundred calls")
            assert prometheus.value('sum(hello_count_total{name="Ann"})') == 17
            assert prometheus.value("up") == 1
            assert prometheus.value(f'sum({DURATION}_count{{error_type!=""}})') == 17
            [target] = prometheus.api("targets")["activeTargets"]
            assert (target["health"], target["lastError"]) == ("up", "")
            metadata = prometheus.api("metadata", metric=DURATION)[DURATION][0]
            assert (metadata["type"], metadata["unit"]) == ("histogram", "seconds")
            exemplars = eventually(
                lambda: prometheus.api("query_exemplars", query=DURATION + "_bucket", start="0", end="9999999999"),
                "exemplars")
            assert exemplars[0]["exemplars"][0]["labels"]["trace_id"] == TRACED["traceparent"][3:35]


# Limits, and what goes wrong


def test_label_explosion_is_capped():
    text = """
    middleware: { metrics: { series: 100, counters: { seen: { labels: { name: "path.?name" } } } } }
    services: { web: { routes: { "GET /{name}": { template: hi } } } }
    """
    with serve(text) as server, server.connect() as wire:
        for number in range(1000):
            wire.ask("GET", f"/{number}")
        found = samples(server)
        assert len(found["seen_total"]) == 100
        assert dict((tuple(labels.items()), value) for labels, value in found["seen_total"])[
            (("otel_metric_overflow", "true"),)] == 901
        assert ({"metric": "seen"}, 100) in found["radicled_metric_series"]


def test_hostile_labels_do_not_break_a_scrape():
    text = """
    middleware: { metrics: { counters: { seen: { labels: { agent: 'headers["user-agent"]', path: request.path } } } } }
    services: { web: { routes: { "GET /{name}": { template: hi } } } }
    """
    with serve(text) as server:
        for agent in (b'a"} 1\\', b"\xff\xc0\x80", b"x" * 5000, '\u2028é"'.encode()):
            with server.connect() as wire:
                wire.send(b"GET /%0A%22%00 HTTP/1.1\r\nHost: x\r\nUser-Agent: " + agent + b"\r\n\r\n")
                wire.read_response()
            with server.connect() as wire:
                wire.send(b"GET /x%0Ay HTTP/1.1\r\nHost: x\r\nUser-Agent: " + agent + b"\r\n\r\n")
                wire.read_response()
        eventually(lambda: total(server, DURATION + "_count") == 8, "eight calls counted")
        found = samples(server)["seen_total"]
        assert all(set(labels) <= {"agent", "path"} and value > 0 for labels, value in found)
        list(read_openmetrics(server.admin("/metrics", OPENMETRICS).text))


def test_lost_log_lines_are_counted():
    with serve('middleware: { access_log: { output: "file:/dev/full" } }\n' + ROUTES) as server:
        make_calls(server, 60)
        eventually(lambda: total(server, "radicled_log_lines_dropped_total") == 60, "60 lines lost")


def test_lost_spans_are_counted():
    # Nobody listens there; ten spans may wait, and one batch is on its way.
    env = {"OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10"}
    with serve('middleware: { tracing: { otlp: "http://127.0.0.1:1", sample: 100% } }\n'
               "services: { web: { routes: { GET /: { template: hi } } } }", env=env) as server:
        with server.connect() as wire:
            for _ in range(100):
                wire.ask("GET", "/")
        processed = "otel_sdk_processor_span_processed_total"
        eventually(lambda: total(server, processed, error_type="queue_full") >= 70, "spans dropped")
        assert total(server, "otel_sdk_processor_span_queue_capacity") == 10
        assert total(server, "otel_sdk_processor_span_queue_size") <= 10


def test_spans_are_counted_by_what_was_decided_of_them():
    # Nobody listens there; what is counted is counted before.
    with serve("""
        middleware: { tracing: { otlp: "http://127.0.0.1:1" } }
        services:
          web:
            routes:
              GET /: { template: hi }
              GET /left-out: { template: hi, middleware: { tracing: { when: "response.status != 200" } } }
              GET /slow: { template: late, delay: 10s }
              GET /none: { template: hi, middleware: { tracing: off } }
        """) as server:
        place = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
        for path in ("/", "/left-out", "/none", "/nowhere"):
            for flags in ("01", "00", "00"):
                server.get(path, {"traceparent": f"{place}-{flags}"})
        started, live = "otel_sdk_span_started_total", "otel_sdk_span_live"
        decided = {name: {"otel_span_sampling_result": name} for name in ("RECORD_AND_SAMPLE", "RECORD_ONLY", "DROP")}
        assert total(server, started, **decided["RECORD_AND_SAMPLE"]) == 3
        assert total(server, started, **decided["RECORD_ONLY"]) == 6
        assert total(server, started, **decided["DROP"]) == 0
        eventually(lambda: total(server, live) == 0, "all have ended")
        with server.connect() as wire:
            wire.send(f"GET /slow HTTP/1.1\r\nHost: x\r\ntraceparent: {place}-01\r\n\r\n")
            eventually(lambda: total(server, live, **decided["RECORD_AND_SAMPLE"]) == 1, "one that has not")
            assert total(server, live, **decided["RECORD_ONLY"]) == 0
        eventually(lambda: total(server, live) == 0, "its client is gone")


def test_without_a_collector_no_span_is_counted():
    with serve("middleware: { tracing: {} }\n" + ROUTES) as server:
        server.get("/hello/Ann")
        assert "otel_sdk_" not in server.admin("/metrics").text


def test_running_calls_are_a_gauge_that_comes_back():
    with serve(MANIFEST) as server:
        running = "http_server_active_requests"
        wires = [server.connect() for _ in range(5)]
        for wire in wires:
            wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: total(server, running, http_request_method="GET") == 5, "five calls that run")
        assert total(server, "radicled_connections") == 5
        for wire in wires:
            wire.close()
        eventually(lambda: total(server, running) == 0, "none that runs")
        gone = {"error_type": "client_gone"}
        assert total(server, DURATION + "_count", http_response_status_code="499") + total(
            server, DURATION + "_count", **gone) == 5
        eventually(lambda: total(server, "radicled_connections") == 0, "no connection")


def test_gauges_come_back_whatever_ends_a_call():
    """Deadlines, the queue's patience, cuts, faults, half bodies, streams and clients that leave at any moment, all at
    once and on two loops: in the end nothing runs, waits or is open, and each call was counted once."""
    text = """
    workers: 2
    middleware: { timeout: 30ms, tracing: { sample: 0 } }
    limits: { body_gap: 20ms, idle: 60ms, header_timeout: 60ms }
    services:
      web:
        middleware: { concurrency: { limit: 4, queue: 6, queue_timeout: 10ms }, compression: { minimum: 1 } }
        routes:
          GET /work: { template: "done", delay: { uniform: [0ms, 12ms] } }
          GET /edge: { template: "edge", delay: 30ms }
          GET /late: { template: "late", delay: 1s }
          GET /cut: { template: "cut", fault: [ { share: 0.5, cut: true }, { share: 1, abort: { code: UNAVAILABLE } } ] }
          GET /stream: { template: { messages: [1, 2, 3], interval: 5ms } }
          POST /body: { template: "{{ size(request.body) }}" }
          POST /echo: { echo: body }
    """
    with serve(text) as server:
        gauges = ["http_server_active_requests", "radicled_concurrency_running", "radicled_concurrency_waiting",
                  "radicled_connections"]
        seen = set()

        def storm(seed):
            dice = random.Random(seed)
            for _ in range(60):
                with contextlib.suppress(ConnectionError), server.connect() as wire:
                    path = dice.choice(["/work", "/edge", "/late", "/cut", "/stream", "/body", "/echo"])
                    head = f"{'POST' if path in ('/body', '/echo') else 'GET'} {path} HTTP/1.1\r\nHost: x\r\n"
                    if path in ("/body", "/echo"):
                        body = dice.choice(["", "hel", "hello", "hello" + head + "\r\n"])
                        head += dice.choice(["", "Expect: 100-continue\r\n"]) + f"Content-Length: 5\r\n\r\n{body}"
                    else:
                        head += "\r\n" + dice.choice(["", head + "\r\n"])
                    wire.send(head[:dice.choice([len(head), len(head), len(head), dice.randrange(len(head))])])
                    if dice.random() < 0.3:
                        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    if dice.random() < 0.5:
                        wire.readable(dice.random() * 0.04)
                        continue
                    if dice.random() < 0.5:
                        # The server may have gone first.
                        with contextlib.suppress(OSError):
                            wire.finish_sending()
                    seen.update(re.findall(rb"HTTP/1.1 (\d\d\d)", wire.read_to_end()))

        with ThreadPoolExecutor(16) as clients:
            # The first that fails is raised here.
            list(clients.map(storm, range(16)))
        assert seen >= {b"200", b"408", b"503", b"504"}, seen
        for gauge in gauges:
            eventually(lambda: total(server, gauge) == 0, f"no {gauge}")
        # None below zero either, which a sum would hide.
        found = samples(server)
        assert [found[gauge] for gauge in gauges] == [[(labels, 0) for labels, _ in found[gauge]] for gauge in gauges]
        assert all(found[gauge] for gauge in gauges[1:])
        calls = total(server, DURATION + "_count")
        server.stop()
        assert len(server.access(int(calls))) == calls


def test_call_without_an_answer_is_counted():
    with serve(MANIFEST) as server:
        with server.connect() as wire:
            wire.send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.is_closed()
        eventually(lambda: total(server, DURATION + "_count", error_type="fault") == 1, "the call counted")


# Reload


def test_counts_go_on_after_a_reload():
    with serve(MANIFEST, arguments=["--no-watch"]) as server:
        make_calls(server, 30)
        eventually(lambda: total(server, DURATION + "_count") == 30, "30 calls counted")
        server.reload(MANIFEST.replace("Greetings sent", "Greetings so far"))
        make_calls(server, 30)
        eventually(lambda: total(server, DURATION + "_count") == 60, "60 calls counted")
        assert total(server, "hello_count_total", name="Ann") == 10
        assert "# HELP hello_count_total Greetings so far\n" in server.admin("/metrics").text
        assert total(server, "radicled_manifest_generation") == 2
        last, succeeded = "radicled_config_last_reload_success_timestamp_seconds", "radicled_config_last_reload_successful"
        since = total(server, last)
        assert abs(since - time.time()) < PATIENCE * 2
        assert total(server, succeeded) == 1
        server.manifest.write_text("radicle: 2\n")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: total(server, "radicled_manifest_reloads_total", outcome="refused") == 1, "a refusal")
        assert total(server, "radicled_manifest_reloads_total", outcome="in_force") == 1
        assert total(server, last) == since
        assert total(server, succeeded) == 0
        assert total(server, "hello_count_total", name="Ann") == 10
