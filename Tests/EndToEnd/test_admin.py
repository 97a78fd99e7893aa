"""The admin listener and `probes`: health, version, configuration, routes, connections, the log's level; who may ask."""

import json
import resource
import signal
import socket

import pytest

from radicled import Wire, address_of, eventually, manifest, problem, run, serve

ROUTES = """
workers: 1
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /slow/{id}: { template: "slow", delay: 300s, middleware: { timeout: off } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(ROUTES + "probes: 127.0.0.1:0\n") as running:
        yield running


JSON = {"Accept": "application/json"}


# What there is


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
@pytest.mark.parametrize("listener", ["admin", "probes"])
def test_healthy_server_says_so(server, path, listener):
    answer = server.admin(path, listener=listener)
    assert answer.status == 200 and answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.text == ("ready\n" if path == "/readyz" else "ok\n")
    for value in (server.admin(path, JSON, listener=listener), server.admin(f"{path}?format=json", listener=listener)):
        assert value.json()["reasons"] == [] and value.header("content-type") == "application/json"


def test_head_of_health_has_no_body(server):
    assert (server.admin("/healthz", method="HEAD").status, server.admin("/healthz", method="HEAD").body) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/version", "/debug/config", "/debug/routes", "/debug/connections"])
def test_probes_serve_health_alone(server, path):
    assert server.admin(path).status == 200
    problem_of(server.admin(path, listener="probes"), 404)


def problem_of(answer, status):
    assert answer.status == status, answer
    assert answer.header("content-type") == "application/problem+json"
    return answer.json()


def test_version_is_json(server):
    value = server.admin("/version").json()
    assert value["program"] == "radicled" and value["name"] == "test" and value["generation"] == 1
    assert run("version").stdout.split()[1] == value["version"]


def test_index_is_a_page_for_browsers_and_a_list_for_curl(server):
    page = server.admin("/", {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    assert page.header("content-type") == "text/html; charset=utf-8"
    assert '<a href="/debug/config">' in page.text
    assert "http://" not in page.text and "https://" not in page.text and "<script" not in page.text
    listed = server.admin("/", {"Accept": "*/*"})
    assert listed.header("content-type") == "text/plain; charset=utf-8" and "/debug/config" in listed.text
    for entry in server.admin("/", JSON).json()["endpoints"]:
        assert server.admin(entry["path"]).status == (200 if "GET" in entry["methods"] else 405), entry


def test_routes_are_those_of_the_command(server):
    assert server.admin("/debug/routes").text == run("routes", server.manifest).stdout
    ours, told = server.admin("/debug/routes", JSON).json(), json.loads(
        run("routes", server.manifest, "--format", "json").stdout)
    assert ours == told


def test_unknown_path_and_wrong_method_are_told(server):
    problem_of(server.admin("/nope"), 404)
    assert problem_of(server.admin("/version", method="POST"), 405)["detail"]


# The configuration in force


def test_config_tells_values_with_their_origins(tmp_path):
    token = tmp_path / "token"
    token.write_text("hunter2-hunter2\n")
    text = ROUTES + f"""
