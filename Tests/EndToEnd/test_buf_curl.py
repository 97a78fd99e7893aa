"""`buf curl` as the client: one program that speaks gRPC, gRPC-Web and Connect, by reflection or with the `.proto` itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from call_faces import ALL, CODES, greeter
from grpc_client import target
from radicled import PATIENCE

BUF = Path(sys.executable).parent / "buf"

# Each protocol, over the versions of HTTP that it can.
WAYS = [("grpc", True), ("grpcweb", True), ("grpcweb", False), ("connect", True), ("connect", False)]
each_way = pytest.mark.parametrize("protocol, http2", WAYS, ids=lambda value: value if isinstance(value, str) else (
    "http2" if value else "http1"))


@pytest.fixture(scope="module")
def server():
    with greeter(ALL) as server:
        yield server


def curl(server, protocol, http2, method, data, *arguments):
    """What buf prints, by stream of its process, and its exit code."""
    done = subprocess.run(
        [BUF, "curl", "--protocol", protocol, *(["--http2-prior-knowledge"] if http2 else []), "-d", data, *arguments,
         f"http://{target(server)}/helloworld.Greeter/{method}"],
        capture_output=True, text=True, timeout=PATIENCE, cwd=server.directory)
    return done.stdout, done.stderr, done.returncode


def answers(server, protocol, http2, method, data, *arguments):
    """The messages that come, one JSON value behind the other."""
    out, err, code = curl(server, protocol, http2, method, data, *arguments)
    assert code == 0, err
    decoder, found, out = json.JSONDecoder(), [], out.strip()
    while out:
        value, end = decoder.raw_decode(out)
        found.append(value)
        out = out[end:].strip()
    return found


SCHEMA = ["--schema", "protos"]


@each_way
def test_each_kind_of_method(server, protocol, http2):
    assert answers(server, protocol, http2, "SayHello", '{"name":"Änn"}', *SCHEMA) == [{"message": "Hello Änn"}]
    assert answers(server, protocol, http2, "SayHelloOften", '{"name":"Ann","count":2}', *SCHEMA) == [
        {"message": "Ann 0"}, {"message": "Ann 1"}]
    assert answers(server, protocol, http2, "SayHelloToAll", '{"name":"Ann"}{"name":"Bob"}', *SCHEMA) == [
        {"message": "Ann, Bob", "length": 2}]
    if http2:
        assert answers(server, protocol, http2, "Chat", '{"name":"Ann"}{"name":"Bob"}', *SCHEMA) == [
            {"message": "Hello Ann"}, {"message": "Hello Bob"}, {"message": "bye"}]


@pytest.mark.parametrize("protocol", ["grpc", "grpcweb", "connect"])
@pytest.mark.parametrize("reflection", ["grpc-v1", "grpc-v1alpha"])
def test_by_reflection(server, protocol, reflection):
    """Reflection is a stream in both directions, and called by the same protocol."""
    for method in ("SayHello", "SayHelloOften"):
        found = answers(server, protocol, True, method, '{"name":"Ann","count":1}', "--reflect-protocol", reflection)
        assert found == [{"message": "Hello Ann" if method == "SayHello" else "Ann 0"}]


@pytest.mark.parametrize("protocol", ["grpc", "grpcweb", "connect"])
def test_services_and_methods_are_listed(server, protocol):
    def listed(option, path=""):
        done = subprocess.run(
            [BUF, "curl", "--protocol", protocol, "--http2-prior-knowledge", option, f"http://{target(server)}{path}"],
            capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert {"helloworld.Greeter", "grpc.health.v1.Health"} <= set(listed("--list-services"))
    assert {"helloworld.Greeter/SayHello", "helloworld.Greeter/LookUp"} <= set(listed("--list-methods"))


def failure(out):
    """The error that buf shows, which is Connect's JSON for each protocol."""
    return json.loads(out[out.index("{"):])


@each_way
def test_a_failure(protocol, http2):
    error = """error: { code: INVALID_ARGUMENT, message: 'no "näme"', retry: 2s,
            details: [{ google.rpc.BadRequest: { field_violations: [{ field: name, description: empty }] } }] }"""
    with greeter(f"""
      SayHello: {{ template: {{ {error} }} }}
      SayHelloOften: {{ template: {{ messages: [{{ message: one }}], {error} }} }}
      SayHelloToAll: {{ template: {{ {error} }} }}
    """) as server:
        for method in ("SayHello", "SayHelloOften", "SayHelloToAll"):
            out, err, code = curl(server, protocol, http2, method, '{"name":"Ann"}', *SCHEMA)
            # Its exit code is eight times gRPC's.
            assert code == 8 * CODES.index("invalid_argument"), err
            told = failure(err)
            assert (told["code"], told["message"]) == ("invalid_argument", 'no "näme"')
            assert [detail["type"] for detail in told["details"]] == ["google.rpc.BadRequest", "google.rpc.RetryInfo"]
            assert ("one" in out) == (method == "SayHelloOften")


@each_way
def test_what_is_not_served(protocol, http2):
    with greeter("\n      SayHello: { template: { message: {} } }\n") as server:
        for method in ("LookUp", "SayHelloOften", "SayHelloToAll"):
            _, err, code = curl(server, protocol, http2, method, "{}", *SCHEMA)
            assert code == 8 * CODES.index("unimplemented") and failure(err)["code"] == "unimplemented", err


@each_way
def test_metadata_and_trailers(protocol, http2):
    with greeter("""
      SayHello:
        template:
          metadata: { x-greeting: "to {{ request.name }}" }
          trailers: { x-count: "{{ call.count }}" }
          message: { message: "{{ headers['x-in'] }}" }
    """) as server:
        out, err, code = curl(server, protocol, http2, "SayHello", '{"name":"Ann"}', *SCHEMA, "-H", "x-in: a b", "-v")
        assert code == 0, err
        assert json.loads(out) == {"message": "a b"}
        assert "x-greeting: to ann" in err.lower()
        # It does not show what lies in bodies.
        assert protocol == "grpcweb" or "x-count: 1" in err.lower()
