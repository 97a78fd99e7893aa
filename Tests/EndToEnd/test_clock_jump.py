"""The wall clock is set while the server runs: what waits, waits as long as it would have; what tells the time follows."""

import json
import mmap
import shutil
import struct
import subprocess
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from radicled import PATIENCE, eventually, serve
from scrape import DURATION, total

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")

DAY = 86_400
MANIFEST = """
workers: 1
limits: { idle: 300s, body_gap: 300s, header_timeout: 300s }
middleware: { timeout: 300s }
services:
  web:
    routes:
      GET /now: { template: "{{ string(now()) }}" }
      POST /body: { template: "{{ size(request.body) }}" }
      GET /long: { template: "late", delay: 250s }
      GET /soon: { template: "soon", delay: 300ms }
      GET /late: { template: "late", delay: 250s, middleware: { timeout: 300ms } }
      GET /stream: { template: { messages: [1, 2, 3, 4], interval: 100ms } }
      GET /rare: { template: "rare", middleware: { rate_limit: 1/h } }
      GET /often: { template: "often", middleware: { rate_limit: { rate: 4/s, burst: 1 } } }
      GET /one: { template: "one", middleware: { concurrency: { limit: 1, queue: 1 } }, delay: 1s }
"""


class Clock:
    """The server's wall clock: ours and so many seconds."""

    def __init__(self, directory, library):
        file = directory / "seconds"
        file.write_bytes(bytes(8))
        with open(file, "r+b") as open_file:
            self.seconds = mmap.mmap(open_file.fileno(), 8)
        self.env = {"LD_PRELOAD": str(library), "CLOCK_JUMP_FILE": str(file)}

    def jump(self, seconds):
        self.seconds[:] = struct.pack("q", seconds)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("clock") / "clock_jump.so"
    subprocess.run(
        ["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, Path(__file__).with_name("clock_jump.c"), "-ldl"],
        check=True, timeout=PATIENCE)
    return path


@pytest.fixture
def clock(tmp_path, library):
    return Clock(tmp_path, library)


def off(moment):
    """Seconds between what the server says and our clock."""
    return (moment - datetime.now(timezone.utc)).total_seconds()


def follows(server, seconds):
    def date():
        return abs(off(parsedate_to_datetime(server.get("/now").header("date"))) - seconds) < 60

    eventually(date, f"a date {seconds} s from now")


def running(server):
    return total(server, "http_server_active_requests")


@pytest.mark.parametrize("jump", [DAY, -DAY, 400 * DAY, -20_000 * DAY])
def test_what_waits_is_not_moved(clock, jump):
    with serve(MANIFEST, env=clock.env) as server:
        idle, head, body, long, late, soon, stream, holder = wires = [server.connect() for _ in range(8)]
        assert server.get("/rare").status == 200 and server.get("/rare").status == 429
        idle.ask("GET", "/now")
        head.send("GET /now HTTP/1.1\r\nHost: x\r\n")
        body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
        for wire, path in [(long, "/long"), (late, "/late"), (soon, "/soon"), (stream, "/stream"), (holder, "/one")]:
            wire.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: running(server) >= 6 or soon.readable(), "the calls run")
        clock.jump(jump)
        # What is due comes, whole and in its order.
        assert soon.read_response().text == "soon"
        assert late.read_response().status == 504
        assert stream.read_response().text == "1\n2\n3\n4\n"
        follows(server, jump)
        # What begins now ends as well.
        assert server.get("/soon").text == "soon"
        assert server.get("/late").status == 504
        assert holder.read_response().text == "one"
        eventually(lambda: server.get("/often").status == 200, "a bucket that fills")
        # What is not due does not, though days have passed on the clock.
        assert not long.readable() and not idle.readable()
        assert server.get("/rare").status == 429
        assert int(server.get("/rare").header("retry-after")) <= 3600
        assert idle.ask("GET", "/now").status == 200
        head.send("\r\n")
        assert head.read_response().status == 200
        body.send("llo")
        assert body.read_response().text == "5"
        for wire in wires:
            wire.close()


def test_what_tells_the_time_follows(clock):
    with serve(MANIFEST, env=clock.env) as server, server.connect() as wire:
        for count, jump in enumerate([0, DAY, -DAY, 0]):
            clock.jump(jump)
            follows(server, jump)
            answer = wire.ask("GET", "/now")
            assert abs(off(datetime.fromisoformat(answer.text)) - jump) < 60
            identity = answer.header("x-request-id").encode()
            line = server.output.wait(lambda lines: [line for line in lines if identity in line], "the call's line")[0]
            assert abs(off(datetime.fromisoformat(json.loads(line)["timestamp"])) - jump) < 60
            server.reload()
            event = server.event("reloaded", count + 1)
            assert abs(off(datetime.fromisoformat(event["timestamp"])) - jump) < 60


def test_durations_are_those_of_the_monotonic_clock(clock):
    with serve(MANIFEST, env=clock.env) as server:
        for jump in (DAY, -DAY, 0):
            with server.connect() as wire:
                wire.send("GET /soon HTTP/1.1\r\nHost: x\r\n\r\n")
                eventually(lambda: running(server) == 1 or wire.readable(), "the call runs")
                clock.jump(jump)
                assert wire.read_response().text == "soon"
        assert all(0.3 <= line["http.server.request.duration"] < PATIENCE for line in server.access(3))
        assert 0.9 <= total(server, DURATION + "_sum") < 3 * PATIENCE
        clock.jump(-DAY)
        # The drain has its own time too.
        server.stop()
