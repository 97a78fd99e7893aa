"""middleware.access_log: one line a request, on stdout or in a file."""

import contextlib
import json
import os
import re
import signal
import socket

import pytest

from radicled import PATIENCE, Lines, eventually, manifest, run, serve
from scrape import total

MANIFEST = """
services:
  web:
    routes:
      GET /hello/{name}: { template: { json: { message: "Hello {{ path.name }}" } } }
      GET /quiet: { template: "x", middleware: { access_log: off } }
      POST /echo: { echo: body }
"""


def test_line_has_the_published_keys():
    with serve(MANIFEST) as server:
        answer = server.get("/hello/Ann?a=1&b=%20", {"User-Agent": "unit/1"})
        [line] = server.access(1)
    assert line["event"] == "access"
    assert line["http.request.method"] == "GET"
    assert line["url.path"] == "/hello/Ann"
    assert line["url.query"] == "a=1&b=%20"
    assert line["url.scheme"] == "http"
    assert line["http.route"] == "/hello/{name}"
    assert line["http.response.status_code"] == 200
    assert line["http.request.body.size"] == 0
    assert line["http.response.body.size"] == len(answer.body)
    assert 0 <= line["http.server.request.duration"] < 20
    assert line["client.address"] == "127.0.0.1"
    assert 0 < line["client.port"] < 65536
    assert line["network.protocol.version"] == "1.1"
    assert line["server.address"]
    assert line["user_agent.original"] == "unit/1"
    assert line["radicled.service"] == "web"
    assert line["radicled.request_id"] == answer.header("x-request-id")
    assert not line.get("radicled.flags")
    assert line["timestamp"][:2] == "20" and line["timestamp"].endswith("Z")


def test_every_request_has_one_line():
    with serve(MANIFEST) as server, server.connect() as wire:
        for n in range(300):
            wire.ask("GET", f"/hello/{n}")
        server.stop()
        lines = server.access(300)
    assert [line["url.path"] for line in lines] == [f"/hello/{n}" for n in range(300)]


def test_sizes_are_those_of_the_bodies():
    with serve(MANIFEST) as server:
        server.request("POST", "/echo", body=b"x" * 1234)
        [line] = server.access(1)
    assert (line["http.request.body.size"], line["http.response.body.size"]) == (1234, 1234)


def test_forged_line_stays_one_valid_line():
    with serve(MANIFEST) as server:
        for path, agent in [
            ("/hello/a%0A%7B%22event%22%3A%22forged%22%7D", "a"),
            ('/hello/"},{"event":"forged', "a"),
            ("/hello/x", 'a"\\\t\xff\xfe{}'),
            ("/hello/%1b%5b31m%ff%c0%80", "a"),
        ]:
            with server.connect() as wire:
                wire.ask("GET", path, [("User-Agent", agent)])
        lines = server.access_lines(4)
    assert len(lines) == 4
    for line in lines:
        assert json.loads(line.decode("utf-8"))["event"] == "access"
        assert not any(byte < 0x20 or byte == 0x7F for byte in line)


def test_unmatched_request_is_logged_without_route():
    with serve(MANIFEST) as server:
        server.get("/nope")
        [line] = server.access(1)
    assert line["http.response.status_code"] == 404
    assert "http.route" not in line


def test_unknown_method_is_bounded():
    with serve(MANIFEST) as server:
        server.request("FROBNICATE", "/hello/x")
        [line] = server.access(1)
    assert line["http.response.status_code"] == 405
    assert line["http.request.method"] in ("_OTHER", "FROBNICATE")


def test_off_writes_nothing():
    with serve(MANIFEST) as server:
        server.get("/quiet")
        server.get("/hello/Ann")
        server.stop()
        assert [line["url.path"] for line in server.access(1)] == ["/hello/Ann"]


def test_text_format_is_one_readable_line():
    with serve("middleware: { access_log: text }\n" + MANIFEST) as server:
        server.get("/hello/Ann")
        [line] = server.access_lines(1)
    text = line.decode()
    assert "GET" in text and "/hello/Ann" in text and "200" in text
    assert not text.startswith("{")


