"""Starts radicled and its peers on loopback, each with the same work, and looks at what they use.

The work: `GET /hello/{name}` answers {"message":"Hello Ann"} with a request id in a field, one JSON line in an access
log file, a time limit for the request. One worker each.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BINARY = Path(os.environ.get("RADICLED", ROOT / ".build/release/radicled"))
VENV = ROOT / ".venv"
# Made by bench.py of grpc_peer/.
GRPC_PEER = ROOT / ".build/grpc-peer"
GATEWAY_PEER = ROOT / ".build/gateway-peer"
SERVER_CORE, LOAD_CORE = "0", "1"

FIELDS = {
    "User-Agent": "bench/1.0",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
PATH = "/hello/Ann"
REQUEST = (f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n"
           + "".join(f"{name}: {value}\r\n" for name, value in FIELDS.items()) + "\r\n").encode()

HELLO = '      GET /hello/{name}: { template: { json: { message: "Hello {{ path.name }}" } } }\n'

RADICLED = """radicle: 1
name: bench
listen: 127.0.0.1:@PORT@
admin: 127.0.0.1:0
workers: @WORKERS@
limits: { requests_per_connection: 1000000000 }
shutdown: { delay: 0s }
middleware:
  request_id: {}
  access_log: { format: json, output: "file:@DIR@/access.log" }
  timeout: 2s
@MIDDLEWARE@services:
  web:
    routes:
"""

# The whole chain: what a service has that says nothing of its own, a limit for each client, and one for all.
LIMITED = "  rate_limit: { key: client.address, rate: 1000000/s }\n  concurrency: 1000\n"

NGINX = r"""
worker_processes 1;
daemon off;
pid @DIR@/nginx.pid;
error_log @DIR@/error.log;
worker_rlimit_nofile 20000;
events { worker_connections 16000; }
http {
  client_body_temp_path @DIR@/body; proxy_temp_path @DIR@/proxy; fastcgi_temp_path @DIR@/fastcgi;
  uwsgi_temp_path @DIR@/uwsgi; scgi_temp_path @DIR@/scgi;
  log_format json escape=json '{"timestamp":"$time_iso8601","event":"access","http.request.method":"$request_method",'
    '"url.path":"$uri","url.query":"$args","http.route":"/hello/{name}","http.response.status_code":$status,'
    '"http.request.body.size":$request_length,"http.response.body.size":$body_bytes_sent,'
    '"http.server.request.duration":$request_time,"client.address":"$remote_addr","client.port":$remote_port,'
    '"network.protocol.version":"$server_protocol","url.scheme":"$scheme","server.address":"$host",'
    '"user_agent.original":"$http_user_agent","radicled.service":"web","radicled.request_id":"$request_id"}';
  access_log @DIR@/access.log json buffer=64k flush=1s;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  client_header_timeout 10s;
  send_timeout 30s;
  server_tokens off;
  server {
    listen 127.0.0.1:@PORT@ backlog=4096;
    location ~ ^/hello/(?<name>[^/]+)$ {
      default_type application/json;
      add_header X-Request-ID $request_id;
      return 200 '{"message":"Hello $name"}';
    }
  }
}
"""

# A formatter cannot cut the name out of the path, so the greeting has the whole path: no more work than a template's.
ENVOY = """
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: @PORT@ } }
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: bench
          generate_request_id: true
          always_set_request_id_in_response: true
          access_log:
          - name: envoy.access_loggers.file
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: @DIR@/access.log
              log_format:
                json_format:
                  timestamp: "%START_TIME%"
                  event: access
                  http.request.method: "%REQ(:METHOD)%"
                  url.path: "%PATH(NQ)%"
                  http.response.status_code: "%RESPONSE_CODE%"
                  http.request.body.size: "%BYTES_RECEIVED%"
                  http.response.body.size: "%BYTES_SENT%"
                  http.server.request.duration: "%DURATION%"
                  client.address: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                  client.port: "%DOWNSTREAM_REMOTE_PORT%"
                  network.protocol.version: "%PROTOCOL%"
                  server.address: "%REQ(:AUTHORITY)%"
                  user_agent.original: "%REQ(USER-AGENT)%"
                  radicled.request_id: "%REQ(X-REQUEST-ID)%"
          http_filters:
          - name: envoy.filters.http.router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          route_config:
            virtual_hosts:
            - name: web
              domains: ["*"]
              routes:
              - match: { safe_regex: { regex: "/hello/[^/]+" } }
                response_headers_to_add: [{ header: { key: content-type, value: application/json } }]
                direct_response:
                  status: 200
                  body_format: { json_format: { message: "Hello %PATH(NQ)%" } }
