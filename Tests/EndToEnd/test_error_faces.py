"""A failure is declared once and told by each protocol in its own way: same code, message, details and request id.

grpcio, and the other protocols by hand; each kind of method; failures of responders and of middleware.
"""

import gzip

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from call_faces import CODES, FACES, KINDS, Told, details_of, envelope, greeter, path_of, status_of, ways
from grpc_client import HelloReply, HelloRequest, channel, stub
from http2_client import Frames
from radicled import PATIENCE, Response

ANN = HelloRequest(name="Ann")


class GRPCIO:
    """The client that most of gRPC's are made of."""

    name, versions, is_stream, malformed = "grpcio", ("2",), True, "internal"

    def call(self, server, method, messages, fields=(), version="2"):
        with channel(server) as to:
            request = iter(messages) if KINDS[method][0] else messages[0]
            call = stub(to, "Greeter", method)
            found = []
            try:
                if KINDS[method][1]:
                    state = call(request, metadata=fields, timeout=PATIENCE)
                    found.extend(state)
                else:
                    answer, state = call.with_call(request, metadata=fields, timeout=PATIENCE)
                    found.append(answer)
            except grpc.RpcError as error:
                state = error
            status = rpc_status.from_call(state)
            assert status is None or (status.code, status.message) == (state.code().value[0], state.details() or "")
            head = [(key, value) for key, value in state.initial_metadata() or ()]
            rest = [(key, value) for key, value in state.trailing_metadata() or ()]
            # Where nothing was sent before, all of it is the trailers.
            answer = Response(200, head or rest, b"")
            return Told(answer, CODES[state.code().value[0]], state.details() or "", details_of(status) if status else [],
                        found, rest)


def name(code):
    """As manifests write it."""
    return {"canceled": "CANCELLED"}.get(code, code.upper())


def of_kind(told, kind):
    """The details of one type, each read."""
    return [kind.FromString(data) for name, data in told.details if name == kind.DESCRIPTOR.full_name]


def same_everywhere(server, expected, kinds=KINDS, messages=(ANN,), fields=(), compare=lambda told: told.outcome):
    """Calls each way, and checks what is told; all ways are tried before it fails."""
    wrong = []
    for number, (method, face, version) in enumerate(ways(kinds, [GRPCIO(), *FACES.values()])):
        identity = f"call-{number}"
        told = face.call(server, method, list(messages), [("x-request-id", identity), *fields], version=version)
        if compare(told) != expected or told.request_id != identity:
            wrong.append(f"{method} by {face.name} over HTTP/{version}: {str(compare(told))[:200]} of {told.request_id}")
    if wrong:
        pytest.fail("\n".join([f"expected {str(expected)[:200]}", *wrong]), pytrace=False)


# MARK: Responders


ERROR = """error:
            code: CODE
            message: 'kein "näme" \\ 100 % 😀'
            retry: 90s
            details:
              - google.rpc.BadRequest: { field_violations: [{ field: name, description: 'was "ä"' }] }
              - helloworld.HelloReply: { message: "{{ request.name }}", mood: GLUM }
"""
FAILING = f"""
      SayHello:
        template:
          {ERROR}
      SayHelloOften:
        template:
          {ERROR}
      SayHelloToAll:
        template:
          {ERROR.replace("request.name", "requests[0].name")}
      Chat:
        template:
          {ERROR}
"""
MESSAGE = 'kein "näme" \\ 100 % 😀'
DETAILS = [
    ("google.rpc.BadRequest", error_details_pb2.BadRequest(field_violations=[
        error_details_pb2.BadRequest.FieldViolation(field="name", description='was "ä"')]).SerializeToString()),
    ("helloworld.HelloReply", HelloReply(message="Ann", mood=2).SerializeToString()),
    ("google.rpc.RetryInfo", b"\n\2\x08\x5a"),
]


@pytest.mark.parametrize("code", CODES[1:])
def test_a_failure_of_a_responder(code):
    with greeter(FAILING.replace("CODE", name(code))) as server:
        same_everywhere(server, (code, MESSAGE, DETAILS))


def test_a_failure_behind_a_message():
    error = ERROR.replace("CODE", "ABORTED")
    with greeter(f"""
      SayHelloOften:
        template:
          messages: [{{ message: one }}, {{ message: two }}]
          {error}
      Chat:
        cases:
          - when: request.name == 'Ann'
            template:
          {error.replace(chr(10), chr(10) + "    ").replace("error:", "    error:", 1)}
        template: {{ message: {{ message: one }} }}
    """) as server:
        same_everywhere(server, (["one", "two"], "aborted", MESSAGE, DETAILS), ["SayHelloOften"],
                        compare=lambda told: ([m.message for m in told.messages], *told.outcome))
        same_everywhere(server, (["one"], "aborted", MESSAGE, DETAILS), ["Chat"], messages=[HelloRequest(name="Bob"), ANN],
                        compare=lambda told: ([m.message for m in told.messages], *told.outcome))


