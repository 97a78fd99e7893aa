"""HTTP/1.x on a connection: keep-alive, pipelining, Expect, HTTP/1.0."""

import http.client

import pytest

from radicled import chunked, serve

MANIFEST = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /n/{n}: { template: "{{ path.n }}" }
      POST /body: { echo: body }
      POST /template: { template: "taken" }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def test_connection_is_kept(server):
    connection = http.client.HTTPConnection(*server.address)
    for n in range(100):
        connection.request("GET", f"/n/{n}")
        answer = connection.getresponse()
        assert answer.read() == str(n).encode()
        assert answer.getheader("connection") != "close"
    connection.close()


def test_curl_keeps_its_connection(server):
    out = server.curl("-w", " %{num_connects}\n", "/n/1", "/n/2", "/n/3")
    assert out.split() == ["1", "1", "2", "0", "3", "0"]


def test_connection_close_is_obeyed(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/", {"Connection": "close"})
        assert answer.header("connection") == "close"
        assert wire.is_closed()
    with server.connect() as wire:
        assert wire.ask("GET", "/", {"Connection": "Foo , CLOSE"}).status == 200
        assert wire.is_closed()


def test_http_1_0_is_closed_after_its_answer(server):
    with server.connect() as wire:
        wire.send("GET / HTTP/1.0\r\n\r\n")
        answer = wire.read_response()
        assert (answer.status, answer.text) == (200, "root")
        assert wire.is_closed()


def test_http_1_0_may_ask_to_be_kept(server):
    with server.connect() as wire:
        wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = wire.read_response()
        assert answer.text == "root"
        if (answer.header("connection") or "").lower() == "keep-alive":
            wire.send("GET /n/2 HTTP/1.0\r\n\r\n")
            assert wire.read_response().text == "2"
        assert wire.is_closed()


def test_pipelined_requests_are_answered_in_order(server):
    with server.connect() as wire:
        wire.send("".join(f"GET /n/{n} HTTP/1.1\r\nHost: x\r\n\r\n" for n in range(500)))
        assert [wire.read_response().text for n in range(500)] == [str(n) for n in range(500)]


def test_pipelined_bodies_stay_apart(server):
    with server.connect() as wire:
        wire.send("".join(
            f"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: {len(str(n))}\r\n\r\n{n}" for n in range(50)))
        wire.send(b"".join(
            b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"%d" % n, b"!")
            for n in range(50)))
        assert [wire.read_response("POST").text for _ in range(100)] == (
            [str(n) for n in range(50)] + [f"{n}!" for n in range(50)])


def test_pipeline_ends_at_a_close(server):
    with server.connect() as wire:
        wire.send("GET /n/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read_response().text == "1"
        assert wire.is_closed()


def test_answers_before_a_broken_request_are_sent(server):
    with server.connect() as wire:
        wire.send("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /n/2 HTTP/1.1\r\nHost x\r\n\r\n")
        assert wire.read_response().text == "1"
        assert wire.read_response().status == 400
        assert wire.is_closed()


def test_half_closed_client_still_gets_its_answers(server):
    with server.connect() as wire:
        wire.send("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: x\r\n\r\n")
        wire.finish_sending()
        assert [wire.read_response().text, wire.read_response().text] == ["1", "2"]
        assert wire.is_closed()


def test_request_in_single_bytes_is_understood(server):
    with server.connect() as wire:
        for byte in b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n":
            wire.send(bytes([byte]))
        assert wire.read_response("POST").body == b"abc"


def test_expect_continue_is_answered_before_the_body(server):
    with server.connect() as wire:
        wire.send("POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert wire.read_response().status == 100
        wire.send("body")
        answer = wire.read_response("POST")
        assert (answer.status, answer.body) == (200, b"body")
        assert wire.ask("GET", "/").text == "root"


def test_expect_continue_is_not_sent_when_the_body_is_refused(server):
    with server.connect() as wire:
        wire.send("POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
        assert wire.read_response("POST").status == 413


def test_unknown_expectation_is_417(server):
    with server.connect() as wire:
        wire.send("POST /body HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 4\r\n\r\n")
        assert wire.read_response("POST").status == 417


def test_head_keeps_the_framing(server):
    with server.connect() as wire:
        wire.send("HEAD /n/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: x\r\n\r\n")
        head = wire.read_response("HEAD")
        assert (head.status, head.header("content-length")) == (200, "1")
        assert wire.read_response().text == "2"


def test_empty_lines_before_a_request_are_skipped(server):
    with server.connect() as wire:
        wire.send("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read_response().text == "root"


def test_requests_of_a_connection_are_limited():
    with serve("limits: { requests_per_connection: 3 }\n" + MANIFEST) as server, server.connect() as wire:
        answers = [wire.ask("GET", "/n/1") for _ in range(3)]
        assert [answer.header("connection") for answer in answers] == [None, None, "close"]
        assert wire.is_closed()


def test_too_large_a_head_is_refused_with_431_or_414():
    limits = "limits: { header_field: 1KiB, header_total: 4KiB, header_count: 10 }\n"
    with serve(limits + MANIFEST) as server:
        for fields, status in [
            ([("X-Long", "a" * 2000)], 431),
            ([(f"X-{n}", "a" * 900) for n in range(8)], 431),
            ([(f"X-{n}", "a") for n in range(20)], 431),
        ]:
            with server.connect() as wire:
                assert wire.ask("GET", "/", fields).status == status
                assert wire.is_closed()
        with server.connect() as wire:
            assert wire.ask("GET", "/n/" + "a" * 6000).status == 414
            assert wire.is_closed()
        assert server.get("/", {"X-Fine": "a" * 900}).status == 200
