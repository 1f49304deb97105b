//! The identity platform.

use crate::support::{Answer, EPOCH, REDIRECT, Simulator, from_location};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub fn refusal(answer: &Answer) -> (u16, String, u64) {
    let body = answer.json();
    let number = body["error_codes"][0].as_u64().unwrap();
    let text = body["error_description"].as_str().unwrap();
    assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
    assert!(
        text.contains("\r\nTrace ID: ") && text.contains("\r\nCorrelation ID: ") && text.contains("\r\nTimestamp: ")
    );
    (answer.status, body["error"].as_str().unwrap().to_owned(), number)
}

pub async fn asked(sim: &Simulator, tenant: &str, changes: &[(&str, &str)]) -> (u16, String, u64) {
    let (client_id, secret, _) = sim.app("reader");
    let scope = format!("{}/.default", sim.text("graph_url"));
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", &scope),
    ];
    for (name, value) in changes {
        form.retain(|(key, _)| key != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    refusal(&sim.token_answer(tenant, &form).await)
}

#[tokio::test]
async fn each_wrong_token_request_gets_its_own_number() {
    let sim = Simulator::usual();
    let tenant = sim.text("tenant_id");
    let known = |status: u16, error: &str, number: u64| (status, error.to_owned(), number);
    assert_eq!(asked(&sim, tenant, &[("client_secret", "wrong")]).await, known(401, "invalid_client", 7_000_215));
    assert_eq!(asked(&sim, tenant, &[("client_secret", "")]).await, known(401, "invalid_client", 7_000_218));
    let nobody = "5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10";
    assert_eq!(asked(&sim, tenant, &[("client_id", nobody)]).await, known(400, "unauthorized_client", 700_016));
    assert_eq!(asked(&sim, nobody, &[]).await, known(400, "invalid_request", 90_002));
    assert_eq!(asked(&sim, "common", &[]).await, known(400, "invalid_request", 9_001_023));
    assert_eq!(asked(&sim, tenant, &[("scope", "User.Read.All")]).await, known(400, "invalid_scope", 70_011));
    let other_cloud = "https://graph.microsoft.us/.default";
    assert_eq!(asked(&sim, tenant, &[("scope", other_cloud)]).await, known(400, "invalid_resource", 500_011));
    assert_eq!(asked(&sim, tenant, &[("grant_type", "")]).await, known(400, "invalid_request", 900_144));
}

#[tokio::test]
async fn the_tenant_may_be_named_by_its_domain_and_the_secret_sent_as_basic() {
    let sim = Simulator::usual();
    let (client_id, secret, _) = sim.app("reader");
    let request = sim
        .request("POST", "/contoso.example/oauth2/v2.0/token")
        .basic_auth(client_id, Some(secret.replace('~', "%7E")))
        .form(&[("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")]);
    let answer = sim.ask(request).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_u64()), (Some("Bearer"), Some(3599)));
    assert!(body["refresh_token"].is_null(), "client credentials never give a refresh token");
}

#[tokio::test]
async fn an_access_token_carries_tenant_and_roles_and_is_signed_by_a_published_key() {
    let sim = Simulator::usual();
    let token = sim.token("writer").await;
    let path = format!("/{}/discovery/v2.0/keys", sim.text("tenant_id"));
    let keys = sim.ask(sim.request("GET", &path)).await.unwrap().json();
    let key = DecodingKey::from_jwk(&serde_json::from_value(keys["keys"][0].clone()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
    assert_eq!(claims["tid"], sim.text("tenant_id"));
    assert_eq!(claims["appid"], sim.app("writer").0);
    assert!(claims["roles"].as_array().unwrap().contains(&json!("LicenseAssignment.ReadWrite.All")));
    assert!(claims["scp"].is_null());
}

#[tokio::test]
async fn discovery_names_addresses_of_the_listener_it_was_asked_at() {
    let sim = Simulator::usual();
    let path = format!("/{}/v2.0/.well-known/openid-configuration", sim.text("tenant_id"));
    let found = sim.ask(sim.request("GET", &path)).await.unwrap().json();
    for name in ["token_endpoint", "authorization_endpoint", "jwks_uri", "issuer"] {
        assert!(found[name].as_str().unwrap().starts_with(sim.text("authority_url")), "{name}: {}", found[name]);
    }
}

#[tokio::test]
async fn https_is_served_under_the_private_ca_of_the_ready_line() {
    let sim = Simulator::usual();
    let ca = std::fs::read(sim.text("ca_file")).unwrap();
    let trusting = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .no_proxy()
        .build()
        .unwrap();
    let address = format!("{}/_sim/clock", sim.text("https_url"));
    let answer = trusting.get(&address).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let strict = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(strict.get(&address).send().await.is_err(), "nobody else trusts it");
}

/// Key and thumbprint in an app's certificate file.
fn certificate(sim: &Simulator, purpose: &str) -> (EncodingKey, String) {
    let text = std::fs::read_to_string(sim.app(purpose).2).unwrap();
    let at = text.find("-----BEGIN PRIVATE KEY").expect("the private key is in the file");
    let (certificate, key) = text.split_at(at);
    let body: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(STANDARD.decode(body).unwrap()));
    (EncodingKey::from_rsa_pem(key.as_bytes()).unwrap(), thumbprint)
}

async fn with_assertion(
    sim: &Simulator,
    client_id: &str,
    header: &Header,
    key: &EncodingKey,
    claims: &Value,
) -> Answer {
    let assertion = jsonwebtoken::encode(header, claims, key).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    sim.token_answer(sim.text("tenant_id"), &form).await
}

#[tokio::test]
async fn a_certificate_proves_its_own_app_and_no_other() {
    let sim = Simulator::usual();
    let (client_id, _, _) = sim.app("reader");
    let (key, thumbprint) = certificate(&sim, "reader");
    let noon = format!("{EPOCH}T12:00:00Z").parse::<jiff::Timestamp>().unwrap().as_second();
    let audience = format!("{}/{}/oauth2/v2.0/token", sim.text("authority_url"), sim.text("tenant_id"));
    let claims =
        json!({"aud": audience, "iss": client_id, "sub": client_id, "jti": "1", "nbf": noon, "exp": noon + 600});
    let header = |algorithm| Header { x5t_s256: Some(thumbprint.clone()), ..Header::new(algorithm) };
    for algorithm in [Algorithm::PS256, Algorithm::RS256] {
        let answer = with_assertion(&sim, client_id, &header(algorithm), &key, &claims).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let of_another = Header { x5t_s256: Some(certificate(&sim, "writer").1), ..Header::new(Algorithm::PS256) };
    let answer = with_assertion(&sim, client_id, &of_another, &key, &claims).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), 700_027));
    let mut late = claims.clone();
    late["nbf"] = json!(noon - 4000);
    late["exp"] = json!(noon - 3000);
    let answer = with_assertion(&sim, client_id, &header(Algorithm::PS256), &key, &late).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), 700_024));
    let mut elsewhere = claims;
    elsewhere["aud"] = json!("https://login.microsoftonline.us/other/oauth2/v2.0/token");
    let answer = with_assertion(&sim, client_id, &header(Algorithm::PS256), &key, &elsewhere).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), 50_012));
}

