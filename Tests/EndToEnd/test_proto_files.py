"""The program's compiler of .proto files beside protoc: the same descriptors, byte for byte, and the same refusals."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import proto_messages
from proto_cases import CASES
from proto_files import BUNDLED, GOLDEN, PACKAGES, ROOT, built_in_set, descriptor_set, good_set, protoc, split

JUDGE = Path(os.environ.get("PROTO_JUDGE", ROOT / ".build/debug/ProtoJudge"))

pytestmark = pytest.mark.skipif(not JUDGE.exists(), reason="no ProtoJudge: swift build --build-tests")

# Where protoc names another line than the one that is wrong, or stops before it gets there.
ELSEWHERE = {
    "missing_brace": "protoc names the end of the file, not the brace that is never closed",
    "unclosed_string": "protoc tells what follows from it too",
    "unclosed_comment": "protoc names the end of the file too",
    "import_missing": "protoc tells of what would be in the missing file too",
    "import_broken": "protoc tells of what would be in the broken file too",
    "import_cycle": "protoc names each import of the circle",
    "enum_alias_false": "protoc names the end of the enum, not its name",
    "enum_no_alias": "protoc names the end of the enum, not its name",
    "enum_reserved": "protoc names the reserved range, not the value in it",
    "reserved_use": "protoc names the reserved range, not the field in it",
    "reserved_overlap": "protoc names the range that was there first",
    "map_entry_name": "protoc names the message too",
    "extension_undeclared": "protoc names the extended message, not the extension",
    "option_support": "protoc names the element, not the option",
    "feature_required_file": "protoc names the first line, not the option",
    "feature_unknown_value": "protoc names the first line, not the option",
}
ERROR = re.compile(r"^([\w/.]+\.proto):(\d+):\d+: (?!warning)", re.MULTILINE)


def judge(roots, files, folder=None):
    done = subprocess.run([JUDGE, *(f"-I{root}" for root in roots), *files], cwd=folder, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def trees():
    yield "googleapis", [PACKAGES, BUNDLED], sorted(
        str(path.relative_to(PACKAGES)) for path in (PACKAGES / "google").rglob("*.proto"))
    yield "protobuf", [BUNDLED], sorted(str(path.relative_to(BUNDLED)) for path in BUNDLED.rglob("*.proto"))


@pytest.mark.parametrize("roots, files", [pytest.param(roots, files, id=name) for name, roots, files in trees()])
def test_descriptors_are_those_of_protoc(tmp_path, roots, files):
    expected = split(descriptor_set(roots, files, tmp_path / "protoc.binpb"))
    code, encoded, findings = judge(roots, files)
    assert code == 0, findings
    assert "error" not in findings
    found = split(encoded)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    print(f"{len(expected)} files compared")


def test_kept_descriptors_are_those_of_the_pinned_protoc(tmp_path):
    assert good_set(tmp_path / "good.binpb") == (GOLDEN / "good.binpb").read_bytes()
    assert built_in_set(tmp_path / "built-in.binpb") == (GOLDEN / "built-in.binpb").read_bytes()


def cases():
    for part in re.split(r"^=== ", (GOLDEN / "bad.cases").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, body = part.split("\n", 1)
        pieces = re.split(r"^--- (.*)\n", body, flags=re.MULTILINE)
        yield name, {f"{name}.proto": pieces[0], **dict(zip(pieces[1::2], pieces[2::2]))}


@pytest.mark.parametrize("name, files", [pytest.param(name, files, id=name) for name, files in cases()])
def test_what_protoc_refuses_is_refused_at_the_same_line(tmp_path, name, files):
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    done = protoc(["-I.", f"--descriptor_set_out={os.devnull}", f"{name}.proto"], tmp_path)
    assert done.returncode != 0, "protoc takes it"
    code, _, findings = judge(["."], [f"{name}.proto"], tmp_path)
    assert code == 1, "it is taken, and protoc says\n" + done.stderr
    expected, found = set(ERROR.findall(done.stderr)), set(ERROR.findall(findings))
    if name in ELSEWHERE:
        assert not expected <= found, "protoc agrees by now: take it out of ELSEWHERE"
    else:
        assert expected <= found, f"protoc:\n{done.stderr}\nhere:\n{findings}"


def test_kept_messages_are_those_of_the_pinned_library():
    assert "\n".join(proto_messages.lines()) + "\n" == (GOLDEN / "messages.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", CASES, ids=range(len(CASES)))
def test_single_statements_are_taken_as_protoc_takes_them(tmp_path, text):
    (tmp_path / "case.proto").write_text(text, encoding="utf-8")
    done = protoc(["-I.", "--descriptor_set_out=case.binpb", "case.proto"], tmp_path)
    code, encoded, findings = judge(["."], ["case.proto"], tmp_path)
    assert (code == 0) == (done.returncode == 0), f"{text}\nprotoc:\n{done.stderr}\nhere:\n{findings}"
    if code == 0:
        assert split(encoded)["case.proto"] == split((tmp_path / "case.binpb").read_bytes())["case.proto"], text


def test_kept_json_is_that_of_the_pinned_library():
    assert "\n".join(proto_messages.json_lines()) + "\n" == (GOLDEN / "json.txt").read_text(encoding="utf-8")
    assert "\n".join(proto_messages.read_lines()) + "\n" == (GOLDEN / "from-json.txt").read_text(encoding="utf-8")
