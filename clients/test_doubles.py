"""The connector in front of other people's doubles: what it says and does must not depend on our simulator."""

import base64
import datetime
import json
import subprocess
import urllib.parse
import uuid
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.published_graph import PublishedGraph, example
from support.simulator import ROOT, program

TENANT = "a6b8f3c0-5b1c-4e0e-9a55-0a4d1c1f0b11"
APP = "3b0ba4d5-4e7c-4c2a-8a0b-6a2a7f6f1c22"
SECRET = "a secret of nobody"
BACK = "http://localhost:9/back"
PERSON = {"oid": str(uuid.UUID(int=77)), "preferred_username": "ada@example.org", "name": "Ada"}
# What the documentation's example of a person leaves out and the connector needs.
COMPLETED = {"accountEnabled": True, "userType": "Member", "assignedLicenses": [], "licenseAssignmentStates": []}


def connector(ask):
    """The connector as a process that answers line by line."""
    path = Path(program("reseat", "RESEAT")).parent / "examples" / "foreign"
    assert path.exists(), f"{path} is missing: cargo build -p reseat-connectors --example foreign"
    process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    process.stdin.write(json.dumps({"tenant_id": TENANT, "client_id": APP} | ask) + "\n")
    process.stdin.flush()
    return process


def outcome(ask):
    process = connector({"do": "read"} | ask)
    text, _ = process.communicate(timeout=60)
    return json.loads(text)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate as an administrator makes them: the file, and the public key as a JWK."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "reseat")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("certificate") / "app.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    numbers = key.public_key().public_numbers()

    def number(value):
        return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")

    return str(file), {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), "use": "sig"}


def double(kind, **told):
    """Starts a double; gives its address and how to end it."""
    command = ["node", str(Path(__file__).parent / "node" / "doubles.mjs"), kind, json.dumps({"tenant": TENANT, **told})]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    while line and not line.startswith("{"):
        line = process.stdout.readline()
    assert line, f"{kind} did not start"
    return json.loads(line)["url"], process


@pytest.fixture(scope="module")
def mock_server():
    url, process = double("oauth2-mock-server")
    yield url
    process.stdin.close()
    process.wait(20)


@pytest.fixture(scope="module")
def published():
    with PublishedGraph(COMPLETED) as graph:
        yield graph


@pytest.fixture(scope="module")
def oidc_provider(certificate, published):
    """The certified implementation of OpenID Connect: the strict judge of what the connector sends."""
    common = {"redirect_uris": [BACK], "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
              "response_types": ["code"]}
    clients = [
        {"client_id": APP, "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_post", **common},
        *[
            {"client_id": f"certificate-{algorithm}", "token_endpoint_auth_method": "private_key_jwt",
             "token_endpoint_auth_signing_alg": algorithm, "jwks": {"keys": [certificate[1]]}, **common}
            for algorithm in ("PS256", "RS256")
        ],
    ]
    url, process = double("oidc-provider", scope=f"{published.url}/.default", clients=clients, person=PERSON)
    published.trust(url)
    yield url
    process.stdin.close()
    process.wait(20)


def test_a_mock_server_s_token_opens_a_graph_of_published_examples(mock_server):
    with PublishedGraph(COMPLETED).trust(mock_server) as graph:
        found = outcome({"authority_url": mock_server, "graph_url": graph.url, "secret": SECRET})
    sku = example("entra/license/license-list.mdx")[0]
    assert found == {"skus": {sku["skuId"]: sku["skuPartNumber"]}, "then": {"people": 1}}
    assert [path.split("?")[0] for path in graph.asked] == ["/v1.0/subscribedSkus", "/v1.0/users"]


def test_people_without_what_a_decision_needs_are_refused_by_name(mock_server):
    """The documentation's own example shows default fields only: no licenses to be seen is not no licenses."""
    with PublishedGraph().trust(mock_server) as graph:
        found = outcome({"authority_url": mock_server, "graph_url": graph.url, "secret": SECRET})
    assert "accountEnabled" in found["then"]["error"] or "licenseAssignmentStates" in found["then"]["error"]


def test_a_token_for_another_tenant_goes_nowhere(mock_server):
    with PublishedGraph(COMPLETED).trust(mock_server) as graph:
        found = outcome({"authority_url": mock_server, "graph_url": graph.url, "secret": SECRET, "client_id": "elsewhere"})
    assert "99999999-0000-4000-8000-000000000000" in found["error"]
    assert graph.asked == []


def test_a_bare_refusal_by_the_standard_is_told_in_a_sentence(mock_server):
    """RFC 6749 asks for `error` alone: no AADSTS number, no description."""
    found = outcome({"authority_url": mock_server, "graph_url": "http://127.0.0.1:9", "secret": "refused"})
    assert found["error"] == "Microsoft does not accept the app's credential." and found["remedy"]


EXPECTED = {"people": 1}


def test_the_strict_provider_accepts_the_secret(oidc_provider, published):
    found = outcome({"authority_url": oidc_provider, "graph_url": published.url, "secret": SECRET})
    assert found["skus"] and found["then"] == EXPECTED, found


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_the_strict_provider_accepts_the_certificate_assertion(oidc_provider, published, certificate, algorithm):
    ask = {"authority_url": oidc_provider, "graph_url": published.url, "certificate_file": certificate[0],
           "algorithm": algorithm, "client_id": f"certificate-{algorithm}"}
    found = outcome(ask)
    assert found["skus"] and found["then"] == EXPECTED, found
    # It does judge: the other algorithm is not what this client is registered with.
    other = outcome(ask | {"algorithm": "RS256" if algorithm == "PS256" else "PS256"})
    assert "credential" in other["error"], other


def test_the_strict_provider_refuses_a_wrong_secret_and_the_connector_says_so(oidc_provider, published):
    found = outcome({"authority_url": oidc_provider, "graph_url": published.url, "secret": "wrong"})
    assert found["error"] == "Microsoft does not accept the app's credential." and found["remedy"]


def test_the_strict_provider_accepts_a_sign_in_with_pkce(oidc_provider, published):
    process = connector({
        "do": "sign_in", "authority_url": oidc_provider, "graph_url": published.url, "secret": SECRET,
        "redirect_uri": BACK, "scopes": [".default"],
    })
    address = json.loads(process.stdout.readline())["address"]
    browser = requests.Session()
    browser.trust_env = False
    for _ in range(12):
        page = browser.get(address, allow_redirects=False, timeout=20)
        assert page.status_code in (302, 303), page.text
        address = urllib.parse.urljoin(address, page.headers["location"])
        if address.startswith(BACK):
            break
    text, _ = process.communicate(json.dumps({"query": urllib.parse.urlparse(address).query}) + "\n", timeout=60)
    found = json.loads(text)
    assert found.get("user_name") == PERSON["preferred_username"], (found, address)
    assert found["user_id"] == PERSON["oid"]
