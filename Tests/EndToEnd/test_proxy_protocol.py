"""listen.proxy_protocol: a proxy names the client before the first request."""

import struct
import tempfile

import pytest

from proxies import STREAM, Nginx, needs_nginx, needs_stream
from radicled import PATIENCE, Ended, Wire, serve

MANIFEST = """
trusted_proxies: [127.0.0.1]
listen: { address: "127.0.0.1:0", proxy_protocol: %s }
services:
  web:
    routes:
      GET /who: { template: { json: { client: "{{ client.address }}", port: "{{ client.port }}" } } }
"""
LINE = b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n"
REQUEST = b"GET /who HTTP/1.1\r\nHost: x\r\n\r\n"


def binary(body, command=0x21, family=0x11):
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, family]) + struct.pack(">H", len(body)) + body


ADDRESSES = bytes([203, 0, 113, 9, 192, 0, 2, 1]) + struct.pack(">HH", 4711, 80)


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST % "required") as server:
        yield server


def said(wire):
    answer = wire.read_response().json()
    return answer["client"], answer["port"]


@pytest.mark.parametrize("header, client", [
    (LINE, ("203.0.113.9", 4711)),
    (b"PROXY TCP6 2001:db8::9 2001:db8::1 4711 80\r\n", ("2001:db8::9", 4711)),
    (binary(ADDRESSES), ("203.0.113.9", 4711)),
    (binary(ADDRESSES + b"\x02\0\x03a.b\x04\0\x02\0\0"), ("203.0.113.9", 4711)),
    (binary(bytes.fromhex("20010db8" + "00" * 11 + "09") + bytes(16) + struct.pack(">HH", 4711, 80), family=0x21),
     ("2001:db8::9", 4711)),
])
def test_client_is_who_the_header_names(server, header, client):
    with server.connect() as wire:
        wire.send(header + REQUEST)
        assert said(wire) == client
        # It holds for the whole connection.
        wire.send(REQUEST)
        assert said(wire) == client


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", binary(b"", 0x20, 0), binary(b"", 0x21, 0)])
def test_who_names_nobody_is_the_client(server, header):
    with server.connect() as wire:
        wire.send(header + REQUEST)
        assert said(wire) == ("127.0.0.1", wire.socket.getsockname()[1])


def test_header_may_come_byte_by_byte(server):
    with server.connect() as wire:
        for byte in LINE:
            wire.send(bytes([byte]))
        wire.send(REQUEST[:5]).send(REQUEST[5:])
        assert said(wire) == ("203.0.113.9", 4711)


def test_header_without_a_request_may_rest(server):
    with server.connect() as wire:
        wire.send(LINE)
        wire.send(REQUEST)
        assert said(wire) == ("203.0.113.9", 4711)


@pytest.mark.parametrize("start, reason", [
    (REQUEST, "without a PROXY header"),
    (b"PROXY TCP4 nonsense\r\n" + REQUEST, "version 1"),
    (binary(ADDRESSES + b"\x03\0\x04\0\0\0\0") + REQUEST, "checksum"),
    (LINE[:20], "in time"),
])
def test_missing_or_broken_header_closes_with_a_line(start, reason):
    # Only what never ends has to wait for its time.
    limits = "limits: { header_timeout: 300ms }\n" if reason == "in time" else ""
    with serve(limits + MANIFEST % "required") as server:
        with server.connect() as wire:
            wire.send(start)
            with pytest.raises(Ended):
                wire.read_response()
        event = server.event("proxy_header_refused")
        assert reason in event["message"] and event["peer"] == "127.0.0.1", event
        # Nothing of it reached HTTP.
        with server.connect() as wire:
            wire.send(LINE + REQUEST)
            assert said(wire) == ("203.0.113.9", 4711)
        assert [line["url.path"] for line in server.access(1)] == ["/who"]


def test_optional_takes_both():
    with serve(MANIFEST % "optional") as server:
        with server.connect() as wire:
            wire.send(LINE + REQUEST)
            assert said(wire) == ("203.0.113.9", 4711)
        with server.connect() as wire:
            wire.send(b"\r\n" + REQUEST)
            assert said(wire)[0] == "127.0.0.1"


