"""What cannot start says so in one clear line and exits with 2; a wrong manifest says why and exits with 1."""

import os
import socket

import pytest

from radicled import manifest, run, serve

ROUTES = """
services:
  web:
    routes:
      GET /{$}: { template: "root" }
"""


def one_line(done, code):
    assert done.returncode == code, done
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Fatal error" not in lines[0] and "NIO" not in lines[0]
    return lines[0]


def test_port_in_use_is_2_with_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = tmp_path / "m.yaml"
        path.write_text(manifest(f"listen: 127.0.0.1:{port}\n" + ROUTES))
        line = one_line(run("--config", path), 2)
    assert str(port) in line and "in use" in line


def test_address_that_is_not_here_is_2_with_one_line(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest("listen: 192.0.2.1:0\n" + ROUTES))
    assert "192.0.2.1" in one_line(run("--config", path), 2)


def test_missing_file_is_2_with_one_line(tmp_path):
    line = one_line(run("--config", tmp_path / "nope.yaml"), 2)
    assert "nope.yaml" in line


def test_directory_is_2_with_one_line(tmp_path):
    line = one_line(run("--config", tmp_path), 2)
    assert "directory" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_2_with_one_line(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(ROUTES))
    path.chmod(0)
    assert "m.yaml" in one_line(run("--config", path), 2)


def test_wrong_manifest_is_1_with_its_findings(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(manifest(ROUTES.replace("template", "tempalte")))
    done = run("--config", path)
    assert done.returncode == 1
    assert "template" in done.stderr and "m.yaml:" in done.stderr


def test_no_config_is_told(tmp_path):
    done = run(cwd=tmp_path)
    assert done.returncode in (2, 64)
    assert "--config" in done.stderr


def test_manifest_comes_from_standard_input():
    done = run("lint", "-", input=manifest(ROUTES))
    assert done.returncode == 0, done


def test_start_says_what_is_listened_to():
    with serve(ROUTES) as server:
        event = server.event("listening")
        assert event["listener"] and event["address"] == f"127.0.0.1:{server.port}"
