"""`delay` parks an exchange: nobody else waits, and a client that leaves ends it."""

import pytest

from radicled import eventually, serve

MANIFEST = """
workers: 1
services:
  web:
    routes:
      GET /now: { template: "now" }
      GET /soon: { template: "soon", delay: 50ms }
      GET /later: { template: "later", delay: 3s }
      GET /long: { template: "long", delay: 30s, middleware: { timeout: 60s } }
      GET /uniform: { template: "uniform", delay: { uniform: [1ms, 5ms] } }
      GET /lognormal: { template: "lognormal", delay: { lognormal: { median: 2ms, sigma: 0.5 } } }
      GET /fixed: { template: "fixed", delay: { fixed: 10ms } }
      GET /asked: { template: "asked", delay: "duration(query.for)" }
      POST /soon: { echo: body, delay: 50ms }
"""


@pytest.fixture
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("name", ["soon", "uniform", "lognormal", "fixed", "asked?for=10ms"])
def test_every_kind_of_delay_ends(server, name):
    assert server.get(f"/{name}").text == name.partition("?")[0]


def test_delay_is_at_least_what_it_says(server):
    server.get("/soon")
    [line] = server.access(1)
    assert line["http.server.request.duration"] >= 0.05


def test_others_are_answered_meanwhile(server):
    with server.connect() as slow, server.connect() as quick:
        slow.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(50):
            assert quick.ask("GET", "/now").text == "now"
        assert not slow.readable()
        assert slow.read_response().text == "later"


def test_answers_keep_their_order_behind_a_delay(server):
    with server.connect() as wire:
        wire.send("GET /soon HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        assert [wire.read_response().text for _ in range(6)] == ["soon", "now"] * 3


def test_body_waits_for_the_delay(server):
    with server.connect() as wire:
        assert wire.ask("POST", "/soon", body=b"x" * 100_000).body == b"x" * 100_000
        assert wire.ask("GET", "/now").text == "now"


def test_client_that_leaves_cancels_its_exchange(server):
    wire = server.connect()
    wire.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    assert server.get("/now").text == "now"
    wire.close()
    lines = server.access(2)
    [gone] = [line for line in lines if line["url.path"] == "/long"]
    assert "client_gone" in gone["radicled.flags"]
    assert gone["http.server.request.duration"] < 30


def test_hundreds_that_leave_are_all_cancelled(server):
    wires = [server.connect() for _ in range(300)]
    for wire in wires:
        wire.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    for wire in wires:
        wire.close()
    lines = server.access(300)
    assert all("client_gone" in line["radicled.flags"] for line in lines)
    # The exchanges are gone, not only told so: a drain has nothing to wait for.
    server.stop()


def test_negative_or_broken_delay_of_a_client_is_refused(server):
    for value in ("x", "-1s", "", "1"):
        assert server.get(f"/asked?for={value}").status in (200, 400), value
    assert eventually(lambda: server.get("/now").status == 200, "an answer")
