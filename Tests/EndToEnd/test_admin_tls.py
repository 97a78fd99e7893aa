"""`admin.tls`: curl, and `radicled probe`, which knows the certificate by the manifest."""

import json
import subprocess

import pytest

from certificates import Authority
from radicled import PATIENCE, free_port, run, serve

ROOT_CA, CLIENTS = Authority(), Authority("clients")
SERVER = ROOT_CA.issue("localhost", "127.0.0.1", "admin.example")
FILES = {"root.pem": ROOT_CA.pem, "clients.pem": CLIENTS.pem, **SERVER.files()}
ROUTES = "services: { web: { routes: { GET /a: { template: hi } } } }\n"


def admin(tls="certificate: server.pem, key: server.key", port=0, more=""):
    return f'admin: {{ address: "127.0.0.1:{port}", tls: {{ {tls} }}{more} }}\n' + ROUTES


def secure(*arguments, **options):
    return serve(admin(*arguments, **options), files=FILES)


def curl(server, path, *arguments, host="localhost"):
    """Status and body, or None where curl did not get through."""
    port = server.others["admin"][1]
    done = subprocess.run(
        ["curl", "-sS", "--max-time", str(PATIENCE), "--cacert", server.directory / "root.pem", "-w", "\n%{http_code}",
         "--resolve", f"{host}:{port}:127.0.0.1", *arguments, f"https://{host}:{port}{path}"],
        capture_output=True, text=True)
    if done.returncode:
        return None
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_pages_are_at_https(version):
    with secure() as server:
        status, body = curl(server, "/version?format=json", version)
        assert status == 200 and json.loads(body)["version"]
        assert curl(server, "/readyz", version)[0] == 200
        assert curl(server, "/debug/log_level", version, "-X", "POST", "-d", "level=debug")[0] == 200
        told = [event for event in server.events("listening") if event["listener"] == "admin"]
        assert [event["tls"] for event in told] == ["true"] and "https://" in told[0]["message"]


def test_plain_http_is_told_so():
    with secure() as server:
        answer = server.admin("/readyz")
        assert answer.status == 400 and "this port speaks TLS" in answer.text


def test_any_name_of_the_certificate_will_do():
    # Whoever rebinds a name of his own has no certificate for it; pages of others still may not ask.
    with secure() as server:
        assert curl(server, "/version", host="admin.example")[0] == 200
        assert curl(server, "/version", host="other.example") is None
        assert curl(server, "/version", "-H", "Origin: https://other.example", host="admin.example")[0] == 403
    with serve(ROUTES) as server:
        assert server.admin("/version", {"Host": "admin.example"}).status == 403


def test_a_token_is_asked_for_all_the_same():
    with secure(more=', token: "${NONE:-secret}"') as server:
        assert curl(server, "/version")[0] == 401
        assert curl(server, "/version", "-H", "Authorization: Bearer secret")[0] == 200


def test_clients_without_a_certificate_stay_out(tmp_path):
    shown = CLIENTS.issue(name="operator")
    (tmp_path / "shown.pem").write_text(shown.pem + shown.key_pem)
    with secure("certificate: server.pem, key: server.key, client_ca: clients.pem") as server:
        assert curl(server, "/readyz") is None
        assert curl(server, "/readyz", "--cert", tmp_path / "shown.pem")[0] == 200


def test_certificates_are_taken_over():
    with secure() as server:
        other = Authority("another root")
        fresh = other.issue("localhost")
        server.write(fresh.pem, "server.pem")
        assert "key-mismatch" in json.dumps(server.reload(expect="reload_refused"))
        assert curl(server, "/readyz")[0] == 200
        server.write(fresh.key_pem, "server.key")
        server.reload()
        assert curl(server, "/readyz") is None
        server.write(other.pem, "root.pem")
        assert curl(server, "/readyz")[0] == 200
        # It may come and go.
        server.reload("admin: 127.0.0.1:0\n" + ROUTES)
        assert server.admin("/readyz").status == 200
        server.reload(admin())
        assert curl(server, "/readyz")[0] == 200


def test_probe_knows_the_certificate():
    with secure(port=free_port(), more=', token: "${NONE:-secret}"') as server:
        for path, start in [("/readyz", "200 ready"), ("/version", "200 ")]:
            done = run("probe", path, "--config", server.manifest)
            assert done.returncode == 0 and done.stdout.startswith(start), done
        port = server.others["admin"][1]
        done = run("probe", f"https://localhost:{port}/readyz")
        assert done.returncode == 2 and "by --config the manifest that names the certificate" in done.stderr
        done = run("probe", f"localhost:{port}")
        assert done.returncode == 1 and "this port speaks TLS" in done.stdout
        # Another server at this address is none of ours, and is not told the token.
        server.write(ROOT_CA.issue("localhost").pem, "other.pem")
        server.write(server.manifest.read_text().replace("server.pem", "other.pem"), "other.yaml")
        done = run("probe", "/version", "--config", server.directory / "other.yaml")
        assert done.returncode == 2 and "another certificate than the one that the manifest names" in done.stderr


def test_probe_that_has_no_certificate_says_so(tmp_path):
    text = "radicle: 1\n" + admin("certificate: server.pem, key: server.key, client_ca: clients.pem", port=9901)
    for name, content in {**FILES, "manifest.yaml": text}.items():
        (tmp_path / name).write_text(content)
    done = run("probe", "--config", tmp_path / "manifest.yaml")
    assert done.returncode == 2 and "`admin` wants client certificates" in done.stderr


@pytest.mark.parametrize("keys, warned", [
    ("", True), (", tls: { certificate: server.pem, key: server.key }", True), (', token: "${NONE:-secret}"', False),
    (", tls: { certificate: server.pem, key: server.key, client_ca: clients.pem }", False),
    (", tls: { certificate: server.pem, key: server.key, client_ca: clients.pem, client_auth: optional }", True)])
def test_lint_warns_of_pages_that_are_open_to_all(tmp_path, keys, warned):
    text = f'radicle: 1\nadmin: {{ address: "0.0.0.0:9901"{keys} }}\n' + ROUTES
    for name, content in {**FILES, "manifest.yaml": text}.items():
        (tmp_path / name).write_text(content)
    done = run("lint", tmp_path / "manifest.yaml")
    assert done.returncode == 0 and ("open-admin" in done.stdout) == warned, done.stdout
