"""Clients of other people, unmodified: none of them knows that it talks to a simulator."""

import hashlib
import json
import os
import ssl
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def run(command, home, **environment):
    """Runs a program with the machine's proxy and certificates; gives what it prints."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, cwd=home,
        env=os.environ | {"HOME": str(home), "NO_COLOR": "1", **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_microsoft_s_libraries_for_node_sign_in_and_read(sim, tmp_path):
    app = sim.app("everything")
    certificate, key = sim.app_certificate("everything")
    told = {
        "root": sim.https, "tenant": sim.tenant, "client_id": app["client_id"], "client_secret": app["client_secret"],
        "certificate": certificate, "key": key,
        "thumbprint": hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest(),
    }
    found = json.loads(run(["node", str(HERE / "node" / "graph_client.mjs"), json.dumps(told)], tmp_path))
    assert found["tokens"] == ["Bearer", "Bearer"]
    assert len(found["people"]) == len(set(found["people"])) == sim.stats()["users"]
    assert found["statuses"] == [200, 200, 200]
    assert found["refusal"] == {"status": 400, "code": "Request_UnsupportedQuery"}
    assert "SPE_E3" in found["skus"]


@pytest.fixture(scope="module")
def m365(sim, tmp_path_factory):
    """The command line for Microsoft 365 of the PnP community, signed in with a secret."""
    home = tmp_path_factory.mktemp("m365")

    def call(*words):
        program = HERE / "node_modules" / "@pnp" / "cli-microsoft365" / "dist" / "index.js"
        return run(["node", str(program), *words, "--output", "json"], home, CLIMICROSOFT365_NOUPDATE="1")

    call("cli", "config", "set", "--key", "disableTelemetry", "--value", "true")
    app = sim.app("everything")
    call("login", "--authType", "secret", "--appId", app["client_id"], "--tenant", sim.tenant, "--secret", app["client_secret"])
    return call


def test_the_command_line_for_microsoft_365_lists_people(sim, m365):
    people = json.loads(m365("entra", "user", "list", "--properties", "id,displayName,accountEnabled"))
    assert len({person["id"] for person in people}) == sim.stats()["users"]


def test_the_command_line_for_microsoft_365_lists_licenses(sim, m365, licensed_person):
    skus = json.loads(m365("entra", "license", "list"))
    assert {"SPE_E3", "POWER_BI_PRO"} <= {sku["skuPartNumber"] for sku in skus}
    person = licensed_person("POWER_BI_PRO")
    found = json.loads(m365("entra", "user", "get", "--id", person["id"], "--properties", "id,assignedLicenses"))
    assert {entry["skuId"] for entry in found["assignedLicenses"]} == {entry["sku_id"] for entry in person["licenses"]}


def test_the_command_line_for_microsoft_365_takes_a_license_and_gives_it_back(sim, m365, licensed_person):
    person = licensed_person("POWER_BI_PRO")
    sku = next(entry["sku_id"] for entry in person["licenses"] if entry["sku_part_number"] == "POWER_BI_PRO")
    before = sim.last_seq()
    m365("entra", "user", "license", "remove", "--userId", person["id"], "--ids", sku, "--force")
    m365("entra", "user", "license", "add", "--userId", person["id"], "--ids", sku)
    assert [entry["kind"] for entry in sim.journal(before)] == ["license_removed", "license_added"]


def test_o365_for_python_reads_the_directory(sim, tmp_path):
    from O365 import Account
    from O365.utils import FileSystemTokenBackend

    app = sim.app("everything")
    account = Account(
        (app["client_id"], app["client_secret"]), auth_flow_type="credentials", tenant_id=sim.tenant,
        token_backend=FileSystemTokenBackend(token_path=str(tmp_path)),
    )
    assert account.authenticate()
    people = list(account.directory().get_users(limit=None, batch=150))
    assert len({person.object_id for person in people}) == sim.stats()["users"]


def test_office365_rest_python_client_reads_people_and_licenses(sim):
    from office365.graph_client import GraphClient

    app = sim.app("everything")
    graph = GraphClient(tenant=sim.tenant).with_client_secret(app["client_id"], app["client_secret"])
    people = graph.users.get_all(page_size=200).execute_query()
    assert len({person.id for person in people}) == sim.stats()["users"]
    skus = graph.subscribed_skus.get().execute_query()
    assert "SPE_E3" in {sku.sku_part_number for sku in skus}
    details = graph.users[people[0].id].license_details.get().execute_query()
    assert {detail.sku_id for detail in details} == {entry["sku_id"] for entry in sim.truth(people[0].id)["licenses"]}
