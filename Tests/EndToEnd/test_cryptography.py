"""Hashes, message authentication codes and tokens, judged by Python's hashlib and hmac and by PyJWT."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from radicled import manifest, problem, run, serve

MESSAGES = [b"", b"a", "Grüße, 世界".encode(), bytes(range(256)), b"x" * 63, b"x" * 64, b"x" * 65, b"long " * 5000]
HASHES = ["md5", "sha1", "sha256", "sha384", "sha512"]
OCTETS = {"content-type": "application/octet-stream"}

KEYS = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
SECRET = "a secret that is as long as the longest of the hashes wants it to be, or more"
ALGORITHMS = {
    "HS256": None, "HS384": None, "HS512": None, "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA",
    "PS384": "RSA", "PS512": "RSA", "ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519",
}


def pem(key, form=PrivateFormat.PKCS8):
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def literal(text):
    """A CEL string that a quoted scalar of YAML can hold."""
    return "'" + text.replace("\n", "\\n") + "'"


def signing(algorithm, form=PrivateFormat.PKCS8):
    """The private key as an expression, and what verifies."""
    kind = ALGORITHMS[algorithm]
    if kind is None:
        return literal(SECRET), SECRET
    public = KEYS[kind].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return literal(pem(KEYS[kind], form)), public


def route(name, expression):
    return f"      {name}: {{ template: '{{{{ {expression.replace(chr(39), chr(39) * 2)} }}}}' }}\n"


def services(*routes):
    return "services:\n  web:\n    routes:\n" + "".join(routes)


CLAIMS = (
    "{'iss': server.name, 'sub': path.name, 'iat': now(), 'exp': now() + duration('1h'), 'n': [1, 2.5, true, null]}")
MANIFEST = services(
    *(route(f"POST /{name}", f"hex.encode({name}(request.body))") for name in HASHES if name != "sha384"),
    *(route(f"POST /sign/{name}", f"base64.encode(hmac.sign(request.body, headers['x-key'], '{name}'))")
      for name in HASHES),
    route("POST /verify", "hmac.verify(request.body, headers['x-signature'], 's3cret', 'SHA256')"),
    *(route(f"GET /{name}/{{name}}", f"jwt.sign({CLAIMS}, {signing(name)[0]}, '{name}', {{'kid': 'k1'}})")
      for name in ALGORITHMS),
    route("GET /old/rsa", f"jwt.sign({{'n': call.count}}, {signing('RS256', PrivateFormat.TraditionalOpenSSL)[0]}, 'RS256')"),
    route("GET /old/ec", f"jwt.sign({{'n': call.count}}, {signing('ES256', PrivateFormat.TraditionalOpenSSL)[0]}, 'ES256')"),
    route("GET /chosen", "jwt.sign({}, query.key, query.alg)"),
)


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


@pytest.mark.parametrize("name", [name for name in HASHES if name != "sha384"])
@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_digests_are_those_of_hashlib(server, name, message):
    assert server.request("POST", f"/{name}", OCTETS, message).text == hashlib.new(name, message).hexdigest()


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_codes_are_those_of_hmac(server, name, message):
    for key in ("k", "x" * 64, "x" * 200):
        code = hmac.new(key.encode(), message, name).digest()
        answer = server.request("POST", f"/sign/{name}", {**OCTETS, "x-key": key}, message)
        assert base64.b64decode(answer.body) == code


def verified(server, body, signature):
    answer = server.request("POST", "/verify", {"content-type": "application/json", "x-signature": signature}, body)
    assert answer.status == 200 and answer.text in ("true", "false"), answer
    return answer.text == "true"


def test_a_webhooks_signature_is_verified_over_the_body_as_it_came(server):
    body = b'{ "b":1,\r\n  "a" : 1.0e2 }'
    code = hmac.new(b"s3cret", body, "sha256")
    plain = base64.b64encode(code.digest()).decode()
    for text in (code.hexdigest(), code.hexdigest().upper(), "sha256=" + code.hexdigest(), "v0=" + code.hexdigest(),
                 plain, plain.rstrip("="), plain.replace("+", "-").replace("/", "_"), "v1=" + plain):
        assert verified(server, body, text), text
    assert not verified(server, body + b" ", code.hexdigest())


def test_no_other_signature_is_right(server):
    body = b"{}"
    right = hmac.new(b"s3cret", body, "sha256").hexdigest()
    weaker = hmac.new(b"s3cret", body, "sha1").hexdigest()
    wrong = [f"{right[:at]}{'0' if right[at] != '0' else '1'}{right[at + 1:]}" for at in range(len(right))]
    wrong += [right[:-2], right[:-1], right + "00", "sha1=" + weaker, weaker, "sha1=" + right, "none=", "", "=", "é",
              "sha256=" * 2 + right, "sha256=sha1=" + weaker, hmac.new(b"other", body, "sha256").hexdigest()]
    for text in wrong:
        assert not verified(server, body, text.encode("latin-1")), text


@pytest.mark.parametrize("name", ALGORITHMS)
def test_tokens_are_good_to_another_library(server, name):
    before = int(time.time())
    token = server.get(f"/{name}/Zo%C3%AB").text
    claims = jwt.decode(token, signing(name)[1], algorithms=[name], issuer="test", options={"require": ["exp", "iat"]})
    assert claims["sub"] == "Zoë" and claims["n"] == [1, 2.5, True, None]
    assert before <= claims["iat"] <= int(time.time()) and claims["exp"] == claims["iat"] + 3600
    assert jwt.get_unverified_header(token) == {"alg": name, "typ": "JWT", "kid": "k1"}

    head, payload, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "root"}).encode()).decode().rstrip("=")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{forged}.{signature}", signing(name)[1], algorithms=[name], issuer="test")


def test_keys_in_the_forms_of_openssl_sign_too(server):
    assert jwt.decode(server.get("/old/rsa").text, signing("RS256")[1], algorithms=["RS256"])["n"] >= 1
    assert jwt.decode(server.get("/old/ec").text, signing("ES256")[1], algorithms=["ES256"])["n"] >= 1


def test_a_key_that_comes_with_the_call_and_is_none_is_the_clients_mistake(server):
    for alg, key in (("RS256", "nope"), ("HS256", ""), ("none", "k"), ("", "k")):
        value = problem(server.get(f"/chosen?alg={alg}&key={key}"), 400)
        assert "nope" not in json.dumps(value)
    assert server.get("/chosen?alg=HS256&key=k").status == 200


def first_finding(tmp_path, expression):
    """What lint finds, and the text that its place shows."""
    path = tmp_path / "m.yaml"
    path.write_text(manifest(services(route("GET /a", expression))))
    done = run("lint", path, "--format", "json")
    assert done.returncode == 1, done
    finding, = json.loads(done.stdout)["findings"]
    line = path.read_text().splitlines()[finding["line"] - 1]
    return finding["message"], line[finding["column"] - 1:finding["end_column"] - 1]


@pytest.mark.parametrize("expression, message, place", [
    ("hmac.sign(request.path, 'k', 'SHA255')", "unknown hash", "''SHA255''"),
    ("hmac.verify(request.body, 'a', 'k', 'sha' + '3')", "unknown hash", "''sha'' + ''3''"),
    ("jwt.sign({'n': call.count}, 'k', 'HS265')", "did you mean", "''HS265''"),
    ("jwt.sign({'n': call.count}, 'k', 'none')", "no algorithm", "''none''"),
    ("jwt.sign({'n': call.count}, 'k', 'RS256')", "not in PEM", "''k''"),
    ("jwt.sign({'n': call.count}, '', 'HS256')", "empty", "''''"),
    (f"jwt.sign({{'n': call.count}}, {literal(pem(KEYS['P-384']))}, 'ES256')", "P-256",
     literal(pem(KEYS["P-384"])).replace("'", "''")),
])
def test_a_bad_algorithm_or_key_is_found_at_its_place(tmp_path, expression, message, place):
    found, shown = first_finding(tmp_path, expression)
    assert message in found and "MIG2" not in found
    assert shown == place
