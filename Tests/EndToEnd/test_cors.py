"""middleware.cors: what a browser asks and what it must be told (Fetch standard, CORS protocol)."""

import subprocess

import pytest

from radicled import problem, serve

APP = "https://app.example.com"

MANIFEST = """
middleware: { cors: { origins: [https://app.example.com, "https://*.shop.example"] } }
services:
  web:
    routes:
      GET /orders: { template: "orders" }
      POST /orders: { template: { status: 201, text: made } }
      DELETE /orders/{id}: { template: { status: 204 } }
      GET /own:
        template: own
        middleware: { cors: { origins: "https://other.example", credentials: true, expose: [etag], max_age: 5s } }
      PUT /own: { template: own }
      GET /closed: { template: closed, middleware: { cors: off } }
      /any: { template: any }
      OPTIONS /mine: { template: { status: 200, text: mine }, middleware: { cors: off } }
      POST /mine: { template: mine }
      POST /limited: { template: no, middleware: { body_limit: 4 } }
      POST /failing: { template: no, fault: { abort: { code: UNAVAILABLE } } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def preflight(server, path, method="POST", origin=APP, **more):
    fields = {"Origin": origin, "Access-Control-Request-Method": method}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    return server.request("OPTIONS", path, fields)


def listed(value):
    return sorted(item.strip() for item in (value or "").split(",") if item.strip())


def cors(answer):
    return {name: value for name, value in answer.headers if name.startswith("access-control-")}


def test_preflight_is_answered_from_the_routes(server):
    answer = preflight(server, "/orders", "POST", Access_Control_Request_Headers="content-type,x-trace")
    assert (answer.status, answer.body) == (204, b"")
    assert listed(answer.header("access-control-allow-methods")) == ["GET", "HEAD", "POST"]
    assert cors(answer) | {"access-control-allow-methods": ""} == {
        "access-control-allow-origin": APP,
        "access-control-allow-methods": "",
        "access-control-allow-headers": "content-type,x-trace",
        "access-control-max-age": "600",
    }
    assert listed(answer.header("vary")) == [
        "access-control-request-headers", "access-control-request-method", "origin"]
    assert answer.header("x-request-id")


def test_preflight_reaches_a_route_with_wildcards(server):
    answer = preflight(server, "/orders/7", "DELETE")
    assert answer.status == 204
    assert answer.header("access-control-allow-methods") == "DELETE"
    assert answer.header("access-control-allow-headers") is None


def test_preflight_is_logged_under_its_route():
    with serve(MANIFEST) as server:
        preflight(server, "/orders/7", "DELETE")
        line = server.access(1)[0]
        assert (line["http.request.method"], line["http.route"], line["http.response.status_code"]) == (
            "OPTIONS", "/orders/{id}", 204)


@pytest.mark.parametrize("origin, admitted", [
    (APP, True),
    ("https://a.shop.example", True),
    ("https://a.b.shop.example", True),
    ("https://shop.example", False),
    ("https://evilshop.example", False),
    ("https://.shop.example", False),
    ("https://evil.example/.shop.example", False),
    ("https://evil.example@a.shop.example", False),
    ("http://a.shop.example", False),
    ("https://a.shop.example:444", False),
    ("https://app.example.com:443", False),
    ("https://app.example.com/", False),
    ("https://app.example.com.evil.example", False),
    ("https://APP.example.com", False),
    ("http://app.example.com", False),
    ("null", False),
    ("*", False),
    ("https://" + "a" * 4000 + ".shop.example", False),
])
def test_origins_are_compared_letter_by_letter(server, origin, admitted):
    answer = preflight(server, "/orders", origin=origin)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == (origin if admitted else None)
    assert "origin" in listed(answer.header("vary"))
    if not admitted:
        assert not cors(answer)
    answer = server.get("/orders", {"Origin": origin})
    assert (answer.status, answer.text) == (200, "orders")
    assert answer.header("access-control-allow-origin") == (origin if admitted else None)
    assert "origin" in listed(answer.header("vary"))


def test_answers_may_be_read_and_vary_by_origin(server):
    answer = server.get("/orders", {"Origin": APP})
    assert cors(answer) == {
        "access-control-allow-origin": APP, "access-control-expose-headers": "x-request-id"}
    answer = server.get("/orders")
    assert not cors(answer)
    assert answer.header("vary") == "origin"


def test_two_origins_are_none(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/orders", [("Origin", APP), ("Origin", APP)])
        assert answer.header("access-control-allow-origin") is None


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/nowhere", 404), ("PUT", "/orders", 405), ("POST", "/limited", 413), ("POST", "/failing", 503)])
def test_refusals_may_be_read_too(server, method, path, status):
    answer = server.request(method, path, {"Origin": APP}, b"too long" if method == "POST" else None)
    problem(answer, status)
    assert answer.header("access-control-allow-origin") == APP
    assert answer.header("access-control-expose-headers") == "x-request-id"


def test_a_route_has_its_own_settings(server):
    answer = preflight(server, "/own", "GET", origin="https://other.example")
    assert cors(answer) == {
        "access-control-allow-origin": "https://other.example", "access-control-allow-credentials": "true",
        # PUT has another policy, and a browser would keep it as allowed.
        "access-control-allow-methods": "GET, HEAD", "access-control-max-age": "5"}
    answer = server.get("/own", {"Origin": "https://other.example"})
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("access-control-expose-headers") == "etag"
    assert not cors(preflight(server, "/own", "GET"))
    assert listed(preflight(server, "/own", "PUT").header("access-control-allow-methods")) == ["PUT"]


def test_route_without_cors_answers_options_as_ever(server):
    answer = preflight(server, "/closed", "GET")
    assert answer.status == 204
    assert listed(answer.header("allow")) == ["GET", "HEAD", "OPTIONS"]
    assert "access-control-allow-methods" not in cors(answer)
    assert not cors(server.get("/closed", {"Origin": APP}))


def test_method_without_a_route_is_not_allowed(server):
    answer = preflight(server, "/orders", "PATCH")
    assert answer.status == 204
    assert listed(answer.header("access-control-allow-methods")) == ["GET", "HEAD", "POST"]


def test_path_without_a_route_is_404(server):
    answer = preflight(server, "/nowhere")
    problem(answer, 404)
    assert answer.header("access-control-allow-methods") is None


def test_options_that_is_no_preflight_says_allow(server):
    for fields in [{}, {"Origin": APP}, {"Access-Control-Request-Method": "POST"}]:
        answer = server.request("OPTIONS", "/orders", fields)
        assert answer.status == 204
        assert listed(answer.header("allow")) == ["GET", "HEAD", "OPTIONS", "POST"]
        assert answer.header("access-control-allow-methods") is None


def test_route_for_any_method_takes_what_is_asked(server):
    allowed = listed(preflight(server, "/any", "BREW").header("access-control-allow-methods"))
    assert "BREW" in allowed and "PATCH" in allowed
    assert "access-control-allow-methods" not in cors(server.request("OPTIONS", "/any", {"Origin": APP}))


def test_options_route_with_cors_off_keeps_its_preflights(server):
    answer = preflight(server, "/mine", "POST")
    assert (answer.status, answer.text) == (200, "mine")


@pytest.mark.parametrize("method", ["PO ST", "", "\u00e4".encode().decode("latin-1"), "GET, PUT"])
def test_strange_method_is_not_repeated(server, method):
    answer = preflight(server, "/any", method)
    assert answer.status in (200, 204)
    assert method not in listed(answer.header("access-control-allow-methods")) or not method


@pytest.mark.parametrize("headers", ["x-a\x01b", "x-\u00e4", "x-a; y"])
def test_strange_headers_are_not_repeated(server, headers):
    with server.connect() as wire:
        answer = wire.ask("OPTIONS", "/orders", {
            "Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers})
        assert answer.header("access-control-allow-headers") is None


def test_all_origins_are_told_without_vary():
    with serve("""
        middleware: { cors: "*" }
        services: { web: { routes: { GET /a: { template: hi } } } }
    """) as server:
        for fields in [{}, {"Origin": APP}, {"Origin": "null"}]:
            answer = server.get("/a", fields)
            assert answer.header("access-control-allow-origin") == "*"
            assert answer.header("vary") is None
        answer = preflight(server, "/a", "GET", Access_Control_Request_Headers="x-a")
        assert answer.header("access-control-allow-origin") == "*"
        assert answer.header("access-control-allow-headers") == "x-a"
        assert listed(answer.header("vary")) == ["access-control-request-headers", "access-control-request-method"]


def test_everything_can_be_said():
    with serve("""
        middleware:
          cors:
            origins: ["null", http://localhost:3000]
            methods: [GET, PATCH]
            headers: [Authorization]
            expose: ["*"]
            max_age: 0s
            private_network: true
        services: { web: { routes: { GET /a: { template: hi } } } }
    """) as server:
        answer = preflight(
            server, "/a", "PATCH", "null", Access_Control_Request_Headers="x-a",
            Access_Control_Request_Private_Network="true")
        # A header's name is as good in lower case.
        assert cors(answer) == {
            "access-control-allow-origin": "null", "access-control-allow-methods": "GET, PATCH",
            "access-control-allow-headers": "authorization", "access-control-max-age": "0",
            "access-control-allow-private-network": "true"}
        assert "access-control-request-headers" not in answer.header("vary")
        assert server.get("/a", {"Origin": "null"}).header("access-control-expose-headers") == "*"
        answer = preflight(server, "/a", "GET", "http://localhost:3000")
        assert "access-control-allow-private-network" not in cors(answer)


def test_preflight_comes_before_the_limiters_and_is_no_call():
    with serve("""
        middleware: { cors: "https://app.example.com" }
        services:
          web:
            routes:
              POST /a: { template: "{{ call.count }}", middleware: { concurrency: 1 }, delay: 300s }
              POST /b: { template: "{{ call.count }}" }
    """) as server:
        with server.connect() as holder:
            holder.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            assert preflight(server, "/a").status == 204
        preflight(server, "/b")
        assert server.request("POST", "/b", {"Origin": APP}).text == "1"


def test_when_leaves_a_preflight_to_the_routes():
    with serve("""
        middleware: { cors: { origins: "https://app.example.com", when: '!request.path.startsWith("/in")' } }
        services: { web: { routes: { POST /in: { template: in }, POST /out: { template: out } } } }
    """) as server:
        answer = preflight(server, "/in")
        assert (answer.status, listed(answer.header("allow"))) == (204, ["OPTIONS", "POST"])
        assert not cors(answer)
        assert cors(preflight(server, "/out"))


def test_vary_stands_once_beside_that_of_others():
    with serve("""
        middleware: { cors: "https://app.example.com", compression: { minimum: 1 } }
        services: { web: { routes: { GET /a: { template: { headers: { vary: cookie }, text: hello } } } } }
    """) as server:
        answer = server.get("/a", {"Origin": APP, "Accept-Encoding": "gzip"})
        assert listed(answer.header("vary")) == ["accept-encoding", "cookie", "origin"]


def test_curl_sees_a_preflight(server):
    out = server.curl("-i", "-X", "OPTIONS", "-H", f"Origin: {APP}", "-H", "Access-Control-Request-Method: POST", "/orders")
    assert out.startswith("HTTP/1.1 204") and f"access-control-allow-origin: {APP}" in out.lower()


def test_preflight_is_explained():
    with serve(MANIFEST) as server:
        from radicled import BINARY
        done = subprocess.run(
            [str(BINARY), "routes", str(server.manifest), "--explain", "OPTIONS /orders", "--header", f"Origin: {APP}",
             "--header", "Access-Control-Request-Method: POST"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "from cors" in done.stdout, done.stdout
