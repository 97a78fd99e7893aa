"""Calls by gRPC, gRPC-Web and Connect made by hand, and their answers read as strictly as the protocols are written.

    with greeter(HELLO) as server:
        told = FACES["connect"].call(server, "SayHello", [HelloRequest(name="Ann")])
        assert (told.code, told.messages[0].message) == ("ok", "Hello Ann")
"""

import base64
import json
import re
import socket
import struct
from urllib.parse import unquote_to_bytes

from google.protobuf import json_format
from google.rpc import status_pb2

from grpc_client import FILES, HelloReply
from http2_client import Frames, frame
from radicled import serve

CODES = ["ok", "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
         "permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented",
         "internal", "unavailable", "data_loss", "unauthenticated"]
# The Connect protocol, "Error codes".
STATUSES = dict(zip(CODES, [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]))

GREETER = """
services:
  greeter:
    proto: protos/helloworld.proto
    grpc: helloworld.Greeter
    methods:
"""
ECHO = """
services:
  echo:
    proto: protos/helloworld.proto
    grpc: helloworld.Echo
    methods: { Unary: { echo: {} }, Down: { echo: {} }, Up: { echo: {} }, Both: { echo: {} } }
"""
HELLO = """
      SayHello: { template: { message: { message: "Hello {{ request.name }}" } } }
"""
# Something for each kind of method.
ALL = """
      SayHello: { template: { message: { message: "Hello {{ request.name }}" } } }
      SayHelloOften:
        template: { messages: "{{ lists.range(request.count).map(n, {'message': request.name + ' ' + string(n)}) }}" }
      SayHelloToAll:
        template: { message: { message: "{{ requests.map(r, r.name).join(', ') }}", length: "{{ size(requests) }}" } }
      Chat: { template: { message: { message: "Hello {{ request.name }}" }, on_end: [{ message: bye }] } }
      LookUp: { template: { message: { message: "Hello {{ request.name }}" } } }
"""


def greeter(methods, before=""):
    return serve(before + GREETER + methods, files=FILES)


def echo(before=""):
    """A server whose methods send back what comes."""
    return serve(before + ECHO, files=FILES)


def path_of(method, service="helloworld.Greeter"):
    return f"/{service}/{method}"


# Framing


def envelope(message=b"", flags=0):
    data = message if isinstance(message, bytes) else message.encode() if isinstance(message, str) else (
        message.SerializeToString())
    return struct.pack("!BI", flags, len(data)) + data


def envelopes(body):
    """What lies in a body, each as its flags and its bytes; nothing may be cut off."""
    found = []
    while body:
        assert len(body) >= 5, f"a cut prefix: {body!r}"
        flags, length = struct.unpack("!BI", body[:5])
        assert len(body) >= 5 + length, f"a cut message: {body[:300]!r}"
        found.append((flags, body[5:5 + length]))
        body = body[5 + length:]
    return found


def undone(text):
    """Base64 in pieces, each of which may have its padding."""
    assert len(text) % 4 == 0, f"a cut group: {text[-80:]!r}"
    return b"".join(base64.b64decode(text[at:at + 4], validate=True) for at in range(0, len(text), 4))


def unpadded(text):
    assert not text.endswith("="), f"padded: {text}"
    data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    assert base64.b64encode(data).decode().rstrip("=") == text
    return data


# Asking


def prompt(wire):
    """Small pieces go out at once, instead of waiting until those before have been acknowledged."""
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire


def ask(server, method, path, fields=(), body=b"", version="1.1"):
    """One request over a connection of its own; over HTTP/2 the body is in as many frames as it takes."""
    fields = list(fields.items() if isinstance(fields, dict) else fields)
    if version == "1.1":
        with server.connect() as wire:
            if method == "POST" and not body:
                fields.append(("Content-Length", "0"))
            return prompt(wire).ask(method, path, fields, body)
    with Frames(server) as wire:
        prompt(wire.wire)
        wire.ask(1, method, path, fields, ends=method != "POST")
        if method == "POST":
            send(wire, 1, body)
        return wire.answer(1)


def send(wire, stream, body, ends=True):
    """DATA frames of what is no more than the first window."""
    assert len(body) < 65_536
    pieces = [body[at:at + 16_384] for at in range(0, len(body), 16_384)] or [b""]
    for index, piece in enumerate(pieces):
        wire.send(frame(0, int(ends and index == len(pieces) - 1), stream, piece))


