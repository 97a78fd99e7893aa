"""`radicled dev-cert`."""

import os
import socket
import ssl
import stat

from radicled import PATIENCE, run, serve


def test_certificate_is_served_and_trusted(tmp_path):
    done = run("dev-cert", "--directory", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "tls: { certificate: dev.pem, key: dev.key }" in done.stdout
    assert stat.S_IMODE(os.stat(tmp_path / "dev.key").st_mode) == 0o600
    files = {name: (tmp_path / name).read_text() for name in ("dev.pem", "dev.key")}
    with serve('''
        listen: { address: "127.0.0.1:0", tls: { certificate: dev.pem, key: dev.key } }
        services: { web: { routes: { GET /a: { template: hi } } } }
    ''', files=files) as server:
        assert "warning" not in server.log.text
        # Fields that strict clients look for are what the flag is about.
        context = ssl.create_default_context(cafile=str(tmp_path / "dev.pem"))
        for host in ["localhost", "127.0.0.1", "::1", socket.gethostname().lower()]:
            plain = socket.create_connection(server.address, timeout=PATIENCE)
            with context.wrap_socket(plain, server_hostname=host) as stream:
                assert stream.version() == "TLSv1.3"
        url = f"https://localhost:{server.port}/a"
        assert server.curl("--cacert", str(tmp_path / "dev.pem"), url) == "hi"


def test_files_are_kept_unless_forced(tmp_path):
    assert run("dev-cert", "--directory", tmp_path).returncode == 0
    before = (tmp_path / "dev.key").read_text()
    refused = run("dev-cert", cwd=tmp_path)
    assert refused.returncode == 2
    assert "dev.pem is there already" in refused.stderr
    assert (tmp_path / "dev.key").read_text() == before
    assert run("dev-cert", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "dev.key").read_text() != before


def test_directory_that_is_not_there_is_told(tmp_path):
    done = run("dev-cert", "--directory", tmp_path / "none")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
