"""`radicled probe`: 0 for a good answer, 1 for another, 2 for none."""

import signal
import socket
import threading

import pytest

from radicled import eventually, free_port, manifest, run, serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
      GET /lines: { template: "a\\nb\\n\\nc\\n" }
      GET /teapot: { template: { status: 418, text: "short\\x1b[31m" } }
      GET /query: { template: "{{ query.a }}" }
      GET /redirect: { redirect: / }
"""


@pytest.fixture(scope="module")
def server():
    with serve(ROUTES + "probes: 127.0.0.1:0\n") as running:
        yield running


def place(address):
    return f"{address[0]}:{address[1]}"


def test_ready_server_is_0(server):
    for target in (place(server.others["admin"]), place(server.others["probes"]),
                   f"http://{place(server.others['admin'])}", f"http://{place(server.others['probes'])}/readyz"):
        done = run("probe", target)
        assert (done.returncode, done.stdout, done.stderr) == (0, "200 ready\n", ""), done


def test_any_url_can_be_asked(server):
    assert run("probe", f"{server.url}/lines").stdout == "200 a; b; c\n"
    assert run("probe", f"{server.url}/query?a=7").stdout == "200 7\n"
    assert run("probe", f"http://localhost:{server.port}/lines").returncode == 0


def test_another_status_is_1_and_is_told(server):
    done = run("probe", f"{server.url}/teapot")
    assert done.returncode == 1
    assert done.stdout.startswith("418 short") and "\x1b" not in done.stdout
    assert run("probe", f"{server.url}/redirect").returncode == 1


def test_draining_server_is_1_and_says_why():
    with serve("shutdown: { delay: 5s }\n" + ROUTES) as server:
        target = place(server.others["admin"])
        server.process.send_signal(signal.SIGTERM)
        done = eventually(lambda: (d := run("probe", target)).returncode == 1 and d, "not ready")
        assert done.stdout.startswith("503 not ready; draining: ")
        server.process.send_signal(signal.SIGTERM)
        server.wait()


def test_nobody_there_is_2_with_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = run("probe", f"127.0.0.1:{port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"127.0.0.1:{port}" in done.stderr and "refused" in done.stderr and done.stderr.count("\n") == 1


def test_silent_server_is_2_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = run("probe", f"127.0.0.1:{silent.getsockname()[1]}", "--timeout", "200ms")
    assert done.returncode == 2 and "no answer in time" in done.stderr


def test_what_is_no_http_is_2():
    with socket.create_server(("127.0.0.1", 0)) as other:
        def answer():
            connection, _ = other.accept()
            connection.sendall(b"220 mail\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        done = run("probe", f"127.0.0.1:{other.getsockname()[1]}")
    assert done.returncode == 2 and "not HTTP" in done.stderr


def test_manifest_says_where():
    admin, probes = free_port(), free_port()
    text = f"admin: {{ address: 127.0.0.1:{admin}, token: '${{TOKEN}}' }}\nprobes: :{probes}\n" + ROUTES
    with serve(text, env={"TOKEN": "opensesame"}) as server:
        env = {"TOKEN": "opensesame"}
        assert run("probe", "--config", server.manifest, env=env).stdout == "200 ready\n"
        assert run("probe", "/livez", "--config", server.manifest, env=env).stdout == "200 ok\n"
        # What probes do not serve, admin does, for who has its token.
        assert run("probe", "/version?format=text", "--config", server.manifest, env=env).stdout.startswith("200 radicled")
        assert run("probe", "/version", "--config", server.manifest, env={"TOKEN": "other"}).returncode == 1
        moved = ["--set", f"probes=127.0.0.1:{free_port()}"]
        assert run("probe", "--config", server.manifest, *moved, env=env).returncode == 2


def test_unix_socket_is_asked(tmp_path):
    path = f"/tmp/r-{tmp_path.name[-20:]}.probe"
    with serve(f"admin: unix:{path}\n" + ROUTES) as server:
        assert run("probe", f"unix:{path}").stdout == "200 ready\n"
        assert run("probe", "--config", server.manifest).stdout == "200 ready\n"


@pytest.mark.parametrize("arguments", [
    ["https://127.0.0.1:1/"], ["http://u:p@127.0.0.1"], ["nonsense"], ["127.0.0.1:0"], ["/a b"], ["--config", "nope.yaml"],
    ["127.0.0.1:1", "--config", "m.yaml"], ["--config", "off.yaml"], ["127.0.0.1:1", "--timeout", "5"],
    ["127.0.0.1:1", "--timeout", "0s"],
])
def test_what_cannot_be_asked_is_told(tmp_path, arguments):
    (tmp_path / "m.yaml").write_text(manifest(ROUTES))
    (tmp_path / "off.yaml").write_text(manifest("admin: off\n" + ROUTES))
    done = run("probe", *arguments, cwd=tmp_path)
    assert done.returncode in (2, 64) and done.stdout == "" and done.stderr.strip()
    assert "Fatal" not in done.stderr and "NIO" not in done.stderr
