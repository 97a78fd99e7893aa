"""`radicled call`: what it does with our own servers, with a manifest, and with grpcio's server."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
from concurrent import futures

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from certificates import Authority
from grpc_client import FILES, POOL, Everything, HelloReply, HelloRequest, target
from radicled import BINARY, PATIENCE, Lines, manifest, run, serve

GREETER = """
services:
  greeter:
    proto: protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
      SayHello:
        template: { message: { message: "Hello {{ request.name }}" } }
        cases:
          - when: request.name == ''
            template:
              error:
                code: INVALID_ARGUMENT
                message: "whom shall I greet? 100%"
                details: [{ google.rpc.BadRequest: { field_violations: [{ field: name, description: none }] } }]
          - when: request.name == 'meta'
            template:
              metadata: { x-one: "{{ headers['x-own'] }}" }
              trailers: { x-two: "2" }
              message: { message: hi }
          - when: request.name == 'late'
            delay: 1h
            template: { message: { message: late } }
      SayHelloOften: { template: { messages: [{ message: a }, { delay: 1h, message: { message: b } }] } }
      SayHelloToAll: { template: { message: { message: "{{ requests.map(r, r.name).join(' and ') }}" } } }
      Chat: { template: { message: { message: "{{ request.name }}" }, on_end: [{ message: end }] } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(GREETER, files=FILES) as server:
        yield server


def call(server, *arguments, **options):
    return run("call", target(server), *arguments, **options)


def answers(done):
    """The replies of a call with `--format json`."""
    return [json.loads(line) for line in done.stdout.splitlines()]


# MARK: What there is


def test_a_server_tells_its_methods(server):
    done = call(server)
    assert done.returncode == 0, done
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["helloworld.Greeter/SayHelloOften"] == "(HelloRequest) returns (stream HelloReply)"
    assert "grpc.health.v1.Health/Check" in rows


def test_the_list_is_there_for_programs(server):
    done = call(server, "--format", "json")
    chat = next(row for row in answers(done) if row["method"] == "helloworld.Greeter/Chat")
    assert chat == {"method": "helloworld.Greeter/Chat", "input": "helloworld.HelloRequest",
                    "output": "helloworld.HelloReply", "clientStreams": True, "serverStreams": True}


def test_a_service_is_described_with_its_messages(server):
    done = call(server, "helloworld.Greeter")
    assert done.returncode == 0, done
    assert "rpc SayHelloToAll(stream helloworld.HelloRequest) returns (helloworld.HelloReply);" in done.stdout
    assert "repeated string friends = 4;" in done.stdout
    assert "CHEERFUL = 1;" in done.stdout


@pytest.mark.parametrize("name, meant", [
    ("helloworld.Greeter/SayHelo", "helloworld.Greeter/SayHello"), ("Greeter/Chat", "helloworld.Greeter/Chat"),
    ("helloword.Greeter/Chat", "helloworld.Greeter/Chat"), ("Chat", "helloworld.Greeter/Chat")])
def test_a_name_that_is_not_there_is_2_with_the_nearest(server, name, meant):
    done = call(server, name, "{}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"help: did you mean `{meant}`?" in done.stderr


# MARK: Calls


def test_a_unary_call_is_json_in_and_out(server):
    done = call(server, "helloworld.Greeter/SayHello", '{"name": "Ann"}')
    assert (done.returncode, done.stdout, done.stderr) == (0, '{\n  "message": "Hello Ann"\n}\n', "")


def test_defaults_are_written_when_asked_for(server):
    done = call(server, "helloworld.Greeter/SayHello", '{"name": "Ann"}', "--emit-defaults", "--format", "json")
    assert answers(done) == [{"message": "Hello Ann", "mood": "MOOD_UNSPECIFIED", "length": 0}]


def test_data_comes_from_a_file_and_from_standard_input(server, tmp_path):
    path = tmp_path / "data.json"
    path.write_text('{"name": "Ann"}')
    assert "Hello Ann" in call(server, "helloworld.Greeter/SayHello", "--data", f"@{path}").stdout
    assert "Hello Bob" in call(server, "helloworld.Greeter/SayHello", "-d", "@-", input='{"name": "Bob"}').stdout
    done = call(server, "helloworld.Greeter/SayHello", "-d", "@/no/such/file")
    assert done.returncode == 2 and "cannot read /no/such/file: No such file" in done.stderr


def test_a_client_stream_takes_documents_one_after_another(server):
    done = call(server, "helloworld.Greeter/SayHelloToAll", '{"name":"Ann"} {"name":"Bob"}\n{"name":"Cid"}')
    assert json.loads(done.stdout) == {"message": "Ann and Bob and Cid"}


def test_more_than_a_method_takes_is_2(server):
    done = call(server, "helloworld.Greeter/SayHello", '{"name":"Ann"} {"name":"Bob"}')
    assert done.returncode == 2 and "takes one message, and here are more" in done.stderr


def test_a_failure_is_1_with_its_details(server):
    done = call(server, "helloworld.Greeter/SayHello")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "INVALID_ARGUMENT: whom shall I greet? 100%"
    assert lines[1] == "google.rpc.BadRequest {" and '"field": "name",' in done.stderr
    assert lines[-1].startswith("request id: ")
    failure = json.loads(call(server, "helloworld.Greeter/SayHello", "--format", "json").stderr)
    assert failure["code"] == "INVALID_ARGUMENT"
    assert failure["details"] == [{
        "type": "google.rpc.BadRequest", "value": {"fieldViolations": [{"field": "name", "description": "none"}]}}]
    assert len(failure["requestId"]) == 32


def test_verbose_tells_metadata_both_ways(server):
    done = call(server, "-v", "helloworld.Greeter/SayHello", '{"name":"meta"}', "-H", "x-own: mine", "--timeout", "9s")
    assert done.returncode == 0, done
    for line in ("> POST /helloworld.Greeter/SayHello", "> grpc-timeout: 9000000u", "> x-own: mine",
                 '> {"name":"meta"}', "< HTTP 200", "< x-one: mine", "< trailers", "< x-two: 2"):
        assert line in done.stderr.splitlines(), (line, done.stderr)
    assert json.loads(done.stdout) == {"message": "hi"}


@pytest.mark.parametrize("data, told", [
    ('{"nme": "Ann"}', "did you mean `name`?"), ('{"count": "x"}', "`count`: expected a whole number"),
    ('{"name": }', "line 1, column 10: expected a value"), ('{"mood": "SAD"}', "has no value `SAD`")])
def test_bad_data_is_2_with_its_place(server, data, told):
    done = call(server, "helloworld.Greeter/SayHello", data)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_time_that_is_over_is_1(server):
    done = call(server, "helloworld.Greeter/SayHello", '{"name":"late"}', "--timeout", "100ms")
    assert done.returncode == 1 and done.stderr.startswith("DEADLINE_EXCEEDED: ")


def test_a_server_that_is_not_there_is_2():
    done = run("call", "127.0.0.1:1", "a.B/C", "{}")
    assert (done.returncode, done.stderr) == (2, "radicled: cannot reach 127.0.0.1:1: connection refused\n")


def test_a_server_of_something_else_is_told():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        done = run("call", f"127.0.0.1:{listener.getsockname()[1]}", "a.B/C", "{}")
        thread.join()
        assert done.returncode == 2 and "the server answers in HTTP/1.1, not in HTTP/2, or wants TLS" in done.stderr, done


def test_a_target_that_is_none_is_2():
    done = run("call", "localhost", "a.B/C")
    assert done.returncode == 2 and "neither an address nor a manifest" in done.stderr


# MARK: Streams


@contextlib.contextmanager
def running(*arguments):
    """The command while it runs; its output is there line by line."""
    process = subprocess.Popen(
        [str(BINARY), "call", *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    try:
        yield process, Lines(process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def test_replies_are_printed_as_messages_are_sent(server):
    with running(target(server), "helloworld.Greeter/Chat", "-d", "@-", "--format", "json") as (process, out):
        for name in ("Ann", "Bob"):
            process.stdin.write(b'{"name":"%s"}\n' % name.encode())
            process.stdin.flush()
            out.wait(lambda lines: lines and json.loads(lines[-1])["message"] == name, f"the reply to {name}")
        process.stdin.close()
        out.wait(lambda lines: json.loads(lines[-1])["message"] == "end", "the last reply")
        assert process.wait(PATIENCE) == 0


def test_bad_data_in_a_stream_ends_the_call(server):
    done = call(server, "helloworld.Greeter/Chat", "-d", "@-", "--format", "json", input='{"name":"Ann"}\n{"nme":1}\n')
    assert done.returncode == 2 and "`helloworld.HelloRequest` has no field `nme`" in done.stderr


def test_ctrl_c_cancels_the_call():
    with serve("middleware: { access_log: { format: json } }\n" + GREETER, files=FILES) as server:
        with running(target(server), "helloworld.Greeter/SayHelloOften", "{}", "--format", "json") as (process, out):
            out.wait(lambda lines: lines, "the first reply")
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130

        def ended(lines):
            return [line for line in map(json.loads, lines) if line.get("rpc.method", "").endswith("SayHelloOften")]

        assert server.output.wait(ended, "the end of the call")[0]["rpc.status_code"] == "CANCELLED"


def test_nobody_who_reads_ends_the_call():
    with grpcio(Behaviour()) as address:
        process = subprocess.Popen(
            [str(BINARY), "call", address, "helloworld.Greeter/SayHelloOften", '{"count":100000}'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout.readline() == b"{\n"
        process.stdout.close()
        assert process.wait(PATIENCE) == 0


# MARK: Other protocols


@pytest.mark.parametrize("speech", ["grpc", "grpc-web", "connect"])
@pytest.mark.parametrize("place", ["server", "manifest"])
def test_each_protocol_has_all_that_a_call_has(server, speech, place):
    def call(*arguments):
        to = target(server) if place == "server" else server.manifest
        return run("call", to, "--protocol", speech, "--format", "json", *arguments)

    assert answers(call("helloworld.Greeter/SayHello", '{"name":"Ann"}')) == [{"message": "Hello Ann"}]
    done = call("helloworld.Greeter/SayHelloToAll", '{"name":"Ann"}{"name":"Bob"}')
    assert answers(done) == [{"message": "Ann and Bob"}], done
    done = call("helloworld.Greeter/Chat", '{"name":"Ann"}{"name":"Bob"}')
    assert answers(done) == [{"message": "Ann"}, {"message": "Bob"}, {"message": "end"}], done
    done = call("helloworld.Greeter/SayHello")
    failure = json.loads(done.stderr)
    assert done.returncode == 1
    assert (failure["code"], failure["message"]) == ("INVALID_ARGUMENT", "whom shall I greet? 100%")
    assert failure["details"][0]["value"] == {"fieldViolations": [{"field": "name", "description": "none"}]}
    done = call("-v", "helloworld.Greeter/SayHello", '{"name":"meta"}', "-H", "x-own: mine")
    assert {"< x-one: mine", "< trailers", "< x-two: 2"} <= set(done.stderr.splitlines()), done.stderr


@pytest.mark.parametrize("speech", ["grpc", "grpc-web", "connect"])
def test_a_server_stream_that_is_late_is_told_in_time(server, speech):
    done = call(server, "helloworld.Greeter/SayHelloOften", "--protocol", speech, "--format", "json", "--timeout", "1s")
    assert done.returncode == 1 and json.loads(done.stderr)["code"] == "DEADLINE_EXCEEDED", done
    assert answers(done) == [{"message": "a"}]


SHOP = """
syntax = "proto3";
package shop;
import "google/api/annotations.proto";
service Orders {
  rpc Get(GetRequest) returns (Order) { option (google.api.http) = { get: "/v1/orders/{id}" }; }
  rpc Create(Order) returns (Order) { option (google.api.http) = { post: "/v1/orders" body: "*" }; }
  rpc Watch(GetRequest) returns (stream Order) { option (google.api.http) = { get: "/v1/orders/{id}:watch" }; }
}
message GetRequest { string id = 1; bool deep = 2; }
message Order { string id = 1; int32 count = 2; }
"""


def test_json_goes_by_the_annotations_of_methods(tmp_path):
    path = tmp_path / "shop.proto"
    path.write_text(SHOP)
    with serve("""
    services:
      web:
        routes:
          GET /v1/orders/{id}:
            template: { json: { id: "{{ path.id }}", count: "{{ query.?deep == optional.of('true') ? 2 : 1 }}" } }
            cases:
              - when: path.id == 'none'
                template: { status: 404, json: { code: 5, message: no such order } }
              - when: path.id.endsWith(':watch')
                template: { messages: [{ json: { id: a } }, { json: { id: b } }] }
          POST /v1/orders: { template: { json: "{{ body }}" } }
    """) as server:
        def call(*arguments):
            return run("call", target(server), "--protocol", "json", "--proto", path, "--format", "json", *arguments)

        done = call("shop.Orders/Get", '{"id": "a/b ä", "deep": true}')
        assert answers(done) == [{"id": "a/b ä", "count": 2}], done
        done = call("shop.Orders/Create", '{"count": 3}')
        assert answers(done) == [{"count": 3}], done
        done = call("shop.Orders/Get", '{"id": "none"}')
        assert (done.returncode, json.loads(done.stderr)["code"]) == (1, "NOT_FOUND")
        done = call("shop.Orders/Get")
        assert done.returncode == 2 and "needs `id`" in done.stderr


@pytest.mark.parametrize("place", ["server", "manifest"])
def test_json_reaches_methods_of_ours(place):
    with serve("""
    services:
      shop:
        proto: protos/shop.proto
        grpc: shop.Orders
        methods:
          Get:
            template: { message: { id: "{{ request.id }}", count: "{{ request.deep ? 2 : 1 }}" } }
            cases:
              - when: request.id == 'none'
                template:
                  error: { code: NOT_FOUND, message: gone, details: [{ google.rpc.ErrorInfo: { reason: GONE } }] }
          Create: { echo: {} }
          Watch: { template: { messages: [{ id: a }, { id: b }] } }
    """, files={"protos/shop.proto": SHOP}) as server:
        def call(*arguments):
            to = target(server) if place == "server" else server.manifest
            return run("call", to, "--protocol", "json", "--format", "json", *arguments)

        done = call("shop.Orders/Get", '{"id": "a/b ä", "deep": true}')
        assert answers(done) == [{"id": "a/b ä", "count": 2}], done
        assert answers(call("shop.Orders/Create", '{"count": 3}')) == [{"count": 3}]
        assert answers(call("shop.Orders/Watch", '{"id": "x"}')) == [{"id": "a"}, {"id": "b"}]
        done = call("shop.Orders/Get", '{"id": "none"}')
        failure = json.loads(done.stderr)
        assert (done.returncode, failure["code"], failure["message"]) == (1, "NOT_FOUND", "gone"), done
        assert failure["details"] == [{"type": "google.rpc.ErrorInfo", "value": {"reason": "GONE"}}]


def test_a_manifest_says_itself_how_json_reaches_it(tmp_path):
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos/helloworld.proto").write_text(FILES["protos/helloworld.proto"])
    path = tmp_path / "m.yaml"
    path.write_text(manifest(GREETER.replace("SayHello:\n", "SayHello:\n        http: GET /hello/{name}\n")))
    done = run("call", path, "helloworld.Greeter/SayHello", '{"name": "Ann"}', "--protocol", "json", "-v")
    assert json.loads(done.stdout) == {"message": "Hello Ann"} and "> GET /hello/Ann" in done.stderr, done
    done = run("call", path, "helloworld.Greeter/SayHelloOften", "--protocol", "json")
    assert done.returncode == 2 and "has no option `google.api.http`" in done.stderr


# MARK: Other ways to a server


def test_a_manifest_is_called_without_a_socket(tmp_path):
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos/helloworld.proto").write_text(FILES["protos/helloworld.proto"])
    path = tmp_path / "m.yaml"
    path.write_text(manifest(GREETER))
    assert "helloworld.Greeter/Chat" in run("call", path).stdout
    done = run("call", path, "helloworld.Greeter/SayHelloOften", "--format", "json")
    assert answers(done) == [{"message": "a"}, {"message": "b"}]
    done = run("call", path, "helloworld.Greeter/Chat", '{"name":"Ann"}', "--format", "json")
    assert answers(done) == [{"message": "Ann"}, {"message": "end"}]
    done = run("call", path, "helloworld.Greeter/SayHello")
    assert done.returncode == 1 and done.stderr.startswith("INVALID_ARGUMENT: ")
    path.write_text(manifest("x: 1\n" + GREETER))
    done = run("call", path, "helloworld.Greeter/SayHello")
    assert done.returncode == 2 and "unknown key `x`" in done.stderr


def test_a_unix_socket_is_reached(tmp_path):
    with serve(f"listen: unix:{tmp_path}/s\n" + GREETER, files=FILES):
        done = run("call", f"unix:{tmp_path}/s", "helloworld.Greeter/SayHello", '{"name":"Ann"}')
        assert done.returncode == 0 and "Hello Ann" in done.stdout


def test_tls_knows_the_server_by_its_authority():
    authority = Authority()
    issued = authority.issue("localhost")
    files = {**FILES, **issued.files(), "ca.pem": authority.pem}
    text = "listen: { address: 127.0.0.1:0, tls: { certificate: server.pem, key: server.key } }\n"
    with serve(text + GREETER, files=files) as server:
        url = f"https://localhost:{server.port}"
        arguments = ("helloworld.Greeter/SayHello", '{"name":"Ann"}')
        done = run("call", url, *arguments, "--ca", server.directory / "ca.pem")
        assert done.returncode == 0 and "Hello Ann" in done.stdout, done
        assert "Hello Ann" in run("call", url, *arguments, "--insecure").stdout
        done = run("call", url, *arguments)
        assert done.returncode == 2 and "nobody trusted vouches for the server's certificate" in done.stderr
        done = run("call", f"localhost:{server.port}", *arguments)
        assert done.returncode == 2, done


def test_a_client_shows_its_own_certificate():
    authority = Authority()
    files = {**FILES, **authority.issue("localhost").files(), **authority.issue(name="me").files("client"),
             "ca.pem": authority.pem}
    with serve("""
    listen:
      { address: 127.0.0.1:0, tls: { certificate: server.pem, key: server.key, client_ca: ca.pem } }
    services:
      greeter:
        proto: protos/helloworld.proto
        grpc: helloworld.Greeter
        methods: { SayHello: { template: { message: { message: "{{ client.identity }}" } } } }
    """, files=files) as server:
        arguments = (f"https://localhost:{server.port}", "helloworld.Greeter/SayHello", "--ca", server.directory / "ca.pem")
        done = run("call", *arguments, "--cert", server.directory / "client.pem", "--key", server.directory / "client.key")
        assert done.returncode == 0 and json.loads(done.stdout) == {"message": "me"}, done
        assert run("call", *arguments).returncode == 2
        done = run("call", *arguments, "--cert", server.directory / "nope")
        assert done.returncode == 2 and "cannot read --cert and --key" in done.stderr


@pytest.mark.parametrize("speech", ["grpc", "connect"])
def test_tls_to_a_plain_server_is_told(server, tmp_path, speech):
    path = tmp_path / "helloworld.proto"
    path.write_text(FILES["protos/helloworld.proto"])
    done = run("call", f"https://{target(server)}", "helloworld.Greeter/SayHello", "--protocol", speech, "--proto", path)
    assert done.returncode == 2 and "does not speak TLS" in done.stderr


def test_proto_files_take_the_place_of_reflection(server, tmp_path):
    path = tmp_path / "helloworld.proto"
    path.write_text(FILES["protos/helloworld.proto"])
    done = call(server, "helloworld.Greeter/SayHello", '{"name":"Ann"}', "--proto", path)
    assert done.returncode == 0 and "Hello Ann" in done.stdout
    done = call(server, "helloworld.Greeter/SayHello", "--proto", "helloworld.proto", "--import-path", tmp_path)
    assert done.returncode == 1
    path.write_text("syntax = 'proto3'; message A { B b = 1; }")
    done = call(server, "A", "--proto", path)
    assert done.returncode == 2 and "error[" in done.stderr


# MARK: grpcio's server


class Behaviour:
    def __init__(self):
        self.cancelled = threading.Event()

    def say_hello(self, request, context):
        if request.name:
            return HelloReply(message=f"Hello {request.name}", length=len(request.name))
        details = [any_pb2.Any(), any_pb2.Any(), any_pb2.Any(type_url="type.googleapis.com/no.Such", value=b"\1\2")]
        details[0].Pack(error_details_pb2.ErrorInfo(reason="NO_NAME", domain="example.com"))
        details[1].Pack(HelloRequest(name="own"))
        context.abort_with_status(rpc_status.to_status(status_pb2.Status(code=9, message="näh", details=details)))

    def often(self, request, context):
        for number in range(request.count):
            yield HelloReply(message=f"{number}")

    def forever(self, request, context):
        context.add_callback(self.cancelled.set)
        yield HelloReply(message="first")
        self.cancelled.wait(PATIENCE)

    def to_all(self, requests, context):
        return HelloReply(message=",".join(request.name for request in requests))

    def chat(self, requests, context):
        for request in requests:
            yield HelloReply(message=request.name)


@contextlib.contextmanager
def grpcio(behaviour, reflects=True):
    server = grpc.server(futures.ThreadPoolExecutor(4))

    def handler(make, function, kind=HelloRequest):
        return make(function, kind.FromString, lambda reply: reply.SerializeToString())

    server.add_generic_rpc_handlers([
        grpc.method_handlers_generic_handler("helloworld.Greeter", {
            "SayHello": handler(grpc.unary_unary_rpc_method_handler, behaviour.say_hello),
            "SayHelloOften": handler(grpc.unary_stream_rpc_method_handler, behaviour.often),
            "SayHelloToAll": handler(grpc.stream_unary_rpc_method_handler, behaviour.to_all),
            "Chat": handler(grpc.stream_stream_rpc_method_handler, behaviour.chat),
        }),
        grpc.method_handlers_generic_handler("helloworld.Echo", {
            "Unary": handler(grpc.unary_unary_rpc_method_handler, lambda request, _: request, Everything),
            "Down": handler(grpc.unary_stream_rpc_method_handler, behaviour.forever, Everything),
        })])
    if reflects:
        reflection.enable_server_reflection(
            ["helloworld.Greeter", "helloworld.Echo", reflection.SERVICE_NAME], server, POOL)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


def test_grpcio_is_called_in_all_four_ways():
    with grpcio(Behaviour()) as address:
        assert "helloworld.Greeter/Chat" in run("call", address).stdout
        done = run("call", address, "helloworld.Greeter/SayHello", '{"name":"Ann"}', "--format", "json")
        assert answers(done) == [{"message": "Hello Ann", "length": 3}]
        done = run("call", address, "helloworld.Greeter/SayHelloOften", '{"count":1000}', "--format", "json")
        assert [answer["message"] for answer in answers(done)] == [str(number) for number in range(1000)]
        data = "".join(json.dumps({"name": f"n{number}"}) for number in range(500))
        done = run("call", address, "helloworld.Greeter/SayHelloToAll", "-d", "@-", input=data)
        assert json.loads(done.stdout)["message"] == ",".join(f"n{number}" for number in range(500))
        done = run("call", address, "helloworld.Greeter/Chat", "-d", "@-", "--format", "json", input=data)
        assert [answer["message"] for answer in answers(done)] == [f"n{number}" for number in range(500)]


def test_details_of_every_type_are_decoded():
    with grpcio(Behaviour()) as address:
        failure = json.loads(run("call", address, "helloworld.Greeter/SayHello", "--format", "json").stderr)
        assert (failure["code"], failure["message"]) == ("FAILED_PRECONDITION", "näh")
        assert failure["details"] == [
            {"type": "google.rpc.ErrorInfo", "value": {"reason": "NO_NAME", "domain": "example.com"}},
            {"type": "helloworld.HelloRequest", "value": {"name": "own"}}, {"type": "no.Such", "value": "AQI="}]


def test_every_kind_of_field_comes_back():
    message = {"text": "ä", "data": "AAEC", "large": "9007199254740993", "number": 1.5, "flag": True, "mood": "GLUM",
               "children": [{"text": "x" * 200_000}], "counts": {"a": 1}, "index": 0,
               "time": "2026-01-02T03:04:05.600Z", "span": "1.500s", "note": "", "extra": {"a": [1, None]}, "maybe": 0}
    with grpcio(Behaviour()) as address:
        done = run("call", address, "helloworld.Echo/Unary", "-d", "@-", input=json.dumps(message))
        assert json.loads(done.stdout) == message, done.stderr[:500]


def test_ctrl_c_reaches_grpcio():
    behaviour = Behaviour()
    with grpcio(behaviour) as address, running(address, "helloworld.Echo/Down") as (process, out):
        out.wait(lambda lines: lines, "the first reply")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert behaviour.cancelled.wait(PATIENCE)


def test_a_server_without_reflection_is_told(tmp_path):
    path = tmp_path / "helloworld.proto"
    path.write_text(FILES["protos/helloworld.proto"])
    with grpcio(Behaviour(), reflects=False) as address:
        done = run("call", address, "helloworld.Greeter/SayHello")
        assert done.returncode == 2
        assert "has no reflection" in done.stderr and "help: name the .proto files with --proto" in done.stderr
        done = run("call", address, "helloworld.Greeter/SayHello", '{"name":"Ann"}', "--proto", path)
        assert "Hello Ann" in done.stdout