"""

# The same with a limit for each client.
NGINX_LIMITED = NGINX.replace(
    "  server {\n", "  limit_req_zone $binary_remote_addr zone=clients:10m rate=1000000r/s;\n  server {\n").replace(
    "      default_type", "      limit_req zone=clients burst=1000000 nodelay;\n      default_type")

# HTTP/2 with prior knowledge, which this version speaks on a port of its own.
NGINX_HTTP2 = NGINX.replace("backlog=4096;", "backlog=4096 http2;")

CADDY = """
{
  admin off
  auto_https off
  persist_config off
  log default {
    output stderr
    level ERROR
  }
}
http://127.0.0.1:@PORT@ {
  log {
    output file @DIR@/access.log {
      roll_disabled
    }
    format json
  }
  @hello path_regexp hello ^/hello/([^/]+)$
  header X-Request-ID {http.request.uuid}
  header Content-Type application/json
  respond @hello `{"message":"Hello {re.hello.1}"}`
}
"""


# Either takes the first cipher suite of the client. Neither resumes sessions.
NGINX_TLS = NGINX.replace("backlog=4096;", """backlog=4096 ssl;
    ssl_certificate @KEYS@/dev.pem;
    ssl_certificate_key @KEYS@/dev.key;
    ssl_protocols TLSv1.3;
    ssl_conf_command NumTickets 0;
    ssl_session_tickets off;
    ssl_session_cache off;""")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def radicled_text(routes=HELLO, *, middleware="", workers=1):
    """The manifest: `middleware` is lines of YAML beside or in place of the ones it has."""
    own = {line.split(":")[0] for line in middleware.splitlines()}
    text = "".join(line for line in RADICLED.splitlines(keepends=True) if line.split(":")[0] not in own)
    return text.replace("@MIDDLEWARE@", middleware).replace("@WORKERS@", str(workers)) + routes


# gRPC: the talk's Greeter, as configs/greeter.yaml has it.
GREETER = f"""  greeter:
    proto: {ROOT}/configs/protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
      SayHello: {{ template: {{ message: {{ message: "Hello {{{{ request.name }}}}" }} }} }}
"""


def greeter_text(middleware=""):
    """radicled's manifest with the method beside the route."""
    return radicled_text(middleware=middleware) + GREETER


# bench.proto, as grpc_peer has it. A call may not compute a list of 100,000, but send one that it has.
BENCH = """  bench:
    proto: @ROOT@/Benchmarks/bench.proto
    grpc: bench.Bench
    methods:
      Echo: { echo: {} }
      Count: { template: { messages: "{{ data.messages }}" } }
      Greetings:
        template:
          messages:
@GREETINGS@      Chat: { echo: {} }
"""


def bench_text(messages, greetings=1):
    """radicled's manifest with those methods beside the route and the Greeter.

    `messages` is a file of those that `Count` sends, `greetings` how many templates `Greetings` has.
    """
    text = BENCH.replace("@ROOT@", str(ROOT)).replace(
        "@GREETINGS@", '            - { text: "Hello {{ request.text }}" }\n' * greetings)
    return greeter_text().replace("services:\n", f"data: {{ messages: {messages} }}\nservices:\n", 1) + text


def tls_text():
    """The same over TLS."""
    return radicled_text().replace(
        "listen: 127.0.0.1:@PORT@",
        "listen: { address: 127.0.0.1:@PORT@, tls: { certificate: @KEYS@/dev.pem, key: @KEYS@/dev.key } }")


