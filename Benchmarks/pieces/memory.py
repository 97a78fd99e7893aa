"""Bytes resident, of all processes of a server."""

import resource
from contextlib import contextmanager

from clients import Connections
from pieces.piece import Piece


@contextmanager
def many_files():
    """Servers that are started meanwhile may open as many files as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Memory(Piece):
    """After start, for each idle connection, and before and after two million requests."""

    name = "memory"

    def measure(self, bench):
        count = 500 if bench.quick else 4_000
        result = {}
        with many_files():
            for name in bench.peers:
                with bench.server(name) as server:
                    row = {"start": server.memory()}
                    # The first ones fill buffers that all share, so only what the later ones add is counted.
                    first = Connections(server.port, count // 4)
                    first.send(count // 4)
                    shared = server.memory()
                    idle = Connections(server.port, count - count // 4)
                    idle.send(count - count // 4)
                    row["connection"] = (server.memory() - shared) / (count - count // 4)
                    first.close()
                    idle.close()
                    if name in ("radicled", "nginx"):
                        wanted = 100_000 if bench.quick else 2_000_000
                        bench.wrk(server, seconds=2)
                        row["before"], sent = server.memory(), 0
                        while sent < wanted:
                            sent += bench.wrk(server, seconds=5 if not bench.quick else 1)["requests"]
                        row["after"], row["requests"] = server.memory(), sent
                    result[name] = row
        return result

    def goals(self, result, goal):
        row = result["radicled"]
        goal("resident after start", row["start"], 20e6, f"{row['start'] / 1e6:.1f} MB", "at most 20 MB")
        goal("resident for each idle connection", row["connection"], 4096, f"{row['connection'] / 1024:.1f} KiB",
             "at most 4 KiB")
        growth = row["after"] - row["before"]
        goal(f"growth over {row['requests'] / 1e6:.1f} million requests", growth, 1e6, f"{growth / 1024:.0f} KiB",
             "flat")

    def tables(self, result, table):
        table("Memory", "Resident, all processes of a server.", ["server", "after start", "an idle connection"],
              [[name, f"{row['start'] / 1e6:.1f} MB", f"{row['connection'] / 1024:.1f} KiB"]
               for name, row in result.items()])
