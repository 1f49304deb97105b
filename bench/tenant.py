"""The two processes that are measured against each other: the simulator on one core, a client on the other."""

import base64
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request
from datetime import datetime
from pathlib import Path

SERVER_CORE, CLIENT_CORE = "0", "1"
if os.cpu_count() < 2:
    raise SystemExit("two cores are needed: one for the simulator, one for the client")


def program(variable, name):
    path = os.environ.get(variable) or Path(__file__).parent.parent / "target" / "release" / name
    return str(path)


class Simulator:
    """A simulated tenant on its own core."""

    def __init__(self, *flags):
        command = ["taskset", "-c", SERVER_CORE, program("GRAPH_SIM", "reseat-graph-sim"), "--json", "--with-parent", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.ready = json.loads(self.process.stdout.readline())
        # Compression would be measured on both sides, and not be the same for every tool.
        self.get("settings", {"gzip": False})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def get(self, path, change=None):
        """Asks the control plane, or changes something there."""
        data = None if change is None else json.dumps(change).encode()
        request = urllib.request.Request(
            f"{self.ready['http_url']}/_sim/{path}", data=data, method="GET" if change is None else "PATCH"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def run_tool(command):
    """Runs a tool on the client's core; gives what it printed, with its processor time and peak memory."""
    child = subprocess.Popen(["taskset", "-c", CLIENT_CORE, *command], stdout=subprocess.PIPE)
    # Not from rusage: that counts what this process was before it became the tool.
    peaks = [0.0]
    watch = threading.Thread(target=_watch, args=(child.pid, peaks), daemon=True)
    watch.start()
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{Path(command[1]).name} ended with {child.returncode}")
    return json.loads(text) | {"cpu": usage.ru_utime + usage.ru_stime, "peak": peaks[0]}


def peak_of(pid):
    """Peak resident memory of a running process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def _watch(pid, peaks):
    while True:
        try:
            peaks[0] = peak_of(pid) if "taskset" not in Path(f"/proc/{pid}/comm").read_text() else 0.0
        except (OSError, AttributeError):
            # It has ended.
            return
        time.sleep(0.01)


class Server:
    """`reseat serve` on the client's core, with a database of its own; it begins to read when it starts."""

    def __init__(self, ready, folder, store=None, sign_ins_a_minute=1_000_000):
        self.folder = Path(folder)
        self.store = store or f"sqlite:{self.folder / 'reseat.sqlite'}"
        app = next(app for app in ready["apps"] if app["purpose"] == "reader")
        self._private("master.key", base64.b64encode(os.urandom(32)).decode())
        self._private("reader.secret", app["client_secret"])
        self._private("config.toml", f"""
listen = "127.0.0.1:0"
data = "data"
store = "{self.store}"
master_key_file = "master.key"
[tenant]
id = "{ready['tenant_id']}"
name = "Measured"
[graph]
graph_url = "{ready['graph_url']}"
authority_url = "{ready['authority_url']}"
[connections.reader]
client_id = "{app['client_id']}"
client_secret_file = "reader.secret"
[settings]
sign_in_requests_per_minute = {sign_ins_a_minute}
""")
        command = ["taskset", "-c", CLIENT_CORE, program("RESEAT", "reseat"), "serve", "--json", "--config"]
        self.process = subprocess.Popen(
            [*command, str(self.folder / "config.toml")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env=os.environ | {"RUST_LOG": "warn"},
        )
        self.code = None
        self.log = []
        threading.Thread(target=self._follow, daemon=True).start()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("reseat serve did not start: " + "".join(self.log[-5:]))
        self.api = json.loads(line)["api_url"]
        self.token = None

    def _private(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def _follow(self):
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"15 minutes:\s+(\S+)", line)
            if found:
                self.code = found.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def call(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data=data, method=method)
        request.add_header("content-type", "application/json")
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null"), answer.headers

    def sign_in(self):
        """Makes the first account and a token. Hashing a password takes the client's core, so not while it is measured."""
        person = {"code": self.code, "name": "bench", "password": "measured on two cores", "single_operator": True}
        session, headers = self.call("POST", "/setup/bootstrap", person)
        cookie = {"cookie": headers["set-cookie"].split(";")[0], "x-csrf-token": session["csrf_token"]}
        self.token = self.call("POST", "/tokens", {"name": "bench"}, cookie)[0]["token"]

    def usage(self):
        """Processor seconds so far, and peak memory in MiB."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(stat[11]) + int(stat[12])) / ticks, peak_of(self.process.pid)

    def settle(self):
        """Waits until the server rests: what it does after a reading, such as judging seats, is not the next reading."""
        before = self.usage()[0]
        for _ in range(600):
            time.sleep(1)
            now = self.usage()[0]
            if now - before < 0.05:
                return
            before = now
        raise SystemExit("the server does not come to rest")

    def forget_peak(self):
        """What was used before, for hashing a password say, is not counted to what comes."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def rows(self, query):
        """Reads the database beside the server."""
        if self.store.startswith("postgres:"):
            command = ["psql", self.store, "-At", "-F", "\t", "-c", query]
            done = subprocess.run(command, capture_output=True, text=True)
            return [line.split("\t") for line in done.stdout.splitlines()] if done.returncode == 0 else []
        path = self.store.removeprefix("sqlite:")
        for _ in range(200):
            try:
                with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30) as database:
                    return database.execute(query).fetchall()
            except sqlite3.OperationalError:
                time.sleep(0.05)
        raise SystemExit("the database cannot be read")

    def wait_for(self, tasks, limit):
        """Waits until these tasks have ended once, without asking the server; gives their runs by task."""
        until = time.monotonic() + limit
        names = ",".join(f"'{task}'" for task in tasks)
        query = (
            "select task, status, started_at, finished_at, counts, error from sync_runs "
            f"where task in ({names}) and finished_at is not null"
        )
        while time.monotonic() < until:
            found = {row[0]: row for row in self.rows(query)}
            if len(found) == len(tasks):
                for row in found.values():
                    if row[1] != "succeeded":
                        raise SystemExit(f"{row[0]} ended as {row[1]}: {row[5]}")
                return {
                    task: {"seconds": (int(row[3]) - int(row[2])) / 1e6, "counts": json.loads(row[4])}
                    for task, row in found.items()
                }
            if self.process.poll() is not None:
                raise SystemExit("reseat serve ended: " + "".join(self.log[-5:]))
            time.sleep(0.05)
        raise SystemExit(f"{tasks} did not end within {limit} s")

    def sync(self, task, limit):
        """Asks for one task by REST and waits for its end; gives its seconds and counts."""
        run = self.call("POST", "/syncs", {"task": task})[0]["items"][0]
        until = time.monotonic() + limit
        while time.monotonic() < until:
            run = self.call("GET", f"/syncs/{run['sync_id']}")[0]
            if run["finished_at"]:
                if run["status"] != "succeeded":
                    raise SystemExit(f"{task} ended as {run['status']}: {run['error']}")
                return {"seconds": moment(run["finished_at"]) - moment(run["started_at"]), "counts": run["counts"]}
            time.sleep(0.1)
        raise SystemExit(f"{task} did not end within {limit} s")


def new_database(url, name):
    """An empty PostgreSQL database beside the one of this address."""
    subprocess.run(["psql", "-q", url, "-c", f'create database "{name}"'], check=True)
    return url.rsplit("/", 1)[0] + f"/{name}"


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
