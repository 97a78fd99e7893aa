"""middleware.ip_filter: whose addresses may call."""

import random

import pytest

from radicled import problem, serve

ROUTE = "services: { web: { routes: { GET /a: { template: hi }, GET /open: { template: open, middleware: { ip_filter: off } } } } }\n"


def filtered(settings, more=""):
    return serve(f"trusted_proxies: [127.0.0.1]\nmiddleware: {{ ip_filter: {settings}{more} }}\n" + ROUTE)


def status(server, address):
    return server.get("/a", {"X-Forwarded-For": address}).status


@pytest.mark.parametrize("settings, cases", [
    ("{ allow: [10.0.0.0/8, '2001:db8::/32'] }", {
        "10.1.2.3": 200, "11.0.0.1": 403, "2001:db8::1": 200, "2001:db9::1": 403, "::ffff:10.0.0.1": 200}),
    ("{ deny: [192.0.2.0/24, '2001:db8::/32'] }", {
        "192.0.2.7": 403, "::ffff:192.0.2.7": 403, "192.0.3.7": 200, "2001:db8::1": 403, "::1": 200}),
    ("{ allow: [10.0.0.0/8], deny: [10.1.0.0/16] }", {"10.0.0.1": 200, "10.1.0.1": 403, "9.0.0.1": 403}),
    ("{ deny: ['::ffff:192.0.2.0/120'] }", {"192.0.2.7": 403, "192.0.3.7": 200}),
    ("{ deny: ['::/0'] }", {"192.0.2.7": 200, "2001:db8::1": 403}),
    ("{ allow: [192.0.2.7] }", {"192.0.2.7": 200, "192.0.2.8": 403}),
])
def test_addresses(settings, cases):
    with filtered(settings) as server:
        assert {address: status(server, address) for address in cases} == cases


def test_refusal_says_why_and_is_flagged():
    with filtered("{ deny: [192.0.2.0/24] }") as server:
        answer = server.get("/a", {"X-Forwarded-For": "192.0.2.7"})
        assert problem(answer, 403)["code"] == "PERMISSION_DENIED"
        line = server.access(1)[0]
        assert (line["radicled.flags"], line["client.address"]) == ("ip_filter", "192.0.2.7")
        assert server.get("/open", {"X-Forwarded-For": "192.0.2.7"}).text == "open"
        problem(server.get("/nowhere", {"X-Forwarded-For": "192.0.2.7"}), 403)


def test_ten_thousand_networks():
    dice = random.Random(7)
    denied = {f"10.{dice.randrange(256)}.{dice.randrange(256)}.0/24" for _ in range(10_000)}
    with filtered(f"{{ deny: [{', '.join(sorted(denied))}] }}") as server:
        for _ in range(50):
            a, b = dice.randrange(256), dice.randrange(256)
            assert status(server, f"10.{a}.{b}.9") == (403 if f"10.{a}.{b}.0/24" in denied else 200)


def test_unknown_addresses_are_not_allowed():
    import tempfile

    from radicled import Wire
    path = tempfile.mkdtemp(prefix="radicled-") + "/web.sock"
    for settings, expected in [("{ allow: [0.0.0.0/0] }", 403), ("{ deny: [0.0.0.0/0, '::/0'] }", 200)]:
        with serve(f"listen: ['unix:{path}']\nmiddleware: {{ ip_filter: {settings} }}\n" + ROUTE):
            with Wire(path) as wire:
                assert wire.ask("GET", "/a").status == expected


def test_shadow_refuses_nobody_and_when_leaves_out():
    with filtered("{ deny: [192.0.2.0/24], mode: shadow }") as server:
        assert status(server, "192.0.2.7") == 200
        assert server.access(1)[0]["radicled.shadow"] == ["ip_filter"]
    with filtered("{ deny: [192.0.2.0/24], when: 'request.method != \"GET\"' }") as server:
        assert status(server, "192.0.2.7") == 200