def test_a_failure_when_a_client_has_streamed():
    """The error is the answer to all that came."""
    with greeter("""
      SayHelloToAll:
        cases: [{ when: "size(requests) == 3", template: { error: { code: OUT_OF_RANGE, message: too many } } }]
        template: { message: { message: fine } }
    """) as server:
        same_everywhere(server, ("out_of_range", "too many", []), ["SayHelloToAll"], messages=[ANN] * 3)


def test_an_expression_that_fails_on_what_a_client_sent():
    with greeter("""
      SayHello: { template: { message: { message: "{{ headers['x-missing'] }}" } } }
      SayHelloOften: { template: { messages: [{ message: "{{ headers['x-missing'] }}" }] } }
      SayHelloToAll: { template: { message: { message: "{{ headers['x-missing'] }}" } } }
      Chat: { template: { message: { message: "{{ headers['x-missing'] }}" } } }
    """) as server:
        same_everywhere(server, ("invalid_argument", "no header 'x-missing'", []))


def test_a_method_that_is_not_implemented():
    with greeter("\n      LookUp: { template: { message: {} } }\n") as server:
        for method in KINDS:
            same_everywhere(server, ("unimplemented", f"the method helloworld.Greeter/{method} is not implemented", []), [method])


def test_metadata_and_trailers_of_a_failure():
    lines = "metadata: { x-one: '1' }, trailers: { x-two: '2' }, error: { code: ABORTED, message: no }"
    with greeter(f"""
      SayHello: {{ template: {{ {lines} }} }}
      SayHelloOften: {{ template: {{ {lines} }} }}
      SayHelloToAll: {{ template: {{ {lines} }} }}
      Chat: {{ template: {{ {lines} }} }}
    """) as server:
        def compare(told):
            one = told.answer.header("x-one") or next(iter(told.trailer("x-one")), None)
            return told.code, one, told.trailer("x-two")

        same_everywhere(server, ("aborted", "1", ["2"]), compare=compare)


# MARK: What it may weigh


LONG = """
      METHOD:
        template:
          error:
            code: ABORTED
            message: "MESSAGE"
            details: [DETAILS]
"""


def long(message, *details):
    text = LONG.replace("MESSAGE", message).replace("DETAILS", ", ".join(
        f'{{ helloworld.HelloReply: {{ message: "{detail}" }} }}' for detail in details))
    return "".join(text.replace("METHOD", method) for method in KINDS)


@pytest.mark.parametrize("message", ["x" * 10_000, "ä" * 3000, "😀" * 3000, "%" * 3000, "\\\\" * 5000, "xä" * 1000],
                         ids=["ascii", "two bytes", "four bytes", "percent", "backslashes", "mixed"])
def test_a_long_message_is_cut_alike(message):
    plain = message.replace("\\\\", "\\")
    with greeter(long(message)) as server:
        told = FACES["grpc"].call(server, "SayHello", [ANN])
        assert plain.startswith(told.message) and len(told.message) >= 300
        same_everywhere(server, ("aborted", told.message, []))


@pytest.mark.parametrize("message, details", [
    ("no", ["x" * 2000, "y" * 2000, "z" * 20_000, "short"]),
    ("x" * 10_000, ["short"]), ("ä" * 3000, ["short", "y" * 7000]), ("no", ["x" * 5900]), ("no", ["x" * 7000]),
    ("no", ["d"] * 300)], ids=["some fit", "a long message", "a long message of others", "one fits", "one does not", "many"])
def test_message_and_details_have_a_limit(message, details):
    with greeter(long(message, *details)) as server:
        answer = FACES["grpc"].call(server, "SayHello", [ANN]).answer
        fields = dict(answer.trailers or answer.headers)
        assert len(fields["grpc-message"]) + len(fields.get("grpc-status-details-bin", "")) <= 7168
        # As grpc-core counts, which loses what is larger than 8 KiB by chance.
        assert sum(len(key) + len(value) + 32 for key, value in fields.items()) < 8192
        code, told, kept, _ = status_of(answer.trailers or answer.headers)
        assert (code, message.startswith(told)) == ("aborted", True)
        expected = [("helloworld.HelloReply", HelloReply(message=detail).SerializeToString()) for detail in details]
        assert all(detail in expected for detail in kept)
        assert message != "no" or ("helloworld.HelloReply", HelloReply(message="x" * 7000).SerializeToString()) not in kept
        same_everywhere(server, ("aborted", told, kept))
        # What says it in the body says it within the limit too.
        for face in (FACES["connect"], FACES["grpc_web"]):
            assert len(face.call(server, "SayHello", [ANN]).answer.body) <= 3 * 8192


# MARK: Middleware


PLAIN = """
      SayHello: { template: { message: { message: hi } } }
      SayHelloOften: { template: { messages: [{ message: hi }] } }
      SayHelloToAll: { template: { message: { message: hi } } }
      Chat: { template: { message: { message: hi } } }
"""


