"""middleware.concurrency: a queue of waiting exchanges, cancelled when their clients go."""

from radicled import problem, serve

MANIFEST = """
workers: 1
services:
  web:
    middleware: { concurrency: { limit: 1, queue: 3, queue_timeout: 10s }, timeout: off }
    routes:
      GET /hold: { template: "held", delay: 1s }
      GET /long: { template: "long", delay: 300s }
      GET /quick: { template: "quick" }
      GET /free: { template: "free", middleware: { concurrency: off } }
"""


def hold(server, path="/hold"):
    wire = server.connect()
    wire.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert server.get("/free").text == "free"
    return wire


def test_waiting_requests_are_served_in_order():
    with serve(MANIFEST) as server:
        holder = hold(server)
        waiting = [hold(server, "/quick") for _ in range(3)]
        assert holder.read_response().text == "held"
        assert [wire.read_response().text for wire in waiting] == ["quick"] * 3


def test_full_queue_is_503():
    with serve(MANIFEST) as server:
        wires = [hold(server) for _ in range(4)]
        problem(server.get("/quick"), 503)
        for wire in wires:
            wire.close()


def test_queue_timeout_is_503():
    with serve(MANIFEST.replace("10s", "100ms")) as server:
        holder = hold(server)
        problem(server.get("/quick"), 503)
        assert holder.read_response().text == "held"


def test_client_that_leaves_the_queue_makes_room():
    with serve(MANIFEST) as server:
        holder = hold(server, "/long")
        waiting = [hold(server, "/quick") for _ in range(3)]
        for wire in waiting:
            wire.close()
        gone = [line for line in server.access(7) if line["url.path"] == "/quick"]
        assert len(gone) == 3 and all("client_gone" in line["radicled.flags"] for line in gone)
        again = [hold(server, "/quick") for _ in range(3)]
        holder.close()
        assert [wire.read_response().text for wire in again] == ["quick"] * 3
