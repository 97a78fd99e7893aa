"""How long it takes until a server serves."""

import resource
import statistics
import subprocess

from pieces.piece import Piece
from servers import BINARY, HELLO, radicled_text


class Start(Piece):
    """Milliseconds from the start of the process to its first answer."""

    name = "start"

    def measure(self, bench):
        result = {}
        for name in bench.peers:
            times = []
            for _ in range(3 if bench.quick else 20):
                server = bench.server(name, core=None)
                try:
                    times.append(server.wait_until_it_answers() * 1000)
                finally:
                    server.__exit__()
            result[name] = {"median": statistics.median(times), "maximum": max(times)}
        return result

    def goals(self, result, goal):
        value = result["radicled"]["median"]
        goal("start to first answer", value, 50, f"{value:.0f} ms", "at most 50 ms")

    def tables(self, result, table):
        table("Start to first answer", "Median of 20 starts, ms.", ["server", "median", "maximum"],
              [[name, f"{row['median']:.1f}", f"{row['maximum']:.1f}"] for name, row in result.items()])


class Large(Piece):
    """CPU ms of `lint` and ms from start to first answer, with 1,000 routes and 3,000 expressions."""

    name = "large"

    def measure(self, bench):
        routes = "".join(
            f"      GET /api/v1/things{n}/{{id}}/parts/{{part}}:\n        template:\n          json:\n"
            "            id: \"{{ path.id }}\"\n"
            f"            text: \"Thing {n} of {{{{ query.?who.orValue('nobody') }}}} and "
            f"{{{{ path.part.upperAscii() + '-{n}' }}}}\"\n" for n in range(1_000))
        text = radicled_text(HELLO + routes)
        config = bench.work / "large.yaml"
        config.write_text(text.replace("@PORT@", "0").replace("@DIR@", str(bench.work)))
        lints, starts = [], []
        for _ in range(3 if bench.quick else 10):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([BINARY, "lint", config], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            lints.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            server = bench.server("radicled", text=text, core=None)
            try:
                starts.append(server.wait_until_it_answers())
            finally:
                server.__exit__()
        return {"lint": statistics.median(lints) * 1000, "start": statistics.median(starts) * 1000}

    def goals(self, result, goal):
        goal("lint of 1,000 routes with 3,000 expressions, CPU", result["lint"], 200, f"{result['lint']:.0f} ms",
             "at most 200 ms")
        goal("start with them, to first answer", result["start"], 300, f"{result['start']:.0f} ms", "at most 300 ms")
