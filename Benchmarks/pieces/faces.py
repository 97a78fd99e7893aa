"""One method by every protocol, beside an HTTP route of the same server and grpc-gateway.

Envoy's transcoder in front of an answer of its own closes each connection behind it, so it is no peer.
"""

import statistics
from contextlib import ExitStack

from clients import Calls
from pieces.grpc import build_peer
from pieces.piece import Piece
from servers import GATEWAY_PEER, greeter_text

CALL = "/helloworld.Greeter/SayHello"
JSON = b'{"name":"Ann"}'
POST = "      POST /hello: { template: { json: { message: \"Hello {{ body.name }}\" } } }\n"


class Faces(Piece):
    """Unary SayHello with the whole default chain over each protocol; HTTP/1.1, and HTTP/2 for gRPC and gRPC-Web."""

    name = "faces"
    ROUTE, POST_ROUTE, BY_PATH = "HTTP template, GET", "HTTP template, POST", "HTTP/JSON, GET"
    GATEWAY = "HTTP/JSON by grpc-gateway"

    def measure(self, bench):
        build_peer(bench, "gateway_peer", GATEWAY_PEER)
        message = bench.work / "message"
        message.write_bytes(Calls.MESSAGE)

        def post(path, body, type):
            script = bench.work / f"post{abs(hash((path, body, type)))}.lua"
            literal = "".join(f"\\{byte:03d}" for byte in body)
            script.write_text(f'wrk.method = "POST"\nwrk.path = "{path}"\nwrk.body = "{literal}"\n'
                              f'wrk.headers["content-type"] = "{type}"\n')
            return lambda server, **options: bench.wrk(server, script=script, path=path, **options)

        loads = {
            self.ROUTE: bench.wrk,
            self.POST_ROUTE: post("/hello", JSON, "application/json"),
            "Connect, JSON": post(CALL, JSON, "application/json"),
            "Connect, proto": post(CALL, Calls.MESSAGE[5:], "application/proto"),
            "HTTP/JSON": post("/greeter/hello", JSON, "application/json"),
            self.BY_PATH: lambda server, **options: bench.wrk(server, path="/greeter/hello/Ann", **options),
            "gRPC-Web, HTTP/1.1": post(CALL, Calls.MESSAGE, "application/grpc-web+proto"),
            "gRPC, HTTP/2": lambda server, **options: bench.h2load(server, message=message, **options),
            "gRPC-Web, HTTP/2": lambda server, **options: bench.h2load(
                server, message=message, type="application/grpc-web+proto", **options),
        }
        text = greeter_text().replace(
            "      SayHello: {", '      SayHello: { http: [POST /greeter/hello, "GET /greeter/hello/{name}"],', 1)
        text = text.replace("  greeter:\n", POST + "  greeter:\n", 1)
        with ExitStack() as stack:
            server = stack.enter_context(bench.server("radicled", text=text))
            ways = {name: (server, load) for name, load in loads.items()}
            ways[self.GATEWAY] = (stack.enter_context(bench.server("grpc-gateway")), loads["HTTP/JSON"])
            rows = {name: [] for name in ways}
            for name, (server, load) in ways.items():
                load(server, seconds=1)
            for _ in range(bench.rounds):
                for name, (server, load) in ways.items():
                    rows[name].append(load(server))
        return {name: {key: statistics.median(row[key] for row in rounds) for key in ("rate", "cpu", "system")}
                for name, rounds in rows.items()}

    def goals(self, result, goal):
        for name in ("Connect, JSON", "Connect, proto", "HTTP/JSON"):
            value = result[name]["cpu"] / result[self.ROUTE]["cpu"]
            goal(f"CPU of a call by {name}, to a template route's GET", value, 1.3, f"{value:.2f} ×", "at most 1.3 ×")
        value = result["gRPC-Web, HTTP/2"]["cpu"] / result["gRPC, HTTP/2"]["cpu"]
        goal("CPU of a call by gRPC-Web, to gRPC", value, 1.2, f"{value:.2f} ×", "at most 1.2 ×")

        value = result[self.GATEWAY]["cpu"] / result["HTTP/JSON"]["cpu"]
        goal("HTTP/JSON for each second of CPU, to grpc-gateway", value, 4, f"{value:.1f} ×", "at least 4 ×", least=True)

    def tables(self, result, table):
        table("One method, every protocol", "Unary `SayHello` with the whole default chain: HTTP/1.1 over 64 connections, HTTP/2 "
              "16 × 32. grpc-gateway 1.6.4 of Debian, with its grpc-go server in the same process, logs and counts nothing.",
              ["call", "CPU µs", "of it the kernel's", "calls a second"],
              [[name, f"{row['cpu']:.2f}", f"{row['system']:.2f}", f"{row['rate']:,.0f}"] for name, row in result.items()])
