"""middleware.concurrency: a queue of waiting exchanges, cancelled when their clients go."""

import random
from concurrent.futures import ThreadPoolExecutor

from radicled import eventually, problem, run, serve

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


def shed(answer):
    value = problem(answer, 503)
    assert value["type"] == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
    assert int(answer.header("retry-after")) >= 1
    return value


PRIORITIES = """
workers: 1
services:
  web:
    middleware:
      timeout: off
      concurrency: { limit: 1, queue: 2, queue_timeout: 20s, priority: "int(query.p)" }
    routes:
      GET /hold: { template: "held", delay: 1s }
      GET /long: { template: "long", delay: 300s }
      GET /quick: { template: "{{ call.count }}" }
      GET /free: { template: "free", middleware: { concurrency: off } }
"""


def test_a_refusal_says_that_it_is_the_load():
    with serve(MANIFEST.replace("queue: 3", "queue: 0")) as server:
        holder = hold(server, "/long")
        shed(server.get("/quick"))
        [line] = [line for line in server.access(2) if line["url.path"] == "/quick"]
        assert line["radicled.flags"] == "shed"
        holder.close()


def test_the_most_important_goes_first():
    with serve(PRIORITIES) as server:
        holder = hold(server, "/hold?p=5")
        low, high = hold(server, "/quick?p=1"), hold(server, "/quick?p=8")
        assert holder.read_response().text == "held"
        # Counted when they came, answered in the order in which they went in.
        assert [wire.read_response().status for wire in (high, low)] == [200, 200]
        lines = [line for line in server.access(5) if line["url.path"] == "/quick"]
        assert [line["url.query"] for line in lines] == ["p=8", "p=1"]


def test_a_full_queue_sheds_the_least_important():
    with serve(PRIORITIES) as server:
        holder = hold(server, "/hold?p=5")
        low, lower = hold(server, "/quick?p=2"), hold(server, "/quick?p=1")
        high = hold(server, "/quick?p=99")
        assert "more important" in shed(lower.read_response())["detail"]
        shed(server.get("/quick?p=2"))
        assert holder.read_response().text == "held"
        assert [wire.read_response().status for wire in (high, low)] == [200, 200]


def test_a_priority_that_fails_on_what_the_client_sent_is_400():
    with serve(PRIORITIES) as server:
        problem(server.get("/quick?p=x"), 400)
        assert server.get("/quick?p=-7").status == 200


def test_a_place_is_given_up_where_a_deadline_ends_the_wait():
    text = PRIORITIES.replace("timeout: off", "timeout: { default: 20s, maximum: 1h }")
    with serve(text.replace("queue: 2", "queue: 1")) as server:
        holder = hold(server, "/long?p=5")
        problem(server.request("GET", "/quick?p=5", {"Prefer": "wait=1"}), 504)
        waiting = hold(server, "/quick?p=5")
        shed(server.get("/quick?p=5"))
        holder.close()
        assert waiting.read_response().status == 200


def test_places_come_back_whatever_ends_a_call():
    """Calls end by themselves, by their deadline, by the queue's patience, by a shedding and with their clients, all at
    once and on two loops; in the end all places are free, and no more."""
    text = """
workers: 2
middleware: { access_log: off, timeout: 30ms }
services:
  web:
    middleware:
      concurrency: { limit: 3, queue: 8, queue_timeout: 10ms, priority: "int(query.p)" }
    routes:
      GET /work: { template: "done", delay: { uniform: [0ms, 12ms] } }
      GET /late: { template: "late", delay: 1s }
      GET /hold: { template: "held", delay: 100s, middleware: { timeout: off } }
      GET /free: { template: "free", middleware: { concurrency: off } }
"""
    with serve(text) as server:
        seen = set()

        def storm(seed):
            dice = random.Random(seed)
            for _ in range(60):
                with server.connect() as wire:
                    path = dice.choice(["/work", "/work", "/late"])
                    wire.send(f"GET {path}?p={dice.randrange(10)} HTTP/1.1\r\nHost: x\r\n\r\n")
                    if dice.random() < 0.3:
                        wire.readable(dice.random() * 0.02)
                    else:
                        seen.add(wire.read_response().status)

        with ThreadPoolExecutor(16) as clients:
            # The first that fails is raised here.
            list(clients.map(storm, range(16)))
        assert seen == {200, 503, 504}

        def is_full():
            answer = server.get("/work?p=0")
            return answer.status == 503

        holders = []
        for _ in range(3):
            assert not is_full()
            wire = server.connect()
            wire.send("GET /hold?p=5 HTTP/1.1\r\nHost: x\r\n\r\n")
            holders.append(wire)
        eventually(is_full, "three calls hold three places")
        for wire in holders:
            wire.close()
        eventually(lambda: not is_full(), "the places are free again")


def test_an_adaptive_limit_keeps_its_bounds(tmp_path):
    text = """
workers: 1
services:
  web:
    middleware: { concurrency: { adaptive: { minimum: 2, maximum: 2 } }, timeout: off }
    routes:
      GET /hold: { template: "held", delay: 1s }
      GET /quick: { template: "quick" }
      GET /free: { template: "free", middleware: { concurrency: off } }
"""
    with serve(text) as server:
        for _ in range(50):
            assert server.get("/quick").status == 200
        holders = [hold(server), hold(server)]
        shed(server.get("/quick"))
        assert [wire.read_response().text for wire in holders] == ["held"] * 2
        assert server.get("/quick").status == 200
    path = tmp_path / "a.yaml"
    path.write_text("radicle: 1\n" + text.replace("minimum: 2, maximum: 2", "minimum: 5, maximum: 50"))
    told = run("routes", path, "--explain", "GET /quick").stdout
    assert "goes on while fewer than 20 run, a limit that follows how long calls take; what is more" in told


def test_a_deeper_scope_chooses_between_limit_and_adaptive(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("""
radicle: 1
middleware: { concurrency: { adaptive: { maximum: 50 }, queue: 7 } }
services: { web: { routes: { GET /a: { template: a, middleware: { concurrency: 3 } } } } }
""")
    assert run("lint", path).returncode == 0
    told = run("routes", path, "--explain", "GET /a").stdout
    assert "goes on while fewer than 3 run; 7 more wait up to 1s, and what is more" in told
