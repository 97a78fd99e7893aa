#!/usr/bin/env python3
"""Sends every row of Tests/EndToEnd/hostile_heads.json to radicled and to nginx, and writes docs/hostile-heads.md.

Not a test: the end-to-end tests judge our answers. This shows them beside those of the most used server.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import ROOT, BINARY, free_port

ROWS = ROOT / "Tests/EndToEnd/hostile_heads.json"
PAGE = ROOT / "docs/hostile-heads.md"

RADICLED = """radicle: 1
listen: 127.0.0.1:@PORT@
admin: 127.0.0.1:0
limits: { header_timeout: 1s, body_gap: 1s }
shutdown: { delay: 0s }
middleware: { access_log: off }
services: { web: { routes: { "/{rest...}": { echo: request } } } }
"""

NGINX = """
worker_processes 1; daemon off; pid @DIR@/pid; error_log @DIR@/error.log;
events { worker_connections 512; }
http {
  access_log off; client_header_timeout 1s; client_body_timeout 1s;
  client_body_temp_path @DIR@/b; proxy_temp_path @DIR@/p; fastcgi_temp_path @DIR@/f; uwsgi_temp_path @DIR@/u;
  scgi_temp_path @DIR@/s;
  server { listen 127.0.0.1:@PORT@; location / { proxy_pass http://127.0.0.1:@PORT@/made; } location /made { return 200 ok; } }
}
"""


def data_of(row):
    parts = row["bytes"] if isinstance(row["bytes"], list) else [row["bytes"]]
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts).encode("latin-1")


def answer(port, data):
    """The statuses that came back, in order, or what else happened."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=3)
    received = b""
    try:
        wire.sendall(data)
    except OSError:
        pass
    try:
        # Neither side closes a connection that is kept: a quiet second is the end.
        wire.settimeout(1.6)
        while chunk := wire.recv(65536):
            received += chunk
    except OSError:
        pass
    wire.close()
    statuses = [line[9:12].decode() for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return " ".join(status for status in statuses if status != "100") or "closed"


def started(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{command[0]} did not start")


def main():
    rows = json.loads(ROWS.read_text())
    with tempfile.TemporaryDirectory() as directory:
        ports, processes = (free_port(), free_port()), []
        for name, text, port in (("r.yaml", RADICLED, ports[0]), ("nginx.conf", NGINX, ports[1])):
            Path(directory, name).write_text(text.replace("@PORT@", str(port)).replace("@DIR@", directory))
        processes.append(started([str(BINARY), "--config", f"{directory}/r.yaml"], ports[0]))
        processes.append(started(["nginx", "-c", f"{directory}/nginx.conf", "-p", directory], ports[1]))
        lines = []
        try:
            for number, row in enumerate(rows):
                ours, theirs = (answer(port, data_of(row)) for port in ports)
                name = row["name"].replace("|", "\\|").replace("`", "'")
                lines.append(f"| {name} | {row['part']} | {ours} | {theirs} |")
                if sys.stderr.isatty():
                    print(f"\r{number + 1}/{len(rows)}", end="", file=sys.stderr)
        finally:
            for process in processes:
                process.terminate()
                process.wait(10)
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip()
    PAGE.write_text(
        "# Hostile requests: what we and nginx answer\n\n"
        f"Every row of [hostile_heads.json](../Tests/EndToEnd/hostile_heads.json), sent to radicled and to {version}\n"
        "(one that proxies to itself, so that bodies are read). `closed` is a connection closed without an answer; two\n"
        "statuses are two answers, which means that the bytes behind the first request were taken for a second.\n"
        "`python3 Benchmarks/hostile.py` writes this page.\n\n"
        "| request | trick in | radicled | nginx |\n|---|---|---|---|\n" + "\n".join(lines) + "\n")
    print(f"{PAGE.relative_to(ROOT)}: {len(lines)} rows")


if __name__ == "__main__":
    main()
