"""The responder `redirect`."""

import pytest

from radicled import serve

MANIFEST = """
services:
  web:
    routes:
      /old/{name}: { redirect: "/new/{{ path.name }}" }
      /found: { redirect: { to: /elsewhere, status: 302 } }
      /drop: { redirect: { to: /elsewhere, query: drop } }
      /keep: { redirect: { to: "/elsewhere?a=1", query: keep } }
      /tree/{rest...}: { redirect: "/forest/{{ path.rest }}" }
      /out: { redirect: "https://example.com/" }
      /open/{rest...}: { redirect: "/{{ path.rest }}" }
      /next: { redirect: "{{ query.to }}" }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("method, path, status, location", [
    ("GET", "/old/Ann", 308, "/new/Ann"),
    ("POST", "/old/Ann", 308, "/new/Ann"),
    ("GET", "/old/a%3Fb%20c%23d%2Fe", 308, "/new/a%3Fb%20c%23d%2Fe"),
    ("GET", "/found", 302, "/elsewhere"),
    ("GET", "/drop?x=1", 308, "/elsewhere"),
    ("GET", "/old/Ann?x=1&y=%20", 308, "/new/Ann?x=1&y=%20"),
    ("GET", "/keep?x=1", 308, "/elsewhere?a=1&x=1"),
    ("GET", "/out", 308, "https://example.com/"),
    ("GET", "/tree/a/b%2Fc/%C3%A9", 308, "/forest/a/b%2Fc/%C3%A9"),
])
def test_location_is_the_target(server, method, path, status, location):
    with server.connect() as wire:
        answer = wire.ask(method, path)
    assert (answer.status, answer.header("location")) == (status, location)


@pytest.mark.parametrize("path", ["/open/%2Fevil.example", "/open/%5Cevil.example", "/next?to=//evil.example",
                                  "/next?to=https://evil.example", "/next?to=%0d%0aset-cookie:a=1"])
def test_client_cannot_send_others_away(server, path):
    with server.connect() as wire:
        answer = wire.ask("GET", path)
    location = answer.header("location") or ""
    assert not location.startswith(("//", "/\\", "https:")), answer
    assert answer.header("set-cookie") is None


def test_curl_follows(server):
    assert server.curl("-o", "/dev/null", "-w", "%{num_redirects} %{http_code}", "-L", "/old/Ann") == "1 404"