async fn sign_in(sim: &Simulator, scope: &str, challenge: &str) -> Answer {
    let people = sim.people().await;
    let upn = people[0].0["userPrincipalName"].as_str().unwrap().to_owned();
    let request = sim.request("GET", &format!("/{}/oauth2/v2.0/authorize", sim.text("tenant_id"))).query(&[
        ("client_id", sim.app("reader").0),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "s1"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("login_hint", &upn),
    ]);
    sim.ask(request).await.unwrap()
}

#[tokio::test]
async fn a_code_is_redeemed_once_with_its_verifier_and_the_refresh_token_gives_the_next() {
    let sim = Simulator::usual();
    let (client_id, secret, _) = sim.app("reader");
    let verifier = "a-verifier-that-is-long-enough-for-the-rules-1234";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let scope = "openid profile offline_access User.Read.All";
    let answer = sign_in(&sim, scope, &challenge).await;
    assert_eq!((answer.status, from_location(&answer, "state").as_deref()), (302, Some("s1")));
    let code = from_location(&answer, "code").unwrap();
    let form = |code: &str, verifier: &str| {
        [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", verifier),
        ]
        .map(|(key, value)| (key, value.to_owned()))
    };
    let redeem = async |code: &str, verifier: &str| {
        let form = form(code, verifier);
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, value.as_str())).collect();
        sim.token_answer(sim.text("tenant_id"), &form).await
    };
    let answer = redeem(&code, verifier).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(refusal(&redeem(&code, verifier).await).2, 54_005);
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    let me = sim.call_as(token, "GET", "/v1.0/me", &Value::Null).await.unwrap();
    assert_eq!(me.status, 200, "{}", me.text);
    assert!(body["id_token"].is_string());

    let second = from_location(&sign_in(&sim, scope, &challenge).await, "code").unwrap();
    let wrong = verifier.replace("1234", "4321");
    assert_eq!(refusal(&redeem(&second, &wrong).await).2, 501_481);

    let refresh = body["refresh_token"].as_str().unwrap().to_owned();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("refresh_token", &refresh),
    ];
    let answer = sim.token_answer(sim.text("tenant_id"), &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(answer.json()["refresh_token"], refresh.as_str(), "each redemption gives a new one");
    sim.advance(91.0 * 86_400.0).await;
    assert_eq!(refusal(&sim.token_answer(sim.text("tenant_id"), &form).await).2, 700_082);
}

#[tokio::test]
async fn consent_comes_back_with_the_tenant_and_a_refusal_with_its_reason() {
    let sim = Simulator::usual();
    let path = format!("/{}/adminconsent", sim.text("tenant_id"));
    let query = [("client_id", sim.app("reader").0), ("redirect_uri", REDIRECT), ("state", "x")];
    let answer = sim.ask(sim.request("GET", &path).query(&query)).await.unwrap();
    assert_eq!(from_location(&answer, "tenant").as_deref(), Some(sim.text("tenant_id")));
    assert_eq!(from_location(&answer, "admin_consent").as_deref(), Some("True"));
    let answer = sim.ask(sim.request("GET", &path).query(&query).query(&[("prompt", "deny")])).await.unwrap();
    assert_eq!(from_location(&answer, "error").as_deref(), Some("permission_denied"));
    let elsewhere = [("client_id", sim.app("reader").0), ("redirect_uri", "http://evil.example/"), ("state", "x")];
    let answer = sim.ask(sim.request("GET", &path).query(&elsewhere)).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (400, ""));
}

#[tokio::test]
async fn an_expired_token_is_refused_with_401() {
    let sim = Simulator::usual();
    let token = sim.token("reader").await;
    sim.advance(3601.0).await;
    let answer = sim.call_as(&token, "GET", "/v1.0/organization", &Value::Null).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (401, "InvalidAuthenticationToken"));
    assert_eq!(sim.get("/v1.0/organization").await.status, 200);
}
