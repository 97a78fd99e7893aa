"""What systemd is told, and what it hands over: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)."""

import os
import signal
import socket

import pytest

from radicled import DEFAULTS, eventually, serve

TEXT = "services: { web: { routes: { GET /: { template: WORD } } } }"


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(20)

    def receive(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def until(self, key):
        while key not in (told := self.receive()):
            pass
        return told


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_states_are_told(kind, tmp_path):
    address = str(tmp_path / "notify") if kind == "file" else f"\0radicled-test-{os.getpid()}"
    manager = Manager(address)
    with serve(TEXT.replace("WORD", "one"), env={"NOTIFY_SOCKET": address.replace("\0", "@")},
               arguments=["--no-watch"]) as server:
        assert manager.receive() == {"READY": "1", "STATUS": "serving 1 route, generation 1"}
        server.reload(TEXT.replace("WORD", "two"))
        told = manager.receive()
        assert told["RELOADING"] == "1" and int(told["MONOTONIC_USEC"]) > 0
        assert manager.receive() == {"READY": "1", "STATUS": "serving 1 route, generation 2"}
        server.reload("services: 1", expect="reload_refused")
        assert manager.receive()["RELOADING"] == "1"
        assert manager.receive()["STATUS"] == "serving 1 route, generation 2; the last reload was refused"
        server.stop()
        assert manager.receive()["STOPPING"] == "1"


def test_signs_of_life_are_given(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    with serve(TEXT, env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}) as server:
        for _ in range(3):
            manager.until("WATCHDOG")
        server.process.send_signal(signal.SIGHUP)
        manager.until("RELOADING")
        manager.until("WATCHDOG")


def test_watchdog_of_another_process_is_not_ours(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
    with serve(TEXT, env=env) as server:
        server.reload()
        server.reload()
        server.stop()
        told = [manager.receive() for _ in range(6)]
        assert not any("WATCHDOG" in state for state in told)


def served(text, *sockets):
    """A server that finds the sockets as descriptors from 3 on, meant for it."""
    moves = " ".join(f"{3 + place}<&{one.fileno()}" for place, one in enumerate(sockets))
    return serve(text, shell=f"exec {moves}; export LISTEN_PID=$$ LISTEN_FDS={len(sockets)}",
                 pass_fds=[one.fileno() for one in sockets], arguments=["--no-watch"])


def test_handed_over_sockets_are_listened_on(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "x.sock"))
        unix.listen()
        port = tcp.getsockname()[1]
        text = f"listen: [127.0.0.1:{port}, 'unix:{tmp_path}/x.sock']\n" + TEXT
        with served(text, tcp, unix) as server:
            assert server.get("/").text == "WORD"
            assert server.connect(1).ask("GET", "/").text == "WORD"
            server.reload("listen: 127.0.0.1:0\n" + TEXT)
            server.reload(text)
            assert server.get("/").text == "WORD"
        # They are not ours to remove.
        assert (tmp_path / "x.sock").exists()


def test_handed_over_socket_that_nobody_names_is_told_of():
    with socket.create_server(("127.0.0.1", 0)) as tcp, served(TEXT, tcp) as server:
        assert server.event("socket_not_used")["address"] == f"127.0.0.1:{tcp.getsockname()[1]}"
        assert server.get("/").text == "WORD"
