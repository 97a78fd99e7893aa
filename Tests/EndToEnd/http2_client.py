"""A client for HTTP/2 that does what no good client would: frames as they are, answers read strictly.

    with Frames(server) as client:
        client.ask(1, "GET", "/")
        assert client.answer(1).status == 200
"""

import struct

import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame,
    WindowUpdateFrame)

from radicled import PATIENCE, Ended, Response, Wire

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 1, 2, 3, 7, 8, 11
FRAMES = {0: DataFrame, 1: HeadersFrame, 3: RstStreamFrame, 4: SettingsFrame, 6: PingFrame, 7: GoAwayFrame,
          8: WindowUpdateFrame, 9: ContinuationFrame}


def frame(kind, flags=0, stream=0, payload=b""):
    """A frame that no library would make."""
    return struct.pack("!HBBBI", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload


def literal(fields):
    """A header block without any table: names and values as they are."""
    def string(text):
        data = text.encode("latin-1") if isinstance(text, str) else text
        assert len(data) < 127 + 128
        return (bytes([len(data)]) if len(data) < 127 else bytes([127, len(data) - 127])) + data

    return b"".join(b"\0" + string(name) + string(value) for name, value in fields)


class Stream:
    def __init__(self):
        self.responses = []
        self.body = b""
        self.ended = False
        self.reset = None


class Frames:
    def __init__(self, server, settings=None, begin=True, acknowledge=True, receive_buffer=None, index=0):
        self.wire = Wire(server.addresses[index], receive_buffer=receive_buffer)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.streams = {}
        self.goaways = []
        self.pongs = 0
        self.settings = None
        self.acknowledges = acknowledge
        self.ended = False
        if begin:
            self.send(PREFACE, SettingsFrame(settings=settings or {}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def send(self, *pieces):
        self.wire.send(b"".join(piece.serialize() if isinstance(piece, Frame) else piece for piece in pieces))
        return self

    def head(self, stream, method="GET", path="/", fields=(), ends=True):
        block = self.encoder.encode(
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost"), *fields])
        return frame(1, 5 if ends else 4, stream, block)

    def ask(self, stream, method="GET", path="/", fields=(), body=None, ends=True):
        self.send(self.head(stream, method, path, fields, ends=ends and body is None))
        if body is not None:
            self.send(frame(0, 1 if ends else 0, stream, body))
        return self

    # What comes

    def read(self):
        """Takes one frame; gives its kind."""
        try:
            head = self.wire._take(9)
            header, length = Frame.parse_frame_header(memoryview(head))
            payload = self.wire._take(length)
        except Ended:
            self.ended = True
            raise
        kind, stream = head[3], self.streams.setdefault(header.stream_id, Stream())
        assert length <= 16384, f"a frame of {length} bytes"
        header.parse_body(memoryview(payload))
        if kind == 1:
            block = header.data
            while "END_HEADERS" not in header.flags:
                more = self.wire._take(9)
                header, length = Frame.parse_frame_header(memoryview(more))
                assert more[3] == 9
                header.parse_body(memoryview(self.wire._take(length)))
                block += header.data
            self._fields(stream, self.decoder.decode(block), bool(head[4] & 1))
        elif kind == 0:
            assert stream.responses and not stream.ended, "DATA where none may be"
            stream.body += header.data
            stream.ended = bool(head[4] & 1)
        elif kind == 3:
            stream.reset = header.error_code
        elif kind == 4 and not head[4] & 1:
            self.settings = header.settings
            if self.acknowledges:
                self.send(frame(4, 1))
        elif kind == 6:
            if head[4] & 1:
                self.pongs += 1
            elif self.acknowledges:
                self.send(frame(6, 1, 0, header.opaque_data))
        elif kind == 7:
            self.goaways.append((header.last_stream_id, header.error_code, header.additional_data))
        return kind

    def _fields(self, stream, fields, ends):
        fields = [(name, value) for name, value in fields]
        if fields and fields[0][0] == ":status":
            assert all(name == name.lower() and not name.startswith(":") for name, _ in fields[1:])
            assert not any(name in ("connection", "transfer-encoding", "keep-alive") for name, _ in fields)
            stream.responses.append(Response(int(fields[0][1]), fields[1:], b"", "2"))
        else:
            assert ends, "trailers that do not end"
            stream.responses[-1].trailers = fields
        stream.ended = ends

    def until(self, done, what):
        while not done():
            try:
                self.read()
            except Ended:
                raise AssertionError(f"ended without {what}; {self.goaways}") from None
        return self

    def stream(self, number):
        return self.streams.setdefault(number, Stream())

    def answer(self, number):
        """The whole answer on a stream."""
        stream = self.stream(number)
        self.until(lambda: stream.ended or stream.reset is not None, f"an answer on stream {number}")
        assert stream.ended, f"stream {number} was reset: {stream.reset}"
        answer = stream.responses[-1]
        answer.body = stream.body
        return answer

    def reset_of(self, number):
        """The error that a stream was reset with."""
        stream = self.stream(number)
        self.until(lambda: stream.reset is not None, f"a reset of stream {number}")
        return stream.reset

    def goaway(self):
        """The error that the connection ends with; waits for the end."""
        try:
            while True:
                self.read()
        except (Ended, ConnectionError):
            pass
        assert self.goaways, "ended without GOAWAY"
        return self.goaways[-1][1]

    def ping(self):
        """Waits until all that was sent has been read."""
        count = self.pongs
        return self.send(frame(6, 0, 0, b"01234567")).until(lambda: self.pongs > count, "a pong")
