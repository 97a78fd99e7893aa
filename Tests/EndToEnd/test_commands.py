"""The commands beside `run` and `lint`."""

import re

from radicled import manifest, run

MANIFEST = """
services:
  web:
    routes:
      GET /hello/{name}: { template: "x" }
      POST /orders: { echo: body }
  api:
    host: api.example.com
    prefix: /v1
    routes:
      GET /who: { redirect: /elsewhere }
"""


def test_routes_is_a_table(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(MANIFEST))
    done = run("routes", path)
    assert done.returncode == 0, done
    for row in (("GET", "/hello/{name}", "template"), ("POST", "/orders", "echo"), ("GET", "/v1/who", "redirect")):
        assert any(all(word in line for word in row) for line in done.stdout.splitlines()), (row, done.stdout)
    assert "api.example.com" in done.stdout


def test_routes_of_a_broken_manifest_is_1(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(MANIFEST + "x: 1\n"))
    done = run("routes", path)
    assert done.returncode == 1
    assert run("routes", tmp_path / "nope").returncode == 2


def test_version_is_told():
    for words in (["version"], ["--version"]):
        done = run(*words)
        assert done.returncode == 0, done
        assert re.search(r"\d+\.\d+\.\d+", done.stdout)


def test_help_tells_a_newcomer_what_to_do():
    done = run("--help")
    assert done.returncode == 0
    for word in ("--config", "lint", "routes", "version"):
        assert word in done.stdout
    for command in ("run", "lint", "routes"):
        done = run(command, "--help")
        assert done.returncode == 0 and "USAGE" in done.stdout


def test_wrong_flags_are_told():
    done = run("--confg", "x")
    assert done.returncode in (2, 64)
    assert "--config" in done.stderr or "--confg" in done.stderr


def test_completions_are_there():
    for shell, word in (("bash", "complete"), ("zsh", "#compdef"), ("fish", "complete")):
        done = run("--generate-completion-script", shell)
        assert done.returncode == 0 and word in done.stdout
