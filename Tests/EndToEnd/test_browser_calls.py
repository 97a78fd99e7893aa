"""Chromium as the client of methods: pages of another origin call them by gRPC-Web and by Connect, framing by hand.

Whether the answers may be read, and whether pieces come while a stream goes on, is the browser's judgement.
"""

import json

import pytest

from call_faces import GREETER
from grpc_client import FILES
from radicled import serve
from test_browser import CHROMIUM, Site, opened

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed: Debian's package chromium-headless-shell is one")

MANIFEST = "workers: 1\nmiddleware: { cors: { origins: [ORIGIN] } }\n" + GREETER + """
      SayHello:
        cases:
          - when: request.name == ''
            template:
              error:
                code: INVALID_ARGUMENT
                message: 'wer? "ä"'
                details: [{ google.rpc.BadRequest: { field_violations: [{ field: name, description: empty }] } }]
        template: { trailers: { x-count: "1" }, message: { message: "Hello {{ request.name }}" } }
      LookUp: { template: { message: { message: "Hello {{ request.name }}" } } }
      SayHelloOften:
        cases:
          - { when: request.name == '', template: { messages: [{ message: one }], error: { code: ABORTED, message: 'genug "ä"' } } }
          - { when: request.name == 'slow', template: { messages: [{ message: one }, { delay: 300s, message: { message: two } }] } }
        template: { messages: "{{ lists.range(request.count).map(n, {'message': request.name + ' ' + string(n)}) }}" }
"""

# What a library would do: a message of one text field, envelopes, base64, the last frame.
LIBRARY = """
  const path = "/helloworld.Greeter/";
  const bytes = (text) => new TextEncoder().encode(text), text = (bytes) => new TextDecoder().decode(bytes);
  const join = (pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  const request = (name, count = 0) => join([name ? join([[10, bytes(name).length], bytes(name)]) : [], count ? [16, count] : []]);
  const reply = (data) => data.length ? text(data.slice(2, 2 + data[1])) : "";
  const envelope = (data, flags = 0) => join([[flags, 0, 0, data.length >> 8, data.length & 255], data]);
  function envelopes(data) {
    const found = [];
    for (let at = 0; at < data.length;) {
      const size = new DataView(data.buffer, data.byteOffset + at + 1, 4).getUint32(0);
      if (at + 5 + size > data.length) throw new Error("cut");
      found.push([data[at], data.slice(at + 5, at + 5 + size)]);
      at += 5 + size;
    }
    return found;
  }
  const encode = (data) => btoa(String.fromCharCode(...data));
  // Each group of four by itself: any of them may be padded.
  const decode = (digits) => join(digits.match(/.{4}/g).map((group) => Uint8Array.from(atob(group), (c) => c.charCodeAt(0))));
  async function web(method, data, type, fields = {}) {
    const isText = type.includes("text");
    const answer = await fetch(api + path + method, {
      method: "POST", headers: { "content-type": type, "x-grpc-web": "1", "x-user-agent": "grpc-web-javascript/0.1", ...fields },
      body: isText ? encode(envelope(data)) : envelope(data) });
    const body = isText ? decode(await answer.text()) : new Uint8Array(await answer.arrayBuffer());
    const told = { status: answer.status, type: answer.headers.get("content-type"), id: answer.headers.get("x-request-id"), messages: [] };
    for (const [flags, data] of envelopes(body)) {
      if (flags == 0) told.messages.push(reply(data));
      else told.trailers = Object.fromEntries(text(data).trim().split("\\r\\n").map((line) => line.split(": ")));
    }
    return told;
  }
  async function unary(method, message, fields = {}) {
    const answer = await fetch(api + path + method, {
      method: "POST", headers: { "content-type": "application/json", "connect-protocol-version": "1", ...fields },
      body: JSON.stringify(message) });
    return { status: answer.status, body: await answer.json(), id: answer.headers.get("x-request-id") };
  }
  async function stream(method, message, fields = {}) {
    const answer = await fetch(api + path + method, {
      method: "POST", headers: { "content-type": "application/connect+json", "connect-protocol-version": "1", ...fields },
      body: envelope(bytes(JSON.stringify(message))) });
    const told = { status: answer.status, messages: [] };
    for (const [flags, data] of envelopes(new Uint8Array(await answer.arrayBuffer())))
      if (flags == 0) told.messages.push(JSON.parse(text(data))); else told.ending = JSON.parse(text(data));
    return told;
  }
  const caught = async (call) => { try { return await call; } catch (problem) { return { refused: String(problem) }; } };
"""


def page(tries, folder, origin=None):
    """What a page that does `tries` tells, and the server that it called."""
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin), files=FILES) as server:
        tries = LIBRARY + "try {" + tries + "} catch (problem) { told.problem = problem.stack; }"
        told = opened(site, server.url, tries, folder, origin and site.origin.replace(*origin))
        assert "problem" not in told, told
        server.stop()
        return told, [json.loads(line) for line in server.output.lines]


