"""Requests over TLS 1.3, with one key for both servers: that of `radicled dev-cert`, ECDSA P-256."""

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from pieces.http import HEAD, rows
from pieces.piece import Piece
from servers import BINARY, FIELDS, NGINX_TLS, PATH, tls_text

HERE = Path(__file__).parents[1]


def servers(bench, stack):
    keys = bench.work / "keys"
    if not keys.exists():
        keys.mkdir()
        subprocess.run([BINARY, "dev-cert", "--directory", keys], check=True, capture_output=True)
    texts = {"radicled": tls_text(), "nginx": NGINX_TLS}
    return [stack.enter_context(bench.server(name, text=texts[name], keys=keys)) for name in bench.peers if name in texts]


class TLS(Piece):
    name = "tls"

    def measure(self, bench):
        with ExitStack() as stack:
            return bench.interleaved(servers(bench, stack))

    def goals(self, result, goal):
        if "nginx" in result:
            value = 1 / result["radicled"]["cpu_to_nginx"]
            goal("requests over TLS for each second of CPU, kept connections, to nginx", value, 0.9, f"{value:.2f} ×",
                 "at least 0.9 ×", least=True)
            value = result["radicled"]["rate"] / result["nginx"]["rate"]
            goal("requests over TLS a second, kept connections, to nginx", value, 0.9, f"{value:.2f} ×", "at least 0.9 ×", least=True)

    def tables(self, result, table):
        table("TLS", "Kept connections as above, over TLS 1.3 with the load's first cipher suite, TLS_AES_256_GCM_SHA384, and a key of "
              "ECDSA P-256.", HEAD, rows(result))


class Handshakes(Piece):
    """A full handshake for each request; see handshakes/main.go for why it is one."""

    name = "handshakes"

    def measure(self, bench):
        if not shutil.which("go"):
            raise RuntimeError("go is not installed: run scripts/install-dependencies bench")
        program, request = bench.work / "handshakes", bench.work / "handshake-request"
        environment = {**os.environ, "GO111MODULE": "off", "GOCACHE": str(bench.work / "go")}
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE / "handshakes", env=environment, check=True)
        fields = {"Host": "localhost", **FIELDS, "Connection": "close"}
        request.write_text(f"GET {PATH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n",
                           newline="")

        def load(server, seconds=bench.seconds):
            return bench.program(server, ["env", "GOMAXPROCS=1", program, server.port, seconds, 16, request])

        with ExitStack() as stack:
            return bench.interleaved(servers(bench, stack), load)

    def goals(self, result, goal):
        # By CPU alone: what the client gets a second is what it can do itself.
        if "nginx" in result:
            value = 1 / result["radicled"]["cpu_to_nginx"]
            goal("full TLS handshakes with a request for each second of CPU, to nginx", value, 0.9, f"{value:.2f} ×",
                 "at least 0.9 ×", least=True)

    def tables(self, result, table):
        table("A new TLS connection for each request", "The same with a full handshake for each request, 16 at once, and "
              "TLS_AES_128_GCM_SHA256, which this client asks for first. It keeps no sessions and says that it cannot resume any, so "
              "neither server makes a ticket for it (nginx is told so besides), and a handshake that resumes one ends the run. It "
              "costs more than either server, so what it gets a second is its own limit.", HEAD, rows(result))
