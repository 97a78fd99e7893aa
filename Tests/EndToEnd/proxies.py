"""nginx as a proxy in front of the server, where it is installed."""

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from radicled import PATIENCE, eventually, free_port

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")

# Where Debian's package libnginx-mod-stream puts it.
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
needs_stream = pytest.mark.skipif(
    not STREAM_MODULE.exists(), reason="nginx's stream module is not installed: Debian's libnginx-mod-stream has it")

COMMON = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
"""

HTTP = COMMON + """
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            {settings}
        }}
    }}
}}
"""

STREAM = "load_module " + str(STREAM_MODULE) + ";" + COMMON + """
stream {{
    server {{
        listen 127.0.0.1:{port};
        proxy_pass {upstream};
        {settings}
    }}
}}
"""


class Nginx:
    """Passes all it gets on to `upstream`, with more settings of its location; or a stream of bytes, with its server's."""

    def __init__(self, upstream, settings="", configuration=HTTP):
        self.directory = tempfile.mkdtemp(prefix="nginx-")
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        file = Path(self.directory) / "nginx.conf"
        file.write_text(configuration.format(
            directory=self.directory, port=self.port, upstream=upstream, settings=settings))
        self.process = subprocess.Popen(
            ["nginx", "-p", self.directory, "-c", str(file)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def __enter__(self):
        eventually(self._answers, "nginx listens")
        return self

    def _answers(self):
        assert self.process.poll() is None, self.process.stderr.read().decode()
        with socket.socket() as probe:
            return probe.connect_ex(self.address) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
