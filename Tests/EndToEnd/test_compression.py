"""Bodies with a content coding: answers that are compressed, requests that were."""

import gzip
import json
import subprocess
import zlib

import pytest

from radicled import serve

TEXT = "All that is gold does not glitter. " * 100

MANIFEST = f"""
middleware:
  compression: {{}}
services:
  web:
    routes:
      GET /text: {{ template: {{ text: "{TEXT}" }} }}
      GET /short: {{ template: short }}
      GET /bytes: {{ template: {{ base64: "{'AAAA' * 1000}" }} }}
      GET /ready: {{ template: {{ headers: {{ content-encoding: br }}, text: "{TEXT}" }} }}
      GET /fixed: {{ template: {{ headers: {{ cache-control: "public, no-transform" }}, text: "{TEXT}" }} }}
      GET /off: {{ template: {{ text: "{TEXT}" }}, middleware: {{ compression: off }} }}
      GET /file: {{ template: {{ file: page.html }} }}
      POST /echo: {{ echo: body }}
      POST /sum: {{ template: {{ json: {{ sum: "{{{{ body.a + body.b }}}}", size: "{{{{ size(request.body) }}}}" }} }} }}
      POST /ignored: {{ template: "not read" }}
"""

PAGE = b"<p>" + b"gold " * 100_000


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST, files={"page.html": PAGE}) as server:
        yield server


def curl(server, path, *options):
    """Curl's own reading of what came: the body, decoded if it asked for a coding."""
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "20", *options, server.url + path], capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("coding, decode", [("gzip", gzip.decompress), ("deflate", zlib.decompress)])
def test_answers_are_compressed_for_who_takes_it(server, coding, decode):
    answer = server.get("/text", {"accept-encoding": coding})
    assert answer.header("content-encoding") == coding
    assert answer.header("vary") == "accept-encoding"
    assert len(answer.body) == int(answer.header("content-length")) < len(TEXT)
    assert decode(answer.body) == TEXT.encode()


def test_curl_reads_it(server):
    assert curl(server, "/text", "--compressed") == TEXT.encode()
    assert curl(server, "/file", "--compressed") == PAGE


def test_others_get_it_as_it_is(server):
    for accept in [{}, {"accept-encoding": "br"}, {"accept-encoding": "gzip;q=0"}]:
        answer = server.get("/text", accept)
        assert answer.header("content-encoding") is None
        assert answer.header("vary") == "accept-encoding"
        assert answer.text == TEXT


@pytest.mark.parametrize("path", ["/short", "/bytes", "/fixed", "/off"])
def test_what_is_not_worth_it_is_left_alone(server, path):
    assert server.get(path, {"accept-encoding": "gzip"}).header("content-encoding") is None


def test_nothing_is_compressed_twice(server):
    assert server.get("/ready", {"accept-encoding": "gzip"}).header("content-encoding") == "br"


def test_files_stream_compressed_with_a_weak_tag(server):
    plain = server.get("/file")
    answer = server.get("/file", {"accept-encoding": "gzip"})
    assert answer.header("content-encoding") == "gzip" and answer.header("content-length") is None
    assert gzip.decompress(answer.body) == PAGE
    assert answer.header("etag") == "W/" + plain.header("etag")
    assert server.get("/file", {"accept-encoding": "gzip", "if-none-match": answer.header("etag")}).status == 304
    part = server.get("/file", {"accept-encoding": "gzip", "range": "bytes=0-2"})
    assert (part.status, part.body, part.header("content-encoding")) == (206, b"<p>", None)


def test_head_tells_of_the_body_as_it_is(server):
    answer = server.request("HEAD", "/text", {"accept-encoding": "gzip"})
    assert answer.header("content-encoding") is None and answer.header("content-length") == str(len(TEXT))
    assert answer.header("vary") == "accept-encoding"


def test_http10_client_reads_a_compressed_stream(server):
    assert curl(server, "/file", "--http1.0", "--compressed") == PAGE


@pytest.mark.parametrize("coding, encode", [
    ("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes),
    ("GZip", gzip.compress),
    ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
])
def test_coded_requests_are_read(server, coding, encode):
    body = b'{"a": 1, "b": 2}'
    answer = server.request(
        "POST", "/sum", {"content-type": "application/json", "content-encoding": coding}, encode(body))
    assert answer.json() == {"sum": 3, "size": len(body)}


def test_unknown_coding_is_415_and_says_what_is_taken(server):
    for coding in ["br", "gzip, gzip", "gzip;q=1"]:
        answer = server.request("POST", "/sum", {"content-encoding": coding}, b"x")
        assert (answer.status, answer.header("accept-encoding")) == (415, "gzip, deflate"), coding
    # Nobody reads it there.
    assert server.request("POST", "/ignored", {"content-encoding": "br"}, b"x").text == "not read"


@pytest.mark.parametrize("body", [b"plain", gzip.compress(b"{}")[:-3], gzip.compress(b"{}") + b"rest"])
def test_broken_coding_is_400(server, body):
    answer = server.request("POST", "/sum", {"content-encoding": "gzip"}, body)
    assert answer.status == 400 and "content-encoding" in answer.json()["detail"]


def test_bomb_is_413():
    with serve("""
        middleware: { body_limit: 8MiB }
        services: { web: { routes: { POST /size: { template: "{{ size(request.body) }}" } } } }
    """) as server:
        def send(body):
            return server.request("POST", "/size", {"content-encoding": "gzip"}, gzip.compress(body))

        assert send(b"x" * 60_000).text == "60000"
        assert send(json.dumps(list(range(500_000))).encode()).status == 200
        assert send(b"\0" * 4_000_000).status == 413       # a thousand times what came
        assert send(b"\0" * 20_000_000).status == 413
        assert send(b"x").text == "1"


def test_echo_sends_the_coding_back(server):
    coded = gzip.compress(TEXT.encode())
    answer = server.request("POST", "/echo", {"content-type": "text/plain", "content-encoding": "gzip"}, coded)
    assert (answer.header("content-encoding"), answer.body) == ("gzip", coded)
