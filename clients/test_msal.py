"""Microsoft's own library for Python, unmodified, takes the simulator for the identity platform (graph-facts 1)."""

import hashlib
import ssl

import jwt
import msal
import pytest
import requests

pytestmark = pytest.mark.small

DEFAULT = ["https://graph.microsoft.com/.default"]
MICROSOFT = "https://login.microsoftonline.com"
BACK = "http://localhost:8400/back"


@pytest.fixture(params=["under Microsoft's name", "under its own name"])
def platform(request, sim):
    """How an application is told where to sign in: the platform's address and what goes with it."""
    if request.param == "under Microsoft's name":
        return MICROSOFT, {}
    # Microsoft's library asks Microsoft whether an address it does not know may be trusted: here the simulator.
    discovery = f"{sim.https}/common/discovery/instance"
    return sim.https, {"verify": sim.ca_file, "instance_discovery": discovery}


def application(sim, platform, credential, purpose="reader", tenant=None, kind=msal.ConfidentialClientApplication):
    address, options = platform
    named = {"client_credential": credential} if credential else {}
    return kind(sim.app(purpose)["client_id"], authority=f"{address}/{tenant or sim.tenant}", **named, **options)


def read_people(token):
    answer = requests.get(
        "https://graph.microsoft.com/v1.0/users?$top=1", headers={"authorization": f"Bearer {token}"}, timeout=30
    )
    return answer.status_code


def claims_of(sim, token, **expected):
    """The claims of a token whose signature fits the keys that the platform publishes."""
    keys = requests.get(f"{sim.https}/{sim.tenant}/discovery/v2.0/keys", verify=sim.ca_file, timeout=30).json()
    found = {key["kid"]: jwt.PyJWK(key) for key in keys["keys"]}
    key = found[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": "audience" in expected}, **expected)


def test_a_secret_gives_a_token_that_graph_accepts(sim, platform):
    app = application(sim, platform, sim.app("reader")["client_secret"])
    result = app.acquire_token_for_client(DEFAULT)
    assert result["token_type"] == "Bearer" and result["expires_in"] == 3599, result
    claims = claims_of(sim, result["access_token"])
    assert claims["tid"] == sim.tenant and "User.Read.All" in claims["roles"] and claims["idtyp"] == "app"
    assert read_people(result["access_token"]) == 200
    assert "refresh_token" not in result
    again = app.acquire_token_for_client(DEFAULT)
    assert again["token_source"] == "cache" and again["access_token"] == result["access_token"]


@pytest.mark.parametrize("form", ["PS256 with x5t#S256", "RS256 with x5t"])
def test_a_certificate_gives_a_token(sim, platform, form):
    certificate, key = sim.app_certificate("writer")
    credential = {"private_key": key, "public_certificate": certificate}
    if form == "RS256 with x5t":
        der = ssl.PEM_cert_to_DER_cert(certificate)
        credential = {"private_key": key, "thumbprint": hashlib.sha1(der).hexdigest()}
    result = application(sim, platform, credential, "writer").acquire_token_for_client(DEFAULT)
    assert "access_token" in result, result
    claims = claims_of(sim, result["access_token"])
    assert claims["appid"] == sim.app("writer")["client_id"] and claims["appidacr"] == "2"
    assert read_people(result["access_token"]) == 200


def test_the_wrong_certificate_is_refused(sim, platform):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    certificate, _ = sim.app_certificate("writer")
    stranger = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    credential = {"private_key": stranger.decode(), "public_certificate": certificate}
    result = application(sim, platform, credential, "writer").acquire_token_for_client(DEFAULT)
    assert result["error"] == "invalid_client" and 700027 in result["error_codes"]


def test_a_wrong_secret_is_refused_with_its_number(sim, platform):
    result = application(sim, platform, "not the secret").acquire_token_for_client(DEFAULT)
    assert result["error"] == "invalid_client" and result["error_codes"] == [7000215]
    assert result["error_description"].startswith("AADSTS7000215: ")
    assert result["correlation_id"] and result["trace_id"] and result["timestamp"].endswith("Z")


def test_an_unknown_tenant_is_refused_at_discovery(sim, platform):
    stranger = "00000000-1111-2222-3333-444444444444"
    with pytest.raises(ValueError, match="AADSTS90002|invalid_tenant|tenant name"):
        application(sim, platform, "x", tenant=stranger).acquire_token_for_client(DEFAULT)


@pytest.mark.parametrize("kind", [msal.ConfidentialClientApplication, msal.PublicClientApplication])
def test_a_person_signs_in_with_code_and_pkce(sim, platform, browser, kind):
    secret = sim.app("everything")["client_secret"] if kind is msal.ConfidentialClientApplication else None
    app = application(sim, platform, secret, "everything", kind=kind)
    scopes = ["User.Read", "User.Read.All"]
    flow = app.initiate_auth_code_flow(scopes, redirect_uri=BACK)
    assert "code_challenge_method=S256" in flow["auth_uri"] and "nonce=" in flow["auth_uri"]
    answer = browser(flow["auth_uri"])
    result = app.acquire_token_by_auth_code_flow(flow, answer)
    assert "access_token" in result, result
    assert {"User.Read", "User.Read.All"} <= set(result["scope"].split())
    person = claims_of(sim, result["id_token"], audience=sim.app("everything")["client_id"])
    assert person["tid"] == sim.tenant and person["preferred_username"]
    me = requests.get(
        "https://graph.microsoft.com/v1.0/me", headers={"authorization": f"Bearer {result['access_token']}"}, timeout=30
    ).json()
    assert me["id"] == person["oid"]
    # A code is good once.
    second = app.acquire_token_by_authorization_code(
        answer["code"], scopes, redirect_uri=BACK, data={"code_verifier": flow["code_verifier"]}
    )
    assert second["error"] == "invalid_grant" and second["error_codes"] == [54005]


def test_a_token_is_renewed_without_the_person_and_the_refresh_token_replaced(sim, platform, browser):
    app = application(sim, platform, sim.app("everything")["client_secret"], "everything")
    flow = app.initiate_auth_code_flow(["User.Read.All"], redirect_uri=BACK)
    first = app.acquire_token_by_auth_code_flow(flow, browser(flow["auth_uri"]))
    (account,) = app.get_accounts()
    kept = app.acquire_token_silent(["User.Read.All"], account=account)
    assert kept["token_source"] == "cache" and kept["access_token"] == first["access_token"]

    def stored():
        tokens = app.token_cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)
        return [token["secret"] for token in tokens]

    (before,) = stored()
    renewed = app.acquire_token_silent(["User.Read.All"], account=account, force_refresh=True)
    assert renewed["token_source"] == "identity_provider" and renewed["access_token"] != first["access_token"]
    (after,) = stored()
    assert after != before
    assert read_people(renewed["access_token"]) == 200


