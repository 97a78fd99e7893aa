"""`radicled init`: a manifest that lints, passes its examples and is served, from real protos."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.cloud.location import locations_pb2
from google.longrunning import operations_pb2
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from radicled import PATIENCE, ROOT, run, serve

BUF = Path(sys.executable).parent / "buf"
# Where pip puts googleapis-common-protos.
PACKAGES = Path(importlib.util.find_spec("google.protobuf").origin).parents[2]


def started(folder, *arguments, output="radicled.yaml"):
    """The manifest that init writes: lint finds nothing in it, and its examples pass."""
    done = run("init", *arguments, "--output", output, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"wrote {output}: " in done.stderr, done.stderr
    assert f"radicled lint {output}" in done.stderr
    assert done.stdout == ""
    for command in ["lint", "--strict", output], ["test", output]:
        checked = run(*command, cwd=folder)
        assert checked.returncode == 0, (folder / output).read_text() + checked.stdout + checked.stderr
    return (folder / output).read_text()


def served(folder, text):
    """A server of the manifest, which stays where it was written: its protos lie around it."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return serve(text.replace("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0"), files=files)


def channel(server):
    host, port = server.address
    return grpc.insecure_channel(f"{host}:{port}")


def descriptor_set(folder, *modules):
    """What a package has as descriptors alone, with all that it imports, in one file."""
    files, seen = descriptor_pb2.FileDescriptorSet(), set()

    def add(file):
        if file.name in seen:
            return
        seen.add(file.name)
        for imported in file.dependencies:
            add(imported)
        files.file.add().ParseFromString(file.serialized_pb)

    for module in modules:
        add(module.DESCRIPTOR)
    (folder / "set.binpb").write_bytes(files.SerializeToString())
    return "set.binpb"


def copied(folder, *names):
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((PACKAGES / name).read_bytes())
    return names[0]


# MARK: Real protos


def test_google_cloud_locations(tmp_path):
    proto = copied(tmp_path, "google/cloud/location/locations.proto")
    text = started(tmp_path, "--proto", proto)
    with served(tmp_path, text) as server, channel(server) as to:
        get = to.unary_unary(
            "/google.cloud.location.Locations/GetLocation", locations_pb2.GetLocationRequest.SerializeToString,
            locations_pb2.Location.FromString)
        found = get(locations_pb2.GetLocationRequest(name="projects/1/locations/here"), timeout=PATIENCE)
        assert found.name == "projects/1/locations/here"
        assert found.display_name == "display name"
        listed = to.unary_unary(
            "/google.cloud.location.Locations/ListLocations", locations_pb2.ListLocationsRequest.SerializeToString,
            locations_pb2.ListLocationsResponse.FromString)(locations_pb2.ListLocationsRequest(), timeout=PATIENCE)
        assert len(listed.locations) == 1
        assert listed.next_page_token == "", "a client would ask for pages for ever"


def test_google_longrunning_operations(tmp_path):
    proto = copied(tmp_path, "google/longrunning/operations_proto.proto")
    text = started(tmp_path, "--proto", proto, "--service", "Operations")
    with served(tmp_path, text) as server, channel(server) as to:
        wait = to.unary_unary(
            "/google.longrunning.Operations/WaitOperation", operations_pb2.WaitOperationRequest.SerializeToString,
            operations_pb2.Operation.FromString)
        operation = wait(operations_pb2.WaitOperationRequest(name="operations/7"), timeout=PATIENCE)
        assert (operation.name, operation.done) == ("operations/7", True)
        assert operation.WhichOneof("result") is None, "a made-up operation does not fail"


def test_opentelemetry_traces(tmp_path):
    text = started(tmp_path, "--proto", descriptor_set(tmp_path, trace_service_pb2))
    with served(tmp_path, text) as server, channel(server) as to:
        stub = trace_service_pb2_grpc.TraceServiceStub(to)
        answer = stub.Export(trace_service_pb2.ExportTraceServiceRequest(), timeout=PATIENCE)
        assert not answer.HasField("partial_success"), "a made-up answer is a good one"


