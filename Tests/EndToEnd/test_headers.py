"""middleware.headers: set, add and remove fields of the request and of the answer."""

from radicled import serve

MANIFEST = """
middleware:
  headers:
    request:
      set: { x-set: "set", x-replaced: "ours" }
      add: { x-added: "second" }
      remove: [x-removed]
    response:
      set: { x-frame-options: DENY, x-template: "ours" }
      add: { vary: origin }
      remove: [x-secret]
services:
  web:
    routes:
      GET /request: { echo: request }
      GET /see: { template: "{{ headers[?'x-set'].orValue('-') }} {{ headers[?'x-removed'].orValue('-') }}" }
      GET /response:
        template: { headers: { x-template: theirs, x-secret: "1", vary: accept }, text: "x" }
      GET /off: { template: "x", middleware: { headers: off } }
"""


def test_request_fields_are_changed_before_the_responder():
    with serve(MANIFEST) as server:
        sent = {"X-Replaced": "theirs", "X-Removed": "1", "X-Added": "first"}
        headers = server.get("/request", sent).json()["headers"]
        assert "theirs" not in str(headers["x-replaced"]) and "ours" in str(headers["x-replaced"])
        assert "x-removed" not in headers
        assert "first" in str(headers["x-added"]) and "second" in str(headers["x-added"])
        assert server.get("/see", {"X-Removed": "1"}).text == "set -"


def test_response_fields_are_changed_on_the_way_out():
    with serve(MANIFEST) as server:
        answer = server.get("/response")
        assert answer.header("x-frame-options") == "DENY"
        assert answer.header("x-template") == "ours"
        assert answer.header("x-secret") is None
        assert ", ".join(answer.all("vary")).replace(" ", "").split(",") == ["accept", "origin"]


def test_errors_are_changed_too():
    with serve(MANIFEST) as server:
        assert server.get("/nope").header("x-frame-options") == "DENY"


def test_off_changes_nothing():
    with serve(MANIFEST) as server:
        assert server.get("/off").header("x-frame-options") is None
