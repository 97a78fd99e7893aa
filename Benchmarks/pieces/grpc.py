"""gRPC calls, beside grpc-go."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from clients import Calls
from pieces.piece import Piece
from servers import GRPC_PEER, bench_text, greeter_text

HERE = Path(__file__).parents[1]


def build_peer(bench, folder="grpc_peer", program=GRPC_PEER):
    """A peer in Go, from the sources that Debian has of what it needs."""
    if not shutil.which("go"):
        raise RuntimeError("go is not installed: run scripts/install-dependencies bench")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(bench.work / "go")}
    subprocess.run(["go", "build", "-o", program, "."], cwd=HERE / folder, env=environment, check=True)


class GRPC(Piece):
    """Unary SayHello with the whole default chain, to grpc-go and to Envoy's direct response to a GET."""

    name = "grpc"

    def measure(self, bench):
        build_peer(bench)
        message = bench.work / "message"
        message.write_bytes(Calls.MESSAGE)
        result = {}
        with ExitStack() as stack:
            servers = [stack.enter_context(bench.server("radicled", text=greeter_text()))]
            servers += [stack.enter_context(bench.server(name)) for name in ("grpc-go", "grpc-go with a base")]
            if "envoy" in bench.peers:
                servers.append(stack.enter_context(bench.server("envoy")))

            def load(server, **options):
                return bench.h2load(server, **options, message=None if server.name == "envoy" else message)

            for connections, streams in ((16, 32), (64, 1)):
                result[f"{connections} × {streams}"] = bench.interleaved(
                    servers, load, connections=connections, streams=streams)
        return result

    def goals(self, result, goal):
        for load, peer, limit in (("16 × 32", "grpc-go", 4), ("64 × 1", "grpc-go", 1.8),
                                  ("16 × 32", "grpc-go with a base", 10), ("16 × 32", "envoy", 5)):
            if peer in result[load]:
                value = result[load][peer]["cpu"] / result[load]["radicled"]["cpu"]
                name = "Envoy's direct response" if peer == "envoy" else peer
                goal(f"gRPC calls for each second of CPU, {load}, to {name}", value, limit, f"{value:.1f} ×",
                     f"at least {limit} ×", least=True)

    def tables(self, result, table):
        table("gRPC", "Unary `SayHello` with the whole default chain; connections × streams. grpc-go 1.33.3 of Debian, bare and with "
              "interceptors that log JSON, count and limit; Envoy answers a GET by itself.",
              ["load", "server", "CPU µs a call", "of it the kernel's", "calls a second"],
              [[load, name, f"{row['cpu']:.2f}", f"{row.get('system', 0):.2f}", f"{row['rate']:,.0f}"]
               for load, rows in result.items() for name, row in rows.items()])


def both(bench, stack, messages=1, greetings=1):
    """radicled and grpc-go with the methods of bench.proto."""
    file = bench.work / f"messages-{messages}.json"
    file.write_text(json.dumps([{"text": "Hello Ann"}] * messages))
    return [stack.enter_context(bench.server("radicled", text=bench_text(file, greetings))),
            stack.enter_context(bench.server("grpc-go"))]


def framed(message):
    return b"\0" + len(message).to_bytes(4, "big") + message


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def text_message(size):
    """A message of one text that has about so many bytes in all."""
    text = b"x" * (size - 2 if size < 130 else size - 8)
    return b"\x0a" + varint(len(text)) + text


