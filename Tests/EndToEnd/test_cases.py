"""`cases` and `variables`: what a route answers depends on the call."""

import pytest

from radicled import problem, run, serve

MANIFEST = """
variables: { greeting: "'Hello'" }
services:
  web:
    variables: { name: "query.?name.orValue('World')" }
    routes:
      POST /orders:
        variables: { id: uuid(), line: "variables.greeting + ' ' + variables.name" }
        template:
          status: 201
          headers: { location: "/orders/{{ variables.id }}" }
          json: { id: "{{ variables.id }}", line: "{{ variables.line }}", item: "{{ body.item }}", note: "{{ body.?note }}" }
        cases:
          - when: body.quantity > 100
            template: { error: { code: INVALID_ARGUMENT, status: 422, message: "{{ body.quantity }} is too many" } }
          - when: body.item == "tea"
            template: { json: { tea: true } }
            delay: 10ms
      GET /only:
        cases:
          - { when: query.?a.hasValue(), template: a }
          - { when: true, redirect: /elsewhere }
      /mixed:
        echo: body
        cases:
          - { when: 'request.method == "PUT"', template: put }
      POST /body: { template: { json: "{{ body }}" } }
      GET /cookie: { template: "{{ cookies.session }}" }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def post(server, path, body, kind="application/json"):
    with server.connect() as wire:
        return wire.ask("POST", path, [("content-type", kind)], body)


def test_route_answers_where_no_case_is_true(server):
    answer = post(server, "/orders?name=Ann", b'{"item":"cup","quantity":2}')
    made = answer.json()
    assert answer.status == 201
    assert made == {"id": made["id"], "line": "Hello Ann", "item": "cup"}
    assert answer.header("location") == f"/orders/{made['id']}"


def test_first_true_case_answers(server):
    answer = post(server, "/orders", b'{"item":"tea","quantity":200}')
    problem(answer, 422)
    assert answer.json()["detail"] == "200 is too many"
    assert post(server, "/orders", b'{"item":"tea","quantity":2}').json() == {"tea": True}


@pytest.mark.parametrize("body, detail", [
    (b'{"item":"tea"}', "quantity"), (b"{", "JSON"), (b"", "no body"), (b'{"quantity":"x"}', ""),
])
def test_condition_that_fails_on_the_body_is_the_clients_mistake(server, body, detail):
    answer = post(server, "/orders", body)
    problem(answer, 400)
    assert detail in answer.json()["detail"]


def test_last_case_may_answer_for_all(server):
    assert server.get("/only?a").text == "a"
    with server.connect() as wire:
        assert wire.ask("GET", "/only").header("location") == "/elsewhere"


def test_body_goes_to_the_echo_behind_cases(server):
    assert post(server, "/mixed", b"abc", "text/plain").body == b"abc"
    with server.connect() as wire:
        assert wire.ask("PUT", "/mixed", [], b"abc").body == b"put"


MULTIPART = (b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\none\r\n"
             b"--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\ncontent-type: text/plain\r\n\r\n"
             b"two\r\n--x--\r\n")


@pytest.mark.parametrize("kind, body, value", [
    ("application/json", b'{"a":[1,2.5,"x",null,true]}', {"a": [1, 2.5, "x", None, True]}),
    ("application/problem+json; charset=utf-8", b"[1]", [1]),
    ("application/x-www-form-urlencoded", b"a=1&b=x+y&a=2", {"a": "1", "b": "x y"}),
    ("text/plain", "é".encode(), "é"),
    ("application/octet-stream", b"\x00\xff", "AP8="),
    ("multipart/form-data; boundary=x", MULTIPART,
     {"a": "one", "f": {"filename": "n.txt", "content_type": "text/plain", "size": 3, "content": "dHdv"}}),
])
def test_body_is_read_by_its_type(server, kind, body, value):
    assert post(server, "/body", body, kind).json() == value


@pytest.mark.parametrize("kind, body", [
    ("application/json", b"{"), ("text/plain", b"\xff"), ("multipart/form-data; boundary=x", b"nothing"),
    ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nno end"),
])
def test_body_that_is_not_what_it_says_is_refused(server, kind, body):
    problem(post(server, "/body", body, kind), 400)


def test_cookie_by_name(server):
    assert server.get("/cookie", {"cookie": "a=1; session=xyz; b=2"}).text == "xyz"
    assert server.get("/cookie").status == 400


@pytest.mark.parametrize("route, rule", [
    ("cases: [{ when: true, template: a }, { when: path.x == 'a', template: b }]", "unreachable-case"),
    ("cases: [{ when: query.a == 'b', template: b }]", "one-responder"),
    ("cases: [{ when: 1 + 1, template: b }], template: a", "type-mismatch"),
    ("cases: [{ template: b }], template: a", "missing-key"),
    ("template: '{{ variables.nothing }}'", "unknown-name"),
    ("variables: { a: variables.b, b: '1' }, template: '{{ variables.a }}'", "unknown-name"),
])
def test_lint_knows_cases_and_variables(route, rule, tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text(f"radicle: 1\nservices: {{ web: {{ routes: {{ 'GET /{{x}}': {{ {route} }} }} }} }}\n")
    result = run("lint", "--format", "json", file)
    assert result.returncode == 1, result.stdout
    assert rule in result.stdout
