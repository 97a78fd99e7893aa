"""The responder `template`: what its keys send."""

import base64
import email.utils

import pytest

from radicled import problem, serve

PAGE = b"<h1>{{ not a hole }}</h1>\n" + bytes(range(256)) * 4

MANIFEST = """
services:
  web:
    routes:
      GET /short: { template: "it works\\n" }
      GET /hello/{name}: { template: { json: { message: "Hello {{ path.name }}" } } }
      GET /types:
        template:
          json:
            int: "{{ 1 + 1 }}"
            double: "{{ 1.0 / 4.0 }}"
            bool: "{{ 1 < 2 }}"
            text: "{{ 'a' }}"
            beside: "n={{ 1 + 1 }}"
            forced: "{{ string(2) }}"
            given: "{{ query.?given }}"
            nothing: null
            list: [1, "{{ 2 }}", "3"]
            plain: 1.5
      GET /number: { template: { json: { n: "{{ int(query.n) }}" } } }
      GET /needs: { template: "{{ query.wanted }}" }
      GET /or: { template: "{{ query.?name.orValue('World') }}" }
      GET /text/{name}: { template: { text: "<{{ path.name }}>" } }
      GET /html/{name}: { template: { html: "<b>{{ path.name }}</b>" } }
      GET /base64: { template: { content_type: image/gif, base64: "%s" } }
      GET /status: { template: { status: "{{ int(query.code) }}", text: "x" } }
      GET /empty: { template: { status: 204 } }
      GET /teapot: { template: { status: 418 } }
      GET /headers:
        template:
          headers:
            x-one: "one {{ query.?v.orValue('') }}"
            set-cookie: [a=1, "b={{ 1 + 1 }}"]
            content-type: text/csv
          text: "a,b"
      GET /agent: { template: "{{ headers['user-agent'] }} {{ client.address }}" }
      GET /page: { template: { file: page.html } }
      GET /blob: { template: { content_type: application/x-thing, file: assets/blob } }
""" % base64.b64encode(bytes(range(256))).decode()


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST, files={"page.html": PAGE, "assets/blob": b"0123456789"}) as server:
        yield server


def test_short_form_is_text(server):
    answer = server.get("/short")
    assert (answer.status, answer.body) == (200, b"it works\n")
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("content-length") == "9"


def test_answers_carry_date_and_no_server(server):
    answer = server.get("/short")
    assert email.utils.parsedate_to_datetime(answer.header("date"))
    assert answer.header("server") is None


def test_json_fills_its_holes(server):
    answer = server.get("/hello/Ann")
    assert answer.header("content-type") == "application/json"
    assert answer.body == b'{"message":"Hello Ann"}\n'


@pytest.mark.parametrize("path, name", [
    ("/hello/Ann%22%2C%22admin%22%3Atrue%2C%22x%22%3A%22", 'Ann","admin":true,"x":"'),
    ("/hello/a%5Cb%0Ac", "a\\b\nc"),
    ("/hello/%E2%80%A8%F0%9F%98%80", "\u2028\U0001F600"),
    ("/hello/%7B%7B1%7D%7D", "{{1}}"),
])
def test_nothing_can_be_injected_into_json(server, path, name):
    assert server.get(path).json() == {"message": f"Hello {name}"}


def test_single_hole_keeps_its_type(server):
    value = server.get("/types").json()
    assert value == {
        "int": 2, "double": 0.25, "bool": True, "text": "a", "beside": "n=2", "forced": "2", "nothing": None,
        "list": [1, 2, "3"], "plain": 1.5,
    }
    assert isinstance(value["int"], int) and value["bool"] is True


def test_empty_optional_leaves_its_key_out(server):
    assert "given" not in server.get("/types").json()
    assert server.get("/types?given=x").json()["given"] == "x"
    assert server.get("/or").text == "World"
    assert server.get("/or?name=Ann").text == "Ann"


def test_what_the_client_left_out_is_400_and_named(server):
    assert "wanted" in str(problem(server.get("/needs"), 400))
    problem(server.get("/number?n=x"), 400)
    problem(server.get("/number?n=99999999999999999999"), 400)
    assert server.get("/number?n=-7").json() == {"n": -7}


def test_html_is_escaped_and_text_is_not(server):
    name = "%3Ca%20href%3D%22x%22%3E%26'"
    answer = server.get(f"/html/{name}")
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert "<a" not in answer.text and "&lt;a href=" in answer.text and "&amp;" in answer.text
    assert "'" not in answer.text
    assert server.get(f"/text/{name}").text == "<<a href=\"x\">&'>"


def test_base64_is_sent_as_bytes(server):
    answer = server.get("/base64")
    assert answer.body == bytes(range(256))
    assert answer.header("content-type") == "image/gif"


def test_status_may_be_an_expression(server):
    assert server.get("/status?code=202").status == 202
    assert server.get("/status?code=599").status == 599
    for code in ("99", "600", "-1", "x", "0"):
        assert server.get(f"/status?code={code}").status in (400, 500)


def test_template_may_be_a_status_alone(server):
    answer = server.get("/empty")
    assert (answer.status, answer.body, answer.header("content-length")) == (204, b"", None)
    assert server.get("/teapot").status == 418


