"""Requests over plain HTTP, beside the other servers."""

import json
import statistics
from contextlib import ExitStack
from pathlib import Path

from pieces.piece import Piece
from servers import FIELDS, HELLO, LIMITED, NGINX_HTTP2, NGINX_LIMITED, REQUEST, radicled_text

HEAD = ["server", "CPU µs a request", "of it the kernel's", "CPU to nginx", "requests a second"]


def rows(result):
    return [[name, f"{row['cpu']:.2f}", f"{row.get('system', 0):.2f}", f"{row.get('cpu_to_nginx', 0):.2f}", f"{row['rate']:,.0f}"]
            for name, row in result.items()]


class KeepAlive(Piece):
    name = "keepalive"

    def measure(self, bench):
        with ExitStack() as stack:
            return bench.interleaved([stack.enter_context(bench.server(name)) for name in bench.peers])

    def goals(self, result, goal):
        if "nginx" in result:
            value = result["radicled"]["cpu_to_nginx"]
            goal("CPU a request, kept connections, to nginx", value, 0.95, f"{value:.2f} ×", "at most 0.95 ×")
        for peer, limit in (("envoy", 2.7), ("caddy", 3.0)):
            if peer in result:
                value = result["radicled"]["rate"] / result[peer]["rate"]
                goal(f"rate, to {peer.title()}", value, limit, f"{value:.1f} ×", f"at least {limit} ×", least=True)

    def tables(self, result, table):
        table("Kept connections", "64 connections, `GET /hello/Ann` with six header fields.", HEAD, rows(result))


class Limited(Piece):
    """The whole default chain with a limit for each client, to nginx with a log and `limit_req`."""

    name = "limited"

    def measure(self, bench):
        with ExitStack() as stack:
            texts = {"radicled": radicled_text(middleware=LIMITED), "nginx": NGINX_LIMITED}
            return bench.interleaved(
                [stack.enter_context(bench.server(name, text=texts[name])) for name in bench.peers if name in texts])

    def goals(self, result, goal):
        if "nginx" in result:
            value = result["radicled"]["cpu_to_nginx"]
            goal("CPU a request with a limit for each client, to nginx with limit_req", value, 1.0, f"{value:.2f} ×",
                 "at most 1.0 ×")


class HTTP2(Piece):
    name = "http2"

    def measure(self, bench):
        with ExitStack() as stack:
            texts = {"radicled": None, "nginx": NGINX_HTTP2, "envoy": None}
            return bench.interleaved(
                [stack.enter_context(bench.server(name, text=texts[name])) for name in bench.peers if name in texts],
                bench.h2load)

    def goals(self, result, goal):
        for peer, limit in (("nginx", 2.0), ("envoy", 3.0)):
            if peer in result:
                value = result[peer]["cpu"] / result["radicled"]["cpu"]
                goal(f"requests for each second of CPU over HTTP/2, to {peer}", value, limit, f"{value:.1f} ×",
                     f"at least {limit:.0f} ×", least=True)

    def tables(self, result, table):
        table("HTTP/2", "The same with prior knowledge, 16 connections with 32 streams each.", HEAD, rows(result))


class NewConnections(Piece):
    name = "new_connections"

    def measure(self, bench):
        with ExitStack() as stack:
            return bench.interleaved([stack.enter_context(bench.server(name)) for name in bench.peers],
                                     fields={**FIELDS, "Connection": "close"})

    def goals(self, result, goal):
        if "nginx" in result:
            value = result["radicled"]["cpu_to_nginx"]
            goal("CPU with a new connection for each request, to nginx", value, 1.6, f"{value:.2f} ×", "at most 1.6 ×")

    def tables(self, result, table):
        table("A new connection for each request", "The same with `Connection: close`.", HEAD, rows(result))


