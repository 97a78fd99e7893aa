"""middleware.access_log: one line a request, on stdout or in a file."""

import json
import os

from radicled import eventually, serve

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
        first, second = server.access(2)
    assert first["tenant"] == 'a"b'
    assert "tenant" not in second


def test_full_disk_does_not_stop_the_server():
    full = 'middleware: { access_log: { output: "file:/dev/full" } }\n'
    with serve(full + MANIFEST) as server, server.connect() as wire:
        for n in range(1000):
            assert wire.ask("GET", f"/hello/{n}").status == 200


def test_stalled_log_reader_does_not_stop_the_server(tmp_path):
    # Nobody reads this pipe: it is full after 64 KiB, and requests must go on.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        stalled = f'middleware: {{ access_log: {{ output: "file:{pipe}" }} }}\n'
        with serve(stalled + MANIFEST) as server, server.connect() as wire:
            for n in range(2000):
                assert wire.ask("GET", f"/hello/{n}").status == 200
    finally:
        os.close(reader)
