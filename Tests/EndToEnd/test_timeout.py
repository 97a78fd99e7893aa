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
