"""Routes have the semantics of Go 1.22's ServeMux."""

import pytest

from radicled import problem, serve

MANIFEST = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /items: { template: "all" }
      POST /items: { template: { status: 201, text: "made" } }
      GET /items/latest: { template: "latest" }
      GET /items/{id}: { template: "item {{ path.id }}" }
      DELETE /items/{id}: { template: { status: 204 } }
      GET /items/{id}/parts/{part}: { template: "{{ path.part }} of {{ path.id }}" }
      /any: { template: "{{ request.method }}" }
      /tree/: { template: "tree" }
      GET /tree/leaf: { template: "leaf" }
      GET /files/{rest...}: { template: "rest {{ path.rest }}" }
      GET /orders/{id}/{$}: { template: "slash {{ path.id }}" }
      GET /café: { template: "café" }
  api:
    host: api.example.com
    prefix: /v1
    routes:
      GET /who: { template: "api" }
      GET /items: { template: "api items" }
  both:
    host: [one.example, two.example]
    routes:
      GET /shared: { template: "{{ request.host }}" }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("method, path, status, body", [
    ("GET", "/", 200, "root"),
    ("GET", "/items", 200, "all"),
    ("POST", "/items", 201, "made"),
    ("GET", "/items/7", 200, "item 7"),
    ("GET", "/items/latest", 200, "latest"),
    ("GET", "/items/latest?x=/items/7", 200, "latest"),
    ("DELETE", "/items/7", 204, ""),
    ("GET", "/items/7/parts/2", 200, "2 of 7"),
    ("PURGE", "/any", 200, "PURGE"),
    ("GET", "/tree/", 200, "tree"),
    ("GET", "/tree/a/b/c", 200, "tree"),
    ("GET", "/tree/leaf", 200, "leaf"),
    ("POST", "/tree/leaf", 200, "tree"),
    ("GET", "/files/", 200, "rest "),
    ("GET", "/files/a/b%20c", 200, "rest a/b c"),
    ("GET", "/orders/7/", 200, "slash 7"),
])
def test_most_specific_pattern_answers(server, method, path, status, body):
    answer = server.request(method, path)
    assert (answer.status, answer.text) == (status, body)


@pytest.mark.parametrize("path", ["/nope", "/items/7/parts", "/items/", "/Items", "/item", "/orders/7/x"])
def test_unknown_path_is_404_with_a_problem(server, path):
    problem(server.get(path), 404)


def test_head_answers_as_get_without_body(server):
    got, head = server.get("/items/7"), server.request("HEAD", "/items/7")
    assert head.status == 200 and head.body == b""
    for name in ("content-type", "content-length"):
        assert head.header(name) == got.header(name) is not None


def test_other_method_on_a_known_path_is_405_with_allow(server):
    answer = server.request("PUT", "/items/7")
    problem(answer, 405)
    allow = {word.strip() for word in answer.header("allow").split(",")}
    assert {"DELETE", "GET", "HEAD"} <= allow <= {"DELETE", "GET", "HEAD", "OPTIONS"}


def test_options_is_answered_with_allow(server):
    answer = server.request("OPTIONS", "/items")
    assert answer.status in (200, 204)
    assert {"GET", "HEAD", "POST"} <= {word.strip() for word in answer.header("allow").split(",")}


def test_options_of_the_server_is_answered(server):
    with server.connect() as wire:
        assert wire.ask("OPTIONS", "*").status in (200, 204)
        assert wire.ask("GET", "/").text == "root"


def test_trace_is_501_and_connect_405(server):
    with server.connect() as wire:
        assert wire.ask("TRACE", "/items").status == 501
    with server.connect() as wire:
        assert wire.ask("CONNECT", "example.com:443").status == 405


@pytest.mark.parametrize("path, location", [
    ("//items", "/items"),
    ("/items//7", "/items/7"),
    ("/items/./7", "/items/7"),
    ("/items/x/../7", "/items/7"),
    ("/../items", "/items"),
    ("/items//7?a=1&b=//", "/items/7?a=1&b=//"),
    ("/tree", "/tree/"),
    ("/tree?q=1", "/tree/?q=1"),
    ("/orders/7", "/orders/7/"),
])
def test_unclean_path_is_redirected_with_308(server, path, location):
    with server.connect() as wire:
        answer = wire.ask("GET", path)
    assert answer.status == 308
    assert answer.header("location") == location


@pytest.mark.parametrize("path, body", [
    ("/items/a%2Fb", "item a/b"),
    ("/items/a%2fb/parts/c%20d", "c d of a/b"),
    ("/items/%7Eme", "item ~me"),
    ("/items/a+b", "item a+b"),
    ("/items/%C3%A9", "item é"),
    ("/it%65ms/7", "item 7"),
    ("/caf%C3%A9", "café"),
])
def test_escapes_are_decoded_inside_a_segment_only(server, path, body):
    with server.connect() as wire:
        answer = wire.ask("GET", path)
    assert (answer.status, answer.text) == (200, body)


def test_composed_and_decomposed_letters_are_different_paths(server):
    with server.connect() as wire:
        assert wire.ask("GET", "/cafe%CC%81").status == 404


@pytest.mark.parametrize("path", ["/items/%00", "/items/%", "/items/%4", "/items/%zz", "/items/%u0041"])
def test_broken_escapes_and_nul_are_400(server, path):
    with server.connect() as wire:
        assert wire.ask("GET", path).status == 400


@pytest.mark.parametrize("host, path, status, body", [
    ("api.example.com", "/v1/who", 200, "api"),
    ("API.Example.Com", "/v1/who", 200, "api"),
    ("api.example.com:8080", "/v1/who", 200, "api"),
    ("api.example.com", "/v1/items", 200, "api items"),
    ("api.example.com", "/items", 200, "all"),
    ("api.example.com", "/who", 404, None),
    ("other.example.com", "/v1/who", 404, None),
    ("one.example", "/shared", 200, "one.example"),
    ("two.example", "/shared", 200, "two.example"),
])
def test_host_and_prefix_narrow_a_service(server, host, path, status, body):
    answer = server.get(path, {"Host": host})
    assert answer.status == status
    assert body is None or answer.text == body


def test_absolute_target_names_the_host(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "http://api.example.com/v1/who", {"Host": "api.example.com"})
    assert (answer.status, answer.text) == (200, "api")


def test_wildcard_host_matches_every_name_below():
    with serve("""
        services:
          wild:
            host: "*.example.com"
            routes:
              GET /{$}: { template: "wild" }
    """) as server:
        assert server.get("/", {"Host": "a.example.com"}).text == "wild"
        assert server.get("/", {"Host": "example.com"}).status == 404
        assert server.get("/", {"Host": "example.org"}).status == 404


def test_curl_sees_the_same(server):
    assert server.curl("/items/7") == "item 7"
    assert server.curl("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "/tree") == f"308 {server.url}/tree/"
    assert server.curl("-L", "/tree") == "tree"
    assert server.curl("--path-as-is", "-L", "/items/x/../7") == "item 7"


def test_thousands_of_routes_each_find_their_own():
    routes = "".join(f"      GET /r{n}/{{id}}: {{ template: \"{n} {{{{ path.id }}}}\" }}\n" for n in range(2000))
    with serve("services:\n  many:\n    routes:\n" + routes) as server:
        with server.connect() as wire:
            for n in (0, 1, 999, 1998, 1999):
                assert wire.ask("GET", f"/r{n}/x").text == f"{n} x"
            assert wire.ask("GET", "/r2000/x").status == 404
