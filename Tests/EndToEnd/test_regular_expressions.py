"""Patterns that keep a backtracking engine busy for ever are answered, and nobody else waits for them."""

from urllib.parse import quote

import pytest

from radicled import problem, serve

# One loop: whoever keeps it busy keeps all waiting.
MANIFEST = r"""
workers: 1
middleware:
  access_log: { fields: { odd: 'headers[?"x-odd"].orValue("").matches("(x+x+)+y")' } }
  metrics: { counters: { odd: { labels: { odd: 'headers[?"x-odd"].orValue("").matches("(x+x+)+y")' } } } }
variables: { text: string(request.body) }
services:
  web:
    routes:
      GET /quick: { template: quick, middleware: { access_log: off, metrics: off } }
      POST /plus: { template: "{{ variables.text.matches('^(a+)+$') }}" }
      POST /stars: { template: "{{ variables.text.matches('(.*)(.*)(.*)(.*)(.*)x') }}" }
      POST /branches: { template: "{{ variables.text.matches('^(a|a|aa)*$') }}" }
      POST /replace: { template: "{{ size(regex.replace(variables.text, '(a|aa)+$', '')) }}" }
      POST /all: { template: "{{ size(regex.extractAll(variables.text, 'a*b|a')) }}" }
      POST /case:
        cases: [ { when: 'variables.text.matches("^(([a-z])+.)+[A-Z]([a-z])+$")', template: "true" } ]
        template: "false"
      POST /given: { template: "{{ variables.text.matches(query.pattern) }}" }
      GET /odd: { template: "{{ headers['x-odd'].matches('(x+x+)+y') }}" }
"""
LONG = b"a" * 1_000_000 + b"!"


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def ask(server, path, body=LONG):
    answer = server.request("POST", path, {"content-type": "text/plain"}, body)
    assert server.get("/quick").text == "quick"
    return answer


@pytest.mark.parametrize("path, short, long", [
    ("/plus", "true", "false"), ("/stars", "false", "false"), ("/branches", "true", "false"),
    ("/replace", "0", "1000001"), ("/case", "false", "false")])
def test_patterns_of_the_manifest_are_answered(server, path, short, long):
    assert ask(server, path, b"aaaa").text == short
    assert ask(server, path).text == long


def test_to_look_for_all_matches_ends_at_the_cap(server):
    """Each of a million matches begins with a vain look to the end, which is quadratic in any engine."""
    assert ask(server, "/all", b"aaa").text == "3"
    assert "100000 steps" in problem(ask(server, "/all"), 400)["detail"]


@pytest.mark.parametrize("pattern", ["(a*)*x", "(a|aa)+$", "^(a*)*$", "(a?){50}a{50}$", "(.*)*x", "(.*a){25}"])
def test_patterns_of_a_client_end_by_themselves_or_at_the_cap(server, pattern):
    short = ask(server, f"/given?pattern={quote(pattern)}", b"a" * 30 + b"!")
    assert (short.status, short.text in ("true", "false")) == (200, True)
    long = ask(server, f"/given?pattern={quote(pattern)}")
    assert long.text in ("true", "false") or "100000 steps" in problem(long, 400)["detail"]


@pytest.mark.parametrize("pattern", ["((a?){30}){40}", "((a{100}){100}){100}", "(" * 3000, "[a-", "a**", r"(a)\1"])
def test_patterns_of_a_client_that_are_too_large_or_none_are_400(server, pattern):
    problem(ask(server, f"/given?pattern={quote(pattern)}", b"a"), 400)


def test_patterns_in_log_and_labels_are_linear_too(server):
    assert server.get("/odd", {"X-Odd": "x" * 15_000 + "!"}).text == "false"
    assert server.get("/odd", {"X-Odd": "x" * 15_000 + "y"}).text == "true"
    lines = server.output.wait(
        lambda lines: [line for line in lines if b'"/odd"' in line][1:] and list(lines), "two lines of /odd")
    assert sum(b'"odd":false' in line for line in lines) == len(lines) - 1
    assert sum(b'"odd":true' in line for line in lines) == 1
