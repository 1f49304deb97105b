"""Medians, spread, ratios; for the screen and for RESULTS.md."""

import datetime
import os
import statistics
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FLOOR = "transport floor, nothing parsed"
LOOP = "loop, requests + orjson, no database"
LOOP_FIRST = "loop, SQLite upsert, first"
FIRST = "reseat sync, SQLite, first"
AGAIN = "reseat sync, SQLite, nothing changed"


class Table:
    """One size at one latency."""

    def __init__(self, users, latency):
        self.users, self.latency = users, latency
        self.bytes = self.pages = 0
        self.rows = {}

    def add(self, name, result, people=None):
        self.rows.setdefault(name, []).append(result | {"people_read": people or self.users})

    def seconds(self, name):
        return statistics.median(run["seconds"] for run in self.rows[name])

    def rate(self, name):
        return statistics.median(run["people_read"] / run["seconds"] for run in self.rows[name])

    def peak(self, name):
        return max(run["peak"] for run in self.rows[name])

    def headroom(self, name):
        """How many times faster the server delivers the same bytes than this tool took them."""
        return self.seconds(name) / self.seconds(FLOOR)

    def ratios(self):
        """What performance.md asks for, as far as one size at one latency shows it."""
        found = []
        if self.latency == 0:
            found.append(("re-sync, nothing changed ÷ loop without a database", self.rate(AGAIN) / self.rate(LOOP), "≥ 1.5"))
            found.append(("first sync ÷ loop writing SQLite", self.rate(FIRST) / self.rate(LOOP_FIRST), "≥ 1.5"))
        else:
            serial = self.pages * self.latency / 1000
            found.append(("first sync ÷ serial page latency", self.seconds(FIRST) / serial, "≤ 1.05"))
        return found

    def lines(self):
        head = ["tool", "s (median)", "s (spread)", "people/s", "CPU s", "peak MiB", "server could"]
        yield head
        for name, runs in self.rows.items():
            times = [run["seconds"] for run in runs]
            cpu = [run["cpu"] for run in runs if run["cpu"] is not None]
            same_bytes = name != FLOOR and all(run["people_read"] == self.users for run in runs)
            yield [
                name, f"{statistics.median(times):.2f}", f"{min(times):.2f}–{max(times):.2f}", f"{self.rate(name):,.0f}",
                f"{statistics.median(cpu):.2f}" if cpu else "", f"{self.peak(name):.0f}",
                f"{self.headroom(name):.1f} ×" if same_bytes and "lane" not in name else "",
            ]

    def title(self):
        rounds = max(len(runs) for runs in self.rows.values())
        return f"{self.users:,} people, {self.bytes / 1e6:.1f} MB in {self.pages} pages, latency {self.latency} ms, {rounds} rounds"

    def text(self):
        rows = list(self.lines())
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        out = [self.title()]
        for row in rows:
            out.append("  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            ))
        out += [f"{name}: {value:.2f} (wanted {wanted})" for name, value, wanted in self.ratios()]
        return "\n".join(out)

    def markdown(self):
        rows = list(self.lines())
        out = ["", f"### {self.title()}", "", "| " + " | ".join(rows[0]) + " |", "| --- |" + " ---: |" * (len(rows[0]) - 1)]
        out += ["| " + " | ".join(row) + " |" for row in rows[1:]]
        out += [""] + [f"- {name}: **{value:.2f}** (wanted {wanted})" for name, value, wanted in self.ratios()]
        return "\n".join(out)


class Findings:
    """Under the published limits: the first finding beside one query that asks for everything."""

    def __init__(self, users, naive, first, throttled):
        self.users, self.naive, self.first, self.throttled = users, naive, first, throttled

    def text(self):
        return (
            f"{self.users:,} people, published limits, clock × 10: everything in one query {self.naive['seconds']:.1f} s"
            f" ({self.naive['refused']} refusals), reseat's first idle seat after {self.first:.1f} s"
            f" ({self.throttled} refusals): {self.first / self.naive['seconds']:.3f} (wanted ≤ 0.05)"
        )

    def markdown(self):
        return "\n- " + self.text()


def memory_growth(tables):
    """Peak memory of the syncing process on the largest size minus that on the smallest, both without latency."""
    measured = [table for table in tables if isinstance(table, Table) and table.latency == 0]
    plain = sorted(measured, key=lambda table: table.users)
    if len(plain) < 2:
        return None
    small, large = plain[0], plain[-1]
    grown = large.peak(FIRST) - small.peak(FIRST)
    return f"peak memory of a first sync, {large.users:,} minus {small.users:,} people: {grown:.0f} MiB (wanted ≤ 64)"


def machine():
    text = Path("/proc/cpuinfo").read_text()
    names = {line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")}
    return f"{', '.join(sorted(names))}, {os.cpu_count()} cores, load average {os.getloadavg()[2]:.1f} over the last 15 minutes"


def built():
    """When the measured program was built: it may be older than the commit."""
    path = Path(os.environ.get("RESEAT") or HERE.parent / "target" / "release" / "reseat")
    return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", HERE, *words], capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain", "--", "../crates") else "")


def append_results(tables, seconds):
    """Adds this run to RESULTS.md."""
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    growth = memory_growth(tables)
    if growth:
        print("\n" + growth)
    text = [f"\n## {when}, commit {commit()}", "", f"{machine()}; binaries of {built()}; {seconds / 60:.0f} min in all."]
    text += [table.markdown() for table in tables]
    if growth:
        text += ["", f"- {growth}"]
    results = HERE / "RESULTS.md"
    if not results.exists():
        results.write_text("# Measured\n\nEach run of `make bench` adds itself here; docs/performance.md says how to read it.\n")
    with results.open("a") as file:
        file.write("\n".join(text) + "\n")