def test_text_format_cannot_be_forged():
    with serve("middleware: { access_log: text }\n" + MANIFEST) as server:
        with server.connect() as wire:
            wire.ask("GET", "/hello/x%0Aforged", [("User-Agent", "a\tb\xff")])
        [line] = server.access_lines(1)
        server.stop()
        assert len(server.access_lines(1)) == 1
    assert not any(byte < 0x20 or byte == 0x7F for byte in line)


def test_log_can_go_to_a_file():
    with serve('middleware: { access_log: { format: json, output: "file:access.log" } }\n' + MANIFEST) as server:
        server.get("/hello/Ann")
        path = server.directory / "access.log"
        text = eventually(lambda: path.exists() and path.read_text(), "a line in the file")
        assert json.loads(text)["url.path"] == "/hello/Ann"


def test_own_fields_are_added_or_left_out():
    fields = "middleware: { access_log: { fields: { tenant: 'headers[?\"x-tenant\"]' } } }\n"
    with serve(fields + MANIFEST) as server:
        server.get("/hello/Ann", {"X-Tenant": 'a"b'})
        server.get("/hello/Bob")
        first, second = sorted(server.access(2), key=lambda line: line["url.path"])
    assert first["tenant"] == 'a"b'
    assert "tenant" not in second


# Who does not take the lines (limits.md, faults)

LOST = "radicled_log_lines_dropped_total"


@pytest.mark.parametrize("output", ["file", "stdout"])
def test_full_disk_costs_lines_that_are_counted_and_nothing_else(output):
    text = 'middleware: { access_log: { output: "file:/dev/full" } }\n' if output == "file" else ""
    with open("/dev/full", "wb") as full, serve(text + MANIFEST, stdout=full) as server, server.connect() as wire:
        for n in range(1000):
            assert wire.ask("GET", f"/hello/{n}").status == 200
        eventually(lambda: total(server, LOST) == 1000, "a thousand lines lost")
        server.stop()
        assert server.event("log_lines_lost")["lines"] == "1000"


def long_calls(wire, count):
    """Calls whose lines have 16 KiB each."""
    for n in range(count):
        assert wire.ask("GET", f"/hello/{n}?{'q' * 8000}", {"User-Agent": "a" * 8000}).status == 200


@contextlib.contextmanager
def stalled(output, tmp_path, text=MANIFEST):
    """A server whose lines go to a pipe that nobody reads, and the pipe's end to read from."""
    if output == "stdout":
        reader, writer = os.pipe()
    else:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader, writer = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), None
        os.set_blocking(reader, True)
        text = f'middleware: {{ access_log: {{ output: "file:{pipe}" }} }}\n' + text
    server = serve(text, stdout=writer)
    if writer is not None:
        os.close(writer)
    with os.fdopen(reader, "rb") as reader, server:
        yield server, reader


@pytest.mark.parametrize("output", ["file", "stdout"])
def test_stalled_reader_costs_lines_that_are_counted_and_nothing_else(output, tmp_path):
    with stalled(output, tmp_path) as (server, reader), server.connect() as wire:
        before = server.memory()
        # 48 MiB: a pipe takes 64 KiB, and 16 MiB may wait.
        long_calls(wire, 3000)
        assert server.memory() < before + 32 * 1024 * 1024
        assert total(server, LOST) > 1500
        # The reader comes back: what was not counted as lost is there, whole.
        lines = Lines(reader)
        eventually(lambda: len(lines.lines) + total(server, LOST) == 3000, "all lines, read or counted")
        assert all(json.loads(line)["event"] == "access" for line in lines.lines)
        wire.ask("GET", "/hello/again")
        last = lines.wait(lambda lines: b"/hello/again" in lines[-1] and lines[-1], "the next line")
        assert json.loads(last)["http.response.status_code"] == 200


def test_server_ends_though_nobody_reads_its_log(tmp_path):
    with stalled("stdout", tmp_path) as (server, reader), server.connect() as wire:
        long_calls(wire, 100)
        server.stop()
        # What fitted into the pipe is there.
        assert json.loads(reader.readline())["url.path"] == "/hello/0"


