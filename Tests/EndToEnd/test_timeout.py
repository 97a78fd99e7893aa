"""middleware.timeout: 504 when the server's own time is up."""

from radicled import Ended, problem, serve

MANIFEST = """
middleware: { timeout: 100ms }
services:
  web:
    routes:
      GET /slow: { template: "slow", delay: 20s }
      GET /quick: { template: "quick" }
      GET /patient: { template: "patient", delay: 200ms, middleware: { timeout: 10s } }
      GET /off: { template: "off", delay: 200ms, middleware: { timeout: off } }
      POST /upload: { echo: request, middleware: { timeout: 300ms } }
"""


def test_late_answer_is_504_with_a_problem():
    with serve(MANIFEST) as server:
        problem(server.get("/slow"), 504)
        [line] = server.access(1)
        assert line["http.response.status_code"] == 504
        assert "timeout" in line["radicled.flags"]


def test_answer_in_time_is_untouched():
    with serve(MANIFEST) as server:
        assert server.get("/quick").text == "quick"


def test_route_overrides_its_service():
    with serve(MANIFEST) as server:
        assert server.get("/patient").text == "patient"
        assert server.get("/off").text == "off"


def test_connection_serves_on_after_a_timeout():
    with serve(MANIFEST) as server, server.connect() as wire:
        answer = wire.ask("GET", "/slow")
        problem(answer, 504)
        if answer.header("connection") != "close":
            assert wire.ask("GET", "/quick").text == "quick"


def test_waiting_for_the_body_counts():
    with serve(MANIFEST) as server, server.connect() as wire:
        wire.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert wire.read_response("POST").status in (408, 504)
        # What is left of the body is read over, or the connection is closed.
        try:
            wire.send("defghij")
            assert wire.ask("GET", "/quick").text == "quick"
        except (Ended, ConnectionError):
            pass


ASKING = """
middleware: { timeout: { maximum: 500ms } }
services:
  web:
    routes:
      GET /slow: { template: "slow", delay: 5s }
      GET /asked:
        template: "asked"
        delay: 1200ms
        middleware: { timeout: { default: 100ms, maximum: 30s } }
      GET /closed: { template: "closed", delay: 300ms, middleware: { timeout: 50ms } }
"""


def test_a_client_may_ask_for_its_own_time_up_to_the_maximum():
    with serve(ASKING) as server:
        problem(server.get("/asked"), 504)
        for asked in ("wait=10", "respond-async, Wait=\"20\"; foo, wait=1", "handling=lenient,wait = 30"):
            assert server.get("/asked", {"Prefer": asked}).text == "asked", asked
        problem(server.get("/asked", {"Prefer": "wait=1"}), 504)
        for nonsense in ("wait", "wait=", "wait=x", "wait=0", "wait=-5", "wait=1.5", "wait=99999999999", "waiting=10"):
            problem(server.get("/asked", {"Prefer": nonsense}), 504)


def test_the_maximum_bounds_what_a_client_asks_and_what_it_does_not():
    with serve(ASKING) as server:
        problem(server.get("/slow"), 504)
        problem(server.get("/slow", {"Prefer": "wait=3600"}), 504)


def test_without_a_maximum_nobody_can_ask():
    with serve(ASKING.replace("timeout: 50ms", "timeout: { default: 50ms }").replace("{ maximum: 500ms }", "10s")) as server:
        problem(server.get("/closed", {"Prefer": "wait=10"}), 504)