def test_untrusted_peers_are_not_believed():
    manifest = MANIFEST.replace("127.0.0.1]", "10.0.0.0/8]", 1)
    with serve(manifest % "required") as server:
        with server.connect() as wire:
            try:
                wire.send(LINE + REQUEST)
                assert wire.is_closed()
            except ConnectionError:
                pass
        assert "trusted_proxies" in server.event("proxy_header_refused")["message"]
    with serve(manifest % "optional") as server:
        with server.connect() as wire:
            wire.send(LINE + REQUEST)
            assert wire.read_response().status == 400
        with server.connect() as wire:
            wire.send(REQUEST)
            assert said(wire)[0] == "127.0.0.1"


def test_forwarded_counts_if_the_client_named_is_a_proxy():
    request = REQUEST.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n")
    with serve(MANIFEST.replace("127.0.0.1]", "127.0.0.1, 203.0.113.0/24]", 1) % "required") as server:
        with server.connect() as wire:
            wire.send(LINE + request)
            assert said(wire)[0] == "198.51.100.1"
        line = server.access(1)[0]
        assert line["network.peer.address"] == "127.0.0.1"
    with serve(MANIFEST % "required") as server:
        with server.connect() as wire:
            wire.send(LINE + request)
            assert said(wire)[0] == "203.0.113.9"


def test_unix_socket():
    path = tempfile.mkdtemp(prefix="radicled-") + "/web.sock"
    manifest = MANIFEST.replace("127.0.0.1:0", f"unix:{path}").replace("trusted_proxies: [127.0.0.1]", "trusted_proxies: [unix]")
    with serve(manifest % "required") as server:
        with Wire(path) as wire:
            wire.send(LINE + REQUEST)
            assert said(wire) == ("203.0.113.9", 4711)
        assert "network.peer.address" not in server.access(1)[0]


def test_drain_closes_those_that_wait():
    with serve(MANIFEST % "required") as server:
        with server.connect() as waiting, server.connect() as open:
            waiting.send(LINE[:10])
            open.send(LINE + REQUEST)
            assert said(open)[0] == "203.0.113.9"
            server.stop()
            assert waiting.read_to_end() == b""


def test_curl_speaks_it(server):
    out = server.curl("--haproxy-protocol", "/who")
    assert '"client":"127.0.0.1"' in out.replace(" ", "")


@needs_nginx
@needs_stream
def test_nginx_speaks_it():
    """Its stream module writes the header in front of each connection; clients talk HTTP through it as ever."""
    with serve(MANIFEST % "required") as server:
        with Nginx(f"127.0.0.1:{server.port}", "proxy_protocol on;", STREAM) as nginx:
            with Wire(nginx.address) as first, Wire(nginx.address) as second:
                for wire in (first, second, first):
                    wire.send(REQUEST)
                    assert said(wire) == wire.socket.getsockname()
                # Two requests at once, and an end in an orderly way.
                first.send(REQUEST + REQUEST)
                assert said(first) == said(first) == first.socket.getsockname()
                first.finish_sending()
                assert first.is_closed()
                ports = {wire.socket.getsockname()[1] for wire in (first, second)}
            lines = server.access(5)
            assert {line["client.port"] for line in lines} == ports
            assert {line["client.address"] for line in lines} == {"127.0.0.1"}
        # To see whether it listened one connection was made and closed without a request; nothing is said of it.
        server.stop()
        assert not server.events("proxy_header_refused")


def test_reload_changes_it_and_keeps_the_socket():
    with serve(MANIFEST % "off", arguments=["--no-watch"]) as server:
        with server.connect() as open:
            open.send(REQUEST)
            assert said(open)[0] == "127.0.0.1"
            server.reload(MANIFEST % "required")
            with server.connect() as wire:
                wire.send(LINE + REQUEST)
                assert said(wire) == ("203.0.113.9", 4711)
            # Who was there before goes on.
            open.send(REQUEST)
            assert said(open)[0] == "127.0.0.1"