# The other forms


def route(access_log):
    return f"""
middleware:
  access_log: {access_log}
services:
  web:
    routes:
      GET /hello/{{name}}: {{ template: "hi" }}
      GET /broken: {{ template: {{ error: {{ code: INTERNAL }} }} }}
      GET /slow: {{ template: late, delay: 60ms }}
"""


def test_combined_is_what_nginx_writes():
    with serve(route("combined")) as server:
        server.get("/hello/Ann?a=1", {"User-Agent": 'a"b\\c', "Referer": "http://x/"})
        with server.connect() as wire:
            wire.ask("GET", "/hello/x", [("User-Agent", "")], version="1.0")
        server.stop()
        # Each loop writes its own lines.
        second, first = sorted((line.decode() for line in server.access_lines(2)), key=len)
    pattern = (r'127\.0\.0\.1 - - \[\d\d/[A-Z][a-z][a-z]/20\d\d:\d\d:\d\d:\d\d \+0000\] '
               r'"GET (\S+) (HTTP/1\.[01])" (\d+) (\d+) "([^"]*)" "([^"]*)"')
    assert re.fullmatch(pattern, first).groups() == (
        "/hello/Ann?a=1", "HTTP/1.1", "200", "2", "http://x/", "a\\x22b\\x5Cc")
    assert re.fullmatch(pattern, second).groups() == ("/hello/x", "HTTP/1.0", "200", "2", "-", "-")


def test_no_form_lets_a_line_be_forged():
    for form in ("combined", "text", "ecs"):
        with serve(route(form)) as server:
            with server.connect() as wire:
                wire.send(b"GET /hello/\"%0A\\\xff?\"x=\x80 HTTP/1.1\r\nHost: a\r\nUser-Agent: \"\\\xff\t\"\r\n"
                          b"Referer: \"\xc3\r\n\r\n")
                wire.read_response()
            server.stop()
            [line] = server.access_lines(1)
        assert not any(byte < 0x20 or byte == 0x7F for byte in line), (form, line)
        line.decode("utf-8")
        if form == "combined":
            assert line.count(b'"') == 6
        if form == "ecs":
            json.loads(line)


def test_ecs_has_elastics_keys():
    with serve(route("{ format: ecs, fields: { tenant: \"'acme'\" } }")) as server:
        answer = server.get("/hello/Ann?a=1", {"User-Agent": "unit/1"})
        server.get("/broken")
        line, broken = sorted(server.access(2), key=lambda line: line["http.response.status_code"])
    assert line["@timestamp"].endswith("Z")
    assert line["ecs.version"] == "8.17.0"
    assert (line["event.dataset"], line["event.outcome"], line["log.level"]) == ("radicled.access", "success", "info")
    assert isinstance(line["event.duration"], int) and 0 < line["event.duration"] < 20 * 10**9
    assert (line["http.request.method"], line["http.version"]) == ("GET", "1.1")
    assert (line["http.response.status_code"], line["http.response.body.bytes"]) == (200, 2)
    assert (line["url.path"], line["url.query"], line["url.scheme"]) == ("/hello/Ann", "a=1", "http")
    assert line["url.domain"] == line["client.ip"] == line["client.address"] == "127.0.0.1"
    assert line["user_agent.original"] == "unit/1"
    assert line["http.request.id"] == answer.header("x-request-id")
    assert len(line["trace.id"]) == 32 and len(line["span.id"]) == 16
    assert line["transaction.name"] == "/hello/{name}"
    assert (line["service.name"], line["tenant"]) == ("test", "acme")
    assert (broken["event.outcome"], broken["log.level"]) == ("failure", "error")


# What has a line


def test_of_a_sample_errors_and_slow_calls_are_always_there():
    with serve(route("{ sample: 0, slow: 50ms }")) as server:
        for path in ("/hello/a", "/broken", "/slow", "/missing", "/hello/b"):
            server.get(path)
        server.stop()
        lines = server.access(3)
    assert sorted(line["url.path"] for line in lines) == ["/broken", "/missing", "/slow"]
    assert all("radicled.sample" not in line for line in lines)


