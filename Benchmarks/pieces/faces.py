"""One method by every protocol, beside an HTTP route of the same server, and Envoy's transcoder."""

import base64
import statistics
from contextlib import ExitStack

from clients import Calls
from pieces.piece import Piece
from servers import ENVOY, ROOT, greeter_text

CALL = "/helloworld.Greeter/SayHello"
JSON = b'{"name":"Ann"}'
POST = "      POST /hello: { template: { json: { message: \"Hello {{ body.name }}\" } } }\n"


def envoy_text(bench):
    """Envoy with its transcoder in front of an answer of its own, which is a message of gRPC."""
    import grpc_tools.protoc as protoc

    descriptors = bench.work / "greeter.pb"
    proto = bench.work / "greeter.proto"
    text = (ROOT / "configs/protos/helloworld.proto").read_text()
    text = text.replace("package helloworld;", 'package helloworld;\nimport "google/api/annotations.proto";', 1)
    at = text.index("rpc SayHello (")
    end = text.index(";", at)
    proto.write_text(text[:end] + ' { option (google.api.http) = { post: "/greeter/hello" body: "*" }; }' + text[end + 1:])
    import google.api
    include = next(iter(google.api.__path__)).rsplit("/google/", 1)[0]
    protoc.main(["protoc", f"-I{bench.work}", f"-I{include}", "--include_imports", f"--descriptor_set_out={descriptors}",
                 str(proto)])
    message = b"\0\0\0\0\x0b\x0a\x09Hello Ann"
    transcoder = f"""          http_filters:
          - name: envoy.filters.http.grpc_json_transcoder
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder
              proto_descriptor_bin: {base64.b64encode(descriptors.read_bytes()).decode()}
              services: [helloworld.Greeter]
"""
    route = f"""              routes:
              - match: {{ path: {CALL} }}
                response_headers_to_add:
                - {{ header: {{ key: content-type, value: application/grpc }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }}
                - {{ header: {{ key: grpc-status, value: "0" }} }}
                direct_response:
                  status: 200
                  body: {{ inline_bytes: {base64.b64encode(message).decode()} }}
"""
    return ENVOY.replace("          http_filters:\n", transcoder, 1).replace("              routes:\n", route, 1)


class Faces(Piece):
    """Unary SayHello with the whole default chain over each protocol; HTTP/1.1, and HTTP/2 for gRPC and gRPC-Web."""

    name = "faces"
    ROUTE, POST_ROUTE = "HTTP template, GET", "HTTP template, POST"

    def measure(self, bench):
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
            "gRPC-Web, HTTP/1.1": post(CALL, Calls.MESSAGE, "application/grpc-web+proto"),
            "gRPC, HTTP/2": lambda server, **options: bench.h2load(server, message=message, **options),
            "gRPC-Web, HTTP/2": lambda server, **options: bench.h2load(
                server, message=message, type="application/grpc-web+proto", **options),
        }
        text = greeter_text().replace("      SayHello: {", "      SayHello: { http: POST /greeter/hello,", 1)
        text = text.replace("  greeter:\n", POST + "  greeter:\n", 1)
        with ExitStack() as stack:
            server = stack.enter_context(bench.server("radicled", text=text))
            ways = {name: (server, load) for name, load in loads.items()}
            if "envoy" in bench.peers:
                envoy = stack.enter_context(bench.server("envoy", text=envoy_text(bench)))
                ways["Envoy's transcoder"] = (envoy, loads["HTTP/JSON"])
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
        if "Envoy's transcoder" in result:
            value = result["Envoy's transcoder"]["cpu"] / result["HTTP/JSON"]["cpu"]
            goal("HTTP/JSON for each second of CPU, to Envoy's transcoder", value, 4, f"{value:.1f} ×", "at least 4 ×", least=True)

    def tables(self, result, table):
        table("One method, every protocol", "Unary `SayHello` with the whole default chain: HTTP/1.1 over 64 connections, HTTP/2 "
              "16 × 32. Envoy's transcoder stands in front of nothing but a message that it answers by itself.",
              ["call", "CPU µs", "of it the kernel's", "calls a second"],
              [[name, f"{row['cpu']:.2f}", f"{row['system']:.2f}", f"{row['rate']:,.0f}"] for name, row in result.items()])
