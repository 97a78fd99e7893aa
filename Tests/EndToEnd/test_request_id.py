"""middleware.request_id"""

from radicled import problem, serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "{{ call.id }}" }
      GET /off: { template: "x", middleware: { request_id: off } }
      GET /always: { template: "{{ call.id }}", middleware: { request_id: { trust: always } } }
      GET /never: { template: "{{ call.id }}", middleware: { request_id: { trust: never } } }
      GET /named: { template: "{{ call.id }}", middleware: { request_id: { header: x-call, trust: always } } }
"""


def test_every_answer_has_an_id_of_its_own():
    with serve(ROUTES) as server, server.connect() as wire:
        answers = [wire.ask("GET", "/") for _ in range(200)]
        ids = [answer.header("x-request-id") for answer in answers]
        assert len(set(ids)) == 200 and all(ids)
        assert [answer.text for answer in answers] == ids


def test_errors_have_one_too():
    with serve(ROUTES) as server:
        problem(server.get("/nope"), 404)
        problem(server.request("PUT", "/never"), 405)


def test_trusted_id_comes_back():
    with serve(ROUTES) as server:
        answer = server.get("/always", {"X-Request-Id": "from-the-client.1"})
        assert answer.text == answer.header("x-request-id") == "from-the-client.1"
        answer = server.get("/named", {"X-Call": "abc"})
        assert answer.text == answer.header("x-call") == "abc"


def test_untrusted_id_is_replaced():
    with serve(ROUTES) as server:
        answer = server.get("/never", {"X-Request-Id": "from-the-client"})
        assert answer.text == answer.header("x-request-id") != "from-the-client"


def test_absurd_id_is_not_believed():
    with serve(ROUTES) as server:
        for value in ("", "x" * 5000, 'a"b', "a b\tc", b"\xff\xfe"):
            answer = server.get("/always", {"X-Request-Id": value})
            assert answer.status == 200
            identity = answer.header("x-request-id")
            assert identity and len(identity) < 300, value


def test_off_sends_none():
    with serve(ROUTES) as server:
        assert server.get("/off").header("x-request-id") is None


def test_access_log_has_the_same_id():
    with serve(ROUTES) as server:
        identity = server.get("/").header("x-request-id")
        assert server.access(1)[0]["radicled.request_id"] == identity
