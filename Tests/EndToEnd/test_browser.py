"""Chromium as the client: what scripts of another origin may ask and read is the browser's judgement, not ours.

A page tries things with `fetch` and sends what came of them back to the server that it is from.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import os
import queue
import shutil
import subprocess
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from radicled import PATIENCE, run, serve

CHROMIUM = next(filter(None, map(shutil.which, ["chromium-headless-shell", "chromium", "google-chrome"])), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed: Debian's package chromium-headless-shell is one")

MANIFEST = """
workers: 1
middleware: { cors: { origins: [ORIGIN] } }
services:
  api:
    routes:
      GET /orders: { template: { headers: { etag: '"7"', x-hidden: "1" }, json: [1, 2] } }
      POST /orders: { template: { status: 201, json: "{{ body }}" } }
      PUT /orders/{id}: { template: { json: { id: "{{ path.id }}", trace: "{{ headers['x-trace'] }}" } } }
      DELETE /orders/{id}: { template: { status: 204 } }
      GET /login: { template: { headers: { set-cookie: "who=Ann" }, text: in }, middleware: { cors: { credentials: true } } }
      GET /me: { template: "{{ cookies.?who.orValue('nobody') }}", middleware: { cors: { credentials: true, expose: [etag] } } }
      GET /public: { template: { headers: { etag: '"8"' }, text: public }, middleware: { cors: { origins: "*" } } }
      GET /closed: { template: closed, middleware: { cors: off } }
      GET /narrow: { template: narrow, middleware: { cors: { headers: [x-good] } } }
      GET /busy: { template: { error: { code: UNAVAILABLE, message: come back } } }
      GET /events:
        template:
          content_type: text/event-stream
          messages: [ { event: step, id: 1, data: { n: 1 } }, { event: step, id: 2, data: "a\\nb" }, { data: end } ]
          interval: 5ms
