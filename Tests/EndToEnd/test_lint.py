"""`radicled lint`: every mistake at once, each with its place; the exit codes and the JSON shape are a promise."""

import json
import textwrap

import pytest

from radicled import manifest, run

GOOD = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
"""

# Each line with a mistake says so at its end; `#=` gives the suggested word where there must be one.
BROKEN = """
radicle: 1
name: broken
lisen: 127.0.0.1:0  #! #= listen
timeout: 2s  #! belongs under middleware
workers: many  #!
limits: { idle: 75 }  #!
middleware:
  body_limt: 1MiB  #! #= body_limit
services:
  web:
    routes:
      GET /a/{x}: { template: "{{ path.y }}" }  #!
      GET /b: { template: { status: 99 } }  #!
      GET /c/{id}: { template: "c" }
      GET /c/{name}: { template: "c" }  #!
      GET /d: { template: { json: { m: "{{ 1 + }}" } } }  #!
      GET /e: { templte: "x" }  #! #= template
      GET /f: { template: { file: missing.txt } }  #!
      GET /g: { echo: everything }  #!
      GET /h: { template: "{{ nothing }}" }  #!
      GET h: { template: "x" }  #!
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="m.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


def findings(path, *options, code=1):
    done = run("lint", path, "--format", "json", *options)
    assert done.returncode == code, done
    value = json.loads(done.stdout)
    assert value["version"] == 1
    return value["findings"]


