"""`listen`: ports, several at once, Unix sockets."""

import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from http2_client import PREFACE, Frames
from radicled import serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
"""


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.fixture
def short_path():
    # The path of a Unix socket holds 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="r-", dir="/tmp") as directory:
        yield Path(directory) / "s"


def test_free_port_is_told():
    with serve(ROUTES) as server:
        host, port = server.address
        assert host == "127.0.0.1" and port > 0
        assert server.get("/").text == "root"


def test_two_servers_get_two_ports():
    with serve(ROUTES) as one, serve(ROUTES) as two:
        assert one.port != two.port


def test_several_listeners_serve_the_same(short_path):
    with serve(f"listen: [127.0.0.1:0, 127.0.0.1:0, unix:{short_path}]\n" + ROUTES) as server:
        assert len(set(server.addresses)) == 3
        for index in range(3):
            with server.connect(index) as wire:
                assert wire.ask("GET", "/").text == "root"


def test_unix_socket_serves_and_is_removed(short_path):
    with serve(f"listen: unix:{short_path}\n" + ROUTES) as server:
        assert stat.S_ISSOCK(os.stat(short_path).st_mode)
        with server.connect() as wire:
            assert wire.ask("GET", "/").text == "root"
        assert server.curl("--unix-socket", str(short_path), "http://localhost/") == "root"
    assert not short_path.exists()


def test_left_over_unix_socket_is_taken_over(short_path):
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(short_path))
    with serve(f"listen: unix:{short_path}\n" + ROUTES) as server, server.connect() as wire:
        assert wire.ask("GET", "/").text == "root"


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_ipv6_is_served():
    with serve('listen: "[::1]:0"\n' + ROUTES) as server:
        assert server.address[0] == "::1"
        with server.connect() as wire:
            assert wire.ask("GET", "/").text == "root"


def test_long_form_says_the_same():
    with serve('listen:\n  address: 127.0.0.1:0\n' + ROUTES) as server:
        assert server.get("/").text == "root"


def test_workers_all_serve():
    with serve("workers: 2\n" + ROUTES) as server:
        wires = [server.connect() for _ in range(20)]
        assert {wire.ask("GET", "/").text for wire in wires} == {"root"}
        for wire in wires:
            wire.close()


# listen.protocols

def speaking(*protocols):
    return "listen:\n" + "".join(f'  - {{ address: "127.0.0.1:0", protocols: {one} }}\n' for one in protocols) + ROUTES


def over_http2(server, index):
    with Frames(server, index=index) as client:
        return client.ask(1, "GET", "/").answer(1).status


def test_each_listener_speaks_its_protocols():
    with serve(speaking("http1", "[http2]", "[http1, http2]")) as server:
        urls = ["http://{}:{}/".format(*address) for address in server.addresses]
        assert [server.curl("--http1.1", urls[index]) for index in (0, 2)] == ["root", "root"]
        assert [server.curl("--http2-prior-knowledge", urls[index]) for index in (1, 2)] == ["root", "root"]
        assert [over_http2(server, index) for index in (1, 2)] == [200, 200]


def test_preface_is_an_unknown_version_where_only_http1_is_spoken():
    with serve(speaking("[http1]")) as server, server.connect() as wire:
        wire.send(PREFACE)
        answer = wire.read_response()
        assert (answer.status, answer.header("connection")) == (505, "close")


def test_curl_is_told_where_only_http2_is_spoken():
    with serve(speaking("[http2]")) as server:
        said = server.curl("-i", "--http1.1", "/")
        assert said.startswith("HTTP/1.1 505 ") and "this listener speaks HTTP/2 only" in said
        assert "\nconnection: close\n" in said.lower()
        [line] = server.access(1)
        assert line["http.response.status_code"] == 505
        # It does nothing to others.
        assert over_http2(server, 0) == 200


def test_protocols_change_for_new_connections():
    with serve(speaking("[http1]")) as server, server.connect() as before:
        assert before.ask("GET", "/").status == 200
        server.reload(speaking("[http2]"))
        assert over_http2(server, 0) == 200
        with server.connect() as wire:
            assert wire.ask("GET", "/").status == 505
        assert before.ask("GET", "/").status == 200
        server.reload("listen: 127.0.0.1:0\n" + ROUTES)
        assert over_http2(server, 0) == 200
        with server.connect() as wire:
            assert wire.ask("GET", "/").status == 200
