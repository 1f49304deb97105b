"""One simulator and one front door for a whole run.

They are there before any client is imported: some read the machine's proxy and certificates when they are loaded.
"""

import os
import tempfile
from urllib.parse import parse_qs, urlparse

import pytest
import requests

from support.front_door import FrontDoor
from support.simulator import Simulator

HELD = {}


def pytest_configure(config):
    HELD["folder"] = tempfile.TemporaryDirectory(prefix="reseat-clients-")
    HELD["sim"] = Simulator("--world", "contoso", "--users", "600", "--seed", "5")
    HELD["door"] = FrontDoor(HELD["sim"], HELD["folder"].name)
    os.environ.update(HELD["door"].environment())


def pytest_unconfigure(config):
    if "door" in HELD:
        HELD["door"].close()
    if "sim" in HELD:
        HELD["sim"].__exit__()
    if "folder" in HELD:
        HELD["folder"].cleanup()


@pytest.fixture(scope="session")
def sim():
    return HELD["sim"]


@pytest.fixture(scope="session")
def door():
    return HELD["door"]


@pytest.fixture(autouse=True)
def nobody_else_is_asked(door):
    """No client may turn to a host that is neither Microsoft's nor this machine."""
    before = len(door.refused)
    yield
    assert door.refused[before:] == []


@pytest.fixture
def browser():
    """Follows a sign-in as a person does: picks whoever is offered first, and stops where the browser is sent back."""

    def sign_in(address, pick=0):
        page = requests.get(address, allow_redirects=False, timeout=30)
        if page.status_code == 200:
            links = [part.split('"')[0] for part in page.text.split('<a href="')[1:]]
            link = links[pick].replace("&amp;", "&").replace("&#39;", "'")
            root = "/".join(address.split("/")[:3])
            page = requests.get(root + link, allow_redirects=False, timeout=30)
        assert page.status_code == 302, page.text
        query = urlparse(page.headers["location"]).query
        return {name: values[0] for name, values in parse_qs(query).items()}

    return sign_in


@pytest.fixture
def licensed_person(sim):
    """Somebody whose licenses a test may change: given a direct one first."""

    def pick(sku="POWER_BI_PRO"):
        roster = [line.split(",") for line in sim.control("GET", "roster").splitlines()[1:]]
        address = next(row[1] for row in roster if row[6] == "active")
        return sim.patch(address, licenses=["SPE_E3", sku])

    return pick
