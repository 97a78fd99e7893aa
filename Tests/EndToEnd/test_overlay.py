"""Several `--config`, and `--set`: what lies over what."""

import json

from radicled import manifest, run, serve

BASE = """
middleware: { timeout: 2s }
services:
  web:
    host: [one.example, two.example]
    routes:
      GET /a: { template: a }
      GET /b: { template: { json: { x: 1, y: { z: 2 } } } }
"""

OVER = """
services:
  web:
    host: 127.0.0.1
    routes:
      GET /b: { template: { json: { y: { z: 3, new: true } } } }
      GET /c: { template: c }
"""


def test_later_files_lie_over_earlier_ones_key_by_key(tmp_path):
    over = tmp_path / "over.yaml"
    over.write_text(OVER)
    with serve(BASE, arguments=["--config", over]) as server:
        assert server.get("/a").text == "a"
        assert server.get("/b").json() == {"x": 1, "y": {"z": 3, "new": True}}
        assert server.get("/c").text == "c"
        assert server.get("/a", {"Host": "one.example"}).status == 404


def test_the_last_of_three_wins(tmp_path):
    for name, text in (("1", "x"), ("2", "y")):
        (tmp_path / name).write_text("services: { web: { routes: { GET /a: { template: %s } } } }" % text)
    text = "services: { web: { routes: { GET /a: { template: a } } } }"
    with serve(text, arguments=["--config", tmp_path / "1", "--config", tmp_path / "2"]) as server:
        assert server.get("/a").text == "y"


def test_set_lies_over_files_and_environment(tmp_path):
    over = tmp_path / "over.yaml"
    over.write_text("services: { web: { host: 127.0.0.1 } }")
    arguments = [
        "--config", over, "--set", 'services.web.routes["GET /a"].template=set ${WHO}', "--set",
        "services.more={ routes: { GET /m: { template: more } } }", "--set",
        "services.web.routes.GET /n.template.status=204"]
    with serve(BASE, arguments=arguments, env={"WHO": "Ann"}) as server:
        assert server.get("/a").text == "set Ann"
        assert server.get("/m").text == "more"
        assert server.get("/n").status == 204
        assert server.get("/b").json()["x"] == 1


def test_mistakes_name_the_file_that_makes_them(tmp_path):
    (tmp_path / "base.yaml").write_text(manifest(BASE))
    (tmp_path / "over.yaml").write_text("services:\n  web: { routes: { GET /a: { tmplate: x } } }\nworkers: many\n")
    done = run("--config", "base.yaml", "--config", "over.yaml", "--set", "workers.x=1", cwd=tmp_path)
    assert done.returncode == 1
    assert "over.yaml:2:" in done.stderr and "--set:1:" in done.stderr
    assert "base.yaml:" not in done.stderr
    done = run("--config", "base.yaml", "--config", "nope.yaml", cwd=tmp_path)
    assert done.returncode == 2 and "nope.yaml" in done.stderr


def test_lint_and_routes_take_set(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(BASE))
    assert run("lint", path, "--set", "limits.idle=75s").returncode == 0
    done = run("lint", path, path, "--set", "limits.idle=75", "--set", "limits..idle=1s", "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)["findings"]
    assert {(f["rule"], f["file"]) for f in found} == {("bad-duration", "--set"), ("bad-override", "--set")}
    done = run("routes", path, "--set", 'services.web.routes["GET /d"].echo={}')
    assert done.returncode == 0 and any("/d" in line and "echo" in line for line in done.stdout.splitlines())


def test_files_given_to_lint_are_manifests_of_their_own(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(BASE))
    over = tmp_path / "over.yaml"
    over.write_text(OVER)
    done = run("lint", path, over, "--format", "json")
    assert done.returncode == 1
    assert [(f["rule"], f["file"]) for f in json.loads(done.stdout)["findings"]] == [("missing-key", str(over))]


def test_without_a_file_there_is_nothing_to_serve():
    done = run("run")
    assert done.returncode in (2, 64) and "--config" in done.stderr
