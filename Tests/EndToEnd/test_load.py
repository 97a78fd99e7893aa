"""wrk for a second: everything is answered, nothing else is claimed."""

import re
import subprocess

import pytest

from radicled import serve

MANIFEST = """
workers: 2
services:
  web:
    routes:
      GET /hello/{name}: { template: { json: { message: "Hello {{ path.name }}" } } }
      GET /soon: { template: "soon", delay: 5ms }
"""


def wrk(server, path, *options):
    done = subprocess.run(
        ["wrk", "-t1", "-c32", "-d1s", "--timeout", "10s", *options, server.url + path],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    return int(re.search(r"(\d+) requests in", done.stdout)[1])


@pytest.mark.parametrize("path, options", [
    ("/hello/Ann", ()),
    ("/soon", ()),
    ("/hello/Ann", ("-H", "Connection: close")),
])
def test_a_second_of_load_is_answered_without_error(path, options):
    with serve(MANIFEST) as server:
        count = wrk(server, path, *options)
        assert count > 0
        server.stop()
        assert len(server.access(count)) >= count
