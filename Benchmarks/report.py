"""The page that the results make: docs/benchmarks.md."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

from pieces import PIECES
from servers import peer_binary

HEADING = """# Benchmarks

Measured by `make bench BENCH_ARGUMENTS="--write"`, which wrote this page: it installs the peers, starts each on
loopback with the same work, and stops them again. Server on one core, load on the other, rounds interleaved, medians.

The work is `GET /hello/{name}` answered with templated JSON, a request id, one JSON access log line in a file, and a
time limit. nginx: one worker, regex location, `return`, `access_log` with `buffer=64k`. Envoy: `direct_response` with
`body_format`, `--concurrency 1`. Caddy: `respond`, `GOMAXPROCS=1`. CPU is user and system time of the server's
processes; instructions are callgrind's, the kernel not included. Only the ratios of one run compare.

Logs are emptied after each round. One that grows on takes memory, and what a virtual machine uses for the first time can
cost seven times what it had before: at a fifth of a page a line, more than the kernel does for the call itself, and the
more, the faster a server is. Whether a log lies on a disk or in memory made no difference.

"""


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    versions = []
    for name, word in (("nginx", "-v"), ("envoy", "--version"), ("caddy", "version"), ("radicled", "version")):
        program = peer_binary(name)
        if program:
            done = subprocess.run([program, word], capture_output=True, text=True)
            found = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
            versions.append(f"{name} {found[0] if found else '?'}")
    return (f"{model[1] if model else platform.processor()}, {os.cpu_count()} cores, Linux {platform.release()}; "
            + ", ".join(versions))


def report(results):
    """The tables as Markdown, the goals first."""
    goals, lines = [], []

    def goal(what, value, limit, shown, limit_shown, least=False):
        met = value >= limit if least else value <= limit
        goals.append([what, shown, limit_shown, "yes" if met else "**no**"])

    def table(title, note, head, rows):
        lines.extend([f"## {title}", "", note, "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)])
        lines.extend("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
        lines.append("")

    measured = [(piece, results[name]) for name, piece in PIECES.items() if name in results]
    for piece, result in measured:
        piece.goals(result, goal)
    table("Goals", "Ratios are of medians taken in one run.", ["what", "measured", "goal", "met"], goals)
    for piece, result in measured:
        piece.tables(result, table)
    return "\n".join(lines)


def page(results):
    return HEADING + f"Machine: {machine()}; {time.strftime('%Y-%m-%d')}.\n\n" + report(results)
