"""`telemetry`: the program's own log, and the attributes that spans carry."""

import json
import subprocess

import pytest

from collector import Collector, attributes
from radicled import BINARY, manifest, run, serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
"""


FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


def test_level_of_the_manifest_holds():
    with serve("telemetry: { log_level: debug }\n" + ROUTES) as server:
        server.admin("/version")
        assert server.event("admin_request")["level"] == "debug"
        assert server.admin("/debug/log_level", {"Accept": "application/json"}).json()["default"] == "debug"


def test_flag_goes_before_the_manifest():
    with serve("telemetry: { log_level: critical }\n" + ROUTES, arguments=["--log-level", "info"]) as server:
        assert server.event("listening")["level"] == "info"


def test_text_is_for_people(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest("telemetry: { log_format: text }\nadmin: off\n" + ROUTES))
    with subprocess.Popen([BINARY, "--config", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr.readline().startswith(b"info: listening on 127.0.0.1:")
        finally:
            process.terminate()


def test_reload_changes_the_level():
    with serve("telemetry: { log_level: info }\n" + ROUTES, arguments=["--no-watch"]) as server:
        server.manifest.write_text(server.manifest.read_text().replace("log_level: info", "log_level: debug"))
        assert server.admin("/debug/reload", method="POST").status == 200
        assert server.admin("/debug/log_level").text == "debug\n"


def test_resource_is_in_spans():
    with Collector() as collector, serve(
            f"middleware: {{ tracing: {{ otlp: '{collector.url}' }} }}\n"
            "telemetry: { resource: { deployment.environment.name: test, team: '${TEAM}', host.name: box } }\n" + ROUTES,
            env=FAST | {"TEAM": "tea", "OTEL_RESOURCE_ATTRIBUTES": "team=env,region=eu"}) as server:
        server.get("/")
        collector.spans(1)
        named = attributes(collector.exports()[0].resource_spans[0].resource)
        target = server.admin("/metrics").text
    assert 'deployment_environment_name="test"' in target and 'team="tea"' in target and 'region="eu"' in target
    assert named["deployment.environment.name"] == "test" and named["host.name"] == "box"
    assert named["team"] == "tea" and named["region"] == "eu" and named["service.name"] == "test"


@pytest.mark.parametrize("text, rule", [
    ("{ log_level: loud }", "unknown-choice"), ("{ log_format: xml }", "unknown-choice"),
    ("{ resource: { service.name: x } }", "unused-key"), ("{ resource: { a: [1] } }", "wrong-type"),
    ("{ level: debug }", "unknown-key"), ("debug", "wrong-type"),
])
def test_lint_knows_telemetry(tmp_path, text, rule):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(f"telemetry: {text}\n" + ROUTES))
    [found] = json.loads(run("lint", "--format", "json", path).stdout)["findings"]
    assert found["rule"] == rule
