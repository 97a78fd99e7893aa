"""Loads that the pieces of bench.py are measured with, each a round that tells requests a second and CPU µs a request."""

import json
import re
import statistics
import subprocess

from servers import FIELDS, LOAD_CORE, PATH, Server


class Bench:
    def __init__(self, work, peers, quick, rounds=None):
        self.work = work
        self.peers = peers
        self.quick = quick
        self.seconds = 1 if quick else 4
        self.rounds = rounds or (2 if quick else 7)
        self.started = 0

    def server(self, name, **options):
        self.started += 1
        return Server(name, self.work / f"{self.started}-{name}", **options)

    def run(self, server, command, *, pin=True):
        """What the load prints, and the CPU seconds that the server spent meanwhile: in all, and the kernel's part."""
        pinned = ["taskset", "-c", LOAD_CORE] if pin else []
        cpu, (user, system) = server.cpu_seconds(), server.ticks()
        out = subprocess.run([*pinned, *map(str, command)], capture_output=True, text=True, check=True, timeout=120).stdout
        cpu, ticks = server.cpu_seconds() - cpu, server.ticks()
        user, system = ticks[0] - user, ticks[1] - system
        # A log that grows on takes memory that the machine uses for the first time: dearer than to write the lines.
        server.empty_log()
        return out, cpu, cpu * system / max(1, user + system)

    def wrk(self, server, *, seconds=None, connections=64, threads=1, path=PATH, fields=FIELDS, script=None, pin=True):
        """One round of load: requests a second, CPU µs a request."""
        command = ["wrk", f"-c{connections}", f"-d{seconds or self.seconds}s", "--timeout", "10s", f"-t{threads}"]
        for name, value in fields.items():
            command += ["-H", f"{name}: {value}"]
        if script:
            command += ["-s", script]
        out, cpu, system = self.run(server, [*command, server.url + path], pin=pin)
        if "Non-2xx" in out:
            raise RuntimeError(f"{server.name}: {out}")
        if "Socket errors" in out:
            print(f"{server.name}: {re.search('Socket errors.*', out)[0]}")
        requests = int(re.search(r"(\d+) requests in", out)[1])
        rate = float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])
        return figures(requests, rate, cpu, system)

    def h2load(self, server, *, seconds=None, connections=16, streams=32, message=None, method="/helloworld.Greeter/SayHello",
               type="application/grpc"):
        """The same over HTTP/2 with prior knowledge, so many streams at once on each connection; with `message` a gRPC call."""
        command = ["h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds or self.seconds}"]
        fields = FIELDS if message is None else {"content-type": type, "te": "trailers"}
        for name, value in fields.items():
            command += ["-H", f"{name}: {value}"]
        if message:
            command += ["-d", message]
        out, cpu, system = self.run(server, [*command, server.url + (PATH if message is None else method)])
        done, failed = (int(re.search(rf"(\d+) {word}", out)[1]) for word in ("succeeded", "failed"))
        if failed:
            raise RuntimeError(f"{server.name}: {out}")
        # A call that fails is a 200 as well, but has no message; those of the methods here are no shorter than the request's.
        if message and int(re.search(r"\((\d+)\) data", out)[1]) < done * message.stat().st_size:
            raise RuntimeError(f"{server.name} does not answer with messages: {out}")
        return figures(done, float(re.search(r"([\d.]+) req/s", out)[1]), cpu, system)

    def program(self, server, command):
        """The same by a program of ours, which prints how many requests it made and in how many seconds."""
        out, cpu, system = self.run(server, command)
        told = json.loads(out)
        return figures(told["requests"], told["requests"] / told["seconds"], cpu, system)

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
            result[name] = {key: statistics.median(r[key] for r in rounds) for key in ("rate", "cpu", "system")}
            if "nginx" in rows:
                result[name]["cpu_to_nginx"] = statistics.median(
                    r["cpu"] / n["cpu"] for r, n in zip(rounds, rows["nginx"]))
        return result

    def pipelined(self, servers):
        """Least CPU µs a request of each of the servers, 16 requests at once: little of it is the kernel's."""
        script = self.work / "pipelined.lua"
        script.write_text("init = function() batch = wrk.format(nil, nil, nil, nil):rep(16) end\n"
                          "request = function() return batch end\n")
        least = {}
        for _ in range(2 * self.rounds):
            for name, server in servers.items():
                cpu = self.wrk(server, seconds=1, connections=16, script=script)["cpu"]
                least[name] = min(cpu, least.get(name, cpu))
        return least

    def compiled(self, source, *libraries):
        """A load program of this folder in C."""
        program = self.work / source.stem
        if not program.exists():
            subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-o", program, source, *libraries], check=True)
        return program


def figures(requests, rate, cpu, system):
    return {"requests": requests, "rate": rate, "cpu": cpu / requests * 1e6, "system": system / requests * 1e6}
