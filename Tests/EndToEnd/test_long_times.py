"""The longest times that a manifest can say, 292 years, are times like others."""

from radicled import run, serve

LONGEST = "2562047h47m16s"

MANIFEST = f"""
radicle: 1
listen: 127.0.0.1:0
shutdown: {{ delay: 0s, grace: {LONGEST} }}
limits: {{ idle: {LONGEST}, body_gap: {LONGEST}, send_stall: {LONGEST}, header_timeout: {LONGEST}, connection_age: {LONGEST} }}
middleware: {{ timeout: {LONGEST}, concurrency: {{ limit: 1, queue: 1, queue_timeout: {LONGEST} }} }}
services:
  web:
    routes:
      GET /busy: {{ template: hi, fault: {{ abort: {{ code: UNAVAILABLE, retry: {LONGEST} }} }} }}
      GET /failed: {{ template: {{ error: {{ code: ABORTED, retry: {LONGEST} }} }} }}
      GET /late: {{ template: hi, delay: {{ uniform: [{LONGEST}, {LONGEST}] }}, middleware: {{ timeout: 50ms }} }}
      GET /slow: {{ template: hi, delay: 300ms }}
"""


def test_lint_takes_them(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text(MANIFEST)
    assert run("lint", file).returncode == 0


def test_server_lives_and_ends_with_them():
    with serve(MANIFEST) as server:
        assert server.get("/busy").header("retry-after") == "9223372036"
        assert server.get("/failed").header("retry-after") == "9223372036"
        assert server.get("/late").status == 504
        with server.connect() as first, server.connect() as second:
            first.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            second.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            assert [first.read_response().status, second.read_response().status] == [200, 200]