class Latency(Piece):
    """Half of nginx's full rate for everyone, open loop; those that cannot keep it get half of their own."""

    name = "latency"

    def measure(self, bench):
        program, request = bench.compiled(Path(__file__).parents[1] / "rate.c"), bench.work / "request"
        request.write_bytes(REQUEST)
        result = {}
        with ExitStack() as stack:
            servers = [stack.enter_context(bench.server(name)) for name in bench.peers]
            full = {server.name: bench.wrk(server)["rate"] for server in servers}
            half = (full.get("nginx") or full["radicled"]) / 2
            rates = {name: min(half, rate / 2) for name, rate in full.items()}
            rows = {server.name: [] for server in servers}
            for _ in range(bench.rounds):
                for server in servers:
                    out, _, _ = bench.run(server, [program, server.port, rates[server.name], bench.seconds, 64, request])
                    rows[server.name].append(json.loads(out))
            for name, rounds in rows.items():
                result[name] = {key: statistics.median(r[key] for r in rounds) for key in ("p50", "p99", "p999")}
                result[name]["rate"] = rates[name]
        return result

    def goals(self, result, goal):
        if "nginx" in result:
            value = result["radicled"]["p99"] / max(1, result["nginx"]["p99"])
            goal("p99 at half load, to nginx", value, 1.5, f"{value:.2f} ×", "at most 1.5 ×")

    def tables(self, result, table):
        table("Latency at half load", "Open loop over 64 connections at half of nginx's full rate, or half of its own "
              "where that is less; µs from the time at which a request was due.",
              ["server", "requests a second", "p50", "p99", "p99.9"],
              [[name, f"{row['rate']:,.0f}", *(f"{row[key]:,.0f}" for key in ("p50", "p99", "p999"))]
               for name, row in result.items()])


class Routes(Piece):
    """The same load over 10 and over 10,000 routes, each request another route."""

    name = "routes"

    def measure(self, bench):
        result = {}
        with ExitStack() as stack:
            servers = []
            for count in (10, 10_000):
                text = HELLO + "".join(f"      GET /r{n}/{{name}}: {{ template: \"Hello {{{{ path.name }}}}\" }}\n"
                                       for n in range(count))
                script = bench.work / f"routes-{count}.lua"
                script.write_text(
                    "request = function() return wrk.format('GET', '/r' .. math.random(0, "
                    f"{count - 1}) .. '/Ann') end\n")
                server = stack.enter_context(bench.server("radicled", text=radicled_text(text)))
                servers.append((count, server, script))
            rows = {count: [] for count, _, _ in servers}
            for _ in range(bench.rounds):
                for count, server, script in servers:
                    rows[count].append(bench.wrk(server, script=script)["cpu"])
            for count, values in rows.items():
                result[str(count)] = {"cpu": statistics.median(values)}
            result["ratio"] = statistics.median(b / a for a, b in zip(rows[10], rows[10_000]))
        return result

    def goals(self, result, goal):
        goal("CPU with 10,000 routes, to 10", result["ratio"], 1.3, f"{result['ratio']:.2f} ×", "at most 1.3 ×")


class Template(Piece):
    """Requests for each second of CPU of a template of 1 KiB with ten holes, to the one of `PATH`."""

    name = "template"

    def measure(self, bench):
        hole = "{{ path.name }}"
        text = "".join("x" * (103 - len(hole)) + hole for _ in range(10))
        routes = f"      GET /hello/{{name}}: {{ template: {{ text: {json.dumps(text)} }} }}\n"
        with ExitStack() as stack:
            servers = [stack.enter_context(bench.server("radicled", text=radicled_text(it))) for it in (HELLO, routes)]
            ratios = []
            for _ in range(bench.rounds):
                short, long = (bench.wrk(server)["cpu"] for server in servers)
                ratios.append(short / long)
            return {"ratio": statistics.median(ratios)}

    def goals(self, result, goal):
        goal("requests for each second of CPU, template of 1 KiB with ten holes to the short one", result["ratio"], 0.9,
             f"{result['ratio']:.2f} ×", "at least 0.9 ×", least=True)
