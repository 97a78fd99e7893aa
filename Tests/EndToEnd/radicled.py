"""The real binary under test, and clients to talk to it.

A test says what it needs as a manifest and talks to what comes up:

    with serve('''
        services: { web: { routes: { "GET /{$}": { template: "hello" } } } }
    ''') as server:
        assert server.get("/").body == b"hello"

Every server takes a free port and says which in its `listening` log line; nothing here sleeps, everything waits for
an event with a limit. Leaving the `with` block stops the server with SIGTERM and checks that it exits with 0.
"""

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import textwrap
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("RADICLED", ROOT / ".build/release/radicled")).absolute()

# How long anything may take before the test says that it hangs. Never an expectation of speed.
PATIENCE = 20.0

DEFAULTS = {
    "radicle": "1",
    "name": "test",
    "listen": "127.0.0.1:0",
    "shutdown": "{ delay: 0s }",
}


def manifest(text, defaults=DEFAULTS):
    """The text with the top-level keys that every test needs, where it has none of its own."""
    text = textwrap.dedent(text).strip("\n") + "\n"
    missing = [f"{key}: {value}\n" for key, value in defaults.items() if not re.search(rf"^{key}:", text, re.M)]
    return "".join(missing) + text


def run(*arguments, input=None, cwd=None, env=None):
    """Runs the binary to its end; gives the completed process with text output."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)], input=input, stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True, text=True, cwd=cwd, env={**os.environ, **(env or {})}, timeout=PATIENCE)


def free_port():
    """A port that nobody has just now, for what cannot be told to take any."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(check, what):
    """Asks until the answer is true, with a short pause between; fails when patience is at its end."""
    limit = time.monotonic() + PATIENCE
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < limit, f"never happened: {what}"
        threading.Event().wait(0.02)


