"""No text of a client becomes a line of metadata, of a trailer or of an ending, by whatever protocol it calls."""

import pytest
from h2.connection import H2Connection
from h2.events import ResponseReceived, StreamEnded, TrailersReceived

from call_faces import KINDS, greeter, name_of, ways
from grpc_client import HelloRequest
from radicled import serve

BREAKS = ["\r\nx-evil: 1", "a\nx-evil: 1", "\rx-evil: 1", "\r\ngrpc-status: 0", "\0x-evil: 1", "\r\n"]
# What `metadata`, `trailers` and `message` of an error make of it.
PLACES = {
    "metadata": "metadata: { x-one: 'NAME', x-last: l }",
    "trailers": "trailers: { x-first: f, x-one: 'NAME', x-last: l }",
}


def methods(lines, name="{{ request.name }}"):
    """Each kind of method with these lines; a client that streams is told by its first message."""
    of_all = lines.replace("NAME", name.replace("request.", "requests[0]."))
    lines = lines.replace("NAME", name)
    return f"""
      SayHello: {{ template: {{ {lines}, message: {{ message: hi }} }} }}
      SayHelloOften: {{ template: {{ {lines}, messages: [{{ message: hi }}] }} }}
      SayHelloToAll: {{ template: {{ {of_all}, message: {{ message: hi }} }} }}
"""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("broken", BREAKS, ids=ascii)
def test_a_line_break_is_refused(place, broken):
    with greeter(methods(PLACES[place])) as server:
        for method, face, version in ways([kind for kind in KINDS if kind != "Chat"]):
            told = face.call(server, method, [HelloRequest(name=broken)], version=version)
            assert told.outcome == ("invalid_argument", "the value of a header cannot hold a line break or NUL", []), (
                method, face.name, version, told)
            for fields in (told.answer.headers, told.answer.trailers, told.trailers):
                assert not {"x-evil", "trailer-x-evil"} & {name for name, _ in fields}
                assert not any(set("\r\n\0") & set(value) for _, value in fields)
            # What could not be said is left out, and not said as nothing.
            assert not told.trailer("x-one") and not told.answer.all("x-one"), (method, face.name, version, told)


@pytest.mark.parametrize("text", BREAKS + ["\u2028\u2029", "\x7f\x1b[31m", '"}],"x', "\ufeff", "%0d%0a", "\U0010ffff"], ids=ascii)
def test_any_text_may_stand_in_a_message_of_an_error(text):
    with greeter("""
      SayHello: { template: { error: { code: ABORTED, message: "<{{ request.name }}>" } } }
      SayHelloOften: { template: { messages: [{ message: hi }], error: { code: ABORTED, message: "<{{ request.name }}>" } } }
      SayHelloToAll: { template: { error: { code: ABORTED, message: "<{{ requests[0].name }}>" } } }
      Chat: { template: { error: { code: ABORTED, message: "<{{ request.name }}>" } } }
    """) as server:
        for method, face, version in ways():
            told = face.call(server, method, [HelloRequest(name=text)], version=version)
            assert told.outcome == ("aborted", f"<{text}>", []), (method, face.name, version, told)
            assert not any("evil" in name for name, _ in told.answer.headers + told.answer.trailers + told.trailers)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text, value", [
    ('"q\\', '"q\\'), ("a, b", "a, b"), ("a: b", "a: b"), ("", ""), (" a ", "a"), (" ", "")], ids=ascii)
def test_a_value_is_the_same_by_each_protocol(place, text, value):
    """Spaces around it are none of it (RFC 9110 section 5.5)."""
    with greeter(methods(PLACES[place])) as server:
        for method, face, version in ways([kind for kind in KINDS if kind != "Chat"]):
            told = face.call(server, method, [HelloRequest(name=text)], version=version)
            found = told.answer.all("x-one") if place == "metadata" else told.trailer("x-one")
            assert (told.code, found) == ("ok", [value]), (method, face.name, version, told)


@pytest.mark.parametrize("path", ["/head", "/set", "/trailers"])
@pytest.mark.parametrize("value", ["%20a", "a%20", "%09a%09", "%20"])
def test_a_strict_client_of_http2_takes_any_value(path, value):
    """Fields with spaces around their values make an answer malformed there (RFC 9113 section 8.2.1)."""
    with serve("""
        services:
          web:
            routes:
              GET /head: { template: { headers: { x-value: "{{ query.v }}" }, text: hi } }
              GET /set: { template: hi, middleware: { headers: { response: { set: { x-value: "{{ query.v }}" } } } } }
              GET /trailers: { template: { text: hi, trailers: { x-value: "{{ query.v }}" } } }
    """) as server, server.connect() as wire:
        client = H2Connection()
        client.initiate_connection()
        head = [(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", f"{path}?v={value}")]
        client.send_headers(1, head, end_stream=True)
        wire.send(client.data_to_send())
        found, ended = [], False
        while not ended:
            # It checks each field by itself, and raises.
            for event in client.receive_data(wire.socket.recv(65_536)):
                if isinstance(event, (ResponseReceived, TrailersReceived)):
                    found += [value for name, value in event.headers if name in ("x-value", b"x-value")]
                ended = ended or isinstance(event, StreamEnded)
            wire.send(client.data_to_send())
        assert found in (["a" if "a" in value else ""], [b"a" if "a" in value else b""])


@pytest.mark.parametrize("method, face, version", ways(["SayHello", "SayHelloOften", "SayHelloToAll"]), ids=name_of)
def test_bytes_of_a_field_that_are_no_text(method, face, version):
    """An ending of JSON is text even if the field that it is from was none: metadata is printable ASCII."""
    lines = """metadata: { x-one: "{{ headers['x-in'] }}" }, trailers: { x-two: "{{ headers['x-in'] }}" }"""
    with greeter(f"""
      SayHello: {{ template: {{ {lines}, message: {{ message: hi }} }} }}
      SayHelloOften: {{ template: {{ {lines}, messages: [{{ message: hi }}] }} }}
      SayHelloToAll: {{ template: {{ {lines}, message: {{ message: hi }} }} }}
    """) as server:
        for value in ("\xff", "\xc3", "a\xe4b", "ä".encode().decode("latin-1")):
            assert face.call(server, method, [HelloRequest()], [("x-in", value)], version).code in ("ok", "internal")


@pytest.mark.parametrize("value, good", [
    ("x" * 128, True), ("a b", False), ('"}', True), ("\xe4", False), ("x" * 129, False)], ids=ascii)
def test_an_identifier_of_a_client_is_kept_or_made_anew(value, good):
    with greeter(methods("trailers: { x-one: 'NAME' }")) as server:
        for method, face, version in ways(["SayHello", "SayHelloOften"]):
            told = face.call(server, method, [HelloRequest()], [("x-request-id", value)], version)
            assert (told.request_id == value) == good and told.request_id, (method, face.name, version, told)
