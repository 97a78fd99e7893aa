"""middleware.rate_limit: buckets by key, shared by all loops, told in fields."""

import re
import socket
import threading

import pytest

from radicled import problem, run, serve

QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"


def manifest(limit, workers=1):
    return f"""
workers: {workers}
services:
  web:
    middleware: {{ rate_limit: {limit} }}
    routes:
      GET /a: {{ template: a }}
      POST /b: {{ template: b }}
      GET /free: {{ template: free, middleware: {{ rate_limit: off }} }}
"""


def limit_of(answer):
    """The RateLimit field as (policy, r, t)."""
    found = re.fullmatch(r'"([^"]*)";r=(\d+);t=(\d+)', answer.header("ratelimit"))
    assert found, answer
    return found[1], int(found[2]), int(found[3])


def statuses(server, count, path="/a", **headers):
    return [server.get(path, headers).status for _ in range(count)]


def test_what_is_more_is_429_and_says_when():
    with serve(manifest("{ rate: 3/h }")) as server:
        assert statuses(server, 3) == [200] * 3
        answer = server.get("/a")
        value = problem(answer, 429)
        assert (value["type"], value["code"]) == (QUOTA, "RESOURCE_EXHAUSTED")
        assert value["violated-policies"] == ["default"]
        assert answer.header("ratelimit-policy") == '"default";q=3;w=3600'
        name, left, time = limit_of(answer)
        assert (name, left) == ("default", 0) and 1190 <= time <= 1200
        assert int(answer.header("retry-after")) == time
        assert statuses(server, 2, "/free") == [200, 200]
        assert [line.get("radicled.flags") for line in server.access(6)] == [None] * 3 + ["rate", None, None]


def test_answers_tell_what_is_left():
    with serve(manifest("{ rate: 60/h, burst: 120 }")) as server:
        answers = [server.get("/a") for _ in range(3)]
        assert [answer.header("ratelimit-policy") for answer in answers] == ['"default";q=120;w=7200'] * 3
        assert [limit_of(answer)[1] for answer in answers] == [119, 118, 117]
        assert server.get("/free").header("ratelimit") is None


def test_buckets_fill_again():
    with serve(manifest("{ rate: 20/s, burst: 1 }")) as server:
        seen = set()
        for _ in range(2000):
            seen.add(server.get("/a").status)
            if len(seen) > 1 and server.get("/a").status == 200:
                break
        assert seen == {200, 429}


@pytest.mark.parametrize("workers", [1, 2])
def test_each_address_has_its_own_bucket_on_all_loops(workers):
    with serve(manifest("{ rate: 10/h, key: client.address }", workers).replace("workers", "listen: 0.0.0.0:0\nworkers")) as server:
        def ask(source):
            with socket.create_connection(("127.0.0.1", server.port), source_address=(source, 0)) as connection:
                connection.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return int(connection.makefile("rb").read().split()[1])

        for source in ("127.0.0.1", "127.0.0.2"):
            # Each a connection of its own, so that both loops have some.
            assert sorted(ask(source) for _ in range(16)) == [200] * 10 + [429] * 6


def test_loops_together_let_no_more_through_than_one():
    with serve(manifest("{ rate: 50/h }", workers=2)) as server:
        found = []

        def ask():
            with server.connect() as wire:
                for _ in range(20):
                    found.append(wire.ask("GET", "/a").status)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (found.count(200), found.count(429)) == (50, 110)


def test_a_call_must_pass_all_policies_and_takes_nothing_if_one_refuses():
    policies = "{ policies: { wide: 100/h, narrow: { rate: 2/h, when: request.method == 'GET' } } }"
    with serve(manifest(policies)) as server:
        assert statuses(server, 5) == [200, 200, 429, 429, 429]
        answer = server.get("/a")
        assert limit_of(answer)[:2] == ("narrow", 0)
        assert problem(answer, 429)["violated-policies"] == ["narrow"]
        other = server.request("POST", "/b")
        assert other.header("ratelimit-policy") == '"wide";q=100;w=3600'
        assert limit_of(other)[:2] == ("wide", 97)


