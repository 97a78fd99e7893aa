"""Clients over plain sockets, which send what a piece needs and no more."""

import socket

from servers import FIELDS, PATH, REQUEST

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Connections:
    """Kept connections that send a counted number of requests, some at once, and read every answer."""

    def __init__(self, port, count):
        self.sockets = [socket.create_connection(("127.0.0.1", port), timeout=120) for _ in range(count)]
        for wire in self.sockets:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, requests):
        left = requests
        while left > 0:
            batch = self.sockets[:left]
            for wire in batch:
                wire.sendall(REQUEST)
            for wire in batch:
                self._read(wire)
            left -= len(batch)

    @staticmethod
    def _read(wire):
        data = b""
        while True:
            piece = wire.recv(65536)
            if not piece:
                raise RuntimeError(f"connection closed after {data!r}")
            data += piece
            head, end, body = data.partition(b"\r\n\r\n")
            if end:
                if not head.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"answered {head!r}")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                if len(body) >= length:
                    return

    def close(self):
        for wire in self.sockets:
            wire.close()


def _frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


class Calls:
    """Kept HTTP/2 connections that make a counted number of unary gRPC calls, `STREAMS` at once on each, and read every answer.

    Header blocks are those of grpc-go: fields with incremental indexing on the first call, then by index.
    """

    STREAMS = 32
    FIELDS = [(0x44, b"/helloworld.Greeter/SayHello"), (0x41, b"localhost"), (0x5F, b"application/grpc"), (0x40, b"te", b"trailers"),
              (0x7A, b"grpc-go/1.33.3")]
    MESSAGE = b"\0\0\0\0\5\n\3Ann"

    def __init__(self, port, count):
        self.wires = []
        first = b"\x83\x86"
        for field in self.FIELDS:
            first += bytes([field[0]]) + b"".join(bytes([len(text)]) + text for text in field[1:])
        again = b"\x83\x86" + bytes(0x80 | index for index in range(66, 61, -1))
        for _ in range(count):
            wire = socket.create_connection(("127.0.0.1", port), timeout=120)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.sendall(PREFACE + _frame(4, 0, 0) + _frame(4, 1, 0)
                         + _frame(8, 0, 0, (0x7FFF_0000).to_bytes(4, "big")))
            self.wires.append({"socket": wire, "next": 1, "buffer": b"", "blocks": [first, again]})

    def send(self, calls):
        left = calls
        while left > 0:
            batches = []
            for wire in self.wires:
                count = min(self.STREAMS, left)
                if count == 0:
                    break
                left -= count
                out = b""
                for _ in range(count):
                    block = wire["blocks"][min(1, wire["next"] // 2)]
                    out += _frame(1, 4, wire["next"], block) + _frame(0, 1, wire["next"], self.MESSAGE)
                    wire["next"] += 2
                wire["socket"].sendall(out)
                batches.append((wire, count))
            for wire, count in batches:
                self._read(wire, count)

    @staticmethod
    def _read(wire, count):
        data = wire["buffer"]
        while count > 0:
            while len(data) < 9 or len(data) < 9 + int.from_bytes(data[:3], "big"):
                piece = wire["socket"].recv(1 << 18)
                if not piece:
                    raise RuntimeError("the connection was closed")
                data += piece
            length, kind, flags = int.from_bytes(data[:3], "big"), data[3], data[4]
            if kind in (3, 7):
                raise RuntimeError(f"a stream was reset, or the connection ends: {data[:64]!r}")
            if kind == 1 and flags & 1:
                count -= 1
            data = data[9 + length:]
        wire["buffer"] = data

    def close(self):
        for wire in self.wires:
            wire["socket"].close()


class HTTP2Connections:
    """Kept HTTP/2 connections that make one request at a time and read the answer, then say nothing.

    All fields but the method and the scheme enter the server's table, those of `FIELDS` and two more; later requests have
    them by index.
    """

    MORE = {"x-tenant": "tenant-0123456789abcdef", "cookie": "session=" + "0123456789abcdef" * 4}

    def __init__(self, port, count):
        fields = [(0x44, PATH), (0x41, "localhost"), *((name.lower(), value) for name, value in {**FIELDS, **self.MORE}.items())]
        self.block = b"\x82\x86"
        for name, value in fields:
            self.block += bytes([name]) if isinstance(name, int) else b"\x40" + self._text(name)
            self.block += self._text(value)
        self.again = b"\x82\x86" + bytes(0x80 | 62 + index for index in reversed(range(len(fields))))
        self.stream = 1
        self.wires = []
        for _ in range(count):
            wire = socket.create_connection(("127.0.0.1", port), timeout=120)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.sendall(PREFACE + _frame(4, 0, 0) + _frame(4, 1, 0))
            self.wires.append(wire)

    @staticmethod
    def _text(text):
        return bytes([len(text)]) + text.encode()

    def request(self):
        """One request on each connection."""
        for wire in self.wires:
            wire.sendall(_frame(1, 5, self.stream, self.block if self.stream == 1 else self.again))
        for wire in self.wires:
            self._read(wire)
        self.stream += 2

    def _read(self, wire):
        data, ended = b"", False
        while not ended or data:
            piece = wire.recv(65536)
            if not piece:
                raise RuntimeError(f"connection closed after {data!r}")
            data += piece
            while len(data) >= 9 and len(data) >= 9 + (size := int.from_bytes(data[:3], "big")):
                kind, flags, stream = data[3], data[4], int.from_bytes(data[5:9], "big")
                if kind in (3, 7):
                    raise RuntimeError(f"a stream was reset, or the connection ends: {data[:64]!r}")
                if kind == 1 and not data.startswith((b"\x88", b"\x20", b"\x3f"), 9):
                    raise RuntimeError(f"not answered with 200: {data[:64]!r}")
                ended = ended or (stream == self.stream and kind in (0, 1) and flags & 1)
                data = data[9 + size:]

    def close(self):
        for wire in self.wires:
            wire.close()