limits: {{ idle: 20s, header_count: 50 }}
middleware: {{ timeout: 5s, access_log: {{ output: "${{WHERE}}" }} }}
data: {{ secrets: {{ key: "${{file:{token}}}" }} }}
"""
    with serve(text, env={"WHERE": "stdout"}, arguments=["--set", "limits.idle=30s"]) as server:
        line = server.manifest.read_text().splitlines().index("limits: { idle: 20s, header_count: 50 }") + 1
        shown = server.admin("/debug/config").text
        assert "  idle: 30s  # override by --set\n" in shown
        assert f"  header_count: 50  # {server.manifest}:{line}\n" in shown
        assert "  body_gap: 30s  # default\n" in shown
        assert "workers: 1  # " in shown and "hunter2" not in shown
        assert f"    output: \"${{WHERE}}\"  # environment, {server.manifest}:{line + 1}\n" in shown
        assert f"  timeout: 5s  # {server.manifest}:{line + 1}\n" in shown
        value = server.admin("/debug/config", JSON).json()
        assert value["config"]["limits"]["idle"] == "30s" and value["config"]["workers"] == 1
        origins = value["origins"]
        assert origins["limits.idle"] == {"origin": "override"}
        assert origins["limits.body_gap"] == {"origin": "default"}
        assert origins["limits.header_count"]["origin"] == "file" and origins["limits.header_count"]["line"] == line
        assert origins["middleware.access_log.output"]["origin"] == "environment"
        assert "hunter2" not in json.dumps(value)


def test_config_is_a_manifest_that_says_the_same(server, tmp_path):
    path = tmp_path / "again.yaml"
    path.write_text(server.admin("/debug/config").text)
    done = run("lint", path)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert run("routes", path).stdout == run("routes", server.manifest).stdout


def test_secrets_are_not_shown():
    text = "admin: { address: 127.0.0.1:0, token: opensesame }\n" + ROUTES
    with serve(text) as server:
        for headers in ({}, JSON):
            shown = server.admin("/debug/config", {"Authorization": "Bearer opensesame", **headers}).text
            assert "***" in shown and "opensesame" not in shown


# Connections


def test_connections_tell_who_is_there_and_what_runs(server):
    with server.connect() as idle, server.connect() as busy:
        idle.ask("GET", "/")
        busy.send("GET /slow/7?secret=1 HTTP/1.1\r\nHost: x\r\n\r\n")

        def both():
            listed = server.admin("/debug/connections", JSON).json()
            mine = {c["peer"]: c for c in listed["connections"]}
            names = [f"127.0.0.1:{wire.socket.getsockname()[1]}" for wire in (idle, busy)]
            found = [mine.get(name) for name in names]
            return (listed, *found) if all(found) and found[1]["state"] == "waiting" else None

        listed, resting, running = eventually(both, "both connections in the list")
        assert listed["total"] >= 2
        assert resting["state"] == "idle" and resting["requests"] == 1 and resting["call"] is None
        assert running["call"]["route"] == "GET /slow/{id}" and running["call"]["method"] == "GET"
        assert running["listener"] == f"127.0.0.1:{server.port}" and running["age"] >= running["call"]["age"] >= 0
        text = server.admin("/debug/connections").text
        assert "GET /slow/{id}" in text and "secret" not in text
        limited = server.admin("/debug/connections?limit=1", JSON).json()
        assert len(limited["connections"]) == 1 and limited["total"] >= 2
    problem_of(server.admin("/debug/connections?limit=0"), 400)


def test_many_ask_at_once(server):
    wires = [Wire(server.others["admin"]) for _ in range(20)]
    for wire in wires:
        wire.send("GET /debug/connections HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
    for wire in wires:
        assert [wire.read_response().status for _ in range(3)] == [200, 200, 200]
        wire.close()


def test_who_leaves_before_the_answer_hurts_nobody(server):
    for _ in range(50):
        wire = Wire(server.others["admin"])
        wire.send("GET /debug/connections HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wire.close()
    assert server.admin("/debug/connections").status == 200


# The log's level


def test_level_changes_for_a_time():
    with serve(ROUTES) as server:
        level = server.admin("/debug/log_level", JSON).json()
        assert level == {"level": "info", "default": "info", "ttl": None}
        changed = server.admin("/debug/log_level?level=debug&ttl=10m", JSON, method="POST").json()
        assert changed["level"] == "debug" and changed["default"] == "info" and 590 < changed["ttl"] <= 600
        assert server.event("log_level")["ttl"] == "10m"
        server.admin("/version")
        assert server.event("admin_request")["level"] == "debug"
        server.admin("/debug/log_level?level=debug&ttl=1ms", method="POST")
        eventually(lambda: server.admin("/debug/log_level").text == "info\n", "the end of the change")


def test_level_changes_by_form_and_by_json_and_back(server):
    form = server.admin("/debug/log_level", {"Content-Type": "application/x-www-form-urlencoded"}, method="POST",
                        body=b"level=error")
    assert form.text == "error\n"
    body = server.admin("/debug/log_level", {"Content-Type": "application/json"}, method="POST",
                        body=b'{"level":"warning","ttl":"1h"}')
    assert body.text.startswith("warning, for 3600s more")
    assert server.admin("/debug/log_level?level=default", method="POST").text == "info\n"


@pytest.mark.parametrize("query, word", [("", "level"), ("?level=loud", "level"), ("?level=debug&ttl=5", "ttl"),
                                         ("?level=debug&ttl=0", "ttl")])
def test_wrong_level_is_400_and_says_why(server, query, word):
    assert word in problem_of(server.admin("/debug/log_level" + query, method="POST"), 400)["detail"]
    assert server.admin("/debug/log_level").text == "info\n"


def test_get_changes_nothing(server):
    assert server.admin("/debug/log_level?level=debug").text == "info\n"


# Who may ask


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9901", "127.0.0.1.nip.io", "localhost.evil.example"])
def test_other_names_are_refused(server, host):
    for method, path in (("GET", "/debug/config"), ("POST", "/debug/log_level?level=debug"), ("GET", "/nope")):
        assert "Host" in problem_of(server.admin(path, {"Host": host}, method=method), 403)["detail"]
    assert server.admin("/debug/log_level").text == "info\n"
    # What `probes` shows to everybody is asked by any name.
    assert server.admin("/readyz", {"Host": host}).status == server.admin("/metrics", {"Host": host}).status == 200


@pytest.mark.parametrize("host", ["127.0.0.1:9901", "localhost", "LOCALHOST:1", "[::1]:9901", "10.1.2.3", "127.1"])
def test_addresses_and_localhost_are_names_of_ours(server, host):
    assert server.admin("/version", {"Host": host}).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_pages_of_others_may_not_ask(server, origin):
    answer = server.admin("/debug/log_level?level=debug", {"Host": "127.0.0.1:9901", "Origin": origin}, method="POST")
    assert "Origin" in problem_of(answer, 403)["detail"]
    assert server.admin("/debug/log_level").text == "info\n"


def test_own_page_may_ask(server):
    headers = {"Host": "127.0.0.1:9901", "Origin": "http://127.0.0.1:9901"}
    assert server.admin("/debug/log_level?level=info&ttl=1ms", headers, method="POST").status == 200


def test_token_is_wanted_for_all_but_health():
    with serve("admin: { address: 127.0.0.1:0, token: '${TOKEN}' }\n" + ROUTES, env={"TOKEN": "opensesame"}) as server:
        for path in ("/healthz", "/livez", "/readyz"):
            assert server.admin(path).status == 200
        for path in ("/", "/version", "/debug/config", "/debug/log_level", "/nope"):
            refused = server.admin(path)
            problem_of(refused, 401)
            assert refused.header("www-authenticate").startswith("Bearer")
            for wrong in ("Bearer opensesamf", "Bearer opensesam", "Bearer opensesame1", "Bearer ", "opensesame",
                          "Basic opensesame"):
                assert server.admin(path, {"Authorization": wrong}).status == 401, wrong
            right = server.admin(path, {"Authorization": "bearer opensesame"})
            assert right.status == (404 if path == "/nope" else 200)


# Reload


def changed(server, old, new):
    text = server.manifest.read_text()
    assert old in text
    server.manifest.write_text(text.replace(old, new))


NO_WATCH = ["--no-watch"]


def test_reload_is_asked_for():
    with serve(ROUTES, arguments=NO_WATCH) as server:
        changed(server, '"root"', '"new root"')
        answer = server.admin("/debug/reload", JSON, method="POST")
        assert (answer.status, answer.json()) == (200, {"status": "in_force", "generation": 2}), answer
        assert server.get("/").text == "new root"
        assert server.admin("/version").json()["generation"] == 2
        assert server.admin("/debug/config").text.startswith("# radicled ")
        assert 'new root' in server.admin("/debug/config").text
        assert server.admin("/debug/reload").status == 405


def test_refused_reload_says_what_is_wrong():
    with serve(ROUTES, arguments=NO_WATCH) as server:
        changed(server, "template:", "tempalte:")
        answer = server.admin("/debug/reload", method="POST")
        assert answer.status == 422
        assert "stays in force" in answer.text and "did you mean `template`" in answer.text
        told = server.admin("/debug/reload", JSON, method="POST").json()
        assert told["status"] == "refused" and told["findings"][0]["rule"] == "unknown-key"
        assert told["findings"][0]["line"] > 1
        assert server.get("/").text == "root" and server.admin("/version").json()["generation"] == 1


def test_reload_changes_token_and_address_of_the_pages():
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports.append(free.getsockname()[1])
    first, second = (f"127.0.0.1:{port}" for port in ports)
    with serve(f"admin: {{ address: {first}, token: '${{ONE}}' }}\nprobes: 127.0.0.1:0\n" + ROUTES,
               env={"ONE": "one", "TWO": "two"}, arguments=NO_WATCH) as server:
        one, two = {"Authorization": "Bearer one"}, {"Authorization": "Bearer two"}
        changed(server, "${ONE}", "${TWO}")
        assert server.admin("/debug/reload", one, method="POST").status == 200
        assert server.admin("/version", one).status == 401 and server.admin("/version", two).status == 200
        changed(server, first, second)
        changed(server, "probes: 127.0.0.1:0", "probes: off")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: server.log.text.count("listener_closed") == 2, "two closed listeners")
        server.others["admin"] = address_of(second)
        assert server.admin("/version", two).json()["generation"] == 3


def test_busy_admin_port_refuses_the_reload():
    with socket.create_server(("127.0.0.1", 0)) as taken, serve(
            "admin: { address: 127.0.0.1:0 }\n" + ROUTES, arguments=NO_WATCH) as server:
        changed(server, "address: 127.0.0.1:0", f"address: 127.0.0.1:{taken.getsockname()[1]}")
        answer = server.admin("/debug/reload", method="POST")
        assert answer.status == 409 and "in use" in answer.text
        assert server.get("/").text == "root" and server.admin("/readyz").status == 200


# Its life


def test_readiness_ends_first_when_it_drains():
    with serve("shutdown: { delay: 3s }\nprobes: 127.0.0.1:0\n" + ROUTES) as server:
        assert server.admin("/readyz").status == 200
        server.process.send_signal(signal.SIGTERM)
        for listener in ("admin", "probes"):
            eventually(lambda: server.admin("/readyz", listener=listener).status == 503, "not ready")
            answer = server.admin("/readyz", listener=listener)
            assert answer.text.splitlines()[0] == "not ready" and "draining: " in answer.text
            assert server.admin("/readyz", JSON, listener=listener).json()["reasons"][0]["reason"] == "draining"
            assert server.admin("/livez", listener=listener).status == 200
        assert server.get("/").text == "root"
        server.process.send_signal(signal.SIGTERM)
        server.wait()


def test_kept_connections_do_not_hold_the_exit():
    with serve("probes: 127.0.0.1:0\n" + ROUTES) as server:
        kept = [Wire(address) for address in server.others.values()]
        for wire in kept:
            assert wire.ask("GET", "/healthz").status == 200
        server.stop()
        assert all(wire.is_closed() for wire in kept)


def test_off_has_none():
    for word in ("off", "false"):
        with serve(f"admin: {word}\n" + ROUTES) as server:
            assert "admin" not in server.others
            assert server.get("/").status == 200


def test_busy_admin_port_is_2_and_names_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = tmp_path / "m.yaml"
        path.write_text(manifest(f"admin: 127.0.0.1:{taken.getsockname()[1]}\n" + ROUTES))
        done = run("--config", path)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert "in use" in last and "admin: off" in last, done.stderr


def test_admin_requests_are_in_no_access_log(server):
    with serve(ROUTES) as own:
        own.admin("/version")
        own.admin("/healthz")
        own.get("/")
        own.stop()
        assert [line["url.path"] for line in own.access(1)] == ["/"]


def test_unix_socket_serves_the_pages(tmp_path):
    path = f"/tmp/r-{tmp_path.name[-20:]}.admin"
    with serve(f"admin: unix:{path}\n" + ROUTES) as server:
        assert server.others["admin"] == path
        with Wire(path) as wire:
            assert wire.ask("GET", "/version", {"Host": "whatever"}).status == 200


def test_admin_answers_when_no_connection_is_left():
    with serve("limits: { connections: 4 }\n" + ROUTES) as server:
        wires = [server.connect() for _ in range(4)]
        assert all(wire.ask("GET", "/").status == 200 for wire in wires)
        assert server.admin("/debug/connections", JSON).json()["total"] == 4
        for wire in wires:
            wire.close()


@pytest.mark.parametrize("limits", ["", "limits: { connections: 5000 }\n"])
def test_admin_answers_when_the_descriptors_are_at_their_end(limits):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with serve(limits + ROUTES, before=few) as server:
        wires = []
        for _ in range(100):
            try:
                wires.append(server.connect(timeout=2))
            except (ConnectionError, TimeoutError):
                break
        assert server.admin("/readyz").status == 200
        eventually(lambda: server.admin("/debug/connections", JSON).json()["total"] >= 10, "taken connections")
        assert not limits or server.event("connections_limited")["level"] == "warning"
        for wire in wires:
            wire.close()


@pytest.mark.parametrize("text, rule, level", [
    ("admin: 0.0.0.0:9901", "open-admin", "warning"),
    ("admin: ':9901'", "open-admin", "warning"),
    ("admin: { address: '[::]:9901' }", "open-admin", "warning"),
    ("admin: { token: hunter2 }", "plain-secret", "warning"),
    ("admin: { address: 127.0.0.1:9000 }\nlisten: 127.0.0.1:9000", "same-address", "error"),
    ("listen: ':9901'", "same-address", "error"),
    ("probes: 127.0.0.1:9901", "same-address", "error"),
    ("admin: { tsl: {} }", "unknown-key", "error"),
    ("admin: { tls: {} }", "missing-key", "error"),
    ("admin: 9901", "bad-address", "error"),
])
def test_lint_knows_admin(tmp_path, text, rule, level):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(text + ROUTES))
    [found] = json.loads(run("lint", "--format", "json", path).stdout)["findings"]
    assert (found["rule"], found["level"]) == (rule, level)


@pytest.mark.parametrize("text", [
    "admin: 127.0.0.1:9902", "admin: '[::1]:9901'", "admin: localhost:9901", "admin: unix:/tmp/x.sock", "admin: off",
    "admin: false", "admin:", "admin: {}", "admin: { address: '0.0.0.0:9901', token: '${HOME}' }",
    "admin: off\nlisten: ':9901'", "probes: 0.0.0.0:9902", "probes: off", "listen: 10.0.0.1:9901",
])
def test_lint_takes_good_admin(tmp_path, text):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(text + ROUTES))
    done = run("lint", path)
    assert (done.returncode, "warning" in done.stdout) == (0, False), done.stdout


def test_start_tells_where_it_listens():
    with serve("probes: 127.0.0.1:0\n" + ROUTES) as server:
        listening = server.log.wait(
            lambda lines: (found := [json.loads(line) for line in lines if b'"listening"' in line]) and
            len(found) >= 3 and found, "three listeners")
        assert [event["listener"] for event in listening] == ["0", "admin", "probes"]
        assert address_of(listening[1]["address"]) == server.others["admin"]