def test_good_manifest_is_0_and_says_nothing_bad(file):
    path = file(manifest(GOOD))
    done = run("lint", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "error" not in done.stdout
    assert findings(path, code=0) == []


def test_every_mistake_is_told_in_one_run_in_order(file):
    text = BROKEN.lstrip("\n")
    path = file(text)
    wrong = [number for number, line in enumerate(text.splitlines(), 1) if "#!" in line]
    assert len(wrong) >= 10
    found = findings(path)
    assert {finding["line"] for finding in found} >= set(wrong), [f["message"] for f in found]
    places = [(finding["line"], finding["column"]) for finding in found]
    assert places == sorted(places)
    # One mistake, one finding: nothing follows from another's error.
    assert len(found) <= len(wrong) + 2, [(f["line"], f["message"]) for f in found]


def test_misspelt_words_have_a_suggestion(file):
    text = BROKEN.lstrip("\n")
    found = findings(file(text))
    for number, line in enumerate(text.splitlines(), 1):
        if "#=" in line:
            word = line.split("#=")[1].strip()
            assert word in [f.get("suggestion") for f in found if f["line"] == number], (line, found)


def test_key_on_the_wrong_level_is_told_where_it_belongs(file):
    [finding] = [f for f in findings(file(BROKEN.lstrip("\n"))) if f["line"] == 4]
    assert "middleware" in finding["message"] + (finding.get("help") or "")


def test_findings_have_the_promised_shape(file):
    path = file(BROKEN.lstrip("\n"))
    for finding in findings(path):
        assert {"rule", "level", "message", "file", "line", "column", "end_line", "end_column"} <= set(finding)
        assert set(finding) <= {"rule", "level", "message", "file", "line", "column", "end_line", "end_column", "help",
                                "suggestion", "related"}
        assert finding["level"] in ("error", "warning")
        assert finding["file"] == str(path)
        assert (finding["line"], finding["column"]) <= (finding["end_line"], finding["end_column"])
        assert finding["line"] >= 1 and finding["column"] >= 1
        message = finding["message"]
        assert message[0] == message[0].lower() or message[0] == "`" or not message[0].isalpha(), message
        assert not message.endswith(".") and "\n" not in message, message
        for related in finding.get("related") or []:
            assert {"file", "line", "column", "message"} <= set(related)


def test_columns_point_at_the_word(file):
    text = manifest("services: { web: { routes: { 'GET /é/{x}': { template: 'é {{ path.y }}' } } } }\n")
    path = file(text)
    [finding] = findings(path)
    line = text.splitlines()[finding["line"] - 1]
    # Columns count Unicode scalars, not bytes.
    assert line[finding["column"] - 1:finding["end_column"] - 1] in ("y", "path.y")


def test_human_format_shows_the_line_and_a_caret(file):
    path = file(BROKEN.lstrip("\n"))
    done = run("lint", path)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert f"{path}:3:1" in text
    assert "lisen: 127.0.0.1:0" in text
    assert "^^^^^" in text
    assert "listen" in text
    assert "\x1b" not in text, "colours without a terminal"


def test_several_files_are_told_apart(file):
    good, bad = file(manifest(GOOD), "good.yaml"), file(manifest("x: 1\n" + GOOD), "bad.yaml")
    done = run("lint", good, bad, "--format", "json")
    assert done.returncode == 1
    assert {finding["file"] for finding in json.loads(done.stdout)["findings"]} == {str(bad)}


def test_missing_file_and_directory_are_2(file, tmp_path):
    for path in (tmp_path / "nope.yaml", tmp_path):
        done = run("lint", path)
        assert done.returncode == 2, done
        assert str(path) in done.stderr


@pytest.mark.parametrize("text", [
    b"", b"\n", b"# nothing\n", b"name: \xff\xfe\n", b"\x00", b"[]\n", b"radicle\n", b"- a\n", b"radicle: 2\n",
    b"radicle: '1'\nx: [\n", b"a: 1\n---\nb: 2\n", b"{", b"\xef\xbb\xbf{", b"? ? ? a\n", b"!!binary x: y\n", b"&a [*a]\n",
    b"*nope\n",
])
def test_what_is_no_manifest_is_1(file, text):
    done = run("lint", file(text))
    assert done.returncode == 1, done
    assert "Fatal error" not in done.stderr


def test_bombs_are_refused_quickly(file):
    laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    deep, long = "[" * 100_000, "x-a: " + "y" * (4 << 20) + "\n"
    nested = "".join(f"{' ' * n}a:\n" for n in range(2000))
    for text in (laughs, deep, long, nested, "a: " * 10_000, "{" * 10_000):
        done = run("lint", file(text))
        assert done.returncode == 1, done
        assert len(done.stdout) + len(done.stderr) < 1 << 20


def test_comments_for_machines_are_accepted(file):
    path = file(manifest("$schema: https://example.com/radicled.json\nx-anything: { a: [1] }\n" + GOOD))
    assert findings(path, code=0) == []


@pytest.mark.parametrize("line, rule", [
    ('GET /a/{x}: { template: { json: { m: {{ path.x }} } } }', "yaml-hole"),
    ('GET /a/{x}: { template: { json: { m: Hi {{ path.x }} } } }', "yaml-hole"),
])
def test_traps_of_yaml_have_their_own_finding(file, line, rule):
    path = file(manifest(f"services:\n  web:\n    routes:\n      {line}\n"))
    assert rule in [finding["rule"] for finding in findings(path)]


@pytest.mark.parametrize("text, words", [
    ("middleware: { timeout: 5 }", ["5s"]),
    ("middleware: { timeout: 5sec }", ["5s"]),
    ("middleware: { timeout: -1s }", []),
    ("middleware: { body_limit: 1megabyte }", ["MB", "MiB"]),
    ("listen: 127.0.0.1", ["port"]),
    ("listen: 127.0.0.1:99999", ["65535"]),
    ("workers: 0", []),
    ("name: a\nname: b", ["twice", "duplicate", "already"]),
    ("middleware: { request_id: { trust: alwys } }", ["always"]),
    ("limits: { header_timeout: 10 }", ["10s"]),
])
def test_wrong_values_are_told_with_what_is_right(file, text, words):
    texts = [f["message"] + " " + (f.get("help") or "") + " " + (f.get("suggestion") or "")
             for f in findings(file(manifest(text + "\n" + GOOD)))]
    assert texts
    assert not words or any(word in text for word in words for text in texts), texts


def test_conflicts_are_found_over_services(file):
    found = findings(file(manifest(textwrap.dedent("""
        services:
          one:
            routes:
              GET /a/{x}/b: { template: "1" }
          two:
            prefix: /a
            routes:
              GET /c/{y}: { template: "2" }
    """))))
    [conflict] = found
    assert conflict["related"], "the other place is told too"


def test_duplicate_keys_name_both_places(file):
    [finding] = findings(file(manifest("services:\n  web: { routes: { 'GET /a': { echo: {} } } }\n  web: {}\n")))
    assert finding["related"] and finding["related"][0]["line"] < finding["line"]


def test_github_and_sarif_name_the_same_places(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text("radicle: 1\nnme: x\nservices: {}\n")
    result = run("lint", "--format", "github", file)
    assert result.returncode == 1
    assert result.stdout.startswith(f"::error file={file},line=2,endLine=2,col=1,endColumn=4,title=unknown-key::")
    result = run("lint", "--format", "sarif", file)
    assert result.returncode == 1
    found = json.loads(result.stdout)["runs"][0]["results"]
    assert [each["ruleId"] for each in found] == ["unknown-key"]
    region = found[0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (2, 1, 4)


PRODUCTION = """
radicle: 1
listen: 0.0.0.0:8080
middleware: { timeout: off }
services:
  web:
    routes:
      GET /{$}: { template: { html: "<p>hi</p>" } }
"""


def test_profile_production_asks_for_more(file):
    path = file(PRODUCTION)
    assert findings(path, code=0) == []
    found = findings(path, "--profile", "production", code=0)
    assert [finding["rule"] for finding in found] == [
        "plain-listener", "no-timeout", "no-rate-limit", "no-security-headers"]
    assert {finding["level"] for finding in found} == {"warning"}
    findings(path, "--profile", "production", "--strict", code=1)
