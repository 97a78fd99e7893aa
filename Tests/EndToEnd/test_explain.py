"""`radicled explain`: what a key takes and what a rule means, from the terminal."""

import os
import pty
import subprocess

import pytest

from radicled import BINARY, run


@pytest.mark.parametrize("word, says", [
    ("timeout", "`timeout: 2s` means `timeout: { default: 2s }`"),
    ("middleware.access_log.format", "takes      `json`, `ecs`, `text` or `combined`"),
    ("limits.idle", "limits:\n      idle: 75s"),
    ("unknown-key", "help: did you mean `template`?"),
])
def test_keys_and_rules_are_explained(word, says):
    done = run("explain", word)
    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


def test_without_a_word_all_are_listed():
    done = run("explain")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    for word in ["limits.idle", "template.status", "unknown-key", "yaml-hole"]:
        assert sum(line.startswith(f"  {word} ") for line in lines) == 1, word


@pytest.mark.parametrize("word, meant", [
    ("tiemout", "did you mean `timeout`?"), ("unknown-kye", "did you mean `unknown-key`?"),
    ("zzzzzzzzzzzz", "`radicled explain` lists them all"), ("\x1b[31mred", "`radicled explain` lists them all"),
])
def test_what_is_not_there_is_1_and_says_what_was_meant(word, meant):
    done = run("explain", word)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1] == f"help: {meant}"
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("env, is_bold", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_bold_is_for_terminals_that_want_it(env, is_bold):
    outer, inner = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    subprocess.run([str(BINARY), "explain", "timeout"], stdout=inner, env={**clean, **env}, check=True, timeout=20)
    os.close(inner)
    assert (b"\x1b[1m" in os.read(outer, 65536)) == is_bold
    os.close(outer)
    assert "\x1b" not in run("explain", "timeout", env=env).stdout
