"""A collector that takes OTLP over HTTP as far as tests want it to, and reads it with OpenTelemetry's own code."""

import base64
import gzip
import http.server
import json
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from radicled import PATIENCE


class Collector:
    """Answers each POST with the next of `replies` (status, fields, body), and with 200 when there are no more."""

    def __init__(self, replies=()):
        self.requests = []
        self.replies = list(replies)
        self.changed = threading.Condition()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with collector.changed:
                    status, fields, answer = collector.replies.pop(0) if collector.replies else (200, {}, b"")
                    collector.requests.append((self.path, dict(self.headers), body, status))
                    collector.changed.notify_all()
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, predicate, what):
        with self.changed:
            assert self.changed.wait_for(lambda: predicate(self), PATIENCE), f"never came: {what}"

    def exports(self, status=200):
        """The requests that were answered so, decoded."""
        return [decoded(fields, body) for _, fields, body, answered in self.requests if answered == status]

    def spans(self, count):
        """All spans that were taken, once there are so many."""
        self.wait(lambda _: len(self._spans()) >= count, f"{count} spans")
        return self._spans()

    def _spans(self):
        return [
            span for export in self.exports() for resource in export.resource_spans
            for scope in resource.scope_spans for span in scope.spans]


def decoded(fields, body):
    fields = {name.lower(): value for name, value in fields.items()}
    if fields.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    request = ExportTraceServiceRequest()
    if fields["content-type"] == "application/json":
        json_format.Parse(hex_as_base64(body), request)
    else:
        assert fields["content-type"] == "application/x-protobuf"
        request.ParseFromString(body)
    return request


def hex_as_base64(body):
    """OTLP's JSON has identifiers in hexadecimal, where protobuf's mapping has bytes in base64."""
    def walk(value):
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            return {
                name: base64.b64encode(bytes.fromhex(item)).decode()
                if name in ("traceId", "spanId", "parentSpanId") else walk(item) for name, item in value.items()}
        return value

    return json.dumps(walk(json.loads(body)))


def attributes(owner):
    """A span's or a resource's attributes as a dictionary of plain values."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in owner.attributes}
