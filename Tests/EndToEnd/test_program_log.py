"""The program's own log, on standard error."""

import json
import os
import select
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from radicled import BINARY, PATIENCE, Wire, eventually, free_port, manifest

MANIFEST = """
admin: 127.0.0.1:{admin}
listen: 127.0.0.1:{port}
trusted_proxies: [127.0.0.1]
services:
  web:
    routes:
      GET /slow: {{ template: late, delay: 100ms }}
"""


@contextmanager
def unread():
    """A server whose standard error nobody reads, and that is full; its process and its two ports."""
    ports = {"port": free_port(), "admin": free_port()}
    path = Path(tempfile.mkdtemp(prefix="radicled-")) / "manifest.yaml"
    path.write_text(manifest(MANIFEST.format(**ports)))
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [str(BINARY), "--config", str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing)
    try:
        with os.fdopen(reading, "rb", buffering=0) as log:
            listening = 0
            while listening < 2:
                assert select.select([log], [], [], PATIENCE)[0], "no line of the log"
                listening += json.loads(log.readline()).get("event") == "listening"
            # Opened anew, so that only this end does not wait.
            own = os.open(f"/proc/self/fd/{writing}", os.O_WRONLY | os.O_NONBLOCK)
            for size in (512, 1):
                try:
                    while True:
                        os.write(own, b"." * size)
                except BlockingIOError:
                    pass
            os.close(own)
            yield process, ports["port"], ports["admin"]
    finally:
        os.close(writing)
        if process.poll() is None:
            process.kill()
            process.wait()


def ask(port, method, path):
    with Wire(("127.0.0.1", port)) as wire:
        wire.send(f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode())
        return wire.read_response()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_nobody_reads_it_and_the_server_still_ends(by):
    with unread() as (process, port, _):
        assert ask(port, "GET", "/slow").body == b"late"
        process.send_signal(by)
        assert process.wait(PATIENCE) == 0


def test_nobody_reads_it_and_reloads_go_on():
    with unread() as (process, port, admin):
        process.send_signal(signal.SIGHUP)
        eventually(lambda: b'"generation":2' in ask(admin, "GET", "/version?format=json").body.replace(b" ", b""),
                   "the second generation")
        answer = ask(admin, "POST", "/debug/log_level?level=debug&ttl=1m")
        assert answer.status == 200, answer
        assert ask(port, "GET", "/slow").body == b"late"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
