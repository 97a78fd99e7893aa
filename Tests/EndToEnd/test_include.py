"""`include`: one manifest in several files."""

import json

from radicled import manifest, run, serve

MAIN = """
include: [parts/*.yaml, other.yaml]
services:
  web:
    routes:
      GET /main: { template: main }
"""

FILES = {
    "parts/a.yaml": "radicle: 1\nservices:\n  a: { routes: { GET /a: { template: { file: page.html } } } }\n",
    "parts/b.yaml": "services:\n  b: { routes: { GET /b: { template: \"${file:b.txt}\" } } }\n",
    "parts/page.html": "<p>page</p>",
    "parts/b.txt": "from b\n",
    "other.yaml": "include: deep/c.yaml\nmiddleware: { timeout: 2s }\n",
    "deep/c.yaml": "services:\n  c: { routes: { GET /c: { template: c } } }\n",
}


def write(folder, text, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    path = folder / "m.yaml"
    path.write_text(text)
    return path


def findings(path, code, cwd=None):
    done = run("lint", path, "--format", "json", cwd=cwd)
    assert done.returncode == code, done
    return json.loads(done.stdout)["findings"]


def test_all_files_are_served_each_with_its_own_paths():
    with serve(MAIN, files=FILES) as server:
        assert server.get("/main").text == "main"
        assert server.get("/a").text == "<p>page</p>"
        assert server.get("/b").text == "from b"
        assert server.get("/c").text == "c"


def test_routes_shows_all(tmp_path):
    done = run("routes", write(tmp_path, manifest(MAIN), FILES))
    assert done.returncode == 0
    paths = [line.split()[1] for line in done.stdout.splitlines()[1:]]
    assert paths == ["/main", "/a", "/b", "/c"]


def test_mistakes_name_the_file_that_makes_them(tmp_path):
    files = {**FILES, "deep/c.yaml": "services:\n  c:\n    routes:\n      GET /c: { templte: c }\n"}
    write(tmp_path, manifest(MAIN), files)
    found = findings("m.yaml", 1, tmp_path)
    assert [(f["file"], f["line"], f["rule"]) for f in found] == [("deep/c.yaml", 4, "unknown-key")]


def test_routes_of_two_files_that_conflict_are_told_with_both_places(tmp_path):
    files = {**FILES, "deep/c.yaml": "services:\n  c: { routes: { GET /main: { template: c } } }\n"}
    write(tmp_path, manifest(MAIN), files)
    found = findings("m.yaml", 1, tmp_path)
    assert [f["rule"] for f in found] == ["route-conflict"]
    assert {found[0]["file"], found[0]["related"][0]["file"]} == {"m.yaml", "deep/c.yaml"}


def test_a_thing_defined_twice_names_both_places(tmp_path):
    files = {**FILES, "other.yaml": "name: other\nservices: { web: { routes: {} } }\n"}
    write(tmp_path, manifest(MAIN), files)
    found = findings("m.yaml", 1, tmp_path)
    assert [(f["rule"], f["file"], f["related"][0]["file"]) for f in found] == [
        ("defined-twice", "other.yaml", "m.yaml"), ("defined-twice", "other.yaml", "m.yaml")]


def test_missing_files_and_patterns_without_a_match(tmp_path):
    path = write(tmp_path, "radicle: 1\ninclude:\n  - missing.yaml\n  - none/*.yaml\n  - .\n", {})
    found = findings(path, 1)
    assert [(f["rule"], f["level"], f["line"]) for f in found] == [
        ("missing-include", "error", 3), ("empty-include", "warning", 4), ("missing-include", "error", 5)]
    assert "directory" in found[2]["message"]
    path.write_text("radicle: 1\ninclude: none/*.yaml\n")
    assert [f["level"] for f in findings(path, 0)] == ["warning"]


def test_cycles_end(tmp_path):
    write(tmp_path, "radicle: 1\ninclude: a.yaml\n", {"a.yaml": "include: b.yaml\n", "b.yaml": "include: ./a.yaml\n"})
    found = findings("m.yaml", 1, tmp_path)
    assert [(f["rule"], f["file"]) for f in found] == [("include-cycle", "b.yaml")]
    # By way of a link that the names do not show.
    (tmp_path / "d").symlink_to(tmp_path)
    (tmp_path / "a.yaml").write_text("include: d/a.yaml\n")
    found = findings("m.yaml", 1, tmp_path)
    assert [f["rule"] for f in found] == ["include-cycle"]


def test_a_pipe_does_not_keep_it_waiting(tmp_path):
    import os
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path, "radicle: 1\ninclude: pipe\nname: ${file:pipe}\n", {})
    assert [f["rule"] for f in findings(path, 1)] == ["missing-include", "unreadable-value"]


def test_standard_input_includes_from_here(tmp_path):
    write(tmp_path, "", FILES)
    done = run("lint", "-", input="radicle: 1\ninclude: other.yaml\n", cwd=tmp_path)
    assert done.returncode == 0, done
