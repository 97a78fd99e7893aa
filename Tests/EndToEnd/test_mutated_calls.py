"""Calls of each protocol with something changed by chance: whatever comes, what is answered keeps to the protocol, and the
server goes on. The same bytes by different protocols have the same outcome.

The chances are the same on every run; `SEEDS=100 pytest Tests/EndToEnd/test_mutated_calls.py` tries more of them.
"""

import base64
import os
import random
import struct

import pytest

from call_faces import FACES, ask, envelope, path_of, prompt
from call_faces import echo as echoing
from grpc_client import Everything
from http2_client import CANCEL, Frames, frame
from radicled import chunked

SEEDS = range(int(os.environ.get("SEEDS", "3")))
CALLS = 150
METHODS = ["Unary", "Down", "Up", "Both"]


@pytest.fixture(scope="module")
def server():
    with echoing("limits: { requests_per_connection: 1000000 }\n") as server:
        yield server


def messages(chance):
    """A few, with fields of every kind."""
    def one(depth):
        made = Everything(
            text=chance.choice(["", "Ann", "ä" * 9, "x" * 300]), data=chance.randbytes(chance.choice([0, 1, 40])),
            large=chance.choice([0, -1, 2**62]), number=chance.choice([0, 0.5, -1e300]), flag=chance.random() < 0.5,
            mood=chance.randrange(3), counts={str(n): n for n in range(chance.randrange(3))})
        if chance.random() < 0.5:
            made.word = "w"
        if chance.random() < 0.3:
            made.time.FromJsonString("2026-01-31T12:00:00.5Z")
            made.extra.update({"a": [1, None, "x"]})
        made.children.extend(one(depth - 1) for _ in range(chance.randrange(3)) if depth)
        return made

    return [one(3) for _ in range(chance.choice([1, 1, 2, 3]))]


ODD = [b"\0", b"\xff", b"\x80", b"\x81", b"\2", b"\1", b"{", b"}", b"[" * 50, b"=", b"==", b'"', b"\\", b"null", b"1e999",
       b"\n", b"\0\0\0\0\0", b"\2\0\0\0\2{}", b"\xff" * 10, b"\x0a\xff\xff\xff\xff\x0f", b"\x0b\x0c", b"-", b"\xc3",
       b"\xed\xa0\x80"]


