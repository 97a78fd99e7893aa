"""SIGTERM and SIGINT drain: what runs is finished, nothing new is taken, the exit code is 0."""

import os
import signal

import pytest

from radicled import Ended, Wire, eventually, serve

# One loop, so that what was sent first is read first.
MANIFEST = """
workers: 1
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /slow: { template: "slow", delay: 2s }
      GET /endless: { template: "endless", delay: 300s, middleware: { timeout: off } }
      POST /body: { echo: body }
"""


def refuses(server):
    try:
        with Wire(server.address, timeout=2) as wire:
            wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            wire.read_response()
        return False
    except (ConnectionError, Ended, TimeoutError):
        return True


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_running_request_is_finished_and_new_ones_refused(by):
    with serve(MANIFEST) as server, server.connect() as wire:
        wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server.get("/").text == "root"
        server.process.send_signal(by)
        eventually(lambda: refuses(server), "a refused connection")
        answer = wire.read_response()
        assert (answer.status, answer.text) == (200, "slow")
        assert answer.header("connection") == "close"
        assert wire.is_closed()
        server.wait(expect=0)


def test_idle_connections_do_not_hold_it():
    with serve(MANIFEST) as server:
        idle = [server.connect() for _ in range(50)]
        assert all(wire.ask("GET", "/").status == 200 for wire in idle[:25])
        server.stop()
        assert all(wire.is_closed() for wire in idle)


def test_grace_ends_what_does_not_end():
    with serve("shutdown: { delay: 0s, grace: 500ms }\n" + MANIFEST) as server, server.connect() as wire:
        wire.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server.get("/").text == "root"
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(Ended):
            assert wire.read_response().status == 503
            raise Ended
        server.wait(expect=0)


def test_delay_keeps_serving_first():
    with serve("shutdown: { delay: 1s }\n" + MANIFEST) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.get("/").text == "root"
        server.wait(expect=0)


def test_second_signal_ends_at_once():
    with serve("shutdown: { delay: 0s, grace: 300s }\n" + MANIFEST) as server, server.connect() as wire:
        wire.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server.get("/").text == "root"
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(server), "a refused connection")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)


def test_last_access_lines_are_written():
    with serve(MANIFEST) as server, server.connect() as wire:
        for _ in range(10):
            wire.ask("GET", "/")
        server.stop()
        assert len(server.access(10)) == 10


def test_sighup_and_sigpipe_do_not_end_it():
    with serve(MANIFEST) as server:
        for number in (signal.SIGHUP, signal.SIGPIPE):
            server.process.send_signal(number)
        assert server.get("/").text == "root"


def test_reader_of_the_log_may_go():
    reading, writing = os.pipe()
    try:
        with serve(MANIFEST, stdout=writing) as server:
            os.close(reading)
            for _ in range(100):
                assert server.get("/").status == 200
    finally:
        os.close(writing)
