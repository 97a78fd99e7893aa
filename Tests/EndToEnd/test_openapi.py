"""`radicled schema --openapi`: another program makes requests of the description, and finds the server as it is described."""

import copy
import json
import os
import re
import subprocess
import sys

import jsonschema
import pytest

from radicled import PATIENCE, ROOT, run, serve

GOLDEN = ROOT / "Tests/Golden/openapi"
PROTOS = {f"protos/{path.name}": path.read_text() for path in (GOLDEN / "protos").iterdir()}

# Some hundred requests of each operation; one that hangs is told of by its own limit.
MINUTES = 10 * 60

# Checks of what is not promised:
# - ProtoJSON reads more than it writes: null for a field that is not there, numbers as text, names as in the file. What the
#   description leaves out is taken all the same, and nothing follows of an answer to it.
# - Allow tells what the path of the request can be asked for. `/orders/7:cancel` is a path of `/orders/{id}` too.
UNFIT = "negative_data_rejection,allow_header_conformance"

# TRACE, which no route here names, is answered 501 (RFC 9110 section 15.6.2): the server has no such method at all.
SETTINGS = """
[phases.coverage]
unexpected-methods = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]
"""


def described(path, *arguments):
    done = run("schema", "--openapi", path, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def served(name):
    text = re.sub(r"^listen:.*\n", "", (GOLDEN / f"{name}.yaml").read_text(), flags=re.M)
    return serve(text, files=PROTOS)


def schemathesis(description, server, tmp_path, *arguments):
    """Runs it against a server, and gives what it prints."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(description))
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    host, port = server.addresses[0]
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(path), "--url", f"http://{host}:{port}", "--checks", "all",
        "--exclude-checks", UNFIT, "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1",
        "--generation-database", "none", "--generation-allow-x00", "false", "--request-timeout", str(PATIENCE),
        "--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure", "--no-color", *arguments]
    # Numbers as text, as their format says: the pattern alone has more of them.
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_formats", "PYTHONPATH": str(ROOT / "Tests/EndToEnd")}
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=MINUTES)


@pytest.mark.parametrize("name", ["library", "web"])
def test_schemas_are_schemas(name):
    description = described(GOLDEN / f"{name}.yaml")
    assert description["openapi"] == "3.1.0"
    schemas = description["components"]["schemas"]
    assert schemas
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for item in description["paths"].values():
        for operation in item.values():
            parts = [parameter["schema"] for parameter in operation.get("parameters", [])]
            for holder in [operation.get("requestBody", {}), *operation["responses"].values()]:
                parts += [media["schema"] for media in holder.get("content", {}).values() if "schema" in media]
            for part in parts:
                jsonschema.Draft202012Validator.check_schema(part)


@pytest.mark.parametrize("name", ["library", "web"])
def test_server_answers_as_described(name, tmp_path):
    with served(name) as server:
        description = described(server.manifest)
        # What is for a host alone is not found by an address.
        description["paths"] = {
            path: item for path, item in description["paths"].items()
            if not any("servers" in operation and server_names(operation) for operation in item.values())}
        done = schemathesis(description, server, tmp_path)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]


def server_names(operation):
    return any("example.com" in server["url"] for server in operation["servers"])


def test_a_wrong_description_is_noticed(tmp_path):
    with served("library") as server:
        description = copy.deepcopy(described(server.manifest))
        path = "/v1/books"
        description["paths"] = {path: description["paths"][path]}
        description["components"]["schemas"]["library.v1.Book"]["properties"]["title"] = {"type": "integer"}
        description["components"]["schemas"]["library.v1.Book"]["required"] = ["digest"]
        done = schemathesis(description, server, tmp_path)
    assert done.returncode == 1, done.stdout
    assert "digest" in done.stdout


def test_mistakes_are_told_and_nothing_is_described(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("radicle: 1\nservices: { web: { routes: { GET a: { template: hi } } } }\n")
    done = run("schema", "--openapi", path)
    assert done.returncode == 1
    assert done.stdout == "" and "bad-route" in done.stderr
    assert run("schema", "--openapi", tmp_path / "none.yaml").returncode == 2
    assert run("schema", "--set", "name=a").returncode == 64


def test_a_manifest_can_come_by_standard_input_with_values_over_it():
    text = "radicle: 1\nservices: { web: { routes: { GET /a: { template: hi } } } }\n"
    done = run("schema", "--openapi", "-", "--set", "name=other", input=text)
    assert json.loads(done.stdout)["info"]["title"] == "other"
