"""`when` and `mode` on middleware: left to some of the calls, or tried out."""

from test_concurrency import hold

from radicled import problem, run, serve


def shadows(server, count):
    return [line.get("radicled.shadow") for line in server.access(count)]


def test_when_leaves_a_policy_to_some_calls():
    with serve("""
        services:
          web:
            middleware: { timeout: { default: 50ms, when: "'short' in query" } }
            routes: { GET /slow: { template: "done", delay: 300ms } }
    """) as server:
        assert server.get("/slow").text == "done"
        problem(server.get("/slow?short=1"), 504)


def test_when_that_fails_on_what_the_client_sent_is_400():
    with serve("""
        services:
          web:
            middleware: { body_limit: { size: 5, when: "int(query.n) > 1" } }
            routes: { POST /a: { echo: body } }
    """) as server:
        assert server.request("POST", "/a?n=1", body=b"123456").text == "123456"
        problem(server.request("POST", "/a?n=2", body=b"123456"), 413)
        assert "int" in problem(server.request("POST", "/a?n=x", body=b"1"), 400)["detail"]
        assert "'n'" in problem(server.request("POST", "/a", body=b"1"), 400)["detail"]


def test_headers_under_a_condition_are_on_refusals_too():
    with serve("""
        services:
          web:
            middleware:
              headers: { response: { set: { x-partner: "yes" } }, when: "headers[?'x-partner'].hasValue()" }
              body_limit: 3
            routes: { POST /a: { echo: body } }
    """) as server:
        assert server.request("POST", "/a", body=b"1").header("x-partner") is None
        assert server.request("POST", "/a", {"X-Partner": "1"}, b"1").header("x-partner") == "yes"
        refused = server.request("POST", "/a", {"X-Partner": "1"}, b"1234")
        assert (refused.status, refused.header("x-partner")) == (413, "yes")


def test_log_lines_are_chosen_by_condition():
    with serve("""
        middleware: { access_log: { when: "!request.path.startsWith('/health')" } }
        services: { web: { routes: { GET /health: { template: ok }, GET /a: { template: a } } } }
    """) as server:
        for path in ("/health", "/a", "/health", "/none", "/health"):
            server.get(path)
        server.stop()
        assert [line["url.path"] for line in server.access(2)] == ["/a", "/none"]
        assert len(server.access_lines(0)) == 2


def test_a_head_that_cannot_be_read_is_logged_whatever_the_condition():
    with serve("""
        middleware: { access_log: { when: "headers['x-log'] == 'yes'" } }
        services: { web: { routes: { GET /a: { template: a } } } }
    """) as server:
        with server.connect() as wire:
            wire.send("GET /a HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n")
            assert wire.read_response().status == 400
        [line] = server.access(1)
        assert line["radicled.flags"] == "malformed"


def test_timeout_and_body_limit_on_trial_are_noted_and_nothing_else():
    with serve("""
        services:
          web:
            middleware:
              timeout: { default: 20ms, mode: shadow }
              body_limit: { size: 3, mode: shadow }
            routes:
              POST /slow: { echo: body, delay: 100ms }
              POST /quick: { echo: body, middleware: { timeout: 20s } }
    """) as server:
        assert server.request("POST", "/slow", body=b"12").text == "12"
        assert server.request("POST", "/slow", body=b"1234").text == "1234"
        assert server.request("POST", "/quick", body=b"123").text == "123"
        # The route's own `timeout: 20s` changes `default` alone: it is on trial as the service's is.
        assert shadows(server, 3) == [["timeout"], ["timeout", "body_limit"], None]


def test_concurrency_on_trial_holds_nobody_up():
    with serve("""
        workers: 1
        services:
          web:
            middleware: { concurrency: { limit: 1, queue: 5, mode: shadow }, timeout: off }
            routes:
              GET /hold: { template: "held", delay: 1s }
              GET /quick: { template: "quick" }
              GET /free: { template: "free", middleware: { concurrency: off } }
    """) as server:
        holder = hold(server)
        for _ in range(3):
            assert server.get("/quick").text == "quick"
        assert holder.read_response().text == "held"
        assert server.get("/quick").text == "quick"
        lines = server.access(6)
    noted = {path: [line.get("radicled.shadow") for line in lines if line["url.path"] == path]
             for path in ("/hold", "/quick", "/free")}
    # Once the holder has left, there is room again: the calls that were noted took none of it.
    assert noted == {"/hold": [None], "/quick": [["concurrency"]] * 3 + [None], "/free": [None]}


def test_a_place_that_a_call_took_on_trial_is_given_back_when_its_client_goes():
    with serve("""
        workers: 1
        services:
          web:
            middleware: { concurrency: { limit: 1, mode: shadow }, timeout: off }
            routes:
              GET /hold: { template: "held", delay: 60s }
              GET /quick: { template: "quick" }
              GET /free: { template: "free", middleware: { concurrency: off } }
    """) as server:
        hold(server).close()
        gone = [line for line in server.access(2) if line["url.path"] == "/hold"]
        assert gone[0]["radicled.flags"] == "client_gone"
        server.get("/quick")
        assert server.access(3)[2].get("radicled.shadow") is None


def test_the_text_log_names_what_is_on_trial():
    with serve("""
        middleware: { access_log: text }
        services:
          web:
            middleware: { body_limit: { size: 1, mode: shadow } }
            routes: { POST /a: { echo: body } }
    """) as server:
        server.request("POST", "/a", body=b"12")
        [line] = server.access_lines(1)
        assert line.rstrip().endswith(b" shadow:body_limit")


def test_routes_shows_what_is_on_trial(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("""
radicle: 1
middleware: { concurrency: { limit: 5, mode: shadow }, timeout: { when: false }, body_limit: { when: true, size: 5 } }
services: { web: { routes: { GET /a: { template: a } } } }
""")
    assert "request_id > tracing > access_log > metrics > concurrency(shadow) > body_limit\n" in run("routes", path).stdout
