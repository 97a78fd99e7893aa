"""SIGHUP puts another manifest in force while calls run, or leaves all as it was and says why."""

import signal
import socket
import subprocess
import threading

from radicled import BINARY, DEFAULTS, Ended, Wire, eventually, free_port, manifest, run, serve

STILL = {"arguments": ["--no-watch"]}

ONE = "services: { web: { routes: { GET /: { template: one } } } }"
TWO = "services: { web: { routes: { GET /: { template: two } } } }"


def answers(address):
    try:
        with Wire(address, timeout=5) as wire:
            return wire.ask("GET", "/").text
    except (OSError, Ended):
        # What was accepted for a listener that closes is reset.
        return None


def test_another_manifest_is_put_in_force():
    with serve(ONE, **STILL) as server:
        assert server.get("/").text == "one"
        event = server.reload(TWO)
        assert (event["generation"], event["routes"], event["level"]) == ("2", "1", "info")
        assert server.get("/").text == "two"


def test_open_connections_go_on_with_the_new_manifest():
    with serve(ONE, **STILL) as server, server.connect() as wire:
        assert wire.ask("GET", "/").text == "one"
        server.reload(TWO)
        assert wire.ask("GET", "/").text == "two"


def test_call_that_runs_keeps_the_manifest_that_it_began_with():
    slow = """
    workers: 1
    services:
      web:
        routes:
          GET /slow: { template: "NAME {{ server.generation }}", delay: 1s, middleware: { headers: { response: { set: { x-name: NAME } } } } }
          GET /: { template: "{{ server.generation }}" }
    """
    with serve(slow.replace("NAME", "old"), **STILL) as server, server.connect() as wire:
        wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server.get("/").text == "1"
        for count in range(5):
            server.reload(slow.replace("NAME", f"new{count}"))
        answer = wire.read_response()
        assert (answer.text, answer.header("x-name")) == ("old 1", "old")
        answer = wire.ask("GET", "/slow")
        assert (answer.text, answer.header("x-name")) == ("new4 6", "new4")


def test_call_without_a_route_keeps_its_manifest_too():
    # One loop, so that what was sent first is read first.
    text = """
    workers: 1
    middleware: { concurrency: { limit: 1, queue: 5, queue_timeout: 10s } }
    services:
      web:
        routes:
          GET /slow: { template: slow, delay: 1s }
          GET /{$}: { template: x, middleware: { concurrency: off } }
          ROUTE: { template: x }
    """
    with serve(text.replace("ROUTE", "BREW /pot"), **STILL) as server:
        with server.connect() as first, server.connect() as second:
            first.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            assert server.get("/").text == "x"
            second.send("GET /pot HTTP/1.1\r\nHost: x\r\n\r\n")
            assert server.get("/").text == "x"
            server.reload(text.replace("ROUTE", "GET /elsewhere"))
            assert first.read_response().text == "slow"
            answer = second.read_response()
            assert answer.status == 405 and "BREW" in answer.header("allow"), answer


def test_mistakes_change_nothing_and_are_told():
    with serve(ONE, **STILL) as server:
        event = server.reload("services: { web: { routes: { GET /: { templte: two }, GET: {} } } }", "reload_refused")
        assert event["level"] == "error"
        assert int(event["errors"]) >= 2
        assert f"{server.manifest}:5:" in event["findings"] and "templte" in event["findings"]
        assert event["generation"] == "1"
        assert server.get("/").text == "one"
        assert server.reload(TWO)["generation"] == "2"
        assert server.get("/").text == "two"


def test_missing_manifest_changes_nothing():
    with serve(ONE, **STILL) as server:
        server.manifest.unlink()
        assert "No such file" in server.reload(expect="reload_refused")["message"]
        assert server.get("/").text == "one"


def test_yaml_bomb_is_refused_soon():
    bomb = "x-0: &x0 [a]\n" + "".join(f"x-{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with serve(ONE, **STILL) as server, server.connect() as wire:
        assert "limit" in server.reload(bomb + TWO, "reload_refused")["findings"]
        assert wire.ask("GET", "/").text == "one"


def test_counts_and_gates_go_on():
    text = """
    services:
      web:
        routes:
          GET /: { template: "{{ call.count }}" }
          GET /slow: { template: slow, delay: 1s, middleware: { concurrency: LIMIT } }
    """
    with serve(text.replace("LIMIT", "1"), **STILL) as server, server.connect() as slow:
        assert [server.get("/").text for _ in range(3)] == ["1", "2", "3"]
        slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: server.get("/slow").status == 503, "a full gate")
        server.reload(text.replace("LIMIT", "1"))
        assert server.get("/").text == "4"
        # The call of the old manifest is still inside.
        assert server.get("/slow").status == 503
        server.reload(text.replace("LIMIT", "2"))
        assert server.get("/slow").status == 200
        assert slow.read_response().status == 200


