"""`radicled test`: the examples that a manifest carries; its exit codes, JSON and JUnit shapes are a promise."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from certificates import Authority
from grpc_client import FILES, PROTO
from radicled import BINARY, PATIENCE, manifest, run, serve

GOOD = """
services:
  web:
    routes:
      GET /hello/{name}:
        template: { json: { message: "Hello {{ path.name }}" } }
        examples:
          - name: greets
            request: { path: /hello/Ann }
            response: { status: 200, json: { message: Hello Ann } }
      POST /orders:
        template: { status: 201, json: { item: "{{ body.item }}", id: "{{ uuid() }}" } }
        examples:
          - request: { json: { item: it's "tea" } }
            response: { status: 201, assert: response.body.id.size() == 36 }
"""
BAD = GOOD.replace("message: Hello Ann", "message: Hello Bob")


@pytest.fixture
def write(tmp_path):
    def write(text, name="m.yaml"):
        path = tmp_path / name
        path.write_text(manifest(text))
        return path
    return write


def test_all_as_expected_is_0(write):
    done = run("test", write(GOOD))
    assert (done.returncode, done.stderr) == (0, ""), done
    assert re.fullmatch(r"2 passed \(\d+ ms\)\n", done.stdout)


def test_a_difference_is_1_and_says_what_was_sent_expected_and_came(write):
    path = write(BAD)
    done = run("test", path)
    assert done.returncode == 1, done
    line = path.read_text().split("\n").index("          - name: greets") + 1
    lines = done.stdout.splitlines()
    assert lines[0] == f"{path}:{line}:13: failed: GET /hello/{{name}}, greets"
    assert "  sent: GET /hello/Ann" in lines
    assert any(re.fullmatch(r"  curl: curl -i http://localhost:\d+/hello/Ann", line) for line in lines)
    assert '  json.message: expected "Hello Bob", got "Hello Ann"' in lines
    assert lines[-1].startswith("1 passed, 1 failed (")


def test_mistakes_are_1_and_told_on_standard_error(write):
    done = run("test", write(GOOD.replace("template:", "templte:", 1)), write(GOOD, "good.yaml"))
    assert done.returncode == 1
    assert "did you mean `template`?" in done.stderr
    assert "2 passed, 1 manifest with mistakes" in done.stdout


def test_an_unreadable_file_is_2_and_the_others_are_run(write, tmp_path):
    done = run("test", tmp_path / "nope.yaml", write(GOOD))
    assert done.returncode == 2
    assert "nope.yaml" in done.stderr and "2 passed" in done.stdout


def test_wrong_flags_are_told():
    assert run("test").returncode == 64
    assert run("test", "--format", "tap", "x").returncode == 64


def test_standard_input_is_read():
    done = run("test", "-", input=manifest(BAD))
    assert done.returncode == 1
    assert done.stdout.startswith("standard input:")


def test_filter_runs_some_and_one_that_fits_none_is_1(write):
    path = write(BAD)
    assert "1 passed" in run("test", "--filter", "ORDERS", path).stdout
    done = run("test", "--filter", "nothing", path)
    assert done.returncode == 1
    assert "no example has `nothing`" in done.stdout


def test_set_changes_what_is_tested(write):
    path = write(GOOD)
    done = run("test", "--set", 'services.web.routes["POST /orders"].template.status=202', path)
    assert "status: expected 201, got 202" in done.stdout


def test_json_is_one_object(write):
    done = run("test", "--format", "json", write(BAD))
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["version"], report["passed"], report["failed"]) == (1, 1, 1)
    failed, passed = report["examples"]
    assert failed["outcome"] == "failed" and failed["route"] == "GET /hello/{name}" and failed["status"] == 200
    assert failed["differences"] == [{
        "at": "json.message", "message": 'expected "Hello Bob", got "Hello Ann"', "expected": '"Hello Bob"',
        "got": '"Hello Ann"', "lines": []}]
    assert passed["outcome"] == "passed" and passed["differences"] == []


def test_junit_is_xml(write):
    path = write(BAD)
    done = run("test", "--format", "junit", path)
    assert done.returncode == 1
    suites = ElementTree.fromstring(done.stdout)
    assert (suites.tag, suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("testsuites", "2", "1", "0")
    failed, passed = suites.iter("testcase")
    assert (failed.get("classname"), failed.get("name")) == ("web GET /hello/{name}", "greets")
    assert "Hello Bob" in failed.find("failure").get("message")
    assert failed.get("file") == str(path) and passed.find("failure") is None


def test_junit_of_a_manifest_with_mistakes_is_an_error(write):
    done = run("test", "--format", "junit", write("x: 1\n" + GOOD))
    suites = ElementTree.fromstring(done.stdout)
    assert done.returncode == 1 and suites.get("errors") == "1"
    assert "unknown key" in suites.find("testsuite/testcase/error").text


def on_terminal(path, **env):
    """What `radicled test` writes to a terminal."""
    master, slave = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    child = subprocess.Popen(
        [BINARY, "test", str(path)], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env={**environment, **env})
    os.close(slave)
    out = b""
    try:
        while piece := os.read(master, 65536):
            out += piece
    except OSError:  # the other side is closed
        pass
    os.close(master)
    assert child.wait(timeout=PATIENCE) == 1
    return out


def test_a_terminal_gets_colour_unless_told_otherwise(write):
    path = write(BAD)
    assert b"\x1b[31mfailed\x1b[0m" in on_terminal(path, TERM="xterm")
    assert b"\x1b" not in on_terminal(path, TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in run("test", path).stdout


def test_nothing_waits_and_chance_falls_the_same_way(write):
    path = write("""
        services:
          web:
            middleware: { timeout: off }
            routes:
              GET /slow:
                template: "{{ uuid() }} {{ string(now()) }}"
                delay: { uniform: [30m, 40m] }
                examples:
                  - response: { status: 200, assert: 'response.duration >= duration("30m")' }
                  - response: { text: unknown }
    """)
    first, second = run("test", path), run("test", path)
    assert "1 passed, 1 failed" in first.stdout
    got = [re.search(r"\+ (.*) 2026-01-01T00:", done.stdout).group(1) for done in (first, second)]
    assert got[0] == got[1]


def test_no_socket_is_opened_and_no_log_written(write, tmp_path):
    log = tmp_path / "access.log"
    with serve("services: { web: { routes: { GET /a: { template: a } } } }") as server:
        done = run("test", write(f"""
            listen: 127.0.0.1:{server.port}
            middleware: {{ access_log: {{ output: "file:{log}" }} }}
            services: {{ web: {{ routes: {{ GET /a: {{ template: b, examples: [{{ response: {{ text: b }} }}] }} }} }} }}
        """))
    assert (done.returncode, done.stderr) == (0, ""), done
    assert not log.exists()


def test_an_included_file_is_named(write, tmp_path):
    (tmp_path / "part.yaml").write_text(
        "services: { web: { routes: { GET /a: { template: a, examples: [{ response: { text: b } }] } } } }\n")
    done = run("test", write("include: part.yaml\n"))
    assert done.returncode == 1
    assert f"{tmp_path}/part.yaml:1:" in done.stdout


@pytest.mark.parametrize("request_, status", [
    ("{ path: /hello/Ann%20Lee }", 200),
    ("{ path: '/hello/[x]?a={b}' }", 200),
    ("{ method: HEAD, path: /hello/x }", 200),
    ("{ path: /hello/x, headers: { x-a: '', accept: \"it's\" } }", 200),
])
def test_the_curl_line_asks_the_same_of_a_server(write, request_, status):
    text = f"""
        services:
          web:
            routes:
              GET /hello/{{name}}:
                template: {{ text: "{{{{ request.method }}}} {{{{ request.target }}}} {{{{ headers[?'accept'] }}}}" }}
                examples:
                  - request: {request_}
                    response: {{ status: 599 }}
    """
    line = json.loads(run("test", "--format", "json", write(text)).stdout)["examples"][0]["curl"]
    with serve(text) as server:
        words = shlex.split(re.sub(r"localhost:\d+", f"127.0.0.1:{server.port}", line))
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.startswith(f"HTTP/1.1 {status} "), (words, done)


@pytest.mark.parametrize("body", [
    """json: { item: "it's", n: 1 }""", 'text: "a\\nb"', "form: { a: 'b &=' }", "base64: AP8=",
    "multipart: { f: { filename: a.txt, text: hello } }",
])
def test_the_curl_line_sends_the_same_body(write, body):
    text = f"""
        services:
          web:
            routes:
              POST /a:
                echo: request
                examples: [{{ request: {{ {body} }}, response: {{ status: 599, json: {{}} }} }}]
    """
    report = json.loads(run("test", "--format", "json", write(text)).stdout)["examples"][0]
    passing = text.replace("status: 599, ", "status: 200, ")
    assert run("test", write(passing)).returncode == 0
    with serve(text) as server:
        line = re.sub(r"localhost:\d+", f"127.0.0.1:{server.port}", report["curl"])
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=PATIENCE)
    assert done.stdout.startswith(b"HTTP/1.1 200 "), (line, done)
    seen = json.loads(done.stdout.split(b"\r\n\r\n", 1)[1])
    # What came of it over the socket is what comes of it in a test.
    kept = {key: value for key, value in seen.items() if key in ("method", "query") or key.startswith("body")}
    assert any(key.startswith("body") for key in kept), seen
    exact = passing.replace("json: {}", "json: " + json.dumps(kept))
    again = run("test", write(exact))
    assert again.returncode == 0, again


WHO = """
services:
  web:
    routes:
      GET /who:
        cases: [{ when: "client.identity != 'spiffe://example/web'", template: { error: { code: PERMISSION_DENIED } } }]
        template: "{{ request.scheme }} {{ client.tls }} {{ client.identity }}"
        examples:
          - { request: { client: { identity: spiffe://example/web } }, response: { text: https true spiffe://example/web } }
          - { request: { client: { tls: true } }, response: { status: 403 } }
          - { request: {}, response: { status: 403 } }
  greeter:
    proto: protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
      SayHello:
        template: { message: { message: "{{ client.tls }} {{ client.identity }}" } }
        examples:
          - { client: { address: 192.0.2.7, identity: web }, response: { message: true web } }
          - { client: { tls: true }, response: { message: "true " } }
          - { response: { message: "false " } }
"""


def test_an_example_says_what_certificate_it_shows(write, tmp_path):
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos/helloworld.proto").write_text(PROTO)
    done = run("test", write(WHO))
    assert done.returncode == 0 and done.stdout.startswith("6 passed"), done
    # The same, from a client that shows one.
    clients = Authority("clients")
    shown = clients.issue(uri="spiffe://example/web")
    (tmp_path / "shown.pem").write_text(shown.pem + shown.key_pem)
    server = Authority().issue("localhost")
    with serve("listen: { address: '127.0.0.1:0', tls: { certificate: server.pem, key: server.key, client_ca: clients.pem } }\n"
               + WHO, files={**FILES, **server.files(), "clients.pem": clients.pem}) as running:
        answer = running.curl("-k", "--cert", f"{tmp_path}/shown.pem", f"https://localhost:{running.port}/who")
        assert answer == "https true spiffe://example/web"
    done = run("lint", write(WHO.replace("{ tls: true } }, response: { status", "{ tls: false, identity: web } }, response: { status")))
    assert done.returncode == 1 and "expected `true` beside `identity`" in done.stdout


BUF = Path(sys.executable).parent / "buf"
CALLED = """
services:
  greeter:
    proto: protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
      SayHello:
        template:
          metadata: { x-seen: "{{ headers.?`x-a`.orValue('-') }}", x-bytes: "{{ hex.encode(headers[?'x-b-bin'].orValue(b'')) }}" }
          message: { message: "{{ request.name }} {{ request.mood }} {{ request.friends.join('+') }}" }
        examples: [EXAMPLE]
      Chat: { template: { message: { message: "{{ request.name }}" }, on_end: [{ message: end }] }, examples: [CHAT] }
"""


@pytest.mark.parametrize("example, told", [
    ("{ request: { name: it's \"é\", mood: GLUM, friends: [a, b] }, error: NOT_FOUND }", ["it's \"é\" 2 a+b"]),
    ("{ metadata: { x-a: ['b, c', say \"d\"], x-b-bin: AP8 }, error: NOT_FOUND }", [" 0 "]),
])
@pytest.mark.parametrize("secured", [False, True])
def test_the_buf_line_calls_the_same_method(write, tmp_path, example, told, secured):
    assert run("dev-cert", "--directory", tmp_path).returncode == 0
    files = {**FILES, **{name: (tmp_path / name).read_text() for name in ("dev.pem", "dev.key")}}
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos/helloworld.proto").write_text(PROTO)
    text = CALLED.replace("EXAMPLE", example).replace("CHAT", "{ code: OK }")
    if secured:
        text = 'listen: { address: "127.0.0.1:0", tls: { certificate: dev.pem, key: dev.key } }\n' + text
    line = json.loads(run("test", "--format", "json", write(text)).stdout)["examples"][0]["curl"]
    assert line.startswith("buf curl --protocol grpc ")
    with serve(text, files=files) as server:
        done = called(line + " -v", server)
    assert [json.loads(done.stdout)["message"]] == told, done
    if "x-b-bin" in example:
        assert 'X-Seen: b, c, say "d"' in done.stderr and "X-Bytes: 00ff" in done.stderr, done.stderr


@pytest.mark.parametrize("request_, told", [("[{ name: a }, { name: b }]", ["a", "b", "end"]), ("[]", ["end"])])
def test_the_buf_line_sends_every_message(write, tmp_path, request_, told):
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos/helloworld.proto").write_text(PROTO)
    text = CALLED.replace("EXAMPLE", "{ code: OK }").replace("CHAT", f"{{ request: {request_}, error: NOT_FOUND }}")
    line = json.loads(run("test", "--format", "json", write(text)).stdout)["examples"][1]["curl"]
    with serve(text, files=FILES) as server:
        done = called(line, server)
    seen = re.findall(r'"message": "(\w+)"', done.stdout)
    assert seen == told, (line, done)


def called(line, server):
    """Runs a line as a person would, against the port that the server has."""
    line = re.sub(r"localhost:\d+", f"localhost:{server.port}", line).replace("buf", shlex.quote(str(BUF)), 1)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=PATIENCE, cwd=server.directory)
    assert done.returncode == 0, (line, done)
    return done


def test_help_tells_what_is_fixed():
    done = run("test", "--help")
    assert done.returncode == 0
    for word in ("--filter", "--format", "junit", "2026-01-01"):
        assert word in done.stdout
