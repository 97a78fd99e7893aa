"""`trailers` of a template: fields that follow the body."""

import base64
import gzip
import socket

import pytest

from radicled import Ended, problem, serve

MANIFEST = """
services:
  web:
    routes:
      GET /text: { template: { text: "hello", trailers: { X-Count: "{{ call.count }}", x-two: [a, "b {{ query.?b.orValue('') }}"] } } }
      GET /json: { template: { json: { a: 1 }, trailers: { x-a: "1" } } }
      GET /html: { template: { html: "<p>", trailers: { x-a: "1" } } }
      GET /base64: { template: { base64: "%s", trailers: { x-a: "1" } } }
      GET /file: { template: { file: page.bin, trailers: { x-a: "1" } } }
      GET /stream: { template: { messages: [1, 2], interval: 5ms, trailers: { x-a: "{{ query.a }}" } } }
      GET /empty: { template: { trailers: { x-a: "1" } } }
      GET /status: { template: { status: "{{ int(query.code) }}", trailers: { x-a: "1" } } }
      GET /wrong: { template: { text: hello, trailers: { x-a: "{{ int(query.n) }}" } } }
      GET /big: { template: { file: big.bin, trailers: { x-a: "{{ int(query.n) }}" } } }
      GET /page: { template: { error: { code: NOT_FOUND } }, errors: { 404: { text: "not here", trailers: { x-a: "1" } } } }
      GET /packed: { template: { text: "%s", trailers: { x-a: "1" } }, middleware: { compression: {} } }
      GET /now: { template: now }
""" % (base64.b64encode(b"bytes").decode(), "a" * 2000)

PAGE = bytes(range(256)) * 10
BIG = b"z" * 3_000_000


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST, files={"page.bin": PAGE, "big.bin": BIG}) as server:
        yield server


@pytest.mark.parametrize("path, body", [
    ("/json", b'{"a":1}\n'), ("/html", b"<p>"), ("/base64", b"bytes"), ("/file", PAGE), ("/stream?a=1", b"1\n2\n"),
    ("/empty", b""),
])
def test_they_follow_every_kind_of_body(server, path, body):
    with server.connect() as wire:
        answer = wire.ask("GET", path)
        assert (answer.status, answer.body) == (200, body)
        assert answer.header("trailer") == "x-a"
        assert answer.header("content-length") is None
        assert answer.trailers == [("x-a", "1")]
        assert wire.ask("GET", "/now").text == "now"


def test_they_are_announced_once_and_sent_in_their_order(server):
    with server.connect() as wire:
        first, second = wire.ask("GET", "/text"), wire.ask("GET", "/text?b=c")
        assert first.header("trailer") == "x-count, x-two"
        assert first.trailers[1:] == [("x-two", "a"), ("x-two", "b")]
        assert int(second.trailers[0][1]) == int(first.trailers[0][1]) + 1
        assert second.trailers[1:] == [("x-two", "a"), ("x-two", "b c")]


def test_they_follow_a_compressed_body(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/packed", headers={"Accept-Encoding": "gzip"})
        assert answer.header("content-encoding") == "gzip"
        assert (gzip.decompress(answer.body), answer.trailers) == (b"a" * 2000, [("x-a", "1")])


def test_curl_shows_them(server):
    assert "x-a: 1" in server.curl("-i", "/json")


def test_pythons_client_reads_the_body_all_the_same(server):
    assert server.get("/json").json() == {"a": 1}
    assert server.get("/file").body == PAGE


def test_where_they_cannot_be_sent_they_are_left_out(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/wrong?n=x", version="1.0")
        assert (answer.status, answer.body, answer.trailers) == (200, b"hello", [])
        assert answer.header("content-length") == "5"
    with server.connect() as wire:
        answer = wire.ask("HEAD", "/wrong?n=x")
        assert (answer.status, answer.header("content-length"), answer.header("trailer")) == (200, "5", None)
        assert wire.ask("HEAD", "/file").header("content-length") == str(len(PAGE))
        for status in (204, 304):
            answer = wire.ask("GET", f"/status?code={status}")
            assert (answer.status, answer.header("trailer"), answer.trailers) == (status, None, [])
        assert wire.ask("GET", "/now").text == "now"


def test_conditions_and_ranges_of_a_file_still_hold(server):
    with server.connect() as wire:
        tag = wire.ask("GET", "/file").header("etag")
        assert wire.ask("GET", "/file", headers={"If-None-Match": tag}).status == 304
        part = wire.ask("GET", "/file", headers={"Range": "bytes=1-3"})
        assert (part.status, part.body, part.trailers) == (206, b"\x01\x02\x03", [("x-a", "1")])


def test_one_that_cannot_be_made_fails_the_call(server):
    problem(server.get("/wrong?n=x"), 400)
    assert server.get("/wrong?n=1").text == "hello"


def test_one_that_cannot_be_made_behind_a_body_that_is_out_breaks_it_off(server):
    with server.connect() as wire:
        wire.send("GET /big?n=x HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(Ended):
            wire.read_response()
    with server.connect() as wire:
        answer = wire.ask("GET", "/big?n=1")
        assert (answer.body == BIG, answer.trailers) == (True, [("x-a", "1")])


def test_a_line_break_in_one_is_refused(server):
    with server.connect() as wire:
        wire.send("GET /stream?a=1%0D%0Aforged:%20y HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(Ended) as ended:
            wire.read_response()
        assert b"forged" not in ended.value.args[0]


def test_a_page_of_a_failure_may_have_them(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/page")
        assert (answer.status, answer.body, answer.trailers) == (404, b"not here", [("x-a", "1")])


def test_they_are_sent_in_one_piece_with_the_last_chunk(server):
    with socket.create_connection(server.address) as raw:
        raw.sendall(b"GET /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        data = b""
        while piece := raw.recv(65536):
            data += piece
    assert data.endswith(b'8\r\n{"a":1}\n\r\n0\r\nx-a: 1\r\n\r\n')