def peer_binary(name):
    """The program of a peer, or None where it is not installed."""
    if name == "radicled":
        return str(BINARY)
    if name == "nginx":
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if name.startswith("grpc-go"):
        return str(GRPC_PEER) if GRPC_PEER.exists() else None
    if name == "grpc-gateway":
        return str(GATEWAY_PEER) if GATEWAY_PEER.exists() else None
    found = {
        "envoy": [*VENV.glob("lib/python*/site-packages/envoy/_bin/envoy")],
        "caddy": [VENV / "bin/caddy"],
    }[name]
    return next((str(path) for path in found if path.exists()), None)


class Server:
    """One running server; `with` stops it and everything it started."""

    def __init__(self, name, directory, *, text=None, wrapper=(), env=None, core=SERVER_CORE, binary=None, keys=None):
        """`keys` is the folder of a certificate and its key: the server speaks TLS."""
        self.name = name
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.tls = keys is not None
        self.url = f"{'https' if keys else 'http'}://127.0.0.1:{self.port}"
        text = text or {"radicled": radicled_text(), "nginx": NGINX, "envoy": ENVOY, "caddy": CADDY}.get(name, "")
        config = self.directory / {"nginx": "nginx.conf", "caddy": "Caddyfile"}.get(name, "config.yaml")
        config.write_text(text.replace("@PORT@", str(self.port)).replace("@DIR@", str(self.directory)).replace("@KEYS@", str(keys)))
        program = binary or peer_binary(name)
        arguments = {
            "radicled": ["--config", config],
            "nginx": ["-p", self.directory, "-c", config],
            "envoy": ["-c", config, "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"],
            "caddy": ["run", "--config", config, "--adapter", "caddyfile"],
            "grpc-go": ["-address", f"127.0.0.1:{self.port}"],
            "grpc-gateway": ["-address", f"127.0.0.1:{self.port}"],
            "grpc-go with a base": ["-address", f"127.0.0.1:{self.port}", "-log", self.directory / "access.log"],
        }[name]
        self.errors = open(self.directory / "stderr", "wb")
        self.began = time.perf_counter()
        pin = ["taskset", "-c", core] if core and shutil.which("taskset") else []
        self.process = subprocess.Popen(
            [*pin, *wrapper, program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.errors, env={**os.environ, "GOMAXPROCS": "1", **(env or {})}, start_new_session=True,
            cwd=self.directory)

    def __enter__(self):
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.errors.close()

    def stop(self):
        """Stops it as a user would; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def wait_until_it_answers(self, patience=120.0):
        """Seconds from the start of the process to the end of its first answer."""
        limit = time.monotonic() + patience
        while True:
            try:
                with self.connect(patience) as wire:
                    wire.sendall(REQUEST)
                    answer = wire.recv(65536)
                    took = time.perf_counter() - self.began
                    # Who speaks nothing but HTTP/2 begins with its settings.
                    if answer.startswith(b"HTTP/1.1 200") or answer[3:5] == b"\4\0":
                        return took
                    raise RuntimeError(f"{self.name} answers {answer[:300]!r}")
            except ConnectionError:
                pass
            if self.process.poll() is not None or time.monotonic() > limit:
                text = (self.directory / "stderr").read_text(errors="replace")
                raise RuntimeError(f"{self.name} does not serve: {text[-2000:]}")
            time.sleep(0.0005)

    def connect(self, timeout):
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        if not self.tls:
            return wire
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(wire)

    def processes(self):
        """The process and all its descendants."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                todo += map(int, children.read_text().split())
        return found

    def cpu_seconds(self):
        """Of all threads that run; the scheduler counts in nanoseconds, unlike `stat`."""
        return sum(int(task.read_text().split()[0])
                   for pid in self.processes() for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9

    def ticks(self):
        """User and system time of all its processes, as `stat` counts them: for shares, not for short times."""
        user = system = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        return user, system

    def empty_log(self):
        """Whoever keeps it open appends, so what was written meanwhile is let go of."""
        log = self.directory / "access.log"
        if log.exists():
            os.truncate(log, 0)

    def memory(self):
        """Resident bytes of all its processes."""
        total = 0
        for pid in self.processes():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
        return total