class Told:
    """What became of a call, the same for every protocol."""

    def __init__(self, answer, code="ok", message="", details=(), messages=(), trailers=()):
        self.answer = answer
        self.code = code
        self.message = message
        # Each as its type's name and its bytes.
        self.details = list(details)
        self.messages = list(messages)
        self.trailers = list(trailers)

    @property
    def outcome(self):
        return self.code, self.message, self.details

    @property
    def request_id(self):
        return self.answer.header("x-request-id")

    def trailer(self, name):
        return [value for key, value in self.trailers if key == name]

    def __repr__(self):
        return f"<{self.code} {self.message!r} {self.details} {self.messages} {self.trailers} of {self.answer}>"


def status_of(fields):
    """Code, message and details as gRPC's trailers say them (PROTOCOL-HTTP2.md, "Responses"), and the other fields."""
    told = {}
    for name, value in fields:
        assert re.fullmatch(r"[0-9a-z_.-]+", name), f"not a name: {name!r}"
        if name in ("grpc-status", "grpc-message", "grpc-status-details-bin"):
            assert name not in told, f"{name} came twice"
            told[name] = value
    code = told["grpc-status"]
    assert re.fullmatch(r"0|[1-9]\d?", code), code
    quoted = told.get("grpc-message", "")
    assert re.fullmatch(r"(?:[ -$&-~]|%[0-9A-F]{2})*", quoted), quoted
    message = unquote_to_bytes(quoted).decode()
    details = []
    if "grpc-status-details-bin" in told:
        status = status_pb2.Status.FromString(unpadded(told["grpc-status-details-bin"]))
        assert (status.code, status.message) == (int(code), message)
        details = details_of(status)
    rest = [pair for pair in fields if pair[0] not in told]
    return CODES[int(code)], message, details, rest


def details_of(status):
    return [(detail.type_url.removeprefix("type.googleapis.com/"), detail.value) for detail in status.details]


def error_of(value):
    """Code, message and details of Connect's error (Connect protocol, "Error and EndStreamResponse")."""
    assert set(value) <= {"code", "message", "details"}, value
    assert value["code"] in CODES[1:], value
    assert isinstance(value.get("message", ""), str), value
    details = []
    if "details" in value:
        assert isinstance(value["details"], list) and value["details"], value
        for detail in value["details"]:
            assert set(detail) <= {"type", "value", "debug"} and "/" not in detail["type"], detail
            details.append((detail["type"], unpadded(detail["value"])))
    return value["code"], value.get("message", ""), details


# The protocols


class GRPC:
    """Over HTTP/2 alone."""

    name, versions, is_stream, malformed = "grpc", ("2",), True, "internal"
    type = "application/grpc"

    def request(self, messages):
        return b"".join(map(envelope, messages))

    def fields(self, more=()):
        return [("content-type", self.type), ("te", "trailers"), *more]

    def call(self, server, method, messages, fields=(), version="2", body=None):
        body = self.request(messages) if body is None else body
        return self.read(ask(server, "POST", path_of(method), self.fields(fields), body, version))

    def read(self, answer, output=HelloReply):
        assert answer.status == 200 and answer.header("content-type") == self.type, answer
        # Trailers alone are the head.
        code, message, details, rest = status_of(answer.trailers or answer.headers)
        found = envelopes(answer.body)
        assert all(flags == 0 for flags, _ in found), found
        return Told(answer, code, message, details, [output.FromString(data) for _, data in found], rest)


class GRPCWeb(GRPC):
    name, versions = "grpc_web", ("1.1", "2")
    type = "application/grpc-web+proto"

    def fields(self, more=()):
        return [("content-type", self.type), ("x-grpc-web", "1"), *more]

    def body_of(self, answer):
        return answer.body

    def read(self, answer, output=HelloReply):
        assert answer.status == 200 and answer.header("content-type") == self.type, answer
        assert not answer.trailers and answer.header("grpc-status") is None, answer
        *found, (flags, lines) = envelopes(self.body_of(answer))
        # PROTOCOL-WEB.md: the last frame has its first bit set, and lines as HTTP/1 has them, without the empty one.
        assert flags == 0x80 and lines.endswith(b"\r\n") and not lines.endswith(b"\r\n\r\n"), (flags, lines)
        assert all(flags == 0 for flags, _ in found), found
        fields = []
        for line in lines.decode("ascii").split("\r\n")[:-1]:
            name, colon, value = line.partition(":")
            assert colon, line
            fields.append((name, value.strip()))
        code, message, details, rest = status_of(fields)
        return Told(answer, code, message, details, [output.FromString(data) for _, data in found], rest)


