"""`radicled schema`: another implementation of JSON Schema accepts with it what lint's structure accepts, no more."""

import copy
import json
import re

import jsonschema
import pytest
import yaml

from radicled import ROOT, run

# What a schema can see of a manifest: keys, kinds of values and their forms.
STRUCTURAL = {
    "wrong-type", "unknown-key", "missing-key", "unknown-choice", "bad-duration", "bad-size", "bad-rate", "bad-share",
    "bad-address",
}
# What it sees in part: a bound of a number but not of a size, the first letter of a prefix but not all of it.
IN_PART = {"out-of-range", "bad-status", "bad-prefix", "bad-header-name", "expression-syntax"}


class Core(yaml.SafeLoader):
    """YAML 1.2 as the program reads it: `on`, `yes` and dates are strings, and so are keys of any kind."""

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
     "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Core.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, deep=True))
Core.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(node.value.replace("0o", "", 1), 8)
    if node.value.startswith("0o") else int(node.value, 16 if node.value.startswith("0x") else 10))


def parsed(text):
    return yaml.load(text, Core)


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def rules_of(paths):
    """The rules that lint finds broken in each file, by its path."""
    done = run("lint", "--format", "json", *paths)
    assert done.returncode in (0, 1), done.stderr
    found = {str(path): set() for path in paths}
    for finding in json.loads(done.stdout)["findings"]:
        found[finding["file"]].add(finding["rule"])
    return found


def agree(validator, value, rules):
    """Nothing, or in which way schema and lint say different things."""
    refused = [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(value)]
    if rules & STRUCTURAL and not refused:
        return f"the schema accepts what breaks {sorted(rules & STRUCTURAL)}"
    # Where YAML reads other than what was meant, lint tells that, not what comes of it.
    is_trap = any(rule.startswith("yaml-") for rule in rules)
    if refused and not rules & (STRUCTURAL | IN_PART) and not is_trap:
        return f"lint accepts it, but for {sorted(rules)}; the schema says {refused}"
    return None


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_configs_are_accepted(validator, path):
    assert [error.message for error in validator.iter_errors(parsed(path.read_text()))] == []


def golden():
    """Those that are YAML at all, and that YAML says what they say."""
    for path in sorted((ROOT / "Tests/Golden/lint").glob("*.yaml")):
        if path.stem.startswith("yaml-") or path.stem in ("duplicate-key", "windows"):
            continue
        if path.stem == "rate-limit-keys":
            # What a scope leaves out a wider one may say: that nobody does shows when they are merged.
            continue
        try:
            yield pytest.param(path, parsed(path.read_bytes().decode()), id=path.stem)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError):
            continue


@pytest.mark.parametrize("path, value", list(golden()))
def test_goldens_are_judged_as_lint_does(validator, path, value):
    assert agree(validator, value, rules_of([path])[str(path)]) is None


SHORT = """
radicle: 1
listen: ":8080"
limits: { connection_age: off, header_field: 4096 }
shutdown:
middleware: { timeout: 2s, access_log: text, concurrency: 5, body_limit: 1MiB, request_id: , headers: off }
x-mine: { any: thing }
$schema: radicled.schema.json
services:
  x-anchors: [1, 2]
  web:
    host: a.example
    middleware: { body_limit: false, x-note: 1, concurrency: { queue: 3 } }
    routes:
      GET /a: { template: hi, delay: 0 }
      GET /b: { template: 5 }
      GET /c: { echo: }
      GET /d: { echo: {} }
      GET /e: { redirect: /new, delay: duration(query.wait) }
      GET /f: { template: { status: "{{ 200 }}", headers: { x-a: [a, 1] } }, fault: { share: 0.1, cut: true } }
      GET /g: { template: hi, fault: [{ share: 10%, abort: { code: UNAVAILABLE } }], x-note: hi }
"""


def test_short_forms_off_and_extensions_are_accepted(validator, tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text(SHORT)
    assert rules_of([path])[str(path)] == set()
    assert [error.message for error in validator.iter_errors(parsed(SHORT))] == []


WRONG = ["workers: 0", "workers: 1025", "workers: two", "listen: 8080", "listen: 'a:99999'", "limits: 5",
         "limits: { idle: 5 }", "middleware: { timeout: true }", "middleware: { nothing: 1 }", "services: [a]",
         "shutdown: { grace: 2 s }", "middleware: { body_limit: -1 }", "name: [a]", "radicle2: 1"]


@pytest.mark.parametrize("line", WRONG)
def test_wrong_values_are_refused(validator, line):
    assert list(validator.iter_errors(parsed(f"radicle: 1\n{line}\n")))


# What stands in a place of a good manifest, one after the other: each kind of value that there is.
VALUES = [None, True, False, 0, 1, 700, -1, 1.5, "", "a", "off", "2s", "5", "10%", "1MiB", "/a", ":80", "json", [], [1],
          ["a"], {}, {"a": 1}, {"x-a": 1}]


def places(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*path, index)
            yield from places(inner, (*path, index))


def mutants(value):
    """Manifests with one thing changed, with what was."""
    for path in places(value):
        for other in [*VALUES, KeyError, "a key more"]:
            mutant = copy.deepcopy(value)
            holder = mutant
            for step in path[:-1]:
                holder = holder[step]
            if other is KeyError:
                del holder[path[-1]]
            elif other == "a key more":
                if not isinstance(holder, dict):
                    continue
                holder["nonsense"] = 1
            else:
                holder[path[-1]] = other
            yield f"{'.'.join(map(str, path))} = {other!r}", mutant


def test_every_small_change_is_judged_as_lint_does(validator, tmp_path):
    # What a scope takes from a wider one is there only as long as that has it: no schema sees it.
    good = parsed(SHORT.replace("concurrency: { queue: 3 }", "timeout: { default: 1s }"))
    cases = {}
    for index, (what, mutant) in enumerate(mutants(good)):
        path = tmp_path / f"{index}.yaml"
        # JSON is YAML, but for `off`, which is a text in quotes.
        path.write_text(json.dumps(mutant).replace('"off"', "off"))
        cases[str(path)] = (what, mutant)
    paths = list(cases)
    assert len(paths) > 1000
    wrong = []
    for start in range(0, len(paths), 500):
        for path, rules in rules_of(paths[start:start + 500]).items():
            what, mutant = cases[path]
            if what.startswith("middleware.concurrency ="):
                # Nor does it see that no scope says a key that must be there.
                rules = rules - {"missing-key"}
            if difference := agree(validator, mutant, rules):
                wrong.append(f"{what}: {difference}")
    assert not wrong, f"{len(wrong)} of {len(paths)}:\n" + "\n".join(wrong[:60])
