"""gRPC calls, beside grpc-go."""

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from clients import Calls
from pieces.piece import Piece
from servers import GRPC_PEER, greeter_text

HERE = Path(__file__).parents[1]


def build_peer(bench):
    if not shutil.which("go"):
        raise RuntimeError("go is not installed: run scripts/install-dependencies bench")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(bench.work / "go")}
    subprocess.run(["go", "build", "-o", GRPC_PEER, "."], cwd=HERE / "grpc_peer", env=environment, check=True)


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
