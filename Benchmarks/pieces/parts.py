"""What the parts of radicled itself cost."""

import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import counts
from collector import Collector
from pieces.piece import Piece
from servers import NGINX, radicled_text

SENT = "tracing, 1 % of the spans sent"

# Beside the default ones.
EXTRA_MIDDLEWARE = {
    "rate_limit": "rate_limit: { key: client.address, rate: 1000000/s }",
    "concurrency": "concurrency: 1000",
    "ip_filter": "ip_filter: { allow: [127.0.0.0/8] }",
    "cors": "cors: { origins: ['https://example.com'] }",
    "headers": "headers: { preset: security }",
    "compression": "compression: {}",
    "fault, never drawn": "fault: { share: 0%, cut: true }",
}
# In place of the default ones.
DEFAULT_MIDDLEWARE = {
    "access_log": "access_log: off",
    "metrics": "metrics: off",
    "request_id": "request_id: off",
    "timeout": "timeout: off",
    "body_limit": "body_limit: off",
    "tracing": "tracing: off",
}

# With how many operations each has beyond reading `path.name` and writing what comes of it.
OPERATIONS = {
    "path.name": ("path.name", 0),
    "headers['user-agent']": ("headers['user-agent']", 1),
    "query.?q": ("query.?q.orValue('')", 2),
    "+ of strings": ("path.name + 'a'", 1),
    "== of strings": ("path.name == 'Bob' ? '' : 'a'", 2),
    "int() and +": ("int(path.name.size()) + 1", 3),
    "upperAscii()": ("path.name.upperAscii()", 1),
    "contains()": ("path.name.contains('x')", 1),
    "matches()": ("path.name.matches('^[a-z]+$')", 1),
    "in a list": ("path.name in ['a', 'b', 'c']", 1),
    "a map's field": ("{'a': path.name}.a", 2),
    "now()": ("now()", 1),
    "uuid()": ("uuid()", 1),
    "format()": ("'%s'.format([path.name])", 2),
}


def least_costs(bench, texts):
    """Least CPU µs a request of radicled with each of the manifests."""
    with ExitStack() as stack:
        return bench.pipelined({name: stack.enter_context(bench.server("radicled", text=text))
                                for name, text in texts.items()})


class Counts(Piece):
    name = "counts"

    def measure(self, bench):
        return counts.measure()

    def goals(self, result, goal):
        value = result["instructions_per_request"]
        goal("user instructions a request", value, 20_500, f"{value:,.0f}", "at most 20,500")
        value = result["allocations_per_request"]
        goal("heap allocations a request", value, 0.01, f"{value:.2f}", "0")
        value = result["limited_instructions_per_request"]
        goal("user instructions a request with limits by client and for all", value, 22_000, f"{value:,.0f}",
             "at most 22,000")
        if value := result.get("grpc_instructions_per_request"):
            goal("user instructions a gRPC call", value, 13_000, f"{value:,.0f}", "at most 13,000")
            value = result["grpc_allocations_per_request"]
            goal("heap allocations a gRPC call", value, 0.01, f"{value:.2f}", "0")