def test_a_wrong_verifier_ends_the_code(sim, platform, browser):
    app = application(sim, platform, sim.app("everything")["client_secret"], "everything")
    flow = app.initiate_auth_code_flow(["User.Read.All"], redirect_uri=BACK)
    answer = browser(flow["auth_uri"])
    result = app.acquire_token_by_auth_code_flow({**flow, "code_verifier": "v" * 64}, answer)
    assert result["error"] == "invalid_grant" and 501481 in result["error_codes"]


def test_what_nobody_consented_to_is_refused_on_the_way_back(sim, platform, browser):
    app = application(sim, platform, sim.app("mailer")["client_secret"], "mailer")
    flow = app.initiate_auth_code_flow(["User.ReadWrite.All"], redirect_uri=BACK)
    result = app.acquire_token_by_auth_code_flow(flow, browser(flow["auth_uri"]))
    assert result["error"] == "consent_required" and "AADSTS65001" in result["error_description"]


def test_instance_discovery_knows_the_platform_under_every_name(sim):
    for address, verify in ((MICROSOFT, True), (sim.https, sim.ca_file)):
        question = {"authorization_endpoint": f"{address}/{sim.tenant}/oauth2/v2.0/authorize", "api-version": "1.1"}
        answer = requests.get(f"{address}/common/discovery/instance", params=question, verify=verify, timeout=30).json()
        assert answer["tenant_discovery_endpoint"] == f"{address}/{sim.tenant}/v2.0/.well-known/openid-configuration"
        assert address.split("://")[1] in {name for entry in answer["metadata"] for name in entry["aliases"]}
