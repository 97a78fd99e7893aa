"""Bytes resident, of all processes of a server."""

import resource
from contextlib import contextmanager

from clients import Connections, HTTP2Connections
from pieces.piece import Piece
from servers import NGINX_HTTP2


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


class HTTP2Memory(Piece):
    """For each idle HTTP/2 connection that has made a request of many fields, and after three.

    The first answer puts nothing into the tables of most servers' encoders, later ones do.
    """

    name = "http2_memory"

    def measure(self, bench):
        count = 1_000 if bench.quick else 8_000
        texts = {"radicled": None, "nginx": NGINX_HTTP2, "envoy": None}
        result = {}
        with many_files() as files:
            if files < count * 1.5:
                raise RuntimeError(f"{count} connections need more than the {files} open files that the system allows")
            for name in bench.peers:
                if name not in texts:
                    continue
                with bench.server(name, text=texts[name]) as server:
                    # The first ones fill buffers that all share, so only what the later ones add is counted.
                    first = HTTP2Connections(server.port, count // 8)
                    for _ in range(3):
                        first.request()
                    shared = server.memory()
                    idle = HTTP2Connections(server.port, count - count // 8)
                    row = {"count": count}
                    for requests in (1, 3):
                        while idle.stream < 2 * requests:
                            idle.request()
                        row[str(requests)] = (server.memory() - shared) / (count - count // 8)
                    first.close()
                    idle.close()
                    result[name] = row
        return result

    def goals(self, result, goal):
        row = result["radicled"]
        for requests, words in (("1", "a request"), ("3", "three requests")):
            goal(f"resident for each of {row['count']:,} idle HTTP/2 connections after {words}", row[requests], 16 * 1024,
                 f"{row[requests] / 1024:.1f} KiB", "at most 16 KiB")

    def tables(self, result, table):
        table("Memory over HTTP/2", f"{next(iter(result.values()))['count']:,} idle connections; nine of the eleven "
              "fields that each sent are in its table.", ["server", "an idle connection after a request", "after three"],
              [[name, *(f"{row[requests] / 1024:.1f} KiB" for requests in ("1", "3"))] for name, row in result.items()])
