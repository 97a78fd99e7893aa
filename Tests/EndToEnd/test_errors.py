"""`errors`: pages of one's own for failures."""

import pytest

from radicled import problem, serve

MANIFEST = """
errors:
  404: { json: { missing: "{{ request.path }}", id: "{{ call.id }}" } }
  4xx: "{{ error.status }} {{ error.code }}: {{ error.message }}\\n"
services:
  web:
    middleware: { body_limit: 10 }
    routes:
      POST /small: { template: hi }
      GET /need: { template: "{{ query.n }}" }
      GET /late: { template: hi, delay: 5s, middleware: { timeout: 50ms } }
      GET /shown: { template: { error: { code: NOT_FOUND, message: "no {{ query.id }}" } } }
  inner:
    prefix: /inner
    errors: { 404: { status: 200, html: "<p>{{ error.message }}</p>" }, 5xx: { file: 500.html } }
    routes:
      GET /shown: { template: { error: { code: NOT_FOUND, message: "<none>" } } }
      GET /late: { template: hi, delay: 5s, middleware: { timeout: 50ms } }
      GET /fails: { template: { error: { code: ABORTED } }, errors: { 409: "{{ query.x }}" } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST, files={"500.html": b"<h1>sorry</h1>"}) as server:
        yield server


def test_page_of_the_status_comes_first(server):
    answer = server.get("/nothing/here")
    assert answer.status == 404
    assert answer.header("content-type") == "application/json"
    assert answer.json() == {"missing": "/nothing/here", "id": answer.header("x-request-id")}
    assert server.get("/shown?id=7").json()["missing"] == "/shown"


def test_then_that_of_its_class(server):
    with server.connect() as wire:
        answer = wire.ask("POST", "/small", [], b"x" * 11)
        assert answer.status == 413
        assert answer.text.startswith("413 RESOURCE_EXHAUSTED: ")
    answer = server.get("/need")
    assert (answer.status, answer.text) == (400, "400 INVALID_ARGUMENT: no query parameter 'n'\n")


def test_fields_of_the_failure_stay(server):
    with server.connect() as wire:
        answer = wire.ask("DELETE", "/need")
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD, OPTIONS")


def test_problem_json_where_there_is_no_page(server):
    problem(server.get("/late"), 504)


def test_service_lays_its_pages_over_the_roots(server):
    answer = server.get("/inner/shown")
    assert (answer.status, answer.text) == (200, "<p>&lt;none&gt;</p>")
    answer = server.get("/inner/late")
    assert (answer.status, answer.text) == (504, "<h1>sorry</h1>")
    assert answer.header("content-type") == "text/html; charset=utf-8"


def test_page_that_fails_does_not_hide_the_failure(server):
    problem(server.get("/inner/fails"), 409)