"""

PAGE = """<!doctype html><script>
const api = "API";
async function tried(path, options) {
  try {
    const answer = await fetch(api + path, options);
    return { status: answer.status, text: await answer.text(), headers: Object.fromEntries(answer.headers) };
  } catch (problem) {
    return { refused: String(problem) };
  }
}
(async () => {
  const told = {};
  TRIES
  await fetch("/told", { method: "POST", body: JSON.stringify(told) });
})();
</script>"""


class Site:
    """Serves one page, and hears what it tells."""

    def __init__(self):
        self.page = ""
        self.told = queue.Queue()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.page.encode() if self.path == "/" else b""
                self.send_response(200 if body else 404)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                site.told.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def browser(url, folder, *flags):
    """Chromium with a page open."""
    # The profile is its own, so that no cookie and no preflight is remembered from elsewhere.
    process = subprocess.Popen(
        # Its sandbox does not run as root; and a page that stays open needs the port of a debugger.
        [CHROMIUM, "--headless", *(["--no-sandbox"] if os.geteuid() == 0 else []), "--disable-gpu",
         "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server", "--remote-debugging-port=0",
         f"--user-data-dir={folder}", *flags, url],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def opened(site, api, tries, folder, origin=None):
    """What a page that does `tries` tells when Chromium opens it."""
    site.page = PAGE.replace("API", api).replace("TRIES", tries)
    with browser((origin or site.origin) + "/", folder):
        return site.told.get(timeout=3 * PATIENCE)


def asked(server, count):
    """All that was asked for, in its order."""
    server.stop()
    return [(line["http.request.method"], line["url.path"], line["http.response.status_code"])
            for line in server.access(count)]


def test_a_page_of_an_admitted_origin_may_ask_and_read(tmp_path):
    tries = """
      const json = { "content-type": "application/json" };
      told.get = await tried("/orders");
      told.post = await tried("/orders", { method: "POST", headers: json, body: '{"item":"tea"}' });
      told.put = await tried("/orders/7", { method: "PUT", headers: { "X-Trace": "t1" } });
      told.again = await tried("/orders/7", { method: "PUT", headers: { "X-Trace": "t2" } });
      told.remove = await tried("/orders/7", { method: "DELETE" });
      told.busy = await tried("/busy");
      told.nowhere = await tried("/nowhere");
    """
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin)) as server:
        told = opened(site, server.url, tries, tmp_path)
        assert (told["get"]["status"], told["get"]["text"].strip()) == (200, "[1,2]")
        assert "etag" not in told["get"]["headers"] and "x-hidden" not in told["get"]["headers"]
        # The request's id is exposed, for reports of what went wrong.
        assert told["get"]["headers"]["x-request-id"]
        assert (told["post"]["status"], json.loads(told["post"]["text"])) == (201, {"item": "tea"})
        assert json.loads(told["put"]["text"]) == {"id": "7", "trace": "t1"}
        assert json.loads(told["again"]["text"]) == {"id": "7", "trace": "t2"}
        assert told["remove"]["status"] == 204
        # Refusals may be read as well.
        assert (told["busy"]["status"], json.loads(told["busy"]["text"])["detail"]) == (503, "come back")
        assert told["nowhere"]["status"] == 404
        # A preflight before what is not simple, and none for what the last one allowed.
        assert asked(server, 9) == [
            ("GET", "/orders", 200), ("OPTIONS", "/orders", 204), ("POST", "/orders", 201), ("OPTIONS", "/orders/7", 204),
            ("PUT", "/orders/7", 200), ("PUT", "/orders/7", 200), ("DELETE", "/orders/7", 204), ("GET", "/busy", 503),
            ("GET", "/nowhere", 404)]


def test_cookies_go_along_where_credentials_are_allowed_only(tmp_path):
    tries = """
      const cookies = { credentials: "include" };
      told.login = await tried("/login", cookies);
      told.me = await tried("/me", cookies);
      told.without = await tried("/me");
      told.orders = await tried("/orders", cookies);
      told.everybody = await tried("/public", cookies);
      told.open = await tried("/public");
    """
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin)) as server:
        told = opened(site, server.url, tries, tmp_path)
        assert [told[name].get("text") for name in ("login", "me", "without", "open")] == ["in", "Ann", "nobody", "public"]
        # Answered, but not to be read.
        assert "refused" in told["orders"] and "refused" in told["everybody"]
        assert [status for _, _, status in asked(server, 6)] == [200] * 6


def test_a_page_of_another_origin_may_neither_ask_nor_read(tmp_path):
    """The same page under another name of the host is of another origin."""
    tries = """
      told.get = await tried("/orders");
      told.put = await tried("/orders/7", { method: "PUT", headers: { "X-Trace": "t1" } });
      told.open = await tried("/public");
      told.blind = (await fetch(api + "/orders", { mode: "no-cors" })).type;
    """
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin)) as server:
        told = opened(site, server.url, tries, tmp_path, site.origin.replace("127.0.0.1", "localhost"))
        assert "refused" in told["get"] and "refused" in told["put"]
        assert (told["open"]["text"], told["blind"]) == ("public", "opaque")
        # The browser asked whether it may change something, and then did not.
        assert asked(server, 4) == [
            ("GET", "/orders", 200), ("OPTIONS", "/orders/7", 204), ("GET", "/public", 200), ("GET", "/orders", 200)]


def test_what_a_route_does_not_allow_is_refused(tmp_path):
    tries = """
      told.closed = await tried("/closed");
      told.good = await tried("/narrow", { headers: { "X-Good": "1" } });
      told.bad = await tried("/narrow", { headers: { "X-Good": "1", "X-Bad": "1" } });
      told.patch = await tried("/orders", { method: "PATCH" });
    """
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin)) as server:
        told = opened(site, server.url, tries, tmp_path)
        assert "refused" in told["closed"] and "refused" in told["bad"] and "refused" in told["patch"]
        assert told["good"]["text"] == "narrow"
        assert ("PATCH", "/orders", 405) not in asked(server, 5)


def test_an_event_source_hears_the_events(tmp_path):
    tries = """
      told.events = await new Promise((done) => {
        const events = [], source = new EventSource(api + "/events");
        const hear = (event) => events.push([event.type, event.lastEventId, event.data]);
        source.addEventListener("step", hear);
        source.onmessage = (event) => { hear(event); source.close(); done(events); };
        source.onerror = () => { source.close(); done("error"); };
      });
    """
    with Site() as site, serve(MANIFEST.replace("ORIGIN", site.origin)) as server:
        told = opened(site, server.url, tries, tmp_path)
        assert told["events"] == [["step", "1", '{"n":1}'], ["step", "2", "a\nb"], ["message", "2", "end"]]


# A page of the server's own, which tells it by which protocol it and what it asked for came.
SECURE = """
workers: 1
listen: { address: "127.0.0.1:0", tls: { certificate: dev.pem, key: dev.key } }
services:
  web:
    routes:
      GET /{$}:
        template:
          html: |
            <!doctype html><script>
            (async () => {
              const answer = await fetch("/json");
              const told = { page: "{{ request.protocol }}", asked: (await answer.json()).protocol, entries: {} };
              for (const entry of [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")])
                told.entries[new URL(entry.name).pathname] = entry.nextHopProtocol;
              await fetch("/told", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(told) });
            })();
            </script>
      GET /json: { template: { json: { protocol: "{{ request.protocol }}" } } }
      POST /told: { template: { status: 204 }, middleware: { access_log: { fields: { told: body } } } }
"""


@pytest.mark.parametrize("protocols, told", [("[http1, http2]", ("HTTP/2", "h2")), ("[http1]", ("HTTP/1.1", "http/1.1"))])
def test_a_page_over_tls_comes_by_what_alpn_agrees_on(tmp_path, protocols, told):
    assert run("dev-cert", "--directory", tmp_path).returncode == 0
    files = {name: (tmp_path / name).read_text() for name in ("dev.pem", "dev.key")}
    key = x509.load_pem_x509_certificate(files["dev.pem"].encode()).public_key()
    pin = base64.b64encode(hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()).decode()
    with serve(SECURE.replace(" } }\nservices", f" }}, protocols: {protocols} }}\nservices"), files=files) as server:
        # The one flag that trusts this key and no other, as an authority would.
        with browser(f"https://localhost:{server.port}/", tmp_path / "profile", f"--ignore-certificate-errors-spki-list={pin}"):
            line = server.output.wait(
                lambda lines: next((json.loads(line) for line in lines if b"/told" in line), None), "what the page tells")
        seen = line["told"]
        assert (seen["page"], seen["asked"]) == (told[0], told[0])
        assert (seen["entries"]["/"], seen["entries"]["/json"]) == (told[1], told[1])