class GRPCWebText(GRPCWeb):
    name = "grpc_web_text"
    type = "application/grpc-web-text+proto"

    def request(self, messages):
        return base64.b64encode(super().request(messages))

    def body_of(self, answer):
        return undone(answer.body)


class Connect:
    """Of methods where nobody streams."""

    name, versions, is_stream, malformed = "connect", ("1.1", "2"), False, "invalid_argument"
    type = "application/proto"

    def request(self, messages):
        message, = messages
        return message.SerializeToString()

    def fields(self, more=()):
        return [("content-type", self.type), ("connect-protocol-version", "1"), *more]

    def call(self, server, method, messages, fields=(), version="1.1", body=None):
        body = self.request(messages) if body is None else body
        return self.read(ask(server, "POST", path_of(method), self.fields(fields), body, version))

    def message(self, data, output):
        return output.FromString(data)

    def read(self, answer, output=HelloReply):
        assert not answer.trailers, answer
        trailers = [(name.removeprefix("trailer-"), value) for name, value in answer.headers if name.startswith("trailer-")]
        if answer.status == 200:
            assert answer.header("content-type") == self.type, answer
            return Told(answer, messages=[self.message(answer.body, output)], trailers=trailers)
        assert answer.header("content-type") == "application/json", answer
        code, message, details = error_of(answer.json())
        return Told(answer, code, message, details, trailers=trailers)


class ConnectJSON(Connect):
    name = "connect_json"
    type = "application/json"

    def request(self, messages):
        message, = messages
        return json_format.MessageToJson(message).encode()

    def message(self, data, output):
        return json_format.Parse(data, output())


class ConnectStream(Connect):
    name, is_stream = "connect_stream", True
    type = "application/connect+proto"

    def request(self, messages):
        return b"".join(map(envelope, messages))

    def read(self, answer, output=HelloReply):
        assert answer.status == 200 and answer.header("content-type") == self.type and not answer.trailers, answer
        *found, (flags, ending) = envelopes(answer.body)
        assert flags == 2 and all(flags == 0 for flags, _ in found), answer
        ending = json.loads(ending)
        assert set(ending) <= {"error", "metadata"}, ending
        code, message, details = error_of(ending["error"]) if "error" in ending else ("ok", "", [])
        trailers = []
        for name, values in ending.get("metadata", {}).items():
            assert isinstance(values, list) and all(isinstance(value, str) for value in values), ending
            trailers += [(name, value) for value in values]
        return Told(answer, code, message, details, [self.message(data, output) for _, data in found], trailers)


class ConnectStreamJSON(ConnectStream):
    name = "connect_stream_json"
    type = "application/connect+json"

    def request(self, messages):
        return b"".join(envelope(json_format.MessageToJson(message)) for message in messages)

    def message(self, data, output):
        return json_format.Parse(data, output())


FACES = {face.name: face for face in
         (GRPC(), GRPCWeb(), GRPCWebText(), Connect(), ConnectJSON(), ConnectStream(), ConnectStreamJSON())}
# Which methods stream, and which way: the client, the server.
KINDS = {"SayHello": (False, False), "SayHelloOften": (False, True), "SayHelloToAll": (True, False), "Chat": (True, True)}


def ways(kinds=KINDS, faces=FACES):
    """Each method, protocol and version of HTTP that go together."""
    found = []
    for method in kinds:
        streams = any(KINDS[method])
        for face in faces.values() if isinstance(faces, dict) else faces:
            if face.name.startswith("connect") and face.is_stream != streams:
                continue
            for version in face.versions:
                if version == "1.1" and all(KINDS[method]):
                    continue
                found.append((method, face, version))
    return found


def name_of(value):
    """A parameter's name in a test's."""
    return value if isinstance(value, str) else getattr(value, "name", None)
