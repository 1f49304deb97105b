"""Side by side in one run against one simulator: how fast, and in how much memory, a whole tenant is read and stored.

SIZES (default `10000 100000`, or SIZE=1m for 10k and 1m), LATENCIES in ms, ROUNDS, TEST_PG_URL for PostgreSQL too.
What each line means and how to read the ratios: docs/performance.md.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pages
from report import Findings, Table, append_results
from tenant import Server, Simulator, new_database, run_tool

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
                self.reseat(number, "SQLite")
                # Once: three times would take most of the quarter of an hour.
                if os.environ.get("TEST_PG_URL") and self.latency == 0 and number == 0:
                    self.reseat(number, "PostgreSQL", new_database(os.environ["TEST_PG_URL"], f"bench_{self.users}_{number}"))
            if self.latency == 0 and self.users <= 10_000:
                self.sdk()
        return self.table

    def loop_ask(self, **more):
        return [sys.executable, str(HERE / "loop.py"), json.dumps(
            {"ready": self.ready, "token": self.token, "target": pages.PEOPLE} | more
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

    def reseat(self, number, database, store=None):
        folder = self.folder / f"reseat-{number}-{database}"
        folder.mkdir()
        with Server(self.ready, folder, store) as server:
            first = server.wait_for([ROSTER], self.limit)[ROSTER]
            cpu, peak = server.usage()
            self.gate(first, server)
            self.table.add(f"reseat sync, {database}, first", first | {"cpu": cpu, "peak": peak})
            others = server.wait_for([ACCESS, SKUS], self.limit)
            name = f"reseat sign-in dates and reports, {database}"
            self.table.add(name, others[ACCESS] | {"cpu": None, "peak": server.usage()[1]})
            server.sign_in()
            server.settle()
            server.forget_peak()
            before = server.usage()[0]
            again = server.sync(ROSTER, self.limit)
            cpu, peak = server.usage()
            self.gate(again, server)
            self.table.add(f"reseat sync, {database}, nothing changed", again | {"cpu": cpu - before, "peak": peak})

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
            check(result["people"] >= min(SDK_PEOPLE, self.users), f"the SDK read {result['people']}")
            self.table.add(f"Microsoft's Python SDK, {SDK_PEOPLE} people", result, people=result["people"])


class Throttled:
    """Microsoft's published limits on a clock ten times as fast: how soon there is something to look at."""

    RATE = 10

    def __init__(self, users):
        self.users = users

    def flags(self):
        return ["--users", str(self.users), "--seed", "1", "--throttle", "on", "--clock-rate", str(self.RATE)]

    def run(self):
        with Simulator(*self.flags()) as simulator:
            ask = {"ready": simulator.ready, "token": pages.token(simulator.ready), "target": pages.WITH_SIGN_INS}
            naive = run_tool([sys.executable, str(HERE / "loop.py"), json.dumps(ask)])
            check(naive["people"] == self.users, f"the naive loop read {naive['people']}")
        with Simulator(*self.flags()) as simulator, tempfile.TemporaryDirectory(prefix="reseat-bench-") as folder:
            began = time.monotonic()
            # Ten a minute on that clock.
            with Server(simulator.ready, folder, sign_ins_a_minute=10 * self.RATE) as server:
                while not server.rows("select 1 from findings where kind = 'idle' limit 1"):
                    check(time.monotonic() - began < naive["seconds"] * 3 + 60, "no finding came")
                    time.sleep(0.05)
                first = time.monotonic() - began
                throttled = simulator.get("stats")["throttled"]
        return Findings(self.users, naive, first, throttled)


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


def throttled_sizes():
    """The larger sizes; the whole listing of a million people takes 200 minutes on Microsoft's clock."""
    sizes = {size for size, _, _ in plan()}
    return sorted(sizes - {10_000}) or sorted(sizes)


def main():
    began = time.monotonic()
    parts = [lambda one=one: Bench(*one).run() for one in plan()]
    parts += [lambda users=users: Throttled(users).run() for users in throttled_sizes()]
    tables = []
    try:
        for part in parts:
            tables.append(part())
            print("\n" + tables[-1].text().strip(), flush=True)
    finally:
        # What was measured before something failed was measured.
        if tables:
            append_results(tables, time.monotonic() - began)


if __name__ == "__main__":
    main()