def mutated(chance, data):
    """The same bytes, changed in one to three places."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 3])):
        at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        match chance.randrange(8):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1 if data:
                data[at % len(data)] = chance.randrange(256)
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = chance.choice(ODD)
            case 4:
                data[at:at] = data[at:end]
            case 5:
                data[at:end] = chance.choice(ODD)
            case 6 if len(data) >= 5:
                # What may be the length of a message.
                data[1:5] = struct.pack("!I", chance.choice([0, 1, len(data) - 5, len(data), 2**16, 2**22, 2**31, 2**32 - 1]))
            case 7:
                del data[at:]
    return bytes(data)


def padded(chance, data):
    """Base64 in pieces by chance, each with its padding."""
    text = b""
    while data:
        size = chance.choice([1, 2, 3, 5, 30, 3000])
        text += base64.b64encode(data[:size])
        data = data[size:]
    return text


FIELDS = [
    ("grpc-timeout", ["1S", "0S", "9" * 30, "", "\xff"]), ("connect-timeout-ms", ["1000", "0", "", "99999999999"]),
    ("grpc-encoding", ["gzip", "deflate", "identity", "br", "", "gzip, gzip"]), ("grpc-accept-encoding", ["gzip", "*", ",,"]),
    ("connect-content-encoding", ["gzip", "deflate", "identity", "br", ""]), ("connect-accept-encoding", ["gzip", "br;q=2"]),
    ("content-encoding", ["gzip", "deflate", "identity", "br", "", "gzip, identity"]),
    ("connect-protocol-version", ["1", "2", ""]),
    ("accept-encoding", ["gzip", "identity;q=0"]), ("te", ["trailers"]), ("x-raw-bin", ["AP8", "!!", ""]),
    ("x-request-id", ["x", "x" * 500, "a b"]),
]


def some_fields(chance):
    return [(name, chance.choice(values)) for name, values in chance.sample(FIELDS, chance.choice([0, 0, 1, 2]))]


def checked(face, answer):
    """Reads an answer as strictly as the protocol is; what is none of its forms must be a refusal of HTTP."""
    if answer.status == 200:
        assert "encoding" in str(answer.headers) or face.read(answer, Everything), answer
    elif not face.is_stream and answer.header("content-type") == "application/json":
        face.read(answer)
    else:
        assert answer.status in (400, 404, 405, 408, 413, 415, 431, 501, 504, 505), answer


def still_serves(server):
    for name in ("connect", "connect_json", "grpc_web", "grpc_web_text", "grpc"):
        sent = Everything(text=name)
        face = FACES[name]
        answer = ask(server, "POST", path_of("Unary", "helloworld.Echo"), face.fields(), face.request([sent]), face.versions[-1])
        assert face.read(answer, Everything).messages == [sent]
    assert server.process.poll() is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FACES)
def test_what_is_answered_over_http2_keeps_to_the_protocol(server, name, seed):
    chance, face = random.Random(f"{seed} {name}"), FACES[name]
    wire = Frames(server)
    prompt(wire.wire)
    stream = -1
    for _ in range(CALLS):
        stream += 2
        sent = messages(chance)
        method = chance.choice(METHODS)
        if name in ("connect", "connect_json"):
            sent, method = sent[:1], "Unary"
        body = mutated(chance, face.request(sent))[:60_000]
        wire.ask(stream, "POST", path_of(method, "helloworld.Echo"), face.fields(some_fields(chance)), ends=False)
        try:
            while body and chance.random() < 0.9:
                size = chance.choice([1, 5, 100, 16_384])
                wire.send(frame(0, 0, stream, body[:size]))
                body = body[size:]
            if chance.random() < 0.05:
                wire.send(frame(3, 0, stream, struct.pack("!I", CANCEL)))
                continue
            wire.send(frame(0, 1, stream, body[:16_384]))
            state = wire.stream(stream)
            wire.until(lambda: state.ended or state.reset is not None, "an answer or a reset")
        except ConnectionError:
            raise AssertionError(f"the connection ended: {wire.goaways}") from None
        assert state.reset in (None, 0), f"{method}: reset with {state.reset}"
        if state.ended:
            answer = state.responses[-1]
            answer.body = state.body
            checked(face, answer)
        if chance.random() < 0.1:
            wire.send(frame(8, 0, 0, struct.pack("!I", 60_000)))
    wire.wire.close()
    still_serves(server)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [name for name, face in FACES.items() if "1.1" in face.versions])
def test_what_is_answered_over_http1_keeps_to_the_protocol(server, name, seed):
    chance, face = random.Random(f"{seed} {name} 1"), FACES[name]
    for _ in range(CALLS):
        sent = messages(chance)
        method = chance.choice(METHODS[:3])
        if name in ("connect", "connect_json"):
            sent, method = sent[:1], "Unary"
        body = mutated(chance, face.request(sent))
        fields = face.fields(some_fields(chance))
        with server.connect() as wire:
            if chance.random() < 0.5:
                pieces, rest = [], body
                while rest:
                    size = chance.choice([1, 5, 100, 16_384])
                    pieces.append(rest[:size])
                    rest = rest[size:]
                fields.append(("Transfer-Encoding", "chunked"))
                body = chunked(*pieces)
            else:
                fields.append(("Content-Length", str(len(body))))
            checked(face, prompt(wire).ask("POST", path_of(method, "helloworld.Echo"), fields, body))
    still_serves(server)


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_of_whole_requests_may_be_anything(server, seed):
    """The head too: what the server makes of it is told elsewhere, here it must live."""
    chance = random.Random(f"{seed} whole")
    for _ in range(CALLS * 2):
        face = FACES[chance.choice([name for name, face in FACES.items() if "1.1" in face.versions])]
        sent = messages(chance)[:1]
        body = face.request(sent)
        lines = [f"POST {path_of(chance.choice(METHODS), 'helloworld.Echo')} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}",
                 *(f"{name}: {value}" for name, value in face.fields(some_fields(chance)))]
        request = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        with server.connect() as wire:
            try:
                wire.send(mutated(chance, request))
                wire.finish_sending()
                wire.read_to_end()
            except OSError as error:
                assert not isinstance(error, TimeoutError), request
    still_serves(server)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_bytes_have_the_same_outcome(server, seed):
    """gRPC's frames by gRPC, gRPC-Web and in base64."""
    chance = random.Random(f"{seed} same")
    with Frames(server) as wire:
        prompt(wire.wire)
        stream = -1
        for _ in range(CALLS):
            method = chance.choice(METHODS)
            body = mutated(chance, FACES["grpc"].request(messages(chance)))[:16_000]
            outcomes = []
            for name in ("grpc", "grpc_web", "grpc_web_text"):
                stream += 2
                face = FACES[name]
                data = padded(chance, body)[:40_000] if name == "grpc_web_text" else body
                wire.ask(stream, "POST", path_of(method, "helloworld.Echo"), face.fields(), ends=False)
                for at in range(0, len(data), 16_384):
                    wire.send(frame(0, 0, stream, data[at:at + 16_384]))
                wire.send(frame(0, 1, stream, b""))
                told = face.read(wire.answer(stream), Everything)
                outcomes.append((told.outcome, [message.SerializeToString(deterministic=True) for message in told.messages]))
                wire.send(frame(8, 0, 0, struct.pack("!I", 1 + len(told.answer.body))))
            assert outcomes[0] == outcomes[1] == outcomes[2], (method, body, outcomes)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_message_has_the_same_outcome(server, seed):
    """A message by gRPC, by Connect in a body, in an envelope and, where it is good, as JSON."""
    chance = random.Random(f"{seed} message")
    path = path_of("Unary", "helloworld.Echo")
    for _ in range(CALLS // 3):
        data = mutated(chance, messages(chance)[0].SerializeToString())[:10_000]
        web = FACES["grpc_web"].read(ask(server, "POST", path, FACES["grpc_web"].fields(), envelope(data)), Everything)
        unary = FACES["connect"].read(ask(server, "POST", path, FACES["connect"].fields(), data), Everything)
        down = FACES["connect_stream"].read(ask(
            server, "POST", path_of("Down", "helloworld.Echo"), FACES["connect_stream"].fields(), envelope(data)), Everything)
        assert web.message == unary.message == down.message
        assert web.messages == unary.messages == down.messages
        assert (web.code, unary.code, down.code) in [("ok",) * 3, ("internal", "invalid_argument", "invalid_argument")]
        if web.code == "ok":
            json = FACES["connect_json"]
            try:
                sent = json.request(web.messages)
            except Exception:
                # Such as a time out of its range, or a name that is not UTF-8: JSON has no form for it.
                continue
            told = json.read(ask(server, "POST", path, json.fields(), sent), Everything)
            expected = Everything.FromString(data)
            expected.DiscardUnknownFields()
            assert told.messages == [expected], (data, sent, told)