class Streams(Piece):
    """Messages of streams, to grpc-go, with the load that streams.c makes: a server stream and an echo."""

    name = "streams"
    MESSAGES, GREETINGS = 100_000, 1_000
    # Of each what the load is told: the method, connections, streams on each, `count` or `chat` with its number.
    LOADS = {
        f"{MESSAGES:,} messages from data, 1 × 1": ("Count", 1, 1, "count", MESSAGES),
        f"{MESSAGES:,} messages from data, 4 × 8": ("Count", 4, 8, "count", MESSAGES),
        f"{GREETINGS:,} templates, 4 × 8": ("Greetings", 4, 8, "count", GREETINGS),
        "echo, 16 × 1, 16 messages under way": ("Chat", 16, 1, "chat", 16),
        "echo, 64 × 1, one message under way": ("Chat", 64, 1, "chat", 1),
    }

    def measure(self, bench):
        build_peer(bench)
        program = bench.compiled(HERE / "streams.c")
        files = {}
        for method, _, _, kind, number in self.LOADS.values():
            files[method] = bench.work / method
            files[method].write_bytes(framed(b"\x0a\x03Ann\x10" + varint(number)) if kind == "count" else Calls.MESSAGE)
        result = {"loads": {}, "memory": {}}
        with ExitStack() as stack:
            servers = both(bench, stack, self.MESSAGES, self.GREETINGS)
            sent = dict.fromkeys((server.name for server in servers), 0)

            def load(server, told, seconds=bench.seconds):
                method, *rest = told
                done = bench.program(server, [program, server.port, f"/bench.Bench/{method}", files[method], seconds, *rest])
                sent[server.name] += done["requests"]
                return done

            for server in servers:
                for told in self.LOADS.values():
                    load(server, told, 1)
            before = {server.name: (server.memory(), sent[server.name]) for server in servers}
            for name, told in self.LOADS.items():
                result["loads"][name] = bench.interleaved(servers, load, told=told)
            for server in servers:
                memory, messages = before[server.name]
                result["memory"][server.name] = {"before": memory, "after": server.memory(),
                                                 "messages": sent[server.name] - messages}
        return result

    def goals(self, result, goal):
        for name, rows in result["loads"].items():
            limit = 1.5 if name.startswith("echo") else 2
            value = rows["grpc-go"]["cpu"] / rows["radicled"]["cpu"]
            goal(f"{name}: for each second of CPU, to grpc-go", value, limit, f"{value:.1f} ×", f"at least {limit} ×", least=True)
            value = rows["radicled"]["rate"] / rows["grpc-go"]["rate"]
            goal(f"{name}: a second, to grpc-go", value, limit, f"{value:.1f} ×", f"at least {limit} ×", least=True)
        row = result["memory"]["radicled"]
        growth = row["after"] - row["before"]
        goal(f"growth over {row['messages'] / 1e6:.0f} million messages of streams", growth, 1e6, f"{growth / 1024:.0f} KiB", "flat")

    def tables(self, result, table):
        table("gRPC streams", "Small messages (`Hello Ann`, `Ann`); connections × streams. From the server: radicled sends a list of "
              "data, or a template for each message; grpc-go makes each in a loop. The load is a program that reads no more of an "
              "answer than what frames it, and opens its windows as wide as they go, alike for both.",
              ["load", "server", "CPU µs a message", "of it the kernel's", "messages a second"],
              [[load, name, f"{row['cpu']:.3f}", f"{row['system']:.3f}", f"{row['rate']:,.0f}"]
               for load, rows in result["loads"].items() for name, row in rows.items()])
        table("Memory of streams", "Resident before and after the rounds of all those loads.",
              ["server", "before", "after", "messages in between"],
              [[name, f"{row['before'] / 1e6:.1f} MB", f"{row['after'] / 1e6:.1f} MB", f"{row['messages']:,}"]
               for name, row in result["memory"].items()])


class MessageSizes(Piece):
    """CPU of a unary call by the size of its message, to grpc-go: a greeting, and an echo of the whole message.

    grpc-go decodes and encodes with generated code, radicled by the descriptor.
    """

    name = "message_sizes"
    SIZES = {"10 B": 10, "1 KiB": 1 << 10, "64 KiB": 64 << 10, "1 MiB": (1 << 20) - 64}
    METHODS = {"greeting": "/helloworld.Greeter/SayHello", "echo": "/bench.Bench/Echo"}

    def measure(self, bench):
        build_peer(bench)
        result = {}
        with ExitStack() as stack:
            servers = both(bench, stack)
            for answer, method in self.METHODS.items():
                for name, size in self.SIZES.items():
                    message = bench.work / f"message-{size}"
                    message.write_bytes(framed(text_message(size)))
                    result[f"{answer} of {name}"] = bench.interleaved(
                        servers, bench.h2load, connections=8, streams=4, message=message, method=method)
        return result

    def goals(self, result, goal):
        for name, rows in result.items():
            value = rows["grpc-go"]["cpu"] / rows["radicled"]["cpu"]
            goal(f"calls for each second of CPU, {name}, to grpc-go", value, 1.0, f"{value:.1f} ×", "at least 1.0 ×", least=True)

    def tables(self, result, table):
        table("gRPC by the size of the message", "Unary calls, 8 connections × 4 streams; the message is one text. A greeting makes "
              "a new one of it, an echo answers with the same. grpc-go has generated code for it, radicled the descriptor of the `.proto`.",
              ["call", "server", "CPU µs a call", "of it the kernel's", "calls a second"],
              [[load, name, f"{row['cpu']:.2f}", f"{row['system']:.2f}", f"{row['rate']:,.0f}"]
               for load, rows in result.items() for name, row in rows.items()])
