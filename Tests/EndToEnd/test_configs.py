"""The manifests in configs/ do what they say."""

import base64
import hmac
import json
import re

import grpc
import pytest

from radicled import PATIENCE, ROOT, run, serve

CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


def start(name, **options):
    text = (ROOT / "configs" / f"{name}.yaml").read_text()
    files = {str(path.relative_to(ROOT / "configs")): path.read_bytes()
             for path in (ROOT / "configs").rglob("*") if path.is_file() and path.suffix != ".yaml"}
    text = re.sub(r"^listen:.*$", "listen: 127.0.0.1:0", text, flags=re.M)
    text = re.sub(r"(output: )file:\S+", r"\1stdout", text)
    return serve(text, files=files, **options)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config_is_clean(path):
    done = run("lint", path)
    assert (done.returncode, done.stderr) == (0, ""), done


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config_shows_what_it_does_in_examples(path):
    done = run("test", "--format", "json", path)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert json.loads(done.stdout)["passed"] >= 3


def test_greeter_greets():
    with start("greeter") as server:
        assert server.get("/hello/Ann").json() == {"message": "Hello Ann"}
        assert server.get("/").text == "it works\n"
        made = server.request("POST", "/orders?item=tea&quantity=2")
        assert made.status == 201 and made.json() == {"item": "tea", "quantity": 2}
        assert made.header("location").startswith("/orders/")
        noted = server.request("POST", "/orders?item=tea&quantity=2&note=hot").json()
        assert noted == {"item": "tea", "quantity": 2, "note": "hot"}
        assert server.request("POST", "/orders?item=tea").status == 400
        assert server.request("POST", "/echo/a/b?x=1", body=b"hi").json()["path"] == "/echo/a/b"
        # Field 1 of the talk's HelloRequest and HelloReply.
        with grpc.insecure_channel("%s:%d" % server.addresses[0]) as channel:
            assert channel.unary_unary("/helloworld.Greeter/SayHello")(b"\n\3Ann", timeout=PATIENCE) == b"\n\tHello Ann"
        assert 'hello_count_total{name="Ann"} 1' in server.admin("/metrics").text


def test_echo_echoes():
    with start("echo") as server:
        assert server.request("POST", "/body", body=b"x" * 100_000).body == b"x" * 100_000
        assert server.get("/anything").json()["method"] == "GET"


def test_redirects_redirect():
    with start("redirects") as server:
        answer = server.get("/blog/2024/hello?page=2", {"Host": "old.example.com"})
        assert (answer.status, answer.header("location")) == (308, "https://www.example.com/articles/hello?page=2")
        assert server.get("/anything", {"Host": "old.example.com"}).header("location") == (
            "https://www.example.com/anything")


def test_maintenance_is_503():
    with start("maintenance") as server:
        answer = server.get("/any/where")
        assert (answer.status, answer.header("retry-after")) == (503, "1200")
        assert "maintenance" in answer.text
        assert server.get("/healthz").text == "ok\n"


def test_faults_happen():
    with start("faults") as server:
        assert server.get("/slow").status == 200
        statuses = {server.get("/flaky").status for _ in range(100)}
        assert statuses == {200, 503}


def test_orders_are_taken():
    with start("orders") as server:
        def order(**fields):
            return server.request("POST", "/v1/orders", {"content-type": "application/json"}, json.dumps(fields).encode())

        taken = order(item="tea", quantity=2, price=1.5)
        assert (taken.status, taken.json()["total"]) == (201, 3)
        assert taken.header("location") == f"/v1/orders/{taken.json()['id']}"
        refused = order(item="tea", quantity=101)
        assert (refused.status, refused.json()["error"]["code"]) == (422, "INVALID_ARGUMENT")
        assert order(quantity="x").status == 400
        assert server.get("/v1/orders/7").json()["error"]["message"] == "no order 7"
        assert server.get("/v1/orders/6b29fc40-ca47-1067-b31d-00dd010662da").json()["state"] == "shipped"
        assert server.request("POST", "/v1/orders/7:pay").status in (200, 503)


def test_a_signed_hook_is_taken_and_another_is_not():
    body = b'{"action":"opened"}'
    signature = hmac.new(b"s3cret", body, "sha256").hexdigest()
    with start("webhook", env={"WEBHOOK_SECRET": "s3cret"}) as server:
        fields = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
        assert server.request("POST", "/hooks/github", fields, body).status == 202
        assert server.request("POST", "/hooks/github", fields, body + b" ").status == 403
        server.stop()
        assert "s3cret" not in server.log.text + server.output.text


def test_a_token_is_signed_for_who_knows_the_secret():
    with start("oauth", env={"OAUTH_KEY": "k" * 32}) as server:
        form = b"grant_type=client_credentials&client_id=reader&client_secret=reader-secret"
        answer = server.request("POST", "/token", {"content-type": "application/x-www-form-urlencoded"}, form)
        head, claims, signature = answer.json()["access_token"].split(".")
        right = hmac.new(b"k" * 32, f"{head}.{claims}".encode(), "sha256").digest()
        assert base64.urlsafe_b64encode(right).rstrip(b"=").decode() == signature
        assert json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"] == "reader"


def test_a_build_is_streamed():
    with start("events") as server:
        text = server.curl("-N", "/builds/7")
        assert [line for line in text.splitlines() if line.startswith("data:")] == [
            f'data: {{"build":"7","step":"{step}"}}' for step in ("queued", "building", "testing", "deployed")]


def test_cards_decide_what_a_payment_does():
    with start("payments") as server:
        def pay(card):
            body = json.dumps({"amount": 1200, "currency": "eur", "card": card}).encode()
            return server.request(
                "POST", "/v1/charges", {"content-type": "application/json", "authorization": "Bearer t"}, body)

        assert pay("4242424242424242").status == 201
        assert (pay("4000000000000002").status, pay("4100000000000019").status) == (402, 403)
        answer = pay("4000000000000341")
        assert (answer.status, answer.header("retry-after")) == (429, "2")