# Listeners


def test_listeners_come_go_and_stay():
    first, second = free_port(), free_port()
    text = f"listen: [127.0.0.1:0, 127.0.0.1:{first}]\n"
    with serve(text + ONE, **STILL) as server:
        stays = server.addresses[0]
        assert answers(("127.0.0.1", first)) == "one"
        server.reload(f"listen: [127.0.0.1:{second}, 127.0.0.1:0]\n" + TWO)
        assert answers(stays) == "two"
        assert answers(("127.0.0.1", second)) == "two"
        assert answers(("127.0.0.1", first)) is None
        assert server.event("listener_closed")["address"] == f"127.0.0.1:{first}"


def test_port_in_use_leaves_all_as_it_was():
    fresh = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other, serve(ONE, **STILL) as server:
        taken = other.getsockname()[1]
        event = server.reload(f"listen: [127.0.0.1:{fresh}, 127.0.0.1:{taken}]\n" + TWO, "reload_refused")
        assert f"cannot listen on 127.0.0.1:{taken}: address already in use" in event["message"]
        assert server.get("/").text == "one"
        assert answers(("127.0.0.1", fresh)) is None
        server.reload(f"listen: 127.0.0.1:{fresh}\n" + TWO)
        assert answers(("127.0.0.1", fresh)) == "two"


def test_one_host_becomes_all_and_back():
    port = free_port()
    with serve(f"listen: 127.0.0.1:{port}\n" + ONE, **STILL) as server:
        for count in range(3):
            server.reload(f"listen: :{port}\n" + TWO)
            assert answers(("127.0.0.1", port)) == "two"
            server.reload(f"listen: 127.0.0.1:{port}\n" + ONE)
            assert answers(("127.0.0.1", port)) == "one"
        # Nobody else can have it by then.
        done = run("run", "--config", "-", "--set", "admin=off", input=manifest(f"listen: :{port}\n" + TWO, DEFAULTS))
        assert done.returncode == 2 and "address already in use" in done.stderr


def test_unix_socket_comes_and_goes():
    with serve(ONE, **STILL) as server:
        path = server.directory / "x.sock"
        server.reload(f"listen: [127.0.0.1:0, 'unix:{path}']\n" + TWO)
        assert answers(str(path)) == "two"
        server.reload("listen: 127.0.0.1:0\n" + ONE)
        assert not path.exists()
        assert server.get("/").text == "one"


# What a manifest has open


def logging(name):
    return f"middleware: {{ access_log: {{ output: 'file:{name}', format: json }} }}\n"


def test_log_files_go_on_or_are_closed():
    with serve(logging("a.log") + ONE, **STILL) as server:
        def opened():
            return {name for name in ("a.log", "b.log") if str(server.directory / name) in server.descriptors()}

        a, b = server.directory / "a.log", server.directory / "b.log"
        server.get("/")
        server.reload(logging("a.log") + TWO)
        server.get("/")
        eventually(lambda: a.read_bytes().count(b"\n") == 2, "two lines")
        assert opened() == {"a.log"}
        server.reload(logging("b.log") + ONE)
        server.get("/")
        eventually(lambda: b.read_bytes().count(b"\n") == 1, "a line in the other file")
        eventually(lambda: opened() == {"b.log"}, "a closed log file")
        assert b'"radicled.generation":1,' in a.read_bytes() and b'"radicled.generation":3,' in b.read_bytes()


def test_log_of_a_call_that_began_before_is_written_where_it_was():
    slow = "services: { web: { routes: { GET /: { template: x }, GET /slow: { template: slow, delay: 1s } } } }"
    with serve("workers: 1\n" + logging("a.log") + slow, **STILL) as server, server.connect() as wire:
        wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.get("/")
        server.reload("workers: 1\n" + logging("b.log") + slow)
        assert wire.read_response().text == "slow"
        a = server.directory / "a.log"
        eventually(lambda: b"/slow" in a.read_bytes(), "the line of the slow call")
        eventually(lambda: str(a) not in server.descriptors(), "a closed log file")


def test_refused_manifest_leaves_nothing_open():
    with serve(ONE, **STILL) as server:
        before = len(server.descriptors())
        server.reload(logging("c.log") + "middleware: { tracing: 'http://127.0.0.1:9' }\nservices: { web: { routes: { X } } }",
                      "reload_refused")
        eventually(lambda: len(server.descriptors()) <= before, "no more descriptors than before")


def test_exporter_that_no_manifest_names_ends():
    tracing = "middleware: { tracing: 'http://127.0.0.1:PORT' }\n"
    with serve(ONE, **STILL) as server:
        def loops():
            return sum("timerfd" in name for name in server.descriptors())

        # The one that ends a group of loops for the first time is there to stay.
        before = loops() + 1
        for count in range(4):
            server.reload(tracing.replace("PORT", str(1 + count)) + TWO)
            server.get("/")
        server.reload(ONE)
        eventually(lambda: loops() <= before, "as many loops as before")


