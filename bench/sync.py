"""Side by side in one run against one simulator: how fast, and in how much memory, a whole tenant is read and stored.

SIZES (default `10000 100000`, or SIZE=1m for 10k and 1m), LATENCIES in ms, ROUNDS, TEST_PG_URL for PostgreSQL too.
What each line means and how to read the ratios: docs/performance.md.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pages
from report import Table, append_results
from tenant import Server, Simulator, run_tool

HERE = Path(__file__).parent
FLOOR = HERE.parent / "target" / "bench" / "floor"
ROSTER, ACCESS, SKUS = "application_roster", "application_access", "license_information"
# Of the simulator's answers per person, this many are compared with the control plane one by one.
SAMPLE = 100
SDK_PEOPLE = 2_000


def check(condition, text):
    """Wrong figures are no figures."""
    if not condition:
        raise SystemExit(f"not counted: {text}")


class Bench:
    def __init__(self, users, latency, rounds):
        self.users, self.latency, self.rounds = users, latency, rounds
        self.table = Table(users, latency)
        # A day may pass for the slowest of them.
        self.limit = 3_600

    def run(self):
        flags = ["--users", str(self.users), "--latency-ms", str(self.latency), "--seed", "1"]
        with Simulator(*flags) as simulator, tempfile.TemporaryDirectory(prefix="reseat-bench-") as folder:
            self.sim, self.ready, self.folder = simulator, simulator.ready, Path(folder)
            self.token = pages.token(self.ready)
            self.truth = self.true_digest()
            for number in range(self.rounds):
                if number:
                    self.token = pages.token(self.ready)
                self.floor()
                self.loop("loop, requests + orjson, no database")
                self.loop_with_sqlite(number)
                self.reseat(number)
            if self.latency == 0 and self.users <= 10_000:
                self.sdk()
        return self.table

    def loop_ask(self, **more):
        return [sys.executable, str(HERE / "loop.py"), json.dumps(
            {"graph_url": self.ready["graph_url"], "token": self.token, "target": pages.PEOPLE} | more
        )]

    def true_digest(self):
        """What the simulator holds: counted by its control plane, digested from an untimed reading of its answers."""
        read = run_tool(self.loop_ask(digest=True))
        stats = self.sim.get("stats")
        check(read["people"] == stats["users"] == self.users, f"{read['people']} people read of {stats['users']}")
        check(read["seats"] == stats["seats"], f"{read['seats']} seats read of {stats['seats']}")
        self.table.bytes = read["bytes"]
        self.table.pages = read["pages"]
        return {"people": read["people"], "seats": read["seats"], "paths": read["paths"], "digest": read["digest"]}

    def floor(self):
        address = urlsplit(self.ready["graph_url"]).netloc
        # The brackets and dollars of OData are sent as they are.
        result = run_tool([str(FLOOR), address, pages.PEOPLE, self.token])
        check(result["bytes"] == self.table.bytes, f"the floor read {result['bytes']} of {self.table.bytes} bytes")
        self.table.add("transport floor, nothing parsed", result)

    def loop(self, name, **more):
        result = run_tool(self.loop_ask(**more))
        check(result["people"] == self.truth["people"] and result["seats"] == self.truth["seats"], f"{name}: {result}")
        check(result["bytes"] == self.table.bytes, f"{name} read {result['bytes']} of {self.table.bytes} bytes")
        self.table.add(name, result)

    def loop_with_sqlite(self, number):
        file = self.folder / f"loop-{number}.sqlite"
        self.loop("loop, SQLite upsert, first", sqlite=str(file))
        self.loop("loop, SQLite upsert, again", sqlite=str(file))

    def reseat(self, number):
        folder = self.folder / f"reseat-{number}"
        folder.mkdir()
        with Server(self.ready, folder) as server:
            first = server.wait_for([ROSTER], self.limit)[ROSTER]
            cpu, peak = server.usage()
            self.gate(first, server)
            self.table.add("reseat sync, SQLite, first", first | {"cpu": cpu, "peak": peak})
            others = server.wait_for([ACCESS, SKUS], self.limit)
            self.table.add("reseat sign-in and report lane, SQLite", others[ACCESS] | {"cpu": None, "peak": server.usage()[1]})
            server.sign_in()
            before = server.usage()[0]
            again = server.sync(ROSTER, self.limit)
            cpu, peak = server.usage()
            self.gate(again, server)
            self.table.add("reseat sync, SQLite, nothing changed", again | {"cpu": cpu - before, "peak": peak})

    def gate(self, run, server):
        """Counts and a digest over (user, sku, path) equal the simulator's."""
        check(run["counts"]["people"] == self.truth["people"], f"reseat read {run['counts']}")
        digest = pages.Digest()
        for row in server.rows("select user_id, sku_id, paths from seats"):
            digest.add_stored(*row)
        found = digest.result()
        expected = {name: self.truth[name] for name in ("digest", "paths", "seats")}
        check(found == expected, f"reseat stored {found}, and there is {expected}")

    def sdk(self):
        for _ in range(self.rounds):
            ask = {"graph_url": self.ready["graph_url"], "token": self.token, "people": SDK_PEOPLE}
            result = run_tool([sys.executable, str(HERE / "sdk.py"), json.dumps(ask)])
            check(result["people"] >= SDK_PEOPLE, f"the SDK read {result['people']}")
            self.table.add(f"Microsoft's Python SDK, {SDK_PEOPLE} people", result, people=result["people"])


def plan():
    """Which sizes at which latencies, how often: under a quarter of an hour unless more is asked for."""
    rounds = int(os.environ.get("ROUNDS", 3))
    if os.environ.get("LATENCIES") or os.environ.get("SIZES"):
        sizes = [int(size) for size in os.environ.get("SIZES", "10000 100000").split()]
        latencies = [int(latency) for latency in os.environ.get("LATENCIES", "0").split()]
        return [(size, latency, rounds) for size in sizes for latency in latencies]
    if os.environ.get("SIZE") == "1m":
        return [(10_000, 0, rounds), (1_000_000, 0, rounds), (1_000_000, 300, 1)]
    return [(10_000, 0, rounds), (10_000, 50, rounds), (10_000, 300, rounds), (100_000, 0, rounds), (100_000, 300, 1)]


def main():
    began = time.monotonic()
    tables = []
    for users, latency, rounds in plan():
        table = Bench(users, latency, rounds).run()
        print(table.text(), flush=True)
        tables.append(table)
    append_results(tables, time.monotonic() - began)


if __name__ == "__main__":
    main()
