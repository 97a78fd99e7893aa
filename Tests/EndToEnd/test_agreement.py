"""One manifest with all the middleware, a hundred calls by several clients: log, metrics and spans say the same of them."""

import collections
import gzip
import http.client
import math
import subprocess
import urllib.request
from contextlib import ExitStack

import pytest

from collector import Collector, attributes
from radicled import PATIENCE, Ended, eventually, serve
from scrape import DURATION, Prometheus, needs_prometheus, total

APP = "https://app.example.com"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

MANIFEST = """
workers: 2
probes: 127.0.0.1:0
limits: { body_gap: 300s }
trusted_proxies: [127.0.0.1]
variables: { who: "path.?name.orValue('nobody')" }
errors: { 5xx: { json: { sorry: true } } }
middleware:
  request_id: { trust: always }
  tracing: { otlp: "COLLECTOR", sample: 100% }
  access_log: { format: json, fields: { who: variables.who } }
  metrics:
    counters: { calls: { labels: { who: variables.who, status: "string(response.status)" } } }
    histograms: { sent: { value: response.size, buckets: [10, 1000] } }
  timeout: { default: 20s, maximum: 20s }
  ip_filter: { deny: [192.0.2.0/24] }
  headers: { preset: security, response: { set: { x-call: "{{ call.id }}" } } }
  cors: { origins: [https://app.example.com] }
  concurrency: { limit: 100, queue: 10 }
  rate_limit: 1000/s
  body_limit: 1KiB
  compression: { minimum: 100 }
services:
  web:
    routes:
      GET /hello/{name}: { template: { json: { hello: "{{ variables.who }}" } } }
      GET /page: { template: { html: "<p>LONG</p>" } }
      POST /echo: { echo: body }
      POST /size: { template: "{{ size(request.body) }}" }
      GET /stream: { template: { messages: [1, 2, 3], interval: 1ms } }
      GET /old: { redirect: /hello/old }
      GET /fails: { template: { error: { code: INTERNAL } } }
      GET /faulty: { template: x, middleware: { fault: { share: 1, abort: { code: UNAVAILABLE } } } }
      GET /cut: { template: x, fault: { share: 1, cut: true } }
      GET /late: { template: x, delay: 300s, middleware: { timeout: 20ms } }
      GET /slow: { template: x, middleware: { delay: 10ms } }
      GET /long: { template: x, delay: 300s, middleware: { timeout: off } }
      GET /rare: { template: rare, middleware: { rate_limit: { rate: 1/h, key: path.?name } } }
      GET /full: { template: x, delay: 300s, middleware: { concurrency: 1, timeout: off } }
""".replace("LONG", "long " * 500)


def by_http_client(server):
    """36 calls over one connection, as long as the server keeps it."""
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
    kinds = [
        ("GET", "/hello/Ann", None, {}, 200),
        ("GET", "/hello/B%C3%B6b?sig=hush&a=1", None, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, 200),
        ("GET", "/page", None, {"Accept-Encoding": "gzip"}, 200),
        ("POST", "/echo", b"x" * 700, {}, 200),
        ("POST", "/size", gzip.compress(b"x" * 500), {"Content-Encoding": "gzip"}, 200),
        ("POST", "/size", b"x" * 2000, {}, 413),
        ("GET", "/stream", None, {}, 200),
        ("HEAD", "/hello/Ann", None, {}, 200),
        ("GET", "/fails", None, {}, 500),
        ("GET", "/nowhere", None, {"Origin": APP}, 404),
        ("FROB", "/hello/Ann", None, {}, 405),
        ("OPTIONS", "/echo", None, {"Origin": APP, "Access-Control-Request-Method": "POST"}, 204),
    ]
    for method, path, body, fields, status in kinds * 3:
        connection.request(method, path, body=body, headers=fields)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, (method, path, answer.status)
    connection.close()


