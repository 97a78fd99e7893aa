#!/usr/bin/env python3
"""Counts user instructions and heap allocations a request; time has no part in it, so the numbers repeat.

Instructions: callgrind over the whole process, the difference of a run with 4,000 and one with 1,000 requests over 16
kept connections, divided by 3,000. The kernel is not in it. Allocations: malloc_count.c preloaded, 10,000 requests
after a warm-up of 2,000. A request itself allocates nothing; what is left, and what the threshold leaves room for, are
the timers that flush the log twenty times a second, however many requests there are.

Compares with thresholds.json and exits with 1 where a count is over its threshold.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from clients import Calls, Connections
from servers import BINARY, LIMITED, Server, greeter_text, radicled_text

HERE = Path(__file__).resolve().parent
CONNECTIONS = 16


def allocations(work, text, client):
    """Heap allocations a request."""
    library, counter = work / "malloc_count.so", work / "count"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "malloc_count.c"], check=True)
    env = {"LD_PRELOAD": str(library), "MALLOC_COUNT_FILE": str(counter)}

    def count():
        return int.from_bytes(counter.read_bytes()[:8], "little")

    with Server("radicled", work / "allocations", text=text, env=env, core=None) as server:
        if count() == 0:
            raise RuntimeError("nothing was counted: is the binary linked statically to its C library?")
        connections = client(server.port, CONNECTIONS)
        connections.send(2_000)
        before = count()
        connections.send(10_000)
        made = count() - before
        connections.close()
    return made / 10_000


def instructions(work, text, client):
    """User instructions a request."""
    # valgrind 3.19 fails on Swift's DWARF 5; names stay without it.
    binary = work / "radicled"
    subprocess.run(["strip", "-g", "-o", binary, BINARY], check=True)

    def total(requests):
        out = work / f"callgrind.{requests}"
        wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet"]
        directory = work / f"instructions-{requests}"
        with Server("radicled", directory, text=text, wrapper=wrapper, binary=str(binary), core=None) as server:
            connections = client(server.port, CONNECTIONS)
            connections.send(requests)
            connections.close()
            code = server.stop()
            if code != 0:
                raise RuntimeError(f"exited with {code} under valgrind")
        for line in out.read_text(errors="replace").splitlines():
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
        raise RuntimeError("callgrind wrote no total")

    return (total(4_000) - total(1_000)) / 3_000


def measure():
    """The counts of a request through the default chain, through the one with limits, and of a gRPC call."""
    counts = {}
    works = {
        "": (radicled_text(), Connections), "limited_": (radicled_text(middleware=LIMITED), Connections),
        "grpc_": (greeter_text(), Calls),
    }
    for prefix, (text, client) in works.items():
        with tempfile.TemporaryDirectory(prefix="radicled-counts-") as directory:
            counts[prefix + "instructions_per_request"] = instructions(Path(directory), text, client)
        with tempfile.TemporaryDirectory(prefix="radicled-counts-") as directory:
            counts[prefix + "allocations_per_request"] = allocations(Path(directory), text, client)
    return counts


def main():
    for tool in ("gcc", "valgrind", "strip"):
        if not shutil.which(tool):
            print(f"counts: {tool} is not installed: run scripts/install-dependencies test", file=sys.stderr)
            return 2
    if not BINARY.exists():
        print(f"counts: {BINARY} is not there: run make build", file=sys.stderr)
        return 2
    thresholds = json.loads((HERE / "thresholds.json").read_text())
    counts = measure()
    over = False
    for name, limit in thresholds.items():
        value = counts[name]
        over |= value > limit
        print(f"counts: {name.replace('_', ' ')}: {value:,.2f}, at most {limit:,}{'   OVER' if value > limit else ''}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
