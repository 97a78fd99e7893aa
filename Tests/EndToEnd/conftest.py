import pytest

import radicled


def pytest_configure(config):
    if not radicled.BINARY.exists():
        pytest.exit(f"{radicled.BINARY} is not there: run `make build` first", returncode=2)


def pytest_report_header(config):
    return f"binary: {radicled.BINARY}"
