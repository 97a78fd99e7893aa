"""What protoc makes of .proto files, to hold the program's own compiler against.

    .venv/bin/python Tests/EndToEnd/proto_files.py      rewrites Tests/Golden/proto/*.binpb with the pinned protoc
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "Tests/Golden/proto"
# Where pip puts googleapis-common-protos, and what grpcio-tools brings along.
PACKAGES = Path(importlib.util.find_spec("google.protobuf").origin).parents[2]
BUNDLED = Path(importlib.util.find_spec("grpc_tools").origin).parent / "_proto"


def protoc(arguments, folder=None):
    """With the options that protoc drops by itself: the server sees what the file says."""
    return subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "--include_imports", "--retain_options", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True)


def descriptor_set(roots, files, target):
    done = protoc([*(f"-I{root}" for root in roots), f"--descriptor_set_out={target}", *files])
    assert done.returncode == 0, done.stderr
    return target.read_bytes()


def good_set(target):
    folder = GOLDEN / "good"
    return descriptor_set([folder], sorted(path.name for path in folder.glob("*.proto")), target)


def built_in_set(target):
    names = []
    for path in sorted((ROOT / "Sources/Protobuf/BuiltIns").glob("*Files.swift")):
        names += re.findall(r'^ +"(google/[\w/]+\.proto)",$', path.read_text(encoding="utf-8"), re.MULTILINE)
    return descriptor_set([PACKAGES, BUNDLED], names, target)


def split(encoded):
    """The bytes of each file of a set, by name."""
    from google.protobuf import descriptor_pb2

    files, at = {}, 0
    while at < len(encoded):
        assert encoded[at] == 0x0A
        length, shift, at = 0, 0, at + 1
        while True:
            byte = encoded[at]
            length, shift, at = length | (byte & 0x7F) << shift, shift + 7, at + 1
            if byte < 0x80:
                break
        file = encoded[at:at + length]
        files[descriptor_pb2.FileDescriptorProto.FromString(file).name] = file
        at += length
    return files


if __name__ == "__main__":
    print(f"{len(split(good_set(GOLDEN / 'good.binpb')))} files in good.binpb")
    print(f"{len(split(built_in_set(GOLDEN / 'built-in.binpb')))} files in built-in.binpb")