def test_headers_are_sent_and_a_list_once_for_each(server):
    answer = server.get("/headers?v=a%20b")
    assert answer.header("x-one") == "one a b"
    assert answer.all("set-cookie") == ["a=1", "b=2"]
    assert answer.header("content-type") == "text/csv"


@pytest.mark.parametrize("value", ["a%0D%0Ax-evil:1", "a%0Ax-evil:1", "a%0Dx-evil:1", "a%00b"])
def test_line_breaks_in_a_header_hole_are_refused(server, value):
    answer = server.get(f"/headers?v={value}")
    assert answer.status in (400, 500)
    assert answer.header("x-evil") is None


def test_expressions_see_headers_and_client(server):
    assert server.get("/agent", {"User-Agent": "unit/1"}).text == "unit/1 127.0.0.1"


def test_file_is_sent_as_it_is(server):
    answer = server.get("/page")
    assert answer.body == PAGE
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("accept-ranges") == "bytes"
    assert email.utils.parsedate_to_datetime(answer.header("last-modified"))
    assert answer.header("etag").startswith('"')
    assert server.get("/blob").header("content-type") == "application/x-thing"


def test_file_answers_conditional_requests(server):
    first = server.get("/page")
    etag, modified = first.header("etag"), first.header("last-modified")
    for fields in ({"If-None-Match": etag}, {"If-None-Match": f'"other", W/{etag}'}, {"If-None-Match": "*"},
                   {"If-Modified-Since": modified}):
        answer = server.get("/page", fields)
        assert (answer.status, answer.body) == (304, b""), fields
        assert answer.header("etag") == etag
    for fields in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"},
                   {"If-Modified-Since": "yesterday"}, {"If-None-Match": '"other"', "If-Modified-Since": modified}):
        assert server.get("/page", fields).status == 200, fields


def test_file_of_another_version_than_asked_is_412(server):
    assert server.get("/page", {"If-Match": '"other"'}).status == 412
    assert server.get("/page", {"If-Match": server.get("/page").header("etag")}).status == 200


@pytest.mark.parametrize("value, status, body, content_range", [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
    ("bytes=7-", 206, b"789", "bytes 7-9/10"),
    ("bytes=-2", 206, b"89", "bytes 8-9/10"),
    ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
    ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=-0", 416, None, "bytes */10"),
    ("bytes=5-4", 200, b"0123456789", None),
    ("lines=0-3", 200, b"0123456789", None),
    ("bytes=x", 200, b"0123456789", None),
    ("bytes=99999999999999999999-", None, None, None),
])
def test_file_answers_ranges(server, value, status, body, content_range):
    answer = server.get("/blob", {"Range": value})
    if status is None:
        assert answer.status in (200, 416)
        return
    assert answer.status == status
    assert body is None or answer.body == body
    assert answer.header("content-range") == content_range


def test_range_of_another_version_gives_the_whole(server):
    etag = server.get("/blob").header("etag")
    assert server.get("/blob", {"Range": "bytes=0-3", "If-Range": etag}).status == 206
    assert server.get("/blob", {"Range": "bytes=0-3", "If-Range": '"old"'}).status == 200


def test_head_of_a_file_has_its_length(server):
    answer = server.request("HEAD", "/blob")
    assert (answer.status, answer.header("content-length"), answer.body) == (200, "10", b"")


def test_curl_downloads_and_resumes(server):
    assert server.curl("-r", "2-4", "/blob") == "234"
    assert server.curl("-o", "/dev/null", "-w", "%{http_code} %{size_download}", "/page") == f"200 {len(PAGE)}"


# What grows without end (limits.md, faults)

BOMBS = """
workers: 1
services:
  web:
    routes:
      GET /quick: { template: quick }
      GET /steps: { template: "{{ lists.range(1000 + call.count).all(a, lists.range(1000).all(b, a + b >= 0)) }}" }
      GET /asked: { template: "{{ size(lists.range(int(query.n))) }}" }
      GET /value: { template: "{{ lists.range(9999 + call.count).map(a, 'LONG').join('') }}" }
      POST /double: { template: "{{ string(request.body) + string(request.body) }}" }
      POST /answer: { template: { json: { a: "{{ string(request.body) }}", b: "{{ string(request.body) }}" } } }
""".replace("LONG", "a" * 200)


def test_template_bombs_are_failures_at_the_cap_and_nobody_waits_for_them():
    with serve(BOMBS) as server:
        for method, path, body, status, what in [
            ("GET", "/steps", None, 500, "more than 100000 steps"),
            ("GET", "/value", None, 500, "larger than 1 MiB"),
            ("POST", "/answer", b"a" * 600_000, 500, "larger than 1 MiB"),
            # What the client sent makes it one: its mistake.
            ("GET", "/asked?n=9223372036854775807", None, 400, "more than 100000 steps"),
            ("POST", "/double", b"a" * 600_000, 400, "larger than 1 MiB"),
        ]:
            assert what in problem(server.request(method, path, None, body), status)["detail"]
            assert server.get("/quick").text == "quick"