def test_a_refusal_behind_the_body_gives_back_what_was_taken_before_it():
    policies = "{ policies: { early: 100/h, late: { rate: 10/h, cost: body.n, when: body.n != 0 } } }"
    with serve(manifest(policies)) as server:
        def ask(n):
            return server.request("POST", "/b", {"content-type": "application/json"}, b'{"n": %s}' % n)

        assert limit_of(ask(b"8"))[:2] == ("late", 2)
        refused = ask(b"5")
        assert (refused.status, limit_of(refused)[:2]) == (429, ("late", 2))
        problem(ask(b'"x"'), 400)
        problem(ask(b"-1"), 400)
        never = ask(b"11")
        assert "never" in problem(never, 429)["detail"] and never.header("retry-after") is None
        full = ask(b"2")
        assert full.header("ratelimit-policy") == '"early";q=100;w=3600, "late";q=10;w=3600'
        # Three calls have passed by now; the others took nothing.
        assert limit_of(ask(b"0"))[:2] == ("early", 97)


def test_a_key_that_fails_on_what_the_client_sent_is_400():
    with serve(manifest("{ rate: 1/h, key: 'int(headers[\"x-number\"])' }")) as server:
        assert statuses(server, 2, **{"X-Number": "1"}) == [200, 429]
        assert server.get("/a", {"X-Number": "01"}).status == 429
        assert server.get("/a", {"X-Number": "2"}).status == 200
        problem(server.get("/a", {"X-Number": "x"}), 400)
        problem(server.get("/a"), 400)


def test_a_limit_on_trial_refuses_nobody():
    with serve(manifest("{ rate: 1/h, mode: shadow }")) as server:
        answers = [server.get("/a") for _ in range(3)]
        assert [answer.status for answer in answers] == [200] * 3
        assert answers[0].header("ratelimit") is None
        assert [line.get("radicled.shadow") for line in server.access(3)] == [None] + [["rate_limit"]] * 2


def test_a_policy_on_trial_is_named_alone():
    policies = "{ policies: { real: 2/h, trial: { rate: 1/h, mode: shadow } } }"
    with serve(manifest(policies)) as server:
        answers = [server.get("/a") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[0].header("ratelimit-policy") == '"real";q=2;w=3600'
        assert [line.get("radicled.shadow") for line in server.access(3)] == [None, ["rate_limit.trial"], None]


def test_routes_share_a_limit_and_an_override_has_its_own():
    with serve("""
        middleware: { rate_limit: 2/h }
        services:
          web:
            routes:
              GET /a: { template: a }
              GET /b: { template: b }
              GET /own: { template: own, middleware: { rate_limit: 1/h } }
    """) as server:
        assert [server.get(path).status for path in ("/a", "/b", "/a", "/own", "/own", "/none")] == [
            200, 200, 429, 200, 429, 429]


def test_memory_is_bounded_however_many_keys_come():
    text = manifest("{ rate: 1/h, key: query.n }").replace("workers", "middleware: { access_log: off }\nlimits: { requests_per_connection: 50000 }\nworkers")
    with serve(text) as server:
        count = 20_000
        before = server.memory()
        with server.connect() as wire:
            def send():
                for start in range(0, count, 100):
                    wire.send("".join(
                        f"GET /a?n={number} HTTP/1.1\r\nHost: x\r\n\r\n" for number in range(start, start + 100)))

            sender = threading.Thread(target=send)
            sender.start()
            assert {wire.read_response().status for _ in range(count)} == {200}
            sender.join()
        # 24 bytes a key and room to grow.
        assert server.memory() - before < 8 << 20
        assert server.get("/a?n=7").status == 429


def test_routes_shows_where_each_limit_landed(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("radicle: 1\n" + manifest("{ policies: { a: 5/s, b: { rate: 5/s, cost: size(body.text) } } }"))
    assert "timeout > rate_limit(a) > body_limit > rate_limit(b)\n" in run("routes", path).stdout
    told = run("routes", path, "--explain", "GET /a").stdout
    assert "=> lets 5/s in all, 5 at once through; what is more is refused with 429" in told


def test_a_key_that_a_client_can_forge_is_a_warning(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("radicle: 1\n" + manifest("{ rate: 5/s, key: 'headers[\"x-forwarded-for\"]' }"))
    done = run("lint", path)
    assert (done.returncode, "warning[forgeable-key]" in done.stdout + done.stderr) == (0, True)
    assert run("lint", "--strict", path).returncode == 1


def test_a_reload_keeps_the_share_that_is_left():
    with serve(manifest("{ rate: 4/h }"), arguments=["--no-watch"]) as server:
        assert statuses(server, 2) == [200, 200]
        server.reload(manifest("{ rate: 8/h }"))
        assert limit_of(server.get("/a"))[:2] == ("default", 3)
        server.reload(manifest("{ rate: 8/h, key: client.address }"))
        assert statuses(server, 9) == [200] * 8 + [429]
