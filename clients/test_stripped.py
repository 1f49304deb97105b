"""The connector sends nothing and needs nothing that only the simulator knows (issue: "A proxy that strips …")."""

import json
import subprocess

import pytest

from support.measured import Server, pages
from support.simulator import Simulator, program
from support.stripping import StrippingProxy

TASKS = ["application_roster", "license_information", "application_access"]
# Everything a reading brings, without when it was brought.
TABLES = {
    "people": "select * from people order by user_id",
    "seats": "select user_id, sku_id, paths, license_since, row_hash from seats order by user_id, sku_id",
    "sign_ins": "select * from sign_ins order by user_id",
    "skus": "select * from skus order by sku_id",
    "service_use": "select * from service_use",
}
MOMENTS = ("_at", "first_seen", "as_of")


@pytest.fixture(scope="module")
def still():
    """A tenant whose clock stands still, so that two readings may be compared word for word."""
    with Simulator("--world", "contoso", "--users", "1200", "--seed", "8", "--clock-rate", "0") as simulator:
        yield simulator


def stored(ready, folder, monkeypatch):
    """A whole first sync of `reseat serve`; gives what the database holds then, and a digest over (user, sku, path)."""
    monkeypatch.setenv("RESEAT", program("reseat", "RESEAT"))
    folder.mkdir()
    with Server(ready, folder) as server:
        server.wait_for(TASKS, 180)
        content = {}
        for table, query in TABLES.items():
            names = [row[1] for row in server.rows(f"pragma table_info({table})")] if "*" in query else None
            rows = server.rows(query)
            if names:
                kept = [at for at, name in enumerate(names) if not name.endswith(MOMENTS)]
                rows = [tuple(row[at] for at in kept) for row in rows]
            content[table] = sorted(rows, key=repr)
        digest = pages.Digest()
        for row in server.rows("select user_id, sku_id, paths from seats"):
            digest.add_stored(*row)
    return content, digest.result()


def test_a_whole_sync_through_a_proxy_that_strips_everything_unknown_brings_the_same(still, tmp_path, monkeypatch):
    plain, digest = stored(still.ready, tmp_path / "plain", monkeypatch)
    with StrippingProxy(still.http) as proxy:
        told = still.ready | {"graph_url": proxy.url, "authority_url": proxy.url}
        stripped, stripped_digest = stored(told, tmp_path / "stripped", monkeypatch)
        assert proxy.passed > 5 and proxy.refused == []
    assert digest["seats"] == still.ready["seats"] and len(plain["people"]) == still.ready["users"]
    assert stripped_digest == digest
    for table in TABLES:
        assert stripped[table] == plain[table], table
        assert plain[table], f"nothing in {table}: nothing was compared"


def test_a_scan_through_the_proxy_finds_the_same(still):
    def scan(graph):
        app = still.app("reader")
        command = [program("reseat", "RESEAT"), "scan", "--tenant-id", still.tenant, "--client-id", app["client_id"]]
        done = subprocess.run(
            [*command, "--graph-url", graph, "--authority-url", graph, "--format", "json"],
            capture_output=True, text=True, timeout=120, env={"RESEAT_CLIENT_SECRET": app["client_secret"]},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    plain = scan(still.http)
    with StrippingProxy(still.http) as proxy:
        stripped = scan(proxy.url)
        assert proxy.refused == []
    assert plain["users"] == still.ready["users"] and plain["seats"] == still.ready["seats"] and plain["findings"]

    def seats(found):
        return sorted((finding["user_id"], finding["sku_id"]) for finding in found["findings"])

    assert seats(stripped) == seats(plain)
    assert len(stripped["insufficient_evidence"]) == len(plain["insufficient_evidence"])
