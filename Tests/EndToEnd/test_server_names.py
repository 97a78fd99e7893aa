"""`server` in any expression, `response` where the answer is over."""

import json
import re
import socket
import tempfile
from pathlib import Path

from radicled import run, serve

WHO = """
services:
  web:
    routes:
      GET /who:
        template:
          json:
            name: "{{ server.name }}"
            host: "{{ server.host }}"
            version: "{{ server.version }}"
            address: "{{ server.address }}"
            generation: "{{ server.generation }}"
      GET /here: { template: { text: "{{ server.name }} {{ server.version }}", headers: { x-at: "{{ server.address }}" } } }
"""


def test_server_tells_of_itself():
    with serve("name: greeter\n" + WHO) as server:
        told = server.get("/who").json()
        host, port = server.address
        assert told == {
            "name": "greeter", "host": socket.gethostname(), "version": run("version").stdout.split()[1],
            "address": f"{host}:{port}", "generation": 1}
        answer = server.get("/here")
        assert answer.text == "greeter " + told["version"]
        assert answer.header("x-at") == told["address"]


def test_address_is_that_of_the_connection():
    with tempfile.TemporaryDirectory(prefix="r-", dir="/tmp") as directory:
        path = Path(directory) / "s"
        with serve(f"listen: [127.0.0.1:0, 127.0.0.1:0, 'unix:{path}']\n" + WHO) as server:
            told = []
            for index in range(3):
                with server.connect(index) as wire:
                    told.append(json.loads(wire.ask("GET", "/who").text)["address"])
            ports = [f"127.0.0.1:{port}" for _, port in server.addresses[:2]]
            assert told == ports + [f"unix:{path}"]


RESPONSE = """
middleware:
  access_log:
    fields:
      outcome: "response.status >= 400 ? 'bad' : 'good'"
      bytes: response.size
      took: response.duration
      slow: response.duration > duration('1h')
      status: response.status
      item: "body.?item"
services:
  web:
    routes:
      GET /hello: { template: hello }
      GET /wrong: { template: "{{ int(query.n) }}" }
      GET /moved: { redirect: /hello }
      GET /gone: { template: x, fault: { share: 100%, cut: true } }
      POST /order: { template: { status: 201 } }
"""


def test_log_fields_read_the_answer():
    # On one connection, so that the lines are in order.
    with serve(RESPONSE) as server, server.connect() as wire:
        answers = [wire.ask("GET", path) for path in ("/hello", "/wrong?n=x", "/moved", "/none")]
        wire.ask("POST", "/order", [("content-type", "application/json")], b'{"item": "tea"}')
        lines = server.access(5)
    assert [line["status"] for line in lines] == [200, 400, 308, 404, 201]
    assert [line["outcome"] for line in lines] == ["good", "bad", "good", "bad", "good"]
    assert [line["bytes"] for line in lines][:4] == [len(answer.body) for answer in answers]
    assert all(re.fullmatch(r"\d+(\.\d+)?(e-\d+)?s", line["took"]) for line in lines), [line["took"] for line in lines]
    assert {line["slow"] for line in lines} == {False}
    assert [line.get("item") for line in lines] == [None, None, None, None, "tea"]


def test_without_an_answer_there_is_no_status():
    with serve(RESPONSE) as server:
        with server.connect() as wire:
            wire.send(b"GET /gone HTTP/1.1\r\nhost: x\r\n\r\n")
            assert wire.read_to_end() == b""
        [line] = server.access(1)
    assert "status" not in line and "outcome" not in line
    assert line["bytes"] == 0


def test_response_is_nowhere_else(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("""\
radicle: 1
variables: { late: response.status }
services:
  web:
    routes:
      GET /a: { template: "{{ response.size }}" }
      GET /b: { template: b, cases: [{ when: response.status == 200, template: c }] }
      GET /c: { template: c, middleware: { headers: { response: { set: { x-a: "{{ response.duration }}" } } } } }
""")
    done = run("lint", path, "--format", "json")
    found = json.loads(done.stdout)["findings"]
    assert [(f["rule"], f["line"]) for f in found] == [("unknown-name", line) for line in (2, 6, 7, 8)]
    assert all("there is no response yet" in f["message"] for f in found)
