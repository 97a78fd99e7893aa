"""What /metrics says: by prometheus_client's reading of the text format, and by Prometheus."""

import collections
import http.client
import json
import shutil
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as read_text

from radicled import PATIENCE, free_port

needs_prometheus = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="prometheus is not installed: Debian's package of that name has it")

DURATION = "http_server_request_duration_seconds"


def samples(server, headers=None, **options):
    """Name → list of (labels, value)."""
    answer = server.admin("/metrics", headers, **options)
    assert answer.status == 200, answer
    found = collections.defaultdict(list)
    for family in read_text(answer.text):
        for sample in family.samples:
            found[sample.name].append((sample.labels, sample.value))
    return found


def total(server, name, /, **labels):
    """The sum of a metric's samples that have these labels."""
    return sum(value for found, value in samples(server)[name] if labels.items() <= found.items())


class Prometheus:
    """A Prometheus that scrapes one address each second."""

    def __init__(self, target):
        folder = Path(tempfile.mkdtemp(prefix="prometheus-"))
        self.port = free_port()
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "radicled", "static_configs": [{"targets": ["%s:%d" % target]}]}],
        }))
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=exemplar-storage"],
            stdout=subprocess.DEVNULL, stderr=(folder / "log").open("wb"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def api(self, path, **query):
        """What the HTTP API answers, or None where it does not (yet)."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
            return json.loads(connection.getresponse().read())["data"]
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return None

    def query(self, expression):
        """Series as (labels, value) at this moment."""
        data = self.api("query", query=expression)
        return [(series["metric"], float(series["value"][1])) for series in data["result"]] if data else []

    def value(self, expression):
        found = self.query(expression)
        return found[0][1] if found else None
