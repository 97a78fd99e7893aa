"""`radicled routes` says how each method is called by each protocol; the lines do that. `radicled test` calls by each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grpc_client import target
from radicled import PATIENCE, ROOT, run
from test_configs import start

GREETER = ROOT / "configs" / "greeter.yaml"


def faces():
    routes = json.loads(run("routes", "--format", "json", GREETER).stdout)["routes"]
    return [(route["grpc"]["method"], face) for route in routes for face in route.get("faces", [])]


@pytest.fixture(scope="module")
def server():
    with start("greeter") as server:
        yield server


def test_every_line_calls_its_method(server):
    answers = {
        "SayHello": [{"message": "Hello Ann"}], "SayHelloOften": [{"message": "Hello Ann"}] * 2,
        "SayHelloToAll": [{"message": "Hello Ann and Bob"}],
        "Chat": [{"message": "Hello Ann"}, {"message": "Hello Bob"}, {"message": "2 greeted"}]}
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    seen = set()
    for method, face in faces():
        line = face["command"].replace("localhost:8080", target(server))
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE, env=env)
        assert done.returncode == 0, (line, done.stderr)
        decoder, found, out = json.JSONDecoder(), [], done.stdout.strip()
        while out:
            value, end = decoder.raw_decode(out)
            found.append(value)
            out = out[end:].strip()
        assert found == answers[method], line
        seen.add(face["name"])
    assert seen == {"gRPC", "gRPC-Web", "Connect", "HTTP/JSON"}


def test_the_table_has_lines_for_people():
    out = run("routes", GREETER).stdout
    for method, face in faces():
        assert f"\nhelloworld.Greeter/{method}\n" in out
        assert face["command"] in out
    assert "POST    /greeter/hello " in out


@pytest.mark.parametrize("protocol", ["grpc", "grpc-web", "connect", "json"])
def test_examples_hold_by_each_protocol(protocol):
    done = run("test", "--format", "json", "--protocol", protocol, GREETER)
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout)
    assert (told["passed"] + told["passed_over"], told["failed"]) == (12, 0)
    assert told["passed_over"] == (3 if protocol == "json" else 0)
    assert {example["protocol"] for example in told["examples"]} == {protocol, "http"}
    passed_over = [example for example in told["examples"] if example["outcome"] == "passed_over"]
    assert all(example["note"] for example in passed_over)