class Lines:
    """The lines that a pipe has given so far; can be waited for."""

    def __init__(self, pipe):
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            with self.changed:
                self.lines.append(line.rstrip(b"\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, predicate, what):
        """The first answer of `predicate(lines)` that is true."""
        limit = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                answer = predicate(self.lines)
                if answer:
                    return answer
                left = limit - time.monotonic()
                if self.ended or left <= 0:
                    text = b"\n".join(self.lines).decode("utf-8", "replace")
                    raise AssertionError(f"{'ended' if self.ended else 'waited'} without {what}; so far:\n{text}")
                self.changed.wait(left)

    @property
    def text(self):
        with self.changed:
            return b"\n".join(self.lines).decode("utf-8", "replace")


class Response:
    """One answer: status, header fields in their order with lower-case names, body bytes."""

    def __init__(self, status, headers, body, version="1.1", trailers=()):
        self.status = status
        self.headers = headers
        self.body = body
        self.version = version
        self.trailers = list(trailers)

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def header(self, name):
        """The only value of a field, or None; more than one is a failure."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


class Ended(Exception):
    """The server closed the connection before the whole answer was there."""


class Wire:
    """A raw connection: sends bytes as they are, reads answers strictly."""

    def __init__(self, address, timeout=PATIENCE, receive_buffer=None):
        family = socket.AF_UNIX if isinstance(address, str) else (
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def close(self):
        self.socket.close()

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def readable(self, timeout=0.0):
        return bool(self.buffer) or bool(select.select([self.socket], [], [], timeout)[0])

    def _receive(self):
        try:
            piece = self.socket.recv(1 << 18)
        except ConnectionError:
            piece = b""
        if not piece:
            raise Ended(self.buffer)
        return piece

    def _more(self):
        self.buffer += self._receive()

    def _take(self, count):
        pieces, have = [self.buffer], len(self.buffer)
        while have < count:
            piece = self._receive()
            pieces.append(piece)
            have += len(piece)
        data = b"".join(pieces)
        self.buffer = data[count:]
        return data[:count]

    def _take_until(self, mark):
        while mark not in self.buffer:
            self._more()
        piece, _, self.buffer = self.buffer.partition(mark)
        return piece

    @staticmethod
    def _fields(block):
        fields = []
        for line in block.split(b"\r\n"):
            if line:
                name, colon, value = line.decode("latin-1").partition(":")
                assert colon and name and not name[0].isspace(), f"not a field line: {line!r}"
                fields.append((name.lower(), value.strip()))
        return fields

    def read_response(self, method="GET"):
        """One answer (1xx too). Refuses what a strict client refuses."""
        head = self._take_until(b"\r\n\r\n")
        line, _, block = head.partition(b"\r\n")
        found = re.fullmatch(rb"HTTP/(1\.[01]) (\d{3}) ([^\r\n]*)", line)
        assert found, f"not a status line: {line!r}"
        status = int(found[2])
        answer = Response(status, self._fields(block), b"", found[1].decode())
        lengths, codings = answer.all("content-length"), answer.all("transfer-encoding")
        assert not (lengths and codings), f"both lengths: {answer}"
        if method == "HEAD" or status < 200 or status in (204, 304):
            return answer
        if codings:
            assert codings == ["chunked"], codings
            while size := int(self._take_until(b"\r\n").split(b";")[0], 16):
                answer.body += self._take(size)
                assert self._take(2) == b"\r\n"
            while line := self._take_until(b"\r\n"):
                answer.trailers += self._fields(line)
        elif lengths:
            assert len(lengths) == 1, lengths
            answer.body = self._take(int(lengths[0]))
        else:
            answer.body = self.read_to_end()
        return answer

    def ask(self, method, path, headers=(), body=b"", version="1.1"):
        lines = [f"{method} {path} HTTP/{version}"]
        fields = list(headers.items() if isinstance(headers, dict) else headers)
        if not any(name.lower() == "host" for name, _ in fields):
            lines.append("Host: localhost")
        lines += [f"{name}: {value}" for name, value in fields]
        if body and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines) + "\r\n\r\n").send(body)
        return self.read_response(method)

    def read_to_end(self):
        """What comes until the server closes."""
        try:
            while True:
                self._more()
        except Ended:
            piece, self.buffer = self.buffer, b""
            return piece

    def is_closed(self):
        """Waits until the server closes; what still came is a failure."""
        rest = self.read_to_end()
        assert rest == b"", f"more came before the end: {rest[:300]!r}"
        return True


def chunked(*pieces, trailers=""):
    data = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
    return data + b"0\r\n" + trailers.encode("latin-1") + b"\r\n"


class Server:
    def __init__(self, text, *, files=None, arguments=(), env=None, defaults=DEFAULTS, before=None,
                 stdout=subprocess.PIPE, shell=None, pass_fds=()):
        self.directory = Path(tempfile.mkdtemp(prefix="radicled-"))
        for name, content in (files or {}).items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.manifest = self.directory / "manifest.yaml"
        self.manifest.write_text(manifest(text, defaults))
        # Servers run side by side, and only one could have the admin port that is the default.
        if not re.search(r"^admin:", text, re.M):
            arguments = ("--set", "admin=127.0.0.1:0", *arguments)
        command = [str(BINARY), "--config", str(self.manifest), *arguments]
        if shell:
            # What a shell does first; the process stays the same.
            command = ["bash", "-c", shell + '; exec "$0" "$@"', *command]
        self.process = subprocess.Popen(
            command, pass_fds=pass_fds, cwd=self.directory, stdin=subprocess.DEVNULL,
            stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, preexec_fn=before)
        self.output = Lines(self.process.stdout or [])
        self.log = Lines(self.process.stderr)

    # Life

    def __enter__(self):
        try:
            self.addresses, self.others = self._listening()
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if self.process.poll() is None and kind is None:
                self.stop()
            elif kind is None:
                assert self.process.returncode == 0, f"exited with {self.process.returncode}:\n{self.log.text}"
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def _listening(self):
        wanted = self.manifest.read_text()
        count = 1
        if found := re.search(r"^listen:\s*\[(.*)\]\s*$", wanted, re.M):
            # A bracketed IPv6 address holds no comma, so commas count the addresses.
            count = found[1].count(",") + 1
        elif found := re.search(r"^listen:\s*\n((?: +- .*\n)+)", wanted, re.M):
            count = found[1].count("\n")

        # The admin and probe listeners come last, and are told by their names.
        names = [] if re.search(r"^admin:\s*(off|false)\s*$", wanted, re.M) else ["admin"]
        names += ["probes"] if re.search(r"^probes:", wanted, re.M) else []

        def all_of_them(lines):
            events = [event for event in map(parsed, lines) if event and event.get("event") == "listening"]
            return events if len(events) >= count + len(names) else None

        events = self.log.wait(all_of_them, f"{count} × event listening, and {names}")
        addresses = [(event["listener"], address_of(event["address"])) for event in events]
        own = [address for name, address in addresses if name not in ("admin", "probes")]
        return own, dict(entry for entry in addresses if entry[0] in ("admin", "probes"))

    def stop(self, by=signal.SIGTERM, expect=0):
        """Sends the signal, waits for the end and checks the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.wait(expect)

    def wait(self, expect=0):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"did not stop; its log:\n{self.log.text}") from None
        assert code == expect, f"exited with {code}:\n{self.log.text}"
        return code

    # Talking to it

    @property
    def address(self):
        return self.addresses[0]

    @property
    def port(self):
        return self.address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def connect(self, index=0, **options):
        return Wire(self.addresses[index], **options)

    def admin(self, path, headers=None, *, method="GET", body=None, listener="admin"):
        """One request to the admin listener, or to `probes`."""
        return self.request(method, path, headers, body, address=self.others[listener])

    def request(self, method, path, headers=None, body=None, address=None):
        """One request over a connection of its own, by Python's http.client."""
        connection = http.client.HTTPConnection(*(address or self.address)[:2], timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            fields = [(name.lower(), value) for name, value in answer.getheaders()]
            return Response(answer.status, fields, answer.read(), "1.1" if answer.version == 11 else "1.0")
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers)

    def curl(self, *arguments):
        """What curl prints; a path is completed to a URL, but for an option's. Fails when curl fails."""
        words = [self.url + word if word.startswith("/") and before not in ("-o", "--unix-socket", "--cacert", "--cert") else word
                 for before, word in zip(("", *arguments), arguments)]
        done = subprocess.run(["curl", "-sS", "--max-time", str(PATIENCE), *words], capture_output=True, text=True)
        assert done.returncode == 0, f"curl: {done.stderr}"
        return done.stdout

    # Changing it

    def write(self, text, name=None, defaults=DEFAULTS):
        """Another manifest in place of the first, whole from one moment to the next; or another file beside it."""
        path = self.directory / name if name else self.manifest
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text if name else manifest(text, defaults))
        fresh.rename(path)

    def reload(self, text=None, expect="reloaded"):
        """Sends SIGHUP, after writing another manifest if there is one, and waits for what comes of it."""
        if text is not None:
            self.write(text)
        count = len(self.events(expect))
        self.process.send_signal(signal.SIGHUP)
        return self.event(expect, count + 1)

    # Looking at it

    def event(self, name, count=1):
        """The first line of the program's own log with this event, or a later one."""
        def found(lines):
            events = named(lines, name)
            return events[count - 1] if len(events) >= count else None

        return self.log.wait(found, f"{count} × event {name}")

    def events(self, name):
        """All lines of the program's own log with this event, so far."""
        return named(list(self.log.lines), name)

    def access_lines(self, count):
        """The access log once it has `count` lines, as bytes."""
        return self.output.wait(lambda lines: list(lines) if len(lines) >= count else None, f"{count} access lines")

    def access(self, count):
        """The access log once it has `count` lines, each parsed strictly as one JSON object."""
        return [json.loads(line) for line in self.access_lines(count)]

    def descriptors(self):
        """What is open, as the links in /proc tell."""
        found = []
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found.append(os.readlink(link))
            except FileNotFoundError:
                pass
        return found

    def memory(self):
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) * 1024


def named(lines, name):
    return [event for event in map(parsed, lines) if event and event.get("event") == name]


def parsed(line):
    """A log line as an object, or None where it is something else."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def address_of(text):
    """127.0.0.1:80, [::1]:80 or unix:PATH as what socket.connect wants."""
    if text.startswith("unix:"):
        return text.removeprefix("unix:")
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port))


def serve(text, **options):
    return Server(text, **options)


def problem(answer, status):
    """Checks that an answer is problem+json for this status with the request id in it; gives the object."""
    assert answer.status == status, answer
    assert answer.header("content-type") == "application/problem+json", answer
    value = answer.json()
    assert value["status"] == status, value
    assert value["title"], value
    identity = answer.header("x-request-id")
    assert identity, answer
    assert identity in value.values(), f"the request id {identity} is not in {value}"
    return value
