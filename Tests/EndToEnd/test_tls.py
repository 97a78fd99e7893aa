"""TLS on listeners, with clients that are not ours: curl, openssl, Python's ssl."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from certificates import Authority
from radicled import PATIENCE, eventually, serve

ROOT_CA = Authority()
# In an environment of its own (Makefile).
SSLYZE = Path(sys.prefix) / "sslyze/bin/sslyze"
SERVER = ROOT_CA.issue("localhost", "127.0.0.1", "::1")
TLS = "{ certificate: server.pem, key: server.key }"
SEEN = '''
    services:
      web:
        routes:
          GET /seen:
            template:
              json:
                tls: "{{ client.tls }}"
                identity: "{{ client.identity }}"
                scheme: "{{ request.scheme }}"
                protocol: "{{ request.protocol }}"
                address: "{{ client.address }}"
          POST /echo: { echo: body }
'''


def secure(tls=TLS, more="", files=None, **options):
    text = f'listen: {{ address: "127.0.0.1:0", tls: {tls} }}\n{more}\n' + SEEN.replace("\n    ", "\n")
    return serve(text, files={"root.pem": ROOT_CA.pem, **SERVER.files(), **(files or {})}, **options)


def context(versions=(None, None), alpn=None, certificate=None, directory=None, root=ROOT_CA):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(cadata=root.pem)
    if versions[0]:
        made.minimum_version = versions[0]
    if versions[1]:
        made.maximum_version = versions[1]
    if alpn:
        made.set_alpn_protocols(alpn)
    if certificate:
        path = directory / "shown.pem"
        path.write_text(certificate.pem + certificate.key_pem)
        made.load_cert_chain(path)
    return made


def dial(server, made=None, host="localhost", index=0):
    plain = socket.create_connection(server.addresses[index][:2], timeout=PATIENCE)
    return (made or context()).wrap_socket(plain, server_hostname=host)


def ask(stream, path="/seen", headers=""):
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
    return read(stream)


def read(stream):
    answer = http.client.HTTPResponse(stream)
    answer.begin()
    return answer.status, answer.read()


def seen(server, made=None, **options):
    with dial(server, made, **options) as stream:
        status, body = ask(stream)
        assert status == 200, body
        return json.loads(body)


def curl(server, *arguments):
    return server.curl("--cacert", str(server.directory / "root.pem"), *arguments)


def https(server, path):
    return f"https://localhost:{server.port}{path}"


@pytest.mark.parametrize("flag, protocol", [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")])
def test_curl_is_served(flag, protocol):
    with secure() as server:
        answer = json.loads(curl(server, flag, https(server, "/seen")))
        assert answer == {
            "tls": True, "identity": "", "scheme": "https", "protocol": protocol, "address": "127.0.0.1"}
        [line] = server.access(1)
        assert line["url.scheme"] == "https"
        assert 'url_scheme="https"' in server.admin("/metrics").text
        assert server.event("listening")["tls"] == "true"


@pytest.mark.parametrize("offered, chosen", [
    (["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "h2"), (["spdy/3"], None), ([], None)])
def test_protocol_is_agreed_on(offered, chosen):
    with secure() as server, dial(server, context(alpn=offered)) as stream:
        assert stream.selected_alpn_protocol() == chosen
        if chosen != "h2":
            assert ask(stream)[0] == 200


@pytest.mark.parametrize("protocols, offered, chosen", [
    ("[http1]", ["h2", "http/1.1"], "http/1.1"), ("[http2]", ["http/1.1", "h2"], "h2"),
    ("[http2]", ["http/1.1"], None), ("[http2, http1]", ["http/1.1", "h2"], "h2")])
def test_listener_offers_its_protocols(protocols, offered, chosen):
    with secure(tls=TLS + f", protocols: {protocols}") as server, dial(server, context(alpn=offered)) as stream:
        assert stream.selected_alpn_protocol() == chosen
        if chosen != "h2":
            assert ask(stream)[0] == (200 if chosen else 505)


V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("minimum, version, is_served", [
    ("1.2", V12, True), ("1.2", V13, True), ("1.3", V13, True), ("1.3", V12, False)])
def test_versions(minimum, version, is_served):
    with secure(f'{{ certificate: server.pem, key: server.key, minimum: "{minimum}" }}') as server:
        made = context((version, version))
        if is_served:
            assert seen(server, made)["tls"] is True
            return
        with pytest.raises(ssl.SSLError):
            dial(server, made)
        assert seen(server)["tls"] is True


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("cipher, is_served", [
    ("ECDHE+AESGCM", True), ("ECDHE+CHACHA20", True), ("AES128-GCM-SHA256", False), ("DHE-RSA-AES128-GCM-SHA256", False),
    ("ECDHE+AES256:!AESGCM", False)])
def test_ciphers_have_forward_secrecy_and_authentication(kind, cipher, is_served):
    issued = ROOT_CA.issue("localhost", kind=kind)
    with secure(files=issued.files()) as server:
        made = context((V12, V12))
        made.set_ciphers(cipher)
        if is_served:
            assert seen(server, made)["tls"] is True
        else:
            with pytest.raises(ssl.SSLError):
                dial(server, made)


def test_connection_goes_on_for_many_requests_and_a_large_body():
    body = os.urandom(300_000)
    with secure() as server, dial(server) as stream:
        for _ in range(3):
            stream.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert read(stream) == (200, body)


def test_session_is_taken_up_again():
    with secure() as server:
        made = context((V12, V12))
        with dial(server, made) as stream:
            ask(stream)
            session = stream.session
        plain = socket.create_connection(server.address, timeout=PATIENCE)
        with made.wrap_socket(plain, server_hostname="localhost", session=session) as stream:
            assert ask(stream)[0] == 200
            assert stream.session_reused


def failures(server, reason):
    text = server.admin("/metrics").text
    return f'radicled_tls_handshakes_failed_total{{reason="{reason}"}} 1' in text


def test_plain_http_is_told_so():
    with secure() as server:
        with server.connect() as wire:
            answer = wire.ask("GET", "/seen")
            assert answer.status == 400
            assert "https://" in answer.text
            assert wire.is_closed()
        assert failures(server, "plain_http")
        assert seen(server)["tls"] is True


def test_what_is_no_tls_is_closed():
    with secure() as server:
        with server.connect() as wire:
            assert wire.send(b"\x00\x01\x02\x03").is_closed()
        assert failures(server, "not_tls")
        with server.connect() as wire:
            wire.send(b"\x16\x03\x01\x00\x05hello")
            wire.read_to_end()
        assert failures(server, "refused")
        with server.connect() as wire:
            wire.send(b"\x16\x03\x01\x02\x00\x01")
        eventually(lambda: failures(server, "left"), "the end of half a hello is counted")
        assert seen(server)["tls"] is True


@pytest.mark.parametrize("first", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"])
def test_silent_handshake_is_closed(first):
    with secure() as server, server.connect() as wire:
        if first:
            wire.send(first)
        eventually(lambda: "handshaking" in server.admin("/debug/connections").text, "the connection is shown")
        assert wire.is_closed()
        assert failures(server, "timeout")


def test_client_that_trusts_nobody_is_counted_and_no_more():
    with secure() as server:
        made = context(root=Authority("somebody else"))
        with pytest.raises(ssl.SSLCertVerificationError):
            dial(server, made)
        assert seen(server)["tls"] is True


def test_close_is_told_both_ways():
    with secure() as server:
        with dial(server) as stream:
            assert ask(stream, headers="Connection: close\r\n")[0] == 200
            # The end is a close_notify: without it Python raises SSLEOFError.
            assert stream.recv(1) == b""
        with dial(server) as stream:
            stream.sendall(b"GET /seen HTTP/1.1\r\nHost: localhost\r\n\r\n")
            # Sends a close_notify, and waits for the server's: what was asked before is answered.
            assert read(stream)[0] == 200
            stream.unwrap()


def test_half_closed_client_has_its_answer():
    with secure() as server:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with socket.create_connection(server.address, timeout=PATIENCE) as plain:
            def turn(step):
                while True:
                    try:
                        done = step()
                        if data := outgoing.read():
                            plain.sendall(data)
                        return done
                    except ssl.SSLWantReadError:
                        if data := outgoing.read():
                            plain.sendall(data)
                        if not (data := plain.recv(65536)):
                            incoming.write_eof()
                        incoming.write(data)
            turn(tls.do_handshake)
            turn(lambda: tls.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"))
            try:
                tls.unwrap()
            except ssl.SSLWantReadError:
                pass
            plain.sendall(outgoing.read())
            got = b""
            while b"hi" not in got:
                try:
                    got += tls.read(65536)
                except ssl.SSLWantReadError:
                    data = plain.recv(65536)
                    assert data, got
                    incoming.write(data)
            assert got.startswith(b"HTTP/1.1 200")


def test_connections_and_spans_tell_the_version():
    with secure() as server, dial(server) as stream:
        ask(stream)
        shown = json.loads(server.admin("/debug/connections", {"accept": "application/json"}).body)
        assert [connection["tls"] for connection in shown["connections"]] == ["1.3"]


def test_proxy_header_comes_before_tls():
    with secure(more="trusted_proxies: 127.0.0.1/32",
                tls=TLS + ", proxy_protocol: required") as server:
        plain = socket.create_connection(server.address, timeout=PATIENCE)
        plain.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n")
        with context().wrap_socket(plain, server_hostname="localhost") as stream:
            answer = json.loads(ask(stream)[1])
            assert answer["address"] == "192.0.2.7" and answer["tls"] is True


def serial(server, host="localhost", index=0):
    with dial(server, host=host, index=index) as stream:
        return int(stream.getpeercert()["serialNumber"], 16)


def test_reload_takes_the_new_certificate_and_keeps_connections():
    with secure() as server, dial(server) as stream:
        assert ask(stream)[0] == 200
        assert serial(server) == SERVER.certificate.serial_number
        fresh = ROOT_CA.issue("localhost")
        for name, text in fresh.files().items():
            server.write(text, name)
        server.reload()
        assert serial(server) == fresh.certificate.serial_number
        assert ask(stream)[0] == 200


def test_pair_that_does_not_fit_keeps_the_one_before():
    with secure() as server:
        fresh = ROOT_CA.issue("localhost")
        server.write(fresh.pem, "server.pem")
        refused = server.reload(expect="reload_refused")
        assert "key-mismatch" in json.dumps(refused)
        assert serial(server) == SERVER.certificate.serial_number
        server.write(fresh.key_pem, "server.key")
        server.reload()
        assert serial(server) == fresh.certificate.serial_number


def test_changed_certificate_is_loaded_by_itself():
    with secure() as server:
        fresh = ROOT_CA.issue("localhost")
        for name, text in fresh.files().items():
            server.write(text, name)
        eventually(lambda: serial(server) == fresh.certificate.serial_number, "the new certificate is in use")


def test_tls_may_come_and_go():
    with secure() as server:
        text = server.manifest.read_text()
        server.reload(text.replace(f", tls: {TLS}", ""))
        assert server.get("/seen").json()["tls"] is False
        server.reload(text)
        assert seen(server)["tls"] is True


def test_client_that_names_a_host_gets_its_certificate():
    pairs = {"a": ROOT_CA.issue("a.example"), "wild": ROOT_CA.issue("*.b.example", kind="rsa"),
             "exact": ROOT_CA.issue("x.b.example")}
    files = {name: text for key, issued in pairs.items() for name, text in issued.files(key).items()}
    listed = ", ".join(f"{{ certificate: {key}.pem, key: {key}.key }}" for key in pairs)
    with secure(f"{{ certificates: [{listed}] }}", files=files) as server:
        for host, key in [("a.example", "a"), ("y.b.example", "wild"), ("x.b.example", "exact")]:
            assert serial(server, host) == pairs[key].certificate.serial_number, host
        made = context()
        made.check_hostname = False
        for host in ["other.example", None]:
            with dial(server, made, host=host) as stream:
                assert int(stream.getpeercert()["serialNumber"], 16) == pairs["a"].certificate.serial_number


CLIENTS = Authority("clients")
REQUIRED = "{ certificate: server.pem, key: server.key, client_ca: clients.pem }"


@pytest.mark.parametrize("names, identity", [
    ({"uri": "spiffe://example/web", "name": "web", "email": "a@example.com"}, "spiffe://example/web"),
    ({"email": "a@example.com", "name": "web"}, "a@example.com"), ({"name": "web, of ours"}, "web, of ours")])
@pytest.mark.parametrize("version", [V12, V13])
def test_client_is_known_by_its_certificate(names, identity, version, tmp_path):
    made = context((version, version), certificate=CLIENTS.issue(**names), directory=tmp_path)
    with secure(REQUIRED, files={"clients.pem": CLIENTS.pem}) as server:
        assert seen(server, made)["identity"] == identity
        with dial(server, made) as stream:
            ask(stream)
            session = stream.session
        plain = socket.create_connection(server.address, timeout=PATIENCE)
        with made.wrap_socket(plain, server_hostname="localhost", session=session) as stream:
            assert json.loads(ask(stream)[1])["identity"] == identity


def is_refused(server, made):
    """With TLS 1.3 the client learns of it after its own part of the handshake."""
    try:
        with dial(server, made) as stream:
            ask(stream)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


@pytest.mark.parametrize("version", [V12, V13])
def test_client_without_a_good_certificate_is_refused(version, tmp_path):
    with secure(REQUIRED, files={"clients.pem": CLIENTS.pem}) as server:
        assert is_refused(server, context((version, version)))
        stranger = Authority("strangers").issue(name="web")
        assert is_refused(server, context((version, version), certificate=stranger, directory=tmp_path))
        old = CLIENTS.issue(name="web", days=-1)
        assert is_refused(server, context((version, version), certificate=old, directory=tmp_path))


def test_client_may_have_no_certificate_where_it_is_optional(tmp_path):
    tls = REQUIRED.replace(" }", ", client_auth: optional }")
    with secure(tls, files={"clients.pem": CLIENTS.pem}) as server:
        assert seen(server)["identity"] == ""
        made = context(certificate=CLIENTS.issue(name="web"), directory=tmp_path)
        assert seen(server, made)["identity"] == "web"
        stranger = Authority("strangers").issue(name="web")
        assert is_refused(server, context(certificate=stranger, directory=tmp_path))


def test_drain_finishes_what_runs_over_tls():
    with secure(more="shutdown: { delay: 0s, grace: 20s }") as server, dial(server) as stream:
        stream.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nhi")
        eventually(lambda: "/echo" in server.admin("/debug/connections").text, "the call is shown")
        server.process.send_signal(signal.SIGTERM)
        server.event("draining")
        stream.sendall(b"ho")
        assert read(stream) == (200, b"hiho")
        assert stream.recv(1) == b""
        server.wait()


def test_openssl_agrees():
    with secure() as server:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost", "-alpn",
             "h2,http/1.1", "-CAfile", str(server.directory / "root.pem"), "-verify_return_error"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        assert "ALPN protocol: h2" in done.stdout
        assert "Verify return code: 0 (ok)" in done.stdout


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_sslyze_finds_nothing_to_mend(kind):
    with secure(files=ROOT_CA.issue("localhost", kind=kind).files()) as server:
        done = subprocess.run(
            [SSLYZE, "--certinfo", "--certinfo_ca_file", str(server.directory / "root.pem"),
             "--mozilla_config=intermediate", f"localhost:{server.port}"],
            capture_output=True, text=True, timeout=3 * PATIENCE)
        assert done.returncode == 0, done.stdout
        assert "OK - Compliant" in done.stdout