def test_a_sample_is_about_its_share_and_says_so():
    for tracing in ("{}", "off"):
        text = route("{ sample: 25% }").replace("  access_log", f"  tracing: {tracing}\n  access_log")
        with serve(text) as server, server.connect() as wire:
            for _ in range(400):
                wire.ask("GET", "/hello/a")
            server.stop()
            lines = server.access(1)
        # Six deviations of a binomial.
        assert 48 <= len(lines) <= 152
        assert {line["radicled.sample"] for line in lines} == {0.25}


# What is not shown


def test_secrets_in_a_query_are_not_shown():
    for form in ("json", "ecs", "text", "combined"):
        with serve(route(f"{{ format: {form}, redact: [token] }}")) as server:
            server.get("/hello/a?sig=hush&a=1&token=hush&b=2")
            [line] = server.access_lines(1)
        assert b"hush" not in line, form
        assert b"sig=REDACTED&a=1&token=REDACTED&b=2" in line, form


def test_keys_can_be_hidden():
    hidden = "[client.address, user_agent.original, url.path, url.query, server.address, tenant]"
    for form in ("json", "ecs"):
        with serve(route(
                f"{{ format: {form}, redact: {hidden}, fields: {{ tenant: \"'hush'\" }} }}")) as server:
            server.get("/hello/hush?hush", {"User-Agent": "hush", "Host": "hush"})
            [line] = server.access(1)
        assert "hush" not in json.dumps(line) and "127.0.0.1" not in json.dumps(line), line
        assert line["client.address"] == line["user_agent.original"] == line["url.path"] == line["tenant"] == "REDACTED"
        assert line["url.query"] == "REDACTED"


# Where it goes


def test_sigusr1_opens_the_file_again():
    with serve(route("{ format: json, output: 'file:access.log' }")) as server:
        path, moved = server.directory / "access.log", server.directory / "access.log.1"
        server.get("/hello/a")
        eventually(lambda: path.stat().st_size > 0, "the first line")
        path.rename(moved)
        server.process.send_signal(signal.SIGUSR1)
        server.event("logs_reopened")
        server.get("/hello/b")
        eventually(lambda: path.exists() and path.stat().st_size > 0, "the second line")
        server.stop()
        assert [json.loads(line)["url.path"] for line in moved.read_text().splitlines()] == ["/hello/a"]
        assert [json.loads(line)["url.path"] for line in path.read_text().splitlines()] == ["/hello/b"]


def test_a_file_that_cannot_be_opened_again_goes_on():
    with serve(route("{ format: json, output: 'file:logs/access.log' }"), files={"logs/x": ""}) as server:
        folder = server.directory / "logs"
        server.get("/hello/a")
        eventually(lambda: (folder / "access.log").stat().st_size > 0, "the first line")
        folder.rename(server.directory / "old")
        server.process.send_signal(signal.SIGUSR1)
        server.event("log_not_reopened")
        server.get("/hello/b")
        server.stop()
        assert len((server.directory / "old/access.log").read_text().splitlines()) == 2


def test_syslog_takes_a_datagram_a_line(tmp_path):
    path = str(tmp_path / "log")
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    daemon.bind(path)
    daemon.settimeout(PATIENCE)
    with serve(route(f"{{ format: json, output: 'syslog:{path}' }}")) as server:
        server.get("/hello/a")
        message = daemon.recv(65536).decode()
        head = rf"<134>[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d radicled\[{server.process.pid}\]: "
        assert re.match(head, message), message
        assert json.loads(re.sub(head, "", message))["url.path"] == "/hello/a"
        # The daemon is started again.
        daemon.close()
        os.unlink(path)
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        daemon.bind(path)
        daemon.settimeout(PATIENCE)
        server.get("/hello/b")
        assert b"/hello/b" in daemon.recv(65536)
        server.stop()
    daemon.close()


def test_without_a_syslog_it_does_not_start(tmp_path):
    config = tmp_path / "m.yaml"
    config.write_text(manifest(route("{ output: 'syslog:nobody' }")))
    done = run("--config", config)
    assert done.returncode == 1
    assert "cannot write there: No such file or directory" in done.stderr