def test_limits_hold_for_new_connections():
    with serve(ONE, **STILL) as server:
        many = [(f"x-{n}", "1") for n in range(20)]
        with server.connect() as wire:
            assert wire.ask("GET", "/", many).status == 200
        server.reload("limits: { header_count: 10 }\n" + ONE)
        with server.connect() as wire:
            assert wire.ask("GET", "/", many).status == 431


def test_shutdown_is_that_of_the_manifest_in_force():
    with serve("shutdown: { delay: 300s }\n" + ONE, **STILL) as server:
        server.reload("shutdown: { delay: 0s }\n" + ONE)
        server.stop()


def test_other_workers_wait_for_the_next_start():
    with serve("workers: 1\n" + ONE, **STILL) as server:
        server.reload("workers: 2\n" + TWO)
        assert server.event("needs_restart")["key"] == "workers"
        assert server.get("/").text == "two"


def test_standard_input_stays_what_it_was():
    process = subprocess.Popen(
        [BINARY, "--config", "-", "--set", "admin=off"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    process.stdin.write(manifest(ONE, DEFAULTS).encode())
    process.stdin.close()
    assert b"listening" in process.stderr.readline()
    process.send_signal(signal.SIGHUP)
    assert b'"event":"reloaded"' in process.stderr.readline()
    process.terminate()
    assert process.wait(20) == 0


def test_sighup_while_it_drains_changes_nothing():
    slow = "services: { web: { routes: { GET /: { template: x }, GET /slow: { template: slow, delay: 1s } } } }"
    with serve("workers: 1\n" + slow, **STILL) as server, server.connect() as wire:
        wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.get("/")
        server.process.send_signal(signal.SIGTERM)
        server.event("draining")
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
        assert wire.read_response().text == "slow"
        server.wait(expect=0)
        assert not server.events("reloaded") and not server.events("reload_refused")


# The admin port


def test_admin_listener_that_goes_answers_before():
    first, second = free_port(), free_port()
    with serve(f"admin: 127.0.0.1:{first}\n" + ONE, **STILL) as server:
        def status(port, path="/version", **headers):
            with Wire(("127.0.0.1", port), timeout=5) as wire:
                return wire.ask("GET", path, headers).status

        secret = server.directory / "token"
        secret.write_text("s3cret")
        server.reload(f"admin: {{ address: 127.0.0.1:{first}, token: '${{file:{secret}}}' }}\n" + ONE)
        assert (status(first), status(first, Authorization="Bearer s3cret")) == (401, 200)
        server.write(f"admin: 127.0.0.1:{second}\n" + ONE)
        with Wire(("127.0.0.1", first)) as wire:
            answer = wire.ask("POST", "/debug/reload", {"Authorization": "Bearer s3cret", "Accept": "application/json"})
            assert (answer.status, answer.json()["generation"]) == (200, 3)
        # Its line, so that the next reload does not take it for its own.
        server.event("reloaded", 2)
        assert status(second) == 200
        eventually(lambda: answers(("127.0.0.1", first)) is None, "a closed admin port")
        server.reload(f"admin: off\nprobes: 127.0.0.1:{first}\n" + ONE)
        assert (status(first, "/readyz"), status(first)) == (200, 404)


# Under load


def test_storm_of_reloads_fails_no_request(swaps=200):
    """A thousand of them are scripts/reload-storm."""
    text = """
    limits: { requests_per_connection: 1000000000 }
    middleware: { compression: {}, concurrency: 1000, access_log: { output: "file:LOG" } }
    services: { web: { routes: { "GET /{$}": { template: "one" }, "GET /wait": { template: "w", delay: 5ms } } } }
    """
    with serve(text.replace("LOG", "a.log"), **STILL) as server:
        server.reload(text.replace("LOG", "b.log"))
        server.reload(text.replace("LOG", "a.log"))
        descriptors, memory = len(server.descriptors()), server.memory()
        stop, failures, done = threading.Event(), [], []

        def load(path):
            count = 0
            try:
                with server.connect() as wire:
                    while not stop.is_set():
                        answer = wire.ask("GET", path)
                        if answer.status != 200:
                            failures.append(answer)
                        count += 1
            except Exception as error:
                failures.append(error)
            done.append(count)

        threads = [threading.Thread(target=load, args=(path,)) for path in ("/", "/wait", "/", "/wait")]
        for thread in threads:
            thread.start()
        for count in range(swaps):
            server.reload(text.replace("LOG", "ab"[count % 2] + ".log"))
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures[:3]
        assert all(done), done
        server.reload()
        eventually(lambda: len(server.descriptors()) <= descriptors, "as many descriptors as before")
        assert server.memory() < memory + 32 * 1024 * 1024