def test_who_may_not_call():
    with greeter(PLAIN, "middleware: { ip_filter: { deny: [127.0.0.0/8] } }\n") as server:
        told = FACES["grpc"].call(server, "SayHello", [ANN])
        assert (told.code, told.details) == ("permission_denied", [])
        same_everywhere(server, ("permission_denied", told.message, []))


def test_a_rate_limit():
    with greeter(PLAIN, "middleware: { rate_limit: { policies: { hourly: { rate: 1/h } } } }\n") as server:
        assert FACES["grpc"].call(server, "SayHello", [ANN]).code == "ok"
        message = FACES["grpc"].call(server, "SayHello", [ANN]).message

        def compare(told):
            retry, = of_kind(told, error_details_pb2.RetryInfo)
            quota, = of_kind(told, error_details_pb2.QuotaFailure)
            assert 3500 < retry.retry_delay.seconds <= 3600
            return told.code, told.message, len(told.details), [violation.subject for violation in quota.violations]

        same_everywhere(server, ("resource_exhausted", message, 2, ["hourly"]), compare=compare)


def test_what_is_shed():
    with greeter(PLAIN + """
      LookUp: { template: { message: {} }, delay: 300s }
    """, "middleware: { concurrency: 1 }\n") as server, Frames(server) as holder:
        holder.ask(1, "POST", path_of("LookUp"), FACES["grpc"].fields(), body=envelope(ANN)).ping()
        told = FACES["grpc"].call(server, "SayHello", [ANN])
        assert told.code == "unavailable"
        same_everywhere(server, ("unavailable", told.message, told.details))


@pytest.mark.parametrize("code", CODES[1:])
def test_a_fault(code):
    with greeter(PLAIN, f"""
middleware:
  fault:
    abort: {{ code: {name(code)}, message: 'kaputt "ä"', retry: 3s }}
""") as server:
        same_everywhere(server, (code, 'kaputt "ä"', [("google.rpc.RetryInfo", b"\n\2\x08\3")]))


def test_the_servers_timeout():
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 300s }
    """, "middleware: { timeout: 50ms }\n") as server:
        told = FACES["grpc"].call(server, "SayHello", [ANN])
        same_everywhere(server, ("deadline_exceeded", told.message, []), ["SayHello"])


def test_the_clients_timeout():
    with greeter("""
      SayHello: { template: { message: { message: late } }, delay: 300s }
      SayHelloOften: { template: { messages: [{ message: late }] }, delay: 300s }
      SayHelloToAll: { template: { message: { message: late } }, delay: 300s }
      Chat: { template: { message: { message: late } }, delay: 300s }
    """) as server:
        wrong = []
        message = None
        for method, face, version in ways():
            fields = [("grpc-timeout", "50m"), ("connect-timeout-ms", "50")]
            told = face.call(server, method, [ANN], fields, version=version)
            message = told.message if message is None else message
            if told.outcome != ("deadline_exceeded", message, []):
                wrong.append(f"{method} by {face.name} over HTTP/{version}: {told.outcome}")
        assert not wrong, "\n".join([message, *wrong])


def test_a_message_that_is_too_large():
    with greeter(PLAIN, "middleware: { body_limit: 100B }\n") as server:
        large = HelloRequest(name="x" * 200)
        same_everywhere(server, "resource_exhausted", messages=[large], compare=lambda told: told.code)
        fits = HelloRequest(name="x" * 60)
        same_everywhere(server, "ok", messages=[fits], compare=lambda told: told.code)


def test_a_message_that_is_too_large_when_it_is_decompressed():
    with greeter(PLAIN, "middleware: { body_limit: 100B }\n") as server:
        data = gzip.compress(HelloRequest(name="x" * 3000).SerializeToString())
        assert len(data) < 90
        for method, face, version in ways():
            if "json" in face.name or "text" in face.name:
                continue
            field = {"connect": "content-encoding", "connect_stream": "connect-content-encoding"}.get(face.name, "grpc-encoding")
            told = face.call(server, method, [], [(field, "gzip")], version=version,
                             body=data if face.name == "connect" else envelope(data, 1))
            assert told.code == "resource_exhausted", (method, face.name, version, told)


# MARK: What others tell of it


def test_the_access_log_tells_the_same_of_each():
    with greeter(FAILING.replace("CODE", "ABORTED")) as server:
        called = ways()
        for number, (method, face, version) in enumerate(called):
            face.call(server, method, [ANN], [("x-request-id", f"call-{number}")], version=version)
        lines = {line["radicled.request_id"]: line for line in server.access(len(called))}
        for number, (method, face, version) in enumerate(called):
            line = lines[f"call-{number}"]
            is_connect = face.name.startswith("connect")
            assert line["rpc.method"] == f"helloworld.Greeter/{method}"
            assert line["rpc.status_code"] == ("aborted" if is_connect else "ABORTED")
            assert line["rpc.system.name"] == ("connectrpc" if is_connect else "grpc")
            assert line["radicled.protocol"] == ("connect" if is_connect else face.name.removesuffix("_text"))