def test_health_in_place_of_the_built_in_one(tmp_path):
    text = started(tmp_path, "--proto", descriptor_set(tmp_path, health_pb2))
    with served(tmp_path, text) as server, channel(server) as to:
        stub = health_pb2_grpc.HealthStub(to)
        answer = stub.Check(health_pb2.HealthCheckRequest(service="x"), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        statuses = [message.status for message in stub.Watch(health_pb2.HealthCheckRequest(), timeout=PATIENCE)]
        assert len(statuses) == 2


def test_the_line_of_buf_works(tmp_path):
    (tmp_path / "helloworld.proto").write_text((ROOT / "Tests/Golden/init/helloworld.proto").read_text())
    text = started(tmp_path, "--proto", "helloworld.proto")
    line = text[text.index("buf curl"):].split("\n\n")[0].replace("\\\n#", "")
    with served(tmp_path, text) as server:
        line = line.replace("buf curl", f"{BUF} curl", 1).replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        assert '"message": "Hello name"' in done.stdout


# MARK: Files


def test_a_first_manifest_is_served(tmp_path):
    text = started(tmp_path)
    with served(tmp_path, text) as server:
        assert server.get("/hello/Ann").json() == {"message": "Hello Ann"}


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path):
    (tmp_path / "radicled.yaml").write_text("mine\n")
    refused = run("init", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == (
        "radicled: radicled.yaml is there already; --force writes it anew, --output names another\n")
    assert (tmp_path / "radicled.yaml").read_text() == "mine\n"
    assert run("init", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "radicled.yaml").read_text().startswith("# A manifest to start from")


def test_a_dash_prints(tmp_path):
    done = run("init", "--output", "-", cwd=tmp_path)
    assert done.returncode == 0
    assert (done.stdout[:2], done.stderr) == ("# ", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output, proto", [
    ("radicled.yaml", "api/shop.proto"), ("api/radicled.yaml", "shop.proto"), ("deploy/radicled.yaml", "../api/shop.proto"),
    ("link/radicled.yaml", "../../api/shop.proto")])
def test_paths_are_those_from_the_manifest(tmp_path, output, proto):
    for folder in "api", "deploy", "far/away":
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "link").symlink_to("far/away")
    (tmp_path / "api/shop.proto").write_text(
        'syntax = "proto3"; message M { string id = 1; } service S { rpc Get (M) returns (M); }')
    assert f"\n    proto: {proto}\n" in started(tmp_path, "--proto", "./api/shop.proto", output=output)


def test_imports_are_found_by_import_path(tmp_path):
    for folder in "own", "third party":
        (tmp_path / folder).mkdir()
    (tmp_path / "third party/other.proto").write_text('syntax = "proto3"; message Other { string id = 1; }')
    (tmp_path / "own/s.proto").write_text(
        'syntax = "proto3"; import "other.proto"; service S { rpc Get (Other) returns (Other); }')
    lost = run("init", "--proto", "own/s.proto", cwd=tmp_path)
    assert lost.returncode == 1
    assert "there is no file `other.proto` to import" in lost.stderr
    assert "own/s.proto:1:" in lost.stderr
    assert "--import-path names a folder that imports start from" in lost.stderr
    text = started(tmp_path, "--proto", "own/s.proto", "--import-path", "third party")
    assert "roots: [own, third party]" in text


def test_what_is_wrong_is_told(tmp_path):
    (tmp_path / "s.proto").write_text('syntax = "proto3"; message M {} service S { rpc Get (M) returns (M); }')
    cases = [
        (["--proto", "gone.proto"], 2, "radicled: cannot read gone.proto: there is no such file\n"),
        (["--proto", "s.proto", "--service", "Nothing"], 1, "radicled: s.proto describes no service `Nothing`\nhelp: it has `S`\n"),
        (["--proto", "s.proto", "--output", "none/a.yaml"], 2,
         "radicled: cannot write none/a.yaml: no such file or directory\n"),
    ]
    for arguments, code, said in cases:
        done = run("init", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (code, said)
    assert run("init", "--service", "S", cwd=tmp_path).returncode == 64
    assert [path.name for path in tmp_path.iterdir()] == ["s.proto"]
