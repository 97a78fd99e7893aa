"""docs/faults.md names the tests that there are."""

import re

from radicled import ROOT


def test_every_test_of_the_page_is_there():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "docs/faults.md").read_text())
    assert len(named) > 30
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / "Tests/EndToEnd" / file).read_text(), f"{file} has no {name}"