def by_curl(server):
    """24 calls in five runs, two of them behind redirects, one with a proxy's word for who it is."""
    def codes(*arguments):
        done = subprocess.run(
            ["curl", "-sS", "--max-time", str(PATIENCE), "-w", "%{http_code} ", *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    urls = [f"{server.url}/hello/{n}" for n in range(8)] + [f"{server.url}/slow"] * 4 + [f"{server.url}/late"] * 2
    outputs = [word for _ in range(20) for word in ("-o", "/dev/null")]
    assert codes("--compressed", *outputs, *urls) == ["200"] * 12 + ["504"] * 2
    assert codes("-L", *outputs, f"{server.url}/old", f"{server.url}/old") == ["200"] * 2
    assert codes(*outputs, f"{server.url}/rare", f"{server.url}/rare", f"{server.url}/faulty") == ["200", "429", "503"]
    assert codes(*outputs, "-H", "X-Forwarded-For: 192.0.2.7", f"{server.url}/hello/denied") == ["403"]
    assert codes(*outputs, "-d", "abc", f"{server.url}/echo", f"{server.url}/size") == ["200"] * 2


def by_urllib(server):
    """32 calls, each over a connection of its own."""
    for n in range(32):
        request = urllib.request.Request(f"{server.url}/hello/{n}", headers={"Origin": APP, "X-Request-Id": f"call-{n}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.headers["x-request-id"] == f"call-{n}"


def by_hand(server):
    """8 calls: without an answer, of clients that leave, and one that finds no place."""
    for _ in range(3):
        with server.connect() as wire, pytest.raises(Ended):
            wire.ask("GET", "/cut")
    with ExitStack() as stack:
        before = running(server)
        for path in ("/long", "/full", "/long"):
            stack.enter_context(server.connect()).send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: running(server) == before + 3, "three calls that run")
        assert server.get("/full").status == 503
        # Half a body, and then no more.
        wire = stack.enter_context(server.connect())
        wire.send("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        eventually(lambda: running(server) == before + 4, "a call that waits for its body")
    eventually(lambda: running(server) == before, "none of them")


def running(server):
    return total(server, "http_server_active_requests")


KIND = ["http.request.method", "http.route", "http.response.status_code", "error.type", "network.protocol.version",
        "url.scheme"]
# What a line and a span both say of a call, or both leave out.
SHARED = ["url.path", "url.query", "http.route", "http.response.status_code", "http.request.body.size",
          "http.response.body.size", "radicled.flags", "radicled.request_id", "radicled.service", "client.address",
          "client.port", "user_agent.original", "server.address", "network.protocol.version"]


def kind_of_line(line):
    """What a call is counted under. The log has no error.type: it is the status from 500 on, or what ended the call."""
    status = line.get("http.response.status_code")
    error = line["radicled.flags"] if status is None else status if status >= 500 else ""
    method = "_OTHER" if line["http.request.method"] == "FROB" else line["http.request.method"]
    return tuple(str({**line, "error.type": error, "http.request.method": method}.get(name, "")) for name in KIND)


def kind_of_span(span):
    return tuple(str(attributes(span).get(name, "")) for name in KIND)


def kind_of_series(labels):
    return tuple(labels.get(name.replace(".", "_"), "") for name in KIND)


@needs_prometheus
def test_log_metrics_and_spans_agree_on_a_hundred_calls():
    env = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
    with Collector() as collector, serve(MANIFEST.replace("COLLECTOR", collector.url), env=env) as server:
        by_http_client(server)
        by_curl(server)
        by_urllib(server)
        by_hand(server)
        lines, spans = server.access(100), collector.spans(100)
        with Prometheus(server.others["probes"]) as prometheus:
            eventually(lambda: prometheus.value(f"sum({DURATION}_count)") == 100, "a scrape with the hundred calls")
            scraped = {name: prometheus.query(name) for name in (
                DURATION + "_count", DURATION + "_sum", "http_server_request_body_size_bytes_sum",
                "http_server_response_body_size_bytes_sum", "calls_total", "sent_count", "radicled_flagged_calls_total")}
        server.stop()
        assert (len(server.access(100)), len(collector.spans(100))) == (100, 100)

    def summed(name):
        return sum(value for _, value in scraped[name])

    # How many of each kind.
    kinds = collections.Counter(map(kind_of_line, lines))
    assert len(kinds) == 23
    assert collections.Counter(map(kind_of_span, spans)) == kinds
    assert {kind_of_series(labels): value for labels, value in scraped[DURATION + "_count"]} == kinds

    # Each call by its own: the line and the span that have the same identifiers.
    by_identity = {(span.trace_id.hex(), span.span_id.hex()): span for span in spans}
    assert len(by_identity) == 100
    seconds = 0
    for line in lines:
        span = by_identity[line["trace_id"], line["span_id"]]
        found = attributes(span)
        assert {name: found.get(name) for name in SHARED} == {name: line.get(name) for name in SHARED}
        duration = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
        assert math.isclose(duration, line["http.server.request.duration"], abs_tol=1.1e-6)
        assert span.status.code == (2 if line.get("http.response.status_code", 500) >= 500 else 0)
        seconds += duration
    assert len({line["radicled.request_id"] for line in lines}) == 100

    # What they add up to.
    assert math.isclose(summed(DURATION + "_sum"), seconds, rel_tol=1e-6)
    for name in ("request", "response"):
        size = sum(line[f"http.{name}.body.size"] for line in lines)
        assert summed(f"http_server_{name}_body_size_bytes_sum") == size > 0
    flags = collections.Counter(flag for line in lines for flag in line.get("radicled.flags", "").split(",") if flag)
    assert {labels["flag"]: value for labels, value in scraped["radicled_flagged_calls_total"]} == flags
    assert flags == {
        "fault": 4, "client_gone": 4, "body_limit": 3, "timeout": 2, "rate": 1, "ip_filter": 1, "shed": 1}

    # The manifest's own, which preflights are none of.
    own = collections.Counter((line["who"], str(line.get("http.response.status_code", "")))
                              for line in lines if line["http.request.method"] != "OPTIONS")
    assert {(labels["who"], labels.get("status", "")): value for labels, value in scraped["calls_total"]} == own
    assert summed("sent_count") == sum(own.values()) == 97
