"""The responder `echo`: the request described, and the body sent back as it streams."""

import hashlib
import threading

import pytest

from radicled import Ended, chunked, serve

MIB = 1 << 20

MANIFEST = """
services:
  web:
    routes:
      /request/{rest...}: { echo: {} }
      /short: { echo: request }
      POST /body: { echo: body }
      POST /large:
        echo: body
        middleware: { body_limit: off, timeout: off }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def test_request_is_described(server):
    fields = {"X-Thing": "yes", "Content-Type": "text/plain"}
    answer = server.request("PUT", "/request/a/b?x=1&x=2&y=%20", fields, b"hi")
    assert answer.header("content-type") == "application/json"
    value = answer.json()
    assert value["method"] == "PUT"
    assert value["path"] == "/request/a/b"
    assert value["headers"]["x-thing"] in ("yes", ["yes"])
    assert "x=1" in str(value["query"]) or value["query"]["x"] in ("1", ["1", "2"])
    assert "hi" in str(value["body"])
    assert "127.0.0.1" in str(value)
    assert answer.header("x-request-id") in str(value)


def test_short_form_describes_too(server):
    assert server.get("/short").json()["method"] == "GET"


def test_description_survives_bytes_that_are_no_text(server):
    value = server.request("POST", "/request/x", {"X-Odd": b"\xff\xfe\"\\"}, bytes(range(256))).json()
    assert value["method"] == "POST"


def test_body_comes_back_under_its_content_type(server):
    answer = server.request("POST", "/body", {"Content-Type": "application/x-thing"}, bytes(range(256)))
    assert answer.status == 200
    assert answer.body == bytes(range(256))
    assert answer.header("content-type") == "application/x-thing"


def test_empty_body_comes_back_empty(server):
    with server.connect() as wire:
        answer = wire.ask("POST", "/body", {"Content-Length": "0"})
        assert (answer.status, answer.body) == (200, b"")
        assert wire.ask("POST", "/body", body=b"next").body == b"next"


def test_chunked_body_comes_back(server):
    with server.connect() as wire:
        answer = wire.ask("POST", "/body", {"Transfer-Encoding": "chunked"}, chunked(b"one ", b"two ", b"three"))
        assert (answer.status, answer.body) == (200, b"one two three")
        assert wire.ask("POST", "/body", body=b"next").body == b"next"


def test_chunk_extensions_and_trailers_are_read_over(server):
    body = b'4;name="a;b"\r\nWiki\r\n5;x\r\npedia\r\n0\r\nX-Checksum: 1\r\nX-Other: 2\r\n\r\n'
    with server.connect() as wire:
        answer = wire.ask("POST", "/body", {"Transfer-Encoding": "chunked"}, body)
        assert answer.body == b"Wikipedia"
        assert wire.ask("POST", "/body", body=b"next").body == b"next"


def test_body_arrives_before_the_request_ends(server):
    with server.connect() as wire:
        wire.send("POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        seen = wire._take_until(b"first")
        assert seen.startswith(b"HTTP/1.1 200 ")
        wire.send("6\r\nsecond\r\n0\r\n\r\n")
        wire._take_until(b"second")


def pattern(count):
    block = bytes((i * 7 + i // 251) % 256 for i in range(65536))
    return block * (count // len(block))


@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_64_mib_pass_through_in_little_memory(framing):
    data = pattern(64 * MIB)
    with serve(MANIFEST) as server, server.connect() as wire:
        wire.ask("POST", "/large", body=b"warm")
        before, peak = server.memory(), 0

        def send():
            if framing == "chunked":
                wire.send("POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in range(0, len(data), 100_000):
                    piece = data[start:start + 100_000]
                    wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                wire.send(b"0\r\n\r\n")
            else:
                wire.send(f"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n").send(data)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        head = wire._take_until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        digest, received = hashlib.sha256(), 0
        codings = b"transfer-encoding: chunked" in head.lower()
        while received < len(data):
            if codings:
                size = int(wire._take_until(b"\r\n"), 16)
                piece = wire._take(size)
                assert wire._take(2) == b"\r\n" and size > 0
            else:
                if not wire.buffer:
                    wire._more()
                piece = wire._take(min(len(wire.buffer), len(data) - received))
            digest.update(piece)
            received += len(piece)
            if received // MIB % 8 == 0:
                peak = max(peak, server.memory())
        sender.join()
        if codings:
            assert wire._take_until(b"\r\n\r\n") == b"0"
        assert digest.digest() == hashlib.sha256(data).digest()
        assert peak - before < 24 * MIB


def test_slow_reader_does_not_grow_memory():
    data = pattern(64 * MIB)
    with serve(MANIFEST) as server, server.connect(receive_buffer=65536) as wire:
        wire.ask("POST", "/large", body=b"warm")
        before = server.memory()
        wire.send(f"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n")
        # Nothing is read here, so the server must stop reading: what it took fits into the kernel's buffers.
        wire.socket.settimeout(1)
        sent = 0
        try:
            while sent < len(data):
                sent += wire.socket.send(data[sent:sent + 65536])
        except TimeoutError:
            pass
        assert sent < len(data), "all of it was taken though nobody reads"
        assert server.memory() - before < 16 * MIB
        assert server.get("/short").status == 200

        # Once the reader reads, the rest flows.
        wire.socket.settimeout(20)
        sender = threading.Thread(target=lambda: wire.send(data[sent:]), daemon=True)
        sender.start()
        answer = wire.read_response("POST")
        sender.join()
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(data).digest()


def test_client_that_leaves_in_the_middle_harms_nobody(server):
    for _ in range(20):
        with server.connect() as wire:
            wire.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n").send(b"x" * 1000)
    with server.connect() as wire:
        wire.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        wire.finish_sending()
        try:
            answer = wire.read_response("POST")
            assert answer.status == 400 or len(answer.body) < 10
        except Ended:
            pass
    assert server.get("/short").status == 200


def test_http_1_0_gets_the_body_without_chunks(server):
    with server.connect() as wire:
        wire.send("POST /body HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody")
        answer = wire.read_response("POST")
        assert answer.body == b"body"
        assert answer.header("transfer-encoding") is None


def test_curl_uploads(server):
    assert server.curl("-H", "Transfer-Encoding: chunked", "-d", "a=1&b=2", "/body") == "a=1&b=2"
    assert server.curl("-H", "Expect: 100-continue", "-d", "a" * 5000, "/body") == "a" * 5000
