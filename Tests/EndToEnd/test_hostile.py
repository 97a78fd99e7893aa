"""Heads and bodies that attack: hostile_heads.json lists them with what must be answered.

`bytes` is text in Latin-1, or a list of such texts and [text, times] pairs; `expect` is the status of the refusal, or
"ok" for what looks odd and is fine.
"""

import json
import random
from pathlib import Path

import pytest

from radicled import serve

ROWS = json.loads(Path(__file__).with_name("hostile_heads.json").read_text())
REFUSALS = {400, 408, 413, 414, 417, 431, 505}

MANIFEST = """
limits: { header_timeout: 500ms, body_gap: 500ms }
services:
  web:
    routes:
      /{rest...}: { echo: request }
"""


@pytest.fixture(scope="module")
def server():
    with serve(MANIFEST) as server:
        yield server


def data_of(row):
    parts = row["bytes"] if isinstance(row["bytes"], list) else [row["bytes"]]
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts).encode("latin-1")


def test_table_is_large():
    assert len(ROWS) >= 100
    assert len({row["name"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_hostile_request(server, row):
    with server.connect() as wire:
        try:
            wire.send(data_of(row))
        except ConnectionError:
            pass
        answer = wire.read_response()
        while answer.status == 100:
            answer = wire.read_response()
        if row["expect"] == "ok":
            assert answer.status not in REFUSALS, answer
        else:
            assert answer.status == row["expect"], answer
            assert answer.header("connection") == "close"
            # What follows is never taken for another request.
            assert wire.is_closed()


def mutated(data, chance):
    """The bytes with a few of them changed, doubled, cut out or swapped for another request's."""
    data = bytearray(data[:4000])
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0: data[at:at + 1] = bytes([chance.randrange(256)])
            case 1: del data[at:at + chance.randint(1, 8)]
            case 2: data[at:at] = chance.choice([b"\r\n", b"\r\n\r\n", b":", b" ", b"0", b"\x00", b"%", b"..", b"//"])
            case 3: data[at:at] = data[at // 2:at]
    return bytes(data)


def test_mutated_requests_never_end_the_server(server):
    chance = random.Random(1)
    heads = [data_of(row) for row in ROWS]
    for _ in range(3000):
        with server.connect() as wire:
            try:
                wire.send(mutated(chance.choice(heads), chance) + mutated(chance.choice(heads), chance))
            except ConnectionError:
                pass
        assert server.process.poll() is None, server.log.text


def test_server_is_well_afterwards(server):
    assert server.get("/fine").status == 200
