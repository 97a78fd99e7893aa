import json

import pytest
from radicled import run

MANIFEST = """
radicle: 1
middleware: { body_limit: 64 }
services:
  web:
    routes:
      GET /hello/{name}: { template: "hi {{ path.name }}" }
      POST /orders:
        template: { status: 201, text: "{{ body.item }}" }
        cases:
          - when: body.quantity > 100
            template: { error: { code: INVALID_ARGUMENT, status: 422, message: too many } }
      /hello/: { echo: {} }
"""


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "orders.yaml"
    path.write_text(MANIFEST)
    return path


def explain(manifest, *arguments, **options):
    done = run("routes", manifest, "--format", "json", "--explain", *arguments, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_explain_tells_the_winner_and_why_the_others_lose(manifest):
    done = run("routes", manifest, "--explain", "GET /hello/Ann")
    assert done.returncode == 0 and done.stderr == ""
    assert "answer     200 OK, from `template`" in done.stdout
    assert 'wildcards  name = "Ann"' in done.stdout
    assert "takes it too, but is less specific" in done.stdout
    assert f"{manifest}:7:7" in done.stdout


def test_explain_reads_a_body_and_tells_the_case(manifest, tmp_path):
    (tmp_path / "order.json").write_text('{"item": "tea", "quantity": 200}')
    decision = explain(manifest, "POST /orders", "--body", tmp_path / "order.json")
    assert decision["answer"]["status"] == 422 and decision["answer"]["case"] == 1
    assert decision["cases"][0]["result"] is True and decision["cases"][0]["line"] == 11


def test_explain_tells_which_middleware_refuses(manifest, tmp_path):
    (tmp_path / "long.txt").write_text("x" * 100)
    decision = explain(manifest, "POST /orders", "--body", tmp_path / "long.txt")
    assert decision["answer"]["status"] == 413 and decision["answer"]["refused_by"] == "body_limit"


def test_explain_takes_headers_and_urls(manifest):
    decision = explain(manifest, "http://example.com/nowhere", "--header", "x-a: b")
    assert decision["answer"]["status"] == 404 and decision["request"]["host"] == "example.com"
    assert ["x-a", "b"] in decision["request"]["headers"]


def test_json_of_routes_has_settings_with_places(manifest):
    done = run("routes", manifest, "--format", "json")
    document = json.loads(done.stdout)
    assert document["version"] == 1 and len(document["routes"]) == 3
    limit = next(stage for stage in document["routes"][0]["middleware"] if stage["name"] == "body_limit")
    assert limit["origin"] == "root" and limit["settings"][0]["value"] == "64" and limit["line"] == 3


@pytest.mark.parametrize("arguments", [["--body", "-"], ["--explain", "GET / x"], ["--explain", "/", "--header", "a"],
                                       ["--client", "192.0.2.7"], ["--explain", "/", "--client", "nobody"]])
def test_a_question_that_cannot_be_asked_is_64(manifest, arguments):
    assert run("routes", manifest, *arguments).returncode == 64


def test_a_body_that_cannot_be_read_is_2(manifest, tmp_path):
    assert run("routes", manifest, "--explain", "/", "--body", tmp_path / "nope").returncode == 2
