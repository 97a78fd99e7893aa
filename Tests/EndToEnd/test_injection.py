"""No text of a client becomes a line of the head of an answer, wherever a manifest puts it."""

import json
from urllib.parse import quote

import pytest

from radicled import Ended, serve

MANIFEST = """
workers: 1
middleware: { cors: { origins: ["https://*.shop.example"] }, request_id: { trust: always } }
errors: { 404: { headers: { x-page: "{{ query.?v.orValue('') }}" }, text: "not here" } }
services:
  web:
    routes:
      GET /fine: { template: fine }
      GET /field: { template: { headers: { x-value: "{{ query.v }}" }, text: x } }
      GET /list: { template: { headers: { set-cookie: [a=1, "b={{ query.v }}"] }, text: x } }
      GET /path/{v}: { template: { headers: { x-value: "{{ path.v }}" }, text: x } }
      GET /cookie: { template: { headers: { x-value: "{{ cookies.v }}" }, text: x } }
      GET /type: { template: { headers: { content-type: "{{ query.v }}" }, text: x } }
      GET /location: { redirect: "/there/{{ query.v }}" }
      GET /where: { redirect: "{{ query.v }}" }
      GET /stream: { template: { headers: { x-value: "{{ query.v }}" }, messages: [1, 2] } }
      POST /body: { template: { headers: { x-value: "{{ body.v }}" }, text: x } }
      GET /set: { template: x, middleware: { headers: { response: { set: { x-value: "{{ query.v }}" } } } } }
      GET /add: { template: x, middleware: { headers: { response: { add: { vary: "{{ query.v }}" } } } } }
      GET /in:
        template: { headers: { x-value: "{{ headers['x-in'] }}" }, text: x }
        middleware: { headers: { request: { set: { x-in: "{{ query.v }}" } } } }
      GET /shown: { echo: request, middleware: { headers: { request: { set: { x-in: "{{ query.v }}" } } } } }
"""
BREAKS = ["\r\nx-evil: 1", "\nx-evil: 1", "\rx-evil: 1", "\r\n\r\nHTTP/1.1 200 OK\r\nx-evil: 1\r\n\r\n", "\0x-evil: 1"]


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def ask(server, method, path, body=b"", **fields):
    """The answer, or None where there is no whole one; and that the next answer is that of the next request."""
    with server.connect() as wire:
        try:
            answer = wire.ask(method, path, [(name.replace("_", "-"), value) for name, value in fields.items()], body)
        except Ended as ended:
            assert b"x-evil" not in ended.args[0]
            answer = None
        else:
            if answer.header("connection") != "close":
                assert wire.ask("GET", "/fine").text == "fine"
    if answer:
        assert "x-evil" not in {name for name, _ in answer.headers}
        assert not any(set("\r\n\0") & set(value) for _, value in answer.headers)
    return answer


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("path", [
    "/field?v=", "/list?v=", "/path/", "/type?v=", "/stream?v=", "/in?v=", "/shown?v="])
def test_line_breaks_are_refused(server, path, broken):
    assert ask(server, "GET", path + quote("a" + broken, safe="")).status in (400, 500)
    assert ask(server, "GET", path + "a").status == 200


@pytest.mark.parametrize("broken", BREAKS)
def test_line_breaks_in_json_are_refused(server, broken):
    body = json.dumps({"v": "a" + broken}).encode()
    assert ask(server, "POST", "/body", body, content_type="application/json").status in (400, 500)
    assert ask(server, "POST", "/body", b'{"v":"a"}', content_type="application/json").header("x-value") == "a"


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("path, name", [("/set", "x-value"), ("/add", "vary")])
def test_a_field_that_would_have_one_is_left_out_of_an_answer_that_is_made(server, path, name, broken):
    assert "a" in ask(server, "GET", f"{path}?v=a").all(name)
    answer = ask(server, "GET", f"{path}?v=" + quote("a" + broken, safe=""))
    assert (answer.status, answer.text) == (200, "x")
    assert all("evil" not in value for value in answer.all(name))


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("path, start", [("/location", "/there/"), ("/where", "")])
def test_line_breaks_in_a_target_are_encoded(server, path, start, broken):
    encoded = quote("a" + broken, safe="")
    answer = ask(server, "GET", f"{path}?v={encoded}")
    assert answer.status == 308
    assert answer.header("location").startswith(start + encoded)


@pytest.mark.parametrize("broken", BREAKS)
def test_a_page_of_a_failure_keeps_its_status_and_no_line(server, broken):
    assert ask(server, "GET", "/nowhere?v=a").header("x-page") == "a"
    answer = ask(server, "GET", "/nowhere?v=" + quote("a" + broken, safe=""))
    assert (answer.status, answer.header("x-page")) == (404, None)


@pytest.mark.parametrize("value", ["\x80\x85\xff", "\u00e2\u0080\u00a8", "a\tb"])
def test_what_a_client_may_send_in_a_field_is_no_line_either(server, value):
    assert ask(server, "GET", "/fine", x_request_id=value, origin=f"https://{value}.shop.example").status == 200
    assert ask(server, "GET", "/cookie", cookie="v=" + value).status in (200, 400)
