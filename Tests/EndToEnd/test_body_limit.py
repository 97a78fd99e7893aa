"""middleware.body_limit: 413, before the body is read where its length is told."""

import pytest

from radicled import Ended, chunked, problem, serve

MANIFEST = """
middleware: { body_limit: 1KiB }
services:
  web:
    routes:
      POST /request: { echo: request }
      POST /body: { echo: body }
      POST /template: { template: "taken" }
      POST /large: { echo: body, middleware: { body_limit: 1MiB } }
      POST /off: { echo: body, middleware: { body_limit: off } }
"""


def assert_nothing_smuggled(wire):
    """A refused body is skipped whole or the connection is closed; it is never read as the next request."""
    try:
        assert wire.ask("POST", "/template", body=b"x").text == "taken"
    except (Ended, ConnectionError):
        pass


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("path", ["/request", "/body", "/template"])
def test_too_long_by_content_length_is_413(server, path):
    with server.connect() as wire:
        # The body never comes: the length alone is enough to refuse.
        wire.send(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n")
        problem(wire.read_response("POST"), 413)


def test_absurd_content_length_is_refused(server):
    for length in ("9223372036854775807", "9223372036854775808", "99999999999999999999999"):
        with server.connect() as wire:
            wire.send(f"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
            assert wire.read_response("POST").status in (400, 413)


def test_too_long_in_chunks_is_413(server):
    with server.connect() as wire:
        wire.send("POST /request HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.send(chunked(b"x" * 1000, b"x" * 1000))
        problem(wire.read_response("POST"), 413)
        assert_nothing_smuggled(wire)


def test_streamed_body_over_the_limit_never_comes_back_whole(server):
    with server.connect() as wire:
        wire.send("POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            wire.send(chunked(b"x" * 1000, b"x" * 1000))
            answer = wire.read_response("POST")
            assert answer.status == 413
        except (Ended, ConnectionError):
            pass


def test_exactly_the_limit_is_taken(server):
    assert server.request("POST", "/body", body=b"x" * 1024).body == b"x" * 1024
    with server.connect() as wire:
        body = chunked(b"x" * 512, b"x" * 512)
        assert wire.ask("POST", "/body", {"Transfer-Encoding": "chunked"}, body).body == b"x" * 1024


def test_route_overrides_the_limit(server):
    assert server.request("POST", "/large", body=b"x" * 100_000).body == b"x" * 100_000
    assert server.request("POST", "/off", body=b"x" * 3_000_000).body == b"x" * 3_000_000


def test_default_is_1_mib():
    with serve("""
        services: { web: { routes: { "POST /body": { echo: body } } } }
    """) as server:
        assert server.request("POST", "/body", body=b"x" * (1 << 20)).status == 200
        with server.connect() as wire:
            wire.send(f"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: {(1 << 20) + 1}\r\n\r\n")
            assert wire.read_response("POST").status == 413


def test_unread_body_does_not_become_a_request(server):
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    body = smuggled * 60
    with server.connect() as wire:
        wire.send(f"POST /template HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n")
        try:
            wire.send(body)
        except ConnectionError:
            pass
        assert wire.read_response("POST").status == 413
        assert_nothing_smuggled(wire)


def test_body_nobody_reads_is_skipped(server):
    with server.connect() as wire:
        for _ in range(3):
            answer = wire.ask("POST", "/template", body=b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (answer.status, answer.text) == (200, "taken")
