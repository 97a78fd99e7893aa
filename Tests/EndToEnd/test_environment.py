"""`${NAME}` and `${file:PATH}` in values: what they become, what is refused, and what is never shown."""

import json

import pytest

from radicled import manifest, run, serve

ROUTES = """
services:
  web:
    routes:
      GET /hello/{name}: { template: "${GREETING:-Hello} {{ path.name }}, $5 and $${GREETING}\\n" }
      GET /json:
        template:
          json:
            number: ${NUMBER}
            text: "${NUMBER}"
            secret: "${file:secrets/token}"
      GET /header: { template: { text: hi, headers: { x-token: "${file:secrets/token}" } } }
"""


def test_values_come_from_the_environment_and_from_files():
    with serve(ROUTES, env={"NUMBER": "42", "GREETING": "Good day"}, files={"secrets/token": "s3cr\"et\n"}) as server:
        assert server.get("/hello/Ann").text == "Good day Ann, $5 and ${GREETING}\n"
        assert server.get("/json").json() == {"number": 42, "text": "42", "secret": 's3cr"et'}
        assert server.get("/header").header("x-token") == 's3cr"et'
    assert "s3cr" not in server.log.text and "s3cr" not in server.output.text


def test_defaults_stand_for_unset_and_empty():
    for env in ({"NUMBER": "1"}, {"NUMBER": "1", "GREETING": ""}):
        with serve(ROUTES, env=env, files={"secrets/token": "x"}) as server:
            assert server.get("/hello/Ann").text.startswith("Hello Ann")


@pytest.mark.parametrize("value", ['"}}', "{{ 1 + 1 }}", "a: b", "'", "\\", "\n", "é", "${NUMBER}"])
def test_a_value_is_never_structure(value):
    text = 'services: { web: { routes: { GET /a: { template: { json: { v: "${VALUE}", n: "{{ 1 + 1 }}" } } } } } }'
    with serve(text, env={"VALUE": value}) as server:
        assert server.get("/a").json() == {"v": value, "n": 2}


def test_settings_take_them():
    text = "workers: ${WORKERS}\nshutdown: { delay: 0s, grace: '${GRACE:-2s}' }\n" + ROUTES
    env = {"WORKERS": "1", "NUMBER": "1"}
    with serve(text, env=env, files={"secrets/token": "x"}) as server:
        assert server.get("/hello/Ann").status == 200


def findings(path, env=None, cwd=None):
    done = run("lint", path, "--format", "json", env=env, cwd=cwd)
    return json.loads(done.stdout)["findings"], done


def test_unset_and_unreadable_are_found(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(ROUTES))
    found, done = findings(path, {"NUMBER": ""})
    assert done.returncode == 1
    assert [(f["rule"], f["line"]) for f in found] == [
        ("unset-variable", 12), ("unset-variable", 13), ("unreadable-value", 14), ("unreadable-value", 15)]
    assert "`NUMBER`" in found[0]["message"]
    line = path.read_text().splitlines()[11]
    assert line[found[0]["column"] - 1:found[0]["end_column"] - 1] == "${NUMBER}"
    assert "secrets/token" in found[2]["message"] and "No such file" in found[2]["message"]


def test_files_are_relative_to_the_manifest_and_small(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "good").write_text("x\r\n")
    (tmp_path / "conf" / "large").write_text("x" * (64 * 1024 + 1))
    (tmp_path / "conf" / "binary").write_bytes(b"\xff\xfe")
    text = 'services: { web: { routes: { GET /a: { template: "${file:%s}" } } } }'
    path = tmp_path / "conf" / "m.yaml"
    for name, reason in [("good", None), ("large", "64 KiB"), ("binary", "UTF-8"), (".", "directory"),
                         ("/dev/zero", "regular"), ("missing", "No such file")]:
        path.write_text(manifest(text % name))
        found, _ = findings("conf/m.yaml", cwd=tmp_path)
        assert [f["rule"] for f in found] == ([] if reason is None else ["unreadable-value"]), (name, found)
        if reason:
            assert reason in found[0]["message"]


def test_an_expression_cannot_have_one(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest("services: { web: { routes: { GET /a: { template: \"{{ '${USER_NAME}' }}\" } } } }"))
    found, _ = findings(path, {"USER_NAME": "' + request.path + '"})
    assert [f["rule"] for f in found] == ["variable-in-expression"]


def test_findings_do_not_show_what_came_from_outside(tmp_path):
    path = tmp_path / "m.yaml"
    (tmp_path / "token").write_text("hunter2-hunter2")
    path.write_text(
        "radicle: 1\nlisten: '${ADDRESS}'\nworkers: ${file:token}\nshutdown: { grace: '${GRACE}' }\n"
        "middleware: { timeout: '${file:token}', access_log: '${GRACE}' }\n")
    for format in ("human", "json"):
        done = run("lint", path, "--format", format, env={"ADDRESS": "hunter2.internal:99999", "GRACE": "hunter2"})
        assert done.returncode == 1
        assert "hunter" not in done.stdout + done.stderr
        assert "${ADDRESS}" in done.stdout and "${file:token}" in done.stdout
    done = run("--config", path, env={"ADDRESS": "hunter2.internal:99999", "GRACE": "hunter2"})
    assert done.returncode == 1 and "hunter" not in done.stdout + done.stderr
