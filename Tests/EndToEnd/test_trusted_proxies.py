"""trusted_proxies: whose word about the client counts."""

import json
import tempfile
import urllib.request

import pytest

from proxies import Nginx, needs_nginx
from radicled import Wire, serve

MANIFEST = """
trusted_proxies: [127.0.0.1, 10.0.0.0/8]
services:
  web:
    routes:
      GET /who: { template: { json: { client: "{{ client.address }}", port: "{{ client.port }}", scheme: "{{ request.scheme }}", host: "{{ request.host }}", url: "{{ request.url }}" } } }
  shop:
    host: shop.example
    routes:
      GET /shop: { template: "the shop" }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def test_the_first_untrusted_from_the_end_is_the_client(server):
    said = server.get("/who", {"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 10.0.0.7"}).json()
    assert (said["client"], said["port"]) == ("203.0.113.9", 0)
    said = server.get("/who", {"Forwarded": 'for=198.51.100.1, for="[2001:db8::9]:4711";proto=https'}).json()
    assert (said["client"], said["port"], said["scheme"]) == ("2001:db8::9", 4711, "https")


def test_scheme_and_host_are_the_proxys_word(server):
    said = server.get("/who", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example:8443"}).json()
    assert (said["client"], said["scheme"], said["host"]) == ("127.0.0.1", "https", "shop.example:8443")
    assert said["url"] == "https://shop.example:8443/who"
    # The host is what services are chosen by.
    assert server.get("/shop").status == 404
    assert server.get("/shop", {"X-Forwarded-Host": "shop.example"}).text == "the shop"


@pytest.mark.parametrize("value", ["evil", "1.2.3.4, ", "::::", '"', "1.2.3.4:x", "a" * 8000, "1.2.3.4," * 1500 + "x"])
def test_what_is_broken_is_passed_over(server, value):
    expected = "1.2.3.4" if value == "1.2.3.4, " else "127.0.0.1"
    assert server.get("/who", {"X-Forwarded-For": value}).json()["client"] == expected
    assert server.get("/who", {"Forwarded": f"for={value}"}).status == 200


def test_nobody_is_trusted_unless_named():
    fields = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Forwarded-Proto": "https"}
    for proxies in ["", "trusted_proxies: [10.0.0.0/8]\n"]:
        with serve(proxies + MANIFEST.split("\n", 2)[2]) as server:
            said = server.get("/who", fields).json()
            assert (said["client"], said["scheme"]) == ("127.0.0.1", "http")
            assert "network.peer.address" not in server.access(1)[0]


def test_the_log_names_client_and_peer():
    with serve(MANIFEST) as server:
        server.get("/who", {"X-Forwarded-For": "203.0.113.9:4711", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example"})
        line = server.access(1)[0]
        assert (line["client.address"], line["client.port"]) == ("203.0.113.9", 4711)
        assert line["network.peer.address"] == "127.0.0.1" and line["network.peer.port"] > 0
        assert (line["url.scheme"], line["server.address"]) == ("https", "shop.example")
    with serve("middleware: { access_log: ecs }\n" + MANIFEST) as server:
        server.get("/who", {"X-Forwarded-For": "203.0.113.9"})
        line = server.access(1)[0]
        assert (line["client.ip"], line["source.ip"]) == ("203.0.113.9", "127.0.0.1")
    with serve("middleware: { access_log: combined }\n" + MANIFEST) as server:
        server.get("/who", {"X-Forwarded-For": "203.0.113.9"})
        assert server.access_lines(1)[0].startswith(b"203.0.113.9 - - [")


def test_next_request_begins_anew(server):
    with server.connect() as wire:
        assert wire.ask("GET", "/who", {"X-Forwarded-For": "203.0.113.9"}).json()["client"] == "203.0.113.9"
        assert wire.ask("GET", "/who").json()["client"] == "127.0.0.1"
        assert wire.ask("GET", "/who", {"X-Forwarded-For": "203.0.113.10"}).json()["client"] == "203.0.113.10"


@pytest.mark.parametrize("word, client", [("unix", "203.0.113.9"), ("10.0.0.0/8", "")])
def test_unix_sockets_are_trusted_by_their_word(word, client):
    path = tempfile.mkdtemp(prefix="radicled-") + "/web.sock"
    with serve(f"trusted_proxies: [{word}]\nlisten: [\"unix:{path}\"]\n" + MANIFEST.split("\n", 2)[2]) as server:
        with Wire(path) as wire:
            assert wire.ask("GET", "/who", {"X-Forwarded-For": "203.0.113.9"}).json()["client"] == client


def test_ids_are_kept_from_proxies_only():
    for proxies, kept in [("[127.0.0.1]", True), ("[10.0.0.0/8]", False)]:
        with serve(f"""
            trusted_proxies: {proxies}
            middleware: {{ request_id: {{ trust: proxies }} }}
            services: {{ web: {{ routes: {{ GET /a: {{ template: hi }} }} }} }}
        """) as server:
            assert (server.get("/a", {"X-Request-Id": "mine"}).header("x-request-id") == "mine") == kept


def test_traces_go_on_for_callers_of_a_network():
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with serve("""
        trusted_proxies: [127.0.0.1]
        middleware: { tracing: { trust: [127.0.0.0/8, "::1/128"] } }
        services: { web: { routes: { GET /a: { template: hi } } } }
    """) as server:
        server.get("/a", {"Traceparent": parent})
        # From outside, by way of the proxy.
        server.get("/a", {"Traceparent": parent, "X-Forwarded-For": "203.0.113.9"})
        own, foreign = sorted(server.access(2), key=lambda line: line["client.address"])
        assert own["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
        assert foreign["trace_id"] != own["trace_id"]


@needs_nginx
def test_nginx_in_front():
    with serve(MANIFEST.replace("trusted_proxies: [127.0.0.1, 10.0.0.0/8]", "trusted_proxies: [127.0.0.0/8]")) as server:
        settings = """
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Forwarded-Host $http_host;
        """
        with Nginx(server.url, settings) as nginx:
            request = urllib.request.Request(
                f"http://127.0.0.1:{nginx.port}/who", headers={"X-Forwarded-For": "203.0.113.9", "Host": "shop.example"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                said = json.load(answer)
        # nginx added 127.0.0.1, which is trusted as well.
        assert (said["client"], said["scheme"], said["host"]) == ("203.0.113.9", "https", "shop.example")
