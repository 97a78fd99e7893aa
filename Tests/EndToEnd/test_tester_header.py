"""middleware.fault and middleware.delay: for many routes, and for a tester who asks."""

import time

import pytest

from radicled import Ended, problem, serve

MANIFEST = """
middleware:
  fault: { header: x-fault }
  delay: { header: x-fault }
services:
  web:
    routes:
      GET /a: { template: hi }
      POST /a: { template: "{{ body }}" }
      GET /off: { template: hi, middleware: { fault: off, delay: off } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("wish, status, code", [
    ("abort 503", 503, "UNAVAILABLE"), ("abort 429", 429, "RESOURCE_EXHAUSTED"), ("abort NOT_FOUND", 404, "NOT_FOUND"),
    ("delay 1ms, abort 500", 500, "INTERNAL"), ("abort 418,delay 0", 418, "INVALID_ARGUMENT"),
])
def test_tester_gets_the_error(server, wish, status, code):
    assert problem(server.get("/a", {"X-Fault": wish}), status)["code"] == code


@pytest.mark.parametrize("wish", [
    "", "abort", "abort 200", "abort 399", "abort 600", "abort 0503", "abort OK", "abort nope", "cut now", "delay", "delay 31s",
    "delay 24h", "delay -1s", "delay 5", "explode", "cut,", ",", "abort 503; delay 1s", "delay 99999999999999999999h", "\u00ff",
])
def test_what_is_no_wish_is_400(server, wish):
    problem(server.get("/a", {"X-Fault": wish.encode().decode("latin-1")}), 400)


def test_tester_gets_the_cut(server):
    with server.connect() as wire:
        with pytest.raises(Ended):
            wire.ask("GET", "/a", {"X-Fault": "cut"})


def test_tester_gets_the_delay(server):
    start = time.monotonic()
    assert server.request("POST", "/a", {"X-Fault": "delay 120ms", "Content-Type": "text/plain"}, b"later").text == "later"
    assert time.monotonic() - start >= 0.12


def test_others_have_neither(server):
    assert server.get("/a").text == "hi"
    assert server.get("/off", {"X-Fault": "abort 503"}).text == "hi"


def test_log_says_fault(server):
    with serve(MANIFEST) as server:
        server.get("/a", {"X-Fault": "abort 503"})
        assert server.access(1)[0]["radicled.flags"] == "fault"


def test_scopes_have_faults_of_their_own():
    with serve("""
        middleware: { fault: [{ abort: { code: UNAVAILABLE, message: root } }] }
        services:
          web:
            routes:
              GET /root: { template: hi }
              GET /own: { template: hi, middleware: { fault: [{ abort: { code: ABORTED, message: own } }] } }
              GET /never: { template: hi, middleware: { fault: [{ share: 0%, cut: true }] } }
              GET /list: { template: hi, middleware: { fault: [{ share: 0%, cut: true }, { abort: { status: 418 } }] } }
              GET /when: { template: hi, middleware: { fault: { when: '"x-test" in headers' } } }
              GET /shadow: { template: hi, middleware: { fault: { mode: shadow } } }
              GET /off: { template: hi, middleware: { fault: off } }
    """) as server:
        assert "root" in str(problem(server.get("/root"), 503))
        assert "own" in str(problem(server.get("/own"), 409))
        assert server.get("/never").text == "hi"
        assert server.get("/list").status == 418
        assert server.get("/when").text == "hi"
        problem(server.get("/when", {"X-Test": "1"}), 503)
        assert server.get("/shadow").text == "hi"
        assert server.get("/off").text == "hi"


@pytest.mark.parametrize("delay", ["30ms", "{ fixed: 30ms }", "{ uniform: [30ms, 40ms] }", "duration(query.?wait.orValue('30ms'))",
                                   "{ time: 30ms, header: x-fault }", "{ lognormal: { median: 30ms, sigma: 0 } }"])
def test_delay_waits(delay):
    with serve(f"middleware: {{ delay: {delay} }}\nservices: {{ web: {{ routes: {{ GET /a: {{ template: hi }} }} }} }}\n") as server:
        server.get("/a")
        assert server.access(1)[0]["http.server.request.duration"] >= 0.03
