"""`messages` in a template: server-sent events, NDJSON and JSON sequences, as clients read them."""

import http.client
import json
import subprocess
import threading
import zlib

import pytest

from radicled import PATIENCE, Ended, eventually, problem, run, serve

MANIFEST = """
workers: 1
services:
  web:
    routes:
      GET /events:
        template:
          content_type: text/event-stream
          messages:
            - { event: tick, id: "{{ index }}", retry: 3s, data: "one\\ntwo\\r\\nthree\\rfour" }
            - { id: "a-{{ index }}", data: { n: "{{ index }}", who: "{{ query.?who }}" } }
            - "plain {{ index }}"
            - [1, "two", null]
            - { event: "{{ query.?name }}", data: "{{ query.?text.orValue('no text') }}" }
            - { retry: 1500 }
            - { data: "" }
            - "{{ query.?nothing }}"
            - { data: "{{ index }}" }
            - { other: key }
      GET /paced: { template: { content_type: text/event-stream, interval: 40ms, messages: [a, b, c, d, e] } }
      GET /lines:
        template:
          messages: ["a {{ index }}", { n: "{{ index }}", x: "{{ query.?x }}" }, "{{ index }}", null, true, "{{ query.?x }}",
            [1, "{{ index }}"], "one\\ntwo"]
      GET /sequence: { template: { content_type: application/json-seq, messages: ["a", { b: 1 }, "{{ [1, 2] }}"] } }
      GET /list/events:
        template:
          content_type: text/event-stream
          messages: >-
            {{ [{'event': 'a', 'id': 1, 'retry': duration('2s'), 'data': {'n': 1}}, 'text\\nof two', 7, {'n': 1},
                {'delay': duration('10ms'), 'message': {'data': 'late'}}, {'delay': '10ms', 'message': [true]},
                query.?nothing, {'event': query.?nothing, 'data': 'x'}] }}
      POST /list/lines: { template: { messages: "{{ body }}" } }
      POST /list/events: { template: { content_type: text/event-stream, messages: "{{ body }}" } }
      GET /repeated:
        variables: { n: int(query.n) }
        template:
          interval: 1ms
          messages: "{{ lists.range(variables.n).map(i, {'n': i, 'pad': query.pad}) }}"
      GET /delayed:
        template:
          interval: 1h
          messages: [{ delay: 30ms, message: "{{ index }}" }, { delay: { uniform: [1ms, 5ms] }, message: { n: "{{ index }}" } },
            { delay: duration(query.wait), message: last }]
      GET /status: { template: { status: 206, headers: { x-a: "{{ query.a }}", cache-control: no-cache },
        content_type: "text/event-stream; charset=utf-8", messages: [x] } }
      GET /none: { template: { messages: [] } }
      GET /late: { template: { messages: [first, { delay: 600ms, message: last }] }, middleware: { timeout: 200ms } }
      GET /slow: { template: { messages: [first], interval: 1ms }, delay: 5s, middleware: { timeout: 50ms } }
      GET /head: { template: { messages: [{ delay: 1h, message: "{{ 1 / int(query.zero) }}" }] } }
      GET /endless: { template: { interval: 20ms, messages: "{{ lists.range(90000) }}" } }
      GET /quiet: { template: { messages: [first, { delay: 1h, message: last }] } }
      GET /chosen:
        template: own
        cases:
          - { when: query.?stream.hasValue(), template: { messages: ["{{ index }}", "{{ index }}"], interval: 5ms } }
      GET /cut: { template: { messages: [1] }, fault: { cut: true } }
      GET /aborted: { template: { messages: [1] }, fault: { abort: { code: UNAVAILABLE } } }
      GET /after: { template: { messages: [1] }, delay: 20ms }
      GET /failed: { template: { messages: [1, 2], interval: 5ms, error: { code: UNAVAILABLE, message: "no {{ query.what }}" } } }
      GET /failed/whole: { template: { messages: [1, 2], error: { code: UNAVAILABLE } } }
      GET /failed/first: { template: { messages: [], error: { code: UNAVAILABLE, message: "no {{ query.what }}", retry: 2s } } }
      GET /wrong/first: { template: { messages: ["{{ int(query.n) }}"], interval: 5ms } }
      GET /wrong/later: { template: { messages: [1, "{{ int(query.n) }}"], interval: 5ms } }
      GET /wrong/list: { template: { messages: "{{ [int(query.n)] }}" } }
      GET /wrong/type: { template: { messages: "{{ query.?n.hasValue() ? dyn(query.n) : dyn([1]) }}" } }
      GET /coded: { template: { status: "{{ int(query.code) }}", messages: [1, { delay: 1h, message: 2 }] } }
      GET /packed: { template: { messages: [first, { delay: 1h, message: last }] }, middleware: { compression: {} } }
      GET /silent: { template: { content_type: text/event-stream, messages: [{ event: ping, id: 1 }, { data: hi }] } }
      GET /now: { template: now }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


class Event:
    """What a client dispatches (HTML Living Standard, section 9.2.6)."""

    def __init__(self, kind, data, identity):
        self.kind, self.data, self.identity = kind, data, identity

    def __eq__(self, other):
        return (self.kind, self.data, self.identity) == (other.kind, other.data, other.identity)

    def __repr__(self):
        return f"Event({self.kind!r}, {self.data!r}, {self.identity!r})"


def events(text):
    """The events of a stream and the reconnection times, as the standard interprets it."""
    found, times = [], []
    kind, data, identity = "", "", ""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert lines[-1] == "", "the stream ends within a line"
    for line in lines[:-1]:
        if line == "":
            if data:
                found.append(Event(kind or "message", data.removesuffix("\n"), identity))
            kind, data = "", ""
            continue
        name, colon, value = line.partition(":")
        assert colon, f"not a field: {line!r}"
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id":
            assert "\0" not in value
            identity = value
        elif name == "retry":
            assert value.isdigit(), value
            times.append(int(value))
        else:
            raise AssertionError(f"an unknown field: {line!r}")
    return found, times


def test_events_are_what_a_browser_takes_them_for(server):
    answer = server.get("/events")
    assert answer.status == 200
    assert answer.header("content-type") == "text/event-stream"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("content-length") is None
    found, times = events(answer.text)
    assert found == [
        Event("tick", "one\ntwo\nthree\nfour", "0"),
        Event("message", '{"n":1}', "a-1"),
        Event("message", "plain 2", "a-1"),
        Event("message", '[1,"two",null]', "a-1"),
        Event("message", "no text", "a-1"),
        Event("message", "", "a-1"),
        Event("message", "8", "a-1"),
        Event("message", '{"other":"key"}', "a-1"),
    ]
    assert times == [3000, 1500]


def test_what_lint_only_warns_of_is_sent_as_it_is_written(server):
    assert server.get("/silent").text == "event: ping\nid: 1\n\ndata: hi\n\n"


def test_curl_sees_the_lines(server):
    text = server.curl("--no-buffer", "/events?who=Ann&name=ping&text=a%0Ab")
    assert 'data: {"n":1,"who":"Ann"}\n\n' in text
    assert "event: ping\ndata: a\ndata: b\n\n" in text


@pytest.mark.parametrize("value", ["a%0Ab", "a%0Db", "a%00b", "%0Adata:%20forged%0A%0A"])
def test_no_client_can_forge_a_field_of_an_event(server, value):
    problem(server.get(f"/events?name={value}"), 400)
    found, _ = events(server.get(f"/events?text={value}").text)
    assert len(found) == 8, "what is data stays data"


def test_lines_are_json_texts(server):
    answer = server.get("/lines?x=1")
    assert answer.header("content-type") == "application/x-ndjson"
    assert answer.header("cache-control") is None
    assert answer.text.endswith("\n")
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        "a 0", {"n": 1, "x": "1"}, 2, None, True, "1", [1, 6], "one\ntwo"]
    # An empty optional is left out, as a key is.
    assert [json.loads(line) for line in server.get("/lines").text.splitlines()] == [
        "a 0", {"n": 1}, 2, None, True, [1, 6], "one\ntwo"]


def test_sequences_stand_behind_record_separators(server):
    answer = server.get("/sequence")
    assert answer.header("content-type") == "application/json-seq"
    assert answer.body == b'\x1e"a"\n\x1e{"b":1}\n\x1e[1,2]\n'


def test_an_expression_gives_the_events(server):
    found, times = events(server.get("/list/events").text)
    assert found == [
        Event("a", '{"n":1}', "1"), Event("message", "text\nof two", "1"), Event("message", "7", "1"),
        Event("message", '{"n":1}', "1"), Event("message", "late", "1"), Event("message", "[true]", "1"),
        Event("message", "x", "1")]
    assert times == [2000]


def test_a_client_gives_the_messages(server):
    def post(path, value):
        return server.request("POST", path, {"content-type": "application/json"}, json.dumps(value))

    assert post("/list/lines", [1, {"a": [None]}, "x\ny"]).text == '1\n{"a":[null]}\n"x\\ny"\n'
    found, _ = events(post("/list/events", [{"event": "e", "data": 1}, {"event": "e", "n": 1}, {}]).text)
    assert found == [Event("e", "1", ""), Event("message", '{"event":"e","n":1}', ""), Event("message", "{}", "")]
    for bad in ({"event": "a\nb", "data": 1}, {"retry": "soon"}, {"retry": -1}, {"delay": "x", "message": 1},
                {"id": "a\0b"}):
        problem(post("/list/events", [bad]), 400)
    problem(post("/list/lines", {"not": "a list"}), 400)
    assert post("/list/lines", []).body == b""


def test_messages_come_when_they_are_due_and_not_before(server):
    with server.connect() as wire:
        wire.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n")
        head = wire._take_until(b"\r\n\r\n")
        assert b"transfer-encoding: chunked" in head
        assert wire._take(len(b'8\r\n"first"\n\r\n')) == b'8\r\n"first"\n\r\n'
        # Others are answered while it waits.
        assert server.get("/now").text == "now"
        assert not wire.readable()


def test_the_head_leaves_before_the_first_wait(server):
    with server.connect() as wire:
        wire.send("GET /head?zero=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire._take_until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_pace_is_kept():
    with serve(MANIFEST) as server:
        found, _ = events(server.get("/paced").text)
        assert [event.data for event in found] == ["a", "b", "c", "d", "e"]
        [line] = server.access(1)
    assert line["http.server.request.duration"] >= 0.16
    assert line["http.response.body.size"] == 5 * len("data: a\n\n")


def test_a_delay_of_its_own_takes_the_place_of_the_interval(server):
    assert server.get("/delayed?wait=1ms").text == '0\n{"n":1}\n"last"\n'


def test_http_client_reads_line_by_line(server):
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
    connection.request("GET", "/endless")
    answer = connection.getresponse()
    assert [answer.readline() for _ in range(4)] == [b"0\n", b"1\n", b"2\n", b"3\n"]
    connection.close()


def test_curl_gets_each_message_as_it_is_sent(server):
    process = subprocess.Popen(
        ["curl", "-sN", "--max-time", str(PATIENCE), f"{server.url}/endless"], stdout=subprocess.PIPE)
    assert [process.stdout.readline() for _ in range(3)] == [b"0\n", b"1\n", b"2\n"]
    process.kill()
    process.wait()
    process.stdout.close()


def test_status_and_fields_are_the_manifests(server):
    answer = server.get("/status?a=1")
    assert answer.status == 206
    assert answer.all("cache-control") == ["no-cache"]
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    assert answer.header("x-a") == "1"
    assert answer.text == "data: x\n\n"
    problem(server.get("/status"), 400)


def test_nothing_to_send_is_an_empty_body(server):
    answer = server.get("/none")
    assert (answer.status, answer.body) == (200, b"")


def test_head_of_a_stream_is_answered_at_once(server):
    with server.connect() as wire:
        answer = wire.ask("HEAD", "/quiet")
        assert answer.status == 200
        assert answer.header("content-type") == "application/x-ndjson"
        assert answer.header("content-length") is None
        assert wire.ask("HEAD", "/head?zero=0").status == 200
        assert wire.ask("GET", "/now").text == "now"


@pytest.mark.parametrize("code", [204, 304])
def test_a_status_without_a_body_sends_none_and_waits_for_none(server, code):
    with server.connect() as wire:
        answer = wire.ask("GET", f"/coded?code={code}")
        assert (answer.status, answer.body, answer.header("transfer-encoding")) == (code, b"", None)
        assert wire.ask("GET", "/now").text == "now"


def test_a_compressed_stream_is_flushed_with_each_message(server):
    with server.connect() as wire:
        wire.send("GET /packed HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        assert b"content-encoding: gzip" in wire._take_until(b"\r\n\r\n")
        size = int(wire._take_until(b"\r\n").strip(), 16)
        assert zlib.decompressobj(31).decompress(wire._take(size)) == b'"first"\n'


def test_an_old_client_reads_to_the_end_of_the_connection(server):
    with server.connect() as wire:
        answer = wire.ask("GET", "/paced", version="1.0", headers={"Connection": "keep-alive"})
        assert answer.header("transfer-encoding") is None
        assert answer.header("connection") == "close"
        assert [event.data for event in events(answer.text)[0]] == ["a", "b", "c", "d", "e"]


def test_the_connection_lives_on_behind_a_stream(server):
    with server.connect() as wire:
        wire.send("GET /paced HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(events(wire.read_response().text)[0]) == 5
        assert wire.read_response().text == "now"


# Time

def test_the_timeout_is_over_when_the_head_has_left(server):
    assert server.get("/late").text == '"first"\n"last"\n'


def test_the_timeout_covers_what_comes_before_the_head(server):
    problem(server.get("/slow"), 504)


# Failures

@pytest.mark.parametrize("path", ["/failed?what=more", "/failed/whole", "/failed"])
def test_an_error_behind_messages_breaks_the_stream_off(server, path):
    with server.connect() as wire:
        wire.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(Ended):
            wire.read_response()
    done = subprocess.run(["curl", "-sN", server.url + path], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 18, "curl: transfer closed with outstanding read data remaining"
    assert done.stdout == "1\n2\n", "what came before it arrives"
    with pytest.raises(http.client.IncompleteRead) as incomplete:
        server.get(path)
    assert incomplete.value.partial == b"1\n2\n"


def test_a_break_is_in_the_log():
    with serve(MANIFEST) as server:
        with pytest.raises(http.client.IncompleteRead):
            server.get("/failed")
        [line] = server.access(1)
        assert line["http.response.status_code"] == 200
        assert line["http.response.body.size"] == 4
        assert line["radicled.flags"] == "fault"


def test_an_error_before_any_message_is_an_answer(server):
    value = problem(server.get("/failed/first?what=more"), 503)
    assert value["detail"] == "no more"
    problem(server.get("/failed/first"), 400)


def test_a_message_that_cannot_be_made_is_an_answer_if_it_is_the_first(server):
    problem(server.get("/wrong/first?n=x"), 400)
    assert server.get("/wrong/first?n=7").text == "7\n"
    problem(server.get("/wrong/list?n=x"), 400)
    assert server.get("/wrong/list?n=7").text == "7\n"
    problem(server.get("/wrong/type?n=x"), 400)
    assert server.get("/wrong/type").text == "1\n"


def test_a_later_message_that_cannot_be_made_breaks_the_stream_off(server):
    with pytest.raises(http.client.IncompleteRead) as incomplete:
        server.get("/wrong/later?n=x")
    assert incomplete.value.partial == b"1\n"
    assert server.get("/wrong/later?n=7").text == "1\n7\n"


def test_delay_cases_and_faults_go_with_streams(server):
    assert server.get("/after").text == "1\n"
    assert server.get("/chosen").text == "own"
    assert server.get("/chosen?stream=1").text == "0\n1\n"
    problem(server.get("/aborted"), 503)
    with server.connect() as wire:
        wire.send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.is_closed()


# Clients that do not keep up, and ends

def test_clients_that_leave_end_their_streams():
    with serve(MANIFEST) as server:
        wires = [server.connect() for _ in range(50)]
        for number, wire in enumerate(wires):
            wire.send(f"GET /{'endless' if number % 2 else 'quiet'} HTTP/1.1\r\nHost: x\r\n\r\n")
        for wire in wires:
            wire._take_until(b"\r\n\r\n")
            wire.close()
        lines = server.access(50)
        assert all(line["radicled.flags"] == "client_gone" for line in lines)
        assert all(line["http.response.status_code"] == 200 for line in lines)
        server.stop()


def test_memory_stays_flat_while_a_client_does_not_read():
    with serve(MANIFEST) as server:
        pad = "x" * 10_000
        # 90 MB of messages, a millisecond apart, which nobody reads: the list itself holds the text once for each.
        wire = server.connect(receive_buffer=4096)
        server.get("/repeated?n=10&pad=" + pad)
        wire.send(f"GET /repeated?n=3000&pad={pad} HTTP/1.1\r\nHost: x\r\n\r\n")
        wire._take_until(b"\r\n\r\n")
        eventually(lambda: server.get("/repeated?n=2000&pad=x").status == 200, "time for thousands of messages")
        assert server.memory() < 120_000_000
        wire.close()
        [line] = [line for line in server.access(3) if line.get("radicled.flags") == "client_gone"]
        assert line["http.response.body.size"] < 10_000_000


def test_a_slow_client_gets_all_of_it():
    with serve(MANIFEST) as server:
        pad = "y" * 5_000
        with server.connect(receive_buffer=4096) as wire:
            answer = wire.ask("GET", f"/repeated?n=1500&pad={pad}")
            lines = answer.body.splitlines()
            assert [json.loads(line)["n"] for line in lines] == list(range(1500))


def test_a_drain_waits_for_a_stream_that_ends():
    with serve(MANIFEST) as server:
        with server.connect() as wire:
            wire.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            wire._take_until(b"\r\n\r\n")
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            server.event("draining")
            assert wire._take_until(b"0\r\n\r\n").endswith(b'"last"\n\r\n')
            assert wire.is_closed()
            stopping.join()


def test_a_drain_ends_an_endless_stream_when_its_grace_is_over():
    with serve(MANIFEST + "shutdown: { delay: 0s, grace: 300ms }\n") as server:
        with server.connect() as wire:
            wire.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            wire._take_until(b"\r\n\r\n")
            server.stop()
            rest = wire.read_to_end()
            assert not rest.endswith(b"0\r\n\r\n"), "the missing end tells the client"
        [line] = server.access(1)
        assert line["radicled.flags"] == "drained"


def test_configs_and_lint_know_streams(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "radicle: 1\nservices:\n  web:\n    routes:\n      GET /a:\n        template:\n"
        "          content_type: text/event-stream\n          messages: [{ evnt: a, data: b }]\n")
    done = run("lint", broken)
    assert done.returncode == 1
    assert "did you mean `event`?" in done.stdout + done.stderr
