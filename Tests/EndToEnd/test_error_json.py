"""The same failure as HTTP with JSON tells it: google.rpc.Status of a method, a problem document of a route."""

import json

import pytest
from google.protobuf import json_format
from google.rpc import status_pb2

from call_faces import CODES, STATUSES, greeter
from radicled import serve
from test_error_faces import DETAILS, MESSAGE, name

BAD_REQUEST, _, RETRY = DETAILS
ERROR = """error:
            code: CODE
            message: 'kein "näme" \\ 100 % 😀'
            retry: 90s
            details:
              - google.rpc.BadRequest: { field_violations: [{ field: name, description: 'was "ä"' }] }
"""
METHODS = f"""
      SayHello:
        http: POST /v1/hello
        template:
          {ERROR}
      SayHelloOften:
        http: POST /v1/hello/often
        template:
          {ERROR}
"""


def details(status):
    return [(detail.type_url.split("/")[-1], detail.value) for detail in status.details]


@pytest.mark.parametrize("code", CODES[1:])
def test_a_failure_of_a_method_is_a_status(code):
    with greeter(METHODS.replace("CODE", name(code))) as server:
        for path in ("/v1/hello", "/v1/hello/often"):
            answer = server.request("POST", path, {"x-request-id": "call-1"}, b'{"name":"Ann"}')
            status = json_format.Parse(answer.body, status_pb2.Status())
            assert (answer.status, answer.header("content-type")) == (STATUSES[code], "application/json")
            assert (status.code, status.message) == (CODES.index(code), MESSAGE)
            assert details(status) == [BAD_REQUEST, RETRY]
            assert (answer.header("retry-after"), answer.header("x-request-id")) == ("90", "call-1")


@pytest.mark.parametrize("code", CODES[1:])
def test_a_failure_of_a_route_is_a_problem(code):
    manifest = f"""
        services:
          web:
            routes:
              GET /fails:
                template: {{ error: {{ code: {name(code)}, message: 'kein "näme" \\ 100 % 😀', retry: 90s }} }}
    """
    with serve(manifest) as server:
        answer = server.request("GET", "/fails", {"x-request-id": "call-1"})
        problem = json.loads(answer.body)
        assert (answer.status, answer.header("content-type")) == (STATUSES[code], "application/problem+json")
        assert (problem["status"], problem["code"], problem["detail"]) == (STATUSES[code], name(code), MESSAGE)
        assert (problem["request_id"], answer.header("x-request-id"), answer.header("retry-after")) == ("call-1", "call-1", "90")


def test_a_failure_behind_messages_is_the_last_line():
    method = """
      SayHelloOften:
        http: GET /v1/hello/{name}
        template:
          messages: [{ message: one }, { message: two }]
          error: { code: ABORTED, message: no more, details: [{ google.rpc.ErrorInfo: { reason: OVER } }] }
    """
    with greeter(method) as server:
        answer = server.get("/v1/hello/Ann")
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert (answer.status, answer.header("content-type")) == (200, "application/x-ndjson")
        assert lines[:2] == [{"message": "one"}, {"message": "two"}]
        status = json_format.ParseDict(lines[2]["error"], status_pb2.Status())
        assert (status.code, status.message, len(status.details), len(lines)) == (10, "no more", 1, 3)


@pytest.mark.parametrize("text", ["x" * 20_000, "ä" * 9_000], ids=["ascii", "two bytes"])
def test_message_and_details_have_a_limit(text):
    method = """
      SayHello:
        http: POST /v1/hello
        template:
          error:
            code: NOT_FOUND
            message: "{{ request.name }}"
            details: [{ google.rpc.ErrorInfo: { reason: "{{ request.name }}" } }]
    """
    with greeter(method) as server:
        answer = server.request("POST", "/v1/hello", {}, json.dumps({"name": text}).encode())
        status = json_format.Parse(answer.body, status_pb2.Status())
        assert text.startswith(status.message) and 600 < len(status.message) < len(text)
        assert len(answer.body) < 10_000 and not status.details
