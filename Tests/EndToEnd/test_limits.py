"""Time and number limits of a connection: who is slow or idle is sent away, others are served."""

import resource
import socket
import struct

import pytest

from radicled import Ended, eventually, serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      POST /body: { echo: request }
      POST /stream: { echo: body, middleware: { body_limit: off, timeout: off } }
"""


def serves(server):
    """Whether a new connection is taken and answered."""
    try:
        with server.connect(timeout=2) as wire:
            return wire.ask("GET", "/").status == 200
    except (Ended, TimeoutError, ConnectionError):
        return False


def test_slow_head_is_closed():
    with serve("limits: { header_timeout: 300ms }\n" + ROUTES) as server, server.connect() as wire:
        wire.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        rest = wire.read_to_end()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")


def test_trickled_head_is_closed_all_the_same():
    # The limit is absolute: a byte now and then does not extend it.
    with serve("limits: { header_timeout: 500ms }\n" + ROUTES) as server, server.connect() as wire:
        wire.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")

        def ended():
            if wire.readable(0.05):
                return True
            try:
                wire.send("a")
            except ConnectionError:
                return True

        eventually(ended, "the end of a connection that trickles")
        rest = wire.read_to_end()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")


def test_silent_connection_is_closed():
    with serve("limits: { header_timeout: 300ms, idle: 300ms }\n" + ROUTES) as server, server.connect() as wire:
        assert wire.is_closed()


def test_slow_body_is_408():
    with serve("limits: { body_gap: 300ms }\n" + ROUTES) as server, server.connect() as wire:
        wire.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert wire.read_response("POST").status == 408
        assert wire.is_closed()


def test_idle_connection_is_closed():
    with serve("limits: { idle: 300ms }\n" + ROUTES) as server, server.connect() as wire:
        assert wire.ask("GET", "/").status == 200
        assert wire.is_closed()


def test_busy_connection_is_not_idle():
    with serve("limits: { idle: 1s }\n" + ROUTES.replace('"root" }', '"root", delay: 2s }')) as server:
        assert server.get("/").text == "root"


def test_client_that_never_reads_is_closed():
    with serve("limits: { send_stall: 500ms }\n" + ROUTES) as server, server.connect(receive_buffer=4096) as wire:
        data = b"x" * (32 << 20)
        wire.send(f"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n")
        with pytest.raises(ConnectionError):
            wire.send(data)
        assert server.get("/").status == 200


def test_connections_are_limited_and_come_back():
    with serve("limits: { connections: 2 }\n" + ROUTES) as server:
        first, second = server.connect(), server.connect()
        assert first.ask("GET", "/").status == second.ask("GET", "/").status == 200
        third = server.connect(timeout=1)
        try:
            third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert third.read_response().status == 503
        except (Ended, TimeoutError, ConnectionError):
            pass
        third.close()
        first.close()
        eventually(lambda: serves(server), "an answer after a connection went")
        second.close()


def test_connections_that_end_at_once_are_not_counted_for_ever():
    with serve("limits: { connections: 200 }\n" + ROUTES) as server:
        for _ in range(3000):
            wire = server.connect()
            # A reset instead of an orderly end, often before the server has accepted.
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
        eventually(lambda: serves(server), "an answer when the resets have been seen")
        # Stops at once: a connection that is counted but gone would hold the drain for its whole grace.
        server.stop()


def test_server_outlives_the_end_of_its_file_descriptors():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with serve(ROUTES, before=few) as server:
        wires = []
        for _ in range(100):
            try:
                wires.append(server.connect(timeout=2))
            except (ConnectionError, TimeoutError):
                break
        for wire in wires:
            wire.close()
        eventually(lambda: serves(server), "an answer after the descriptors came back")
