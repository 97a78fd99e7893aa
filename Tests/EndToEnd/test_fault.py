"""`fault` aborts or cuts a share of the calls."""

import pytest

from radicled import Ended, problem, serve

MANIFEST = """
services:
  web:
    routes:
      GET /abort: { template: "x", fault: { share: 100%, abort: { code: UNAVAILABLE, message: "try later" } } }
      GET /status: { template: "x", fault: { share: 1.0, abort: { status: 418, message: "no coffee" } } }
      GET /cut: { template: "x", fault: { share: 100%, cut: true } }
      GET /never: { template: "fine", fault: { share: 0%, cut: true } }
      GET /half: { template: "fine", fault: { share: 0.5, abort: { code: INTERNAL } } }
      GET /list:
        template: "fine"
        fault:
          - { share: 0%, cut: true }
          - { share: 100%, abort: { code: NOT_FOUND, message: "second" } }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def test_abort_answers_with_its_error(server):
    assert "try later" in str(problem(server.get("/abort"), 503))
    assert "no coffee" in str(problem(server.get("/status"), 418))


def test_cut_closes_without_an_answer(server):
    with server.connect() as wire:
        wire.send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(Ended) as ended:
            wire.read_response()
        assert ended.value.args[0] == b""


def test_share_of_nothing_never_happens(server):
    with server.connect() as wire:
        assert {wire.ask("GET", "/never").status for _ in range(100)} == {200}


def test_share_of_half_gives_both(server):
    with server.connect() as wire:
        statuses = [wire.ask("GET", "/half").status for _ in range(200)]
    assert 40 < statuses.count(500) < 160
    assert set(statuses) == {200, 500}


def test_first_draw_of_a_list_wins(server):
    assert "second" in str(problem(server.get("/list"), 404))


def test_access_log_says_who_ended_it():
    with serve(MANIFEST) as server:
        server.get("/abort")
        [line] = server.access(1)
        assert line["http.response.status_code"] == 503
        assert "fault" in line["radicled.flags"]