class Loops(Piece):
    """Requests for each second of the server's CPU of one process with two loops, to two processes with one each.

    Both under the same load on both cores, so that all that differs is what loops share: that both cores are busy
    costs either as much. `own` leaves the kernel out; `alone` is to one loop, whose core has nobody beside it but the load.
    With nginx's workers for comparison: the kernel wakes more threads for less each where every loop has connections of
    every client, and what that costs is the machine's.
    """

    name = "loops"

    def measure(self, bench):
        result = {"radicled": self.ratios(bench, "radicled", radicled_text(workers=1), radicled_text(workers=2))}
        if "nginx" in bench.peers:
            two = NGINX.replace("worker_processes 1", "worker_processes 2")
            result["nginx"] = self.ratios(bench, "nginx", NGINX, two)
        return result

    def ratios(self, bench, name, one, two):
        with ExitStack() as stack:
            apart = [stack.enter_context(bench.server(name, text=one, core=None)) for _ in range(2)]
            shared = stack.enter_context(bench.server(name, text=two, core=None))
            for server in [*apart, shared]:
                bench.wrk(server, seconds=1, pin=False)
            rounds = []
            for _ in range(bench.rounds):
                with ThreadPoolExecutor(2) as both:
                    halves = list(both.map(lambda server: bench.wrk(server, connections=32, pin=False), apart))
                requests = sum(h["requests"] for h in halves)
                cpu, system = (sum(h[key] * h["requests"] for h in halves) / requests for key in ("cpu", "system"))
                both_loops = bench.wrk(shared, threads=2, pin=False)
                alone = bench.wrk(apart[0], pin=False)["cpu"]
                rounds.append({
                    "ratio": 2 * cpu / both_loops["cpu"], "alone": 2 * alone / both_loops["cpu"],
                    "own": 2 * (cpu - system) / (both_loops["cpu"] - both_loops["system"]),
                })
            return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}

    def goals(self, result, goal):
        ours = result["radicled"]
        more = f"its own code alone {ours['own']:.2f} ×; to one that is alone {ours['alone']:.2f} ×"
        if "nginx" in result:
            more += f"; nginx {result['nginx']['ratio']:.2f} ×"
        goal("requests for each second of CPU, two loops to one, both cores busy", ours["ratio"], 1.9,
             f"{ours['ratio']:.2f} × ({more})", "at least 1.9 ×", least=True)


class Operations(Piece):
    """Nanoseconds of each operation of an expression: what a hundred of them in a template add to a request."""

    name = "operations"

    def measure(self, bench):
        texts = {}
        for name, (hole, _) in {"nothing": (None, 0), **OPERATIONS}.items():
            text = "x" if hole is None else "".join(f"{{{{ {hole} }}}}" for _ in range(100))
            route = f"      GET /hello/{{name}}: {{ template: {{ text: {json.dumps(text)} }} }}\n"
            texts[name] = radicled_text(route)
        least = least_costs(bench, texts)
        return {name: (least[name] - least["nothing"]) * 10 for name in OPERATIONS}

    def goals(self, result, goal):
        further = self._further(result)
        name = max(further, key=further.get)
        goal("the dearest operation of an expression", further[name], 100, f"{further[name]:.0f} ns ({name})",
             "at most 100 ns")

    def tables(self, result, table):
        further = self._further(result)
        table("What each operation of an expression costs", "A hundredth of what a hundred of them in one template add "
              "to a request, with writing what they give; and what each operation adds to reading a name and writing it.",
              ["expression", "ns", "ns an operation"],
              [[f"`{hole}`", f"{result[name]:,.0f}", f"{further[name]:,.0f}" if count else ""]
               for name, (hole, count) in OPERATIONS.items()])

    @staticmethod
    def _further(result):
        return {name: (result[name] - result["path.name"]) / count for name, (_, count) in OPERATIONS.items() if count}


class Middleware(Piece):
    """Nanoseconds that each middleware adds to a request, or that leaving it out saves."""

    name = "middleware"

    def measure(self, bench):
        texts = {"none": radicled_text()}
        for name, line in {**EXTRA_MIDDLEWARE, **DEFAULT_MIDDLEWARE}.items():
            texts[name] = radicled_text(middleware=f"  {line}\n")
        with Collector() as collector:
            # The load's own traceparent is sampled, which would send every span.
            texts[SENT] = radicled_text(
                middleware=f'  tracing: {{ otlp: "{collector.url}", sample: 0.01, trust: never }}\n')
            least = least_costs(bench, texts)
            if collector.received == 0:
                raise RuntimeError("the collector got no span")
        costs = {name: abs(least[name] - least["none"]) * 1000 for name in texts if name != "none"}
        costs[SENT] = (least[SENT] - least["tracing"]) * 1000
        return costs

    def goals(self, result, goal):
        goal("tracing, with 1 % of the spans sent", result[SENT], 300, f"{result[SENT]:.0f} ns", "at most 300 ns")

    def tables(self, result, table):
        table("What each middleware costs", "CPU ns that it adds to a request, 16 requests at once; for those that are "
              "there without being asked for, what leaving it out saves. Least of the rounds.", ["middleware", "ns"],
              [[f"`{name}`", f"{value:,.0f}"] for name, value in result.items()])