@pytest.mark.parametrize("type", ["application/grpc-web+proto", "application/grpc-web-text+proto"])
def test_a_page_calls_by_grpc_web(tmp_path, type):
    told, lines = page(f"""
      const type = "{type}";
      told.hello = await web("SayHello", request("Ann"), type);
      told.error = await web("SayHello", request(""), type);
      told.often = await web("SayHelloOften", request("Ann", 3), type);
      told.aborted = await web("SayHelloOften", request(""), type);
      told.late = await web("SayHelloOften", request("slow"), type, {{ "grpc-timeout": "100m" }});
      told.nothing = await caught(web("Nothing", request("Ann"), type));
    """, tmp_path)
    assert told["hello"] | {"id": ""} == {
        "status": 200, "type": type, "id": "", "messages": ["Hello Ann"], "trailers": {"grpc-status": "0", "x-count": "1"}}
    assert told["hello"]["id"]
    error = told["error"]
    assert (error["status"], error["messages"], error["trailers"]["grpc-status"]) == (200, [], "3")
    assert error["trailers"]["grpc-message"] == 'wer? "%C3%A4"' and error["trailers"]["grpc-status-details-bin"]
    assert told["often"]["messages"] == ["Ann 0", "Ann 1", "Ann 2"] and told["often"]["trailers"]["grpc-status"] == "0"
    assert (told["aborted"]["messages"], told["aborted"]["trailers"]["grpc-status"]) == (["one"], "10")
    assert told["aborted"]["trailers"]["grpc-message"] == 'genug "%C3%A4"'
    assert (told["late"]["messages"], told["late"]["trailers"]["grpc-status"]) == (["one"], "4")
    # Its preflight has no route to ask.
    assert "refused" in told["nothing"]
    calls = [line for line in lines if "rpc.method" in line]
    assert {line["radicled.protocol"] for line in calls} == {"grpc_web"}
    assert [line["rpc.status_code"] for line in calls] == [
        "OK", "INVALID_ARGUMENT", "OK", "ABORTED", "DEADLINE_EXCEEDED"]


def test_a_page_calls_by_connect(tmp_path):
    told, _ = page("""
      told.hello = await unary("SayHello", { name: "Änn" });
      told.error = await unary("SayHello", {});
      told.often = await stream("SayHelloOften", { name: "Ann", count: 3 });
      told.aborted = await stream("SayHelloOften", {});
      told.late = await stream("SayHelloOften", { name: "slow" }, { "connect-timeout-ms": "100" });
      told.broken = await unary("SayHello", { name: 1 });
      told.got = await (await fetch(api + path + 'LookUp?connect=v1&encoding=json&message={"name":"Ann"}')).json();
    """, tmp_path)
    assert (told["hello"]["status"], told["hello"]["body"]) == (200, {"message": "Hello Änn"})
    assert told["hello"]["id"]
    error = told["error"]["body"]
    assert (told["error"]["status"], error["code"], error["message"]) == (400, "invalid_argument", 'wer? "ä"')
    assert error["details"][0]["debug"] == {"fieldViolations": [{"field": "name", "description": "empty"}]}
    assert told["often"] == {
        "status": 200, "messages": [{"message": "Ann 0"}, {"message": "Ann 1"}, {"message": "Ann 2"}], "ending": {}}
    assert told["aborted"] == {
        "status": 200, "messages": [{"message": "one"}], "ending": {"error": {"code": "aborted", "message": 'genug "ä"'}}}
    assert told["late"]["messages"] == [{"message": "one"}] and told["late"]["ending"]["error"]["code"] == "deadline_exceeded"
    assert (told["broken"]["status"], told["broken"]["body"]["code"]) == (400, "invalid_argument")
    assert told["got"] == {"message": "Hello Ann"}


def test_a_page_reads_messages_while_the_stream_goes_on(tmp_path):
    told, _ = page("""
      const control = new AbortController();
      const answer = await fetch(api + path + "SayHelloOften", {
        method: "POST", headers: { "content-type": "application/grpc-web+proto" }, body: envelope(request("slow")),
        signal: control.signal });
      const piece = await answer.body.getReader().read();
      told.first = envelopes(piece.value).map(([flags, data]) => [flags, reply(data)]);
      control.abort();
      const inText = await fetch(api + path + "SayHelloOften", {
        method: "POST", headers: { "content-type": "application/grpc-web-text" }, body: encode(envelope(request("slow"))) });
      const reader = inText.body.getReader();
      told.text = envelopes(decode(String.fromCharCode(...(await reader.read()).value))).map(([flags, data]) => [flags, reply(data)]);
      reader.cancel();
    """, tmp_path)
    assert told["first"] == [[0, "one"]] and told["text"] == [[0, "one"]]


def test_a_get_needs_no_preflight_and_a_call_one(tmp_path):
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin), files=FILES) as server:
        opened(site, server.url, LIBRARY + """
          await fetch(api + path + 'LookUp?encoding=json&message={}');
          await unary("SayHello", { name: "Ann" });
          await unary("SayHello", { name: "Bob" });
        """, tmp_path)
        server.stop()
        lines = [json.loads(line) for line in server.output.lines]
        assert ["rpc.method" in line for line in lines] == [True, False, True, True]
        assert (lines[1]["http.request.method"], lines[1]["http.response.status_code"]) == ("OPTIONS", 204)


def test_a_page_of_another_origin_is_refused(tmp_path):
    told, lines = page("""
      told.web = await caught(web("SayHello", request("Ann"), "application/grpc-web+proto"));
      told.connect = await caught(unary("SayHello", { name: "Ann" }));
      told.got = await caught(fetch(api + path + 'LookUp?encoding=json&message={}'));
    """, tmp_path, origin=("127.0.0.1", "localhost"))
    assert all("refused" in told[name] for name in ("web", "connect", "got"))
    # It asked whether it may call, and did not; what needs no asking was answered, and not to be read.
    assert [line.get("rpc.method") for line in lines if "rpc.method" in line] == ["helloworld.Greeter/LookUp"]
