//! The error table of the token endpoint (1.6), assertions (1.3), tokens that change their ways (1.2, 1.4, 1.7).

use crate::support::{Simulator, claims};
use crate::tokens::{asked, refusal};
use serde_json::{Value, json};

#[tokio::test]
async fn each_row_of_the_token_error_table_can_be_met() {
    let sim = Simulator::usual();
    let tenant = sim.text("tenant_id").to_owned();
    let rows: [(u64, u16, &str); 19] = [
        (70_002, 401, "invalid_client"),
        (700_011, 400, "unauthorized_client"),
        (50_012, 401, "invalid_client"),
        (650_052, 400, "invalid_resource"),
        (650_056, 400, "invalid_client"),
        (650_057, 400, "invalid_resource"),
        (50_173, 400, "invalid_grant"),
        (70_043, 400, "invalid_grant"),
        (50_076, 400, "interaction_required"),
        (50_079, 400, "interaction_required"),
        (53_003, 400, "interaction_required"),
        (53_000, 400, "interaction_required"),
        (53_001, 400, "interaction_required"),
        (50_196, 400, "invalid_grant"),
        (90_055, 429, "temporarily_unavailable"),
        (90_006, 503, "server_error"),
        (90_024, 503, "temporarily_unavailable"),
        (90_033, 503, "temporarily_unavailable"),
        (90_090, 500, "server_error"),
    ];
    for (number, status, error) in rows {
        sim.settings(&json!({"token_refusal": number})).await;
        assert_eq!(asked(&sim, &tenant, &[]).await, (status, error.to_owned(), number));
    }
    sim.settings(&json!({"policy_invalid_grant": true, "token_refusal": 53_003})).await;
    assert_eq!(asked(&sim, &tenant, &[]).await.1, "invalid_grant", "the other reading");
    sim.settings(&json!({"tenant_throttled_429": false, "token_refusal": 90_055})).await;
    assert_eq!(asked(&sim, &tenant, &[]).await.0, 400, "the other reading");
    sim.settings(&json!({"token_refusal": null})).await;
    sim.token("reader").await;
}

#[tokio::test]
async fn what_becomes_of_a_registration_shows_at_the_token_endpoint() {
    let sim = Simulator::usual();
    let tenant = sim.text("tenant_id").to_owned();
    let change = async |changes: Value| {
        let answer = sim.control("PATCH", "apps/reader", &changes).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    change(json!({"secret_expired": true})).await;
    assert_eq!(asked(&sim, &tenant, &[]).await, (401, "invalid_client".to_owned(), 7_000_222));
    assert_eq!(asked(&sim, &tenant, &[("client_secret", "wrong")]).await.2, 7_000_215, "a wrong one stays wrong");
    change(json!({"secret_expired": false, "disabled": true})).await;
    assert_eq!(asked(&sim, &tenant, &[]).await, (400, "unauthorized_client".to_owned(), 70_001));
    change(json!({"disabled": false, "public": true})).await;
    assert_eq!(asked(&sim, &tenant, &[]).await, (401, "invalid_client".to_owned(), 700_025));
    change(json!({"public": false, "single_tenant": true})).await;
    let shared = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    assert_eq!(asked(&sim, "common", &shared).await.2, 50_194);
    sim.settings(&json!({"unknown_app_401": true})).await;
    let nobody = "5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10";
    assert_eq!(asked(&sim, &tenant, &[("client_id", nobody)]).await.0, 401, "the other reading of 700016");
    assert_eq!(sim.control("PATCH", "apps/reader", &json!({"shoe_size": 4})).await.status, 400);
    change(json!({"permissions": ["User.Read.All"]})).await;
    let view = sim.control("GET", "apps", &Value::Null).await.json();
    assert_eq!(view["apps"][0]["permissions"], json!(["User.Read.All"]));
    assert_eq!(claims(&sim.token("reader").await)["roles"], json!(["User.Read.All"]));
}

#[tokio::test]
async fn a_consent_may_take_its_time() {
    let sim = Simulator::usual();
    sim.settings(&json!({"consent_delay_ms": 300_000})).await;
    sim.control("PATCH", "apps/reader", &json!({"permissions": []})).await;
    assert!(claims(&sim.token("reader").await).get("roles").is_none());
    sim.control("PATCH", "apps/reader", &json!({"permissions": null})).await;
    assert!(claims(&sim.token("reader").await)["roles"].is_array());
    let folder = tempfile::tempdir().unwrap();
    let consent = folder.path().join("consent.json");
    std::fs::write(&consent, r#"{"reader": []}"#).unwrap();
    let sim = Simulator::start(&["--users", "40", "--consent", consent.to_str().unwrap()]);
    sim.settings(&json!({"consent_delay_ms": 300_000})).await;
    let page = format!("/{}/adminconsent", sim.text("tenant_id"));
    let query = [("client_id", sim.app("reader").0), ("redirect_uri", crate::support::REDIRECT)];
    sim.ask(sim.request("GET", &page).query(&query)).await.unwrap();
    assert!(claims(&sim.token("reader").await).get("roles").is_none(), "not yet (1.5)");
    sim.advance(301.0).await;
    assert!(claims(&sim.token("reader").await)["roles"].is_array());
}

#[tokio::test]
async fn opaque_tokens_work_and_tell_nothing() {
    let sim = Simulator::usual();
    sim.settings(&json!({"opaque_tokens": true, "token_ext_expires_in": false})).await;
    let token = sim.token("reader").await;
    assert!(!token.contains('.'));
    assert_eq!(sim.call_as(&token, "GET", "/v1.0/users?$top=1", &Value::Null).await.unwrap().status, 200);
    assert_eq!(sim.call_as(&token[1..], "GET", "/v1.0/users?$top=1", &Value::Null).await.unwrap().status, 401);
    let people = sim.people().await;
    let answer = sim.sign_in("reader", people[0].id(), "openid User.Read").await;
    assert!(answer["id_token"].as_str().unwrap().contains('.'), "an id token can always be read");
    assert!(answer.get("ext_expires_in").is_none(), "the other reading of 1.2");
}

#[tokio::test]
async fn a_claims_challenge_is_met_by_a_token_asked_with_its_claims() {
    let sim = Simulator::usual();
    sim.settings(&json!({"claims_challenge": true})).await;
    let token = sim.token("reader").await;
    let answer = sim.call_as(&token, "GET", "/v1.0/users?$top=1", &Value::Null).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (401, "InvalidAuthenticationToken"));
    let header = answer.header("www-authenticate");
    assert!(header.contains("error=\"insufficient_claims\""), "{header}");
    let packed = header.split("claims=\"").nth(1).unwrap().trim_end_matches('"');
    let wanted = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, packed).unwrap();
    let wanted = String::from_utf8(wanted).unwrap();
    let (client_id, secret, _) = sim.app("reader");
    let scope = format!("{}/.default", sim.text("graph_url"));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", &scope),
        ("claims", &wanted),
    ];
    let answer = sim.token_answer(sim.text("tenant_id"), &form).await.json();
    let met = answer["access_token"].as_str().unwrap();
    assert_eq!(sim.call_as(met, "GET", "/v1.0/users?$top=1", &Value::Null).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_revoked_session_and_a_browsers_refresh_token_end() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let (client_id, secret, _) = sim.app("reader");
    let renew = async |token: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("refresh_token", token),
        ];
        sim.token_answer(sim.text("tenant_id"), &form).await
    };
    let answer = sim.sign_in("reader", people[0].id(), "openid offline_access User.Read").await;
    let token = answer["refresh_token"].as_str().unwrap().to_owned();
    let next = renew(&token).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(renew(&token).await.status, 200, "the old one is not revoked by the service (1.4)");
    sim.control("PATCH", &format!("users/{}", people[0].id()), &json!({"revoke_sessions": true})).await;
    for token in [token, next] {
        assert_eq!(refusal(&renew(&token).await), (400, "invalid_grant".to_owned(), 50_173));
    }
    sim.advance(10.0).await;
    let again = sim.sign_in("reader", people[0].id(), "openid offline_access User.Read").await;
    assert_eq!(renew(again["refresh_token"].as_str().unwrap()).await.status, 200);
    sim.control("PATCH", &format!("users/{}", people[0].id()), &json!({"account_enabled": false})).await;
    assert_eq!(refusal(&renew(again["refresh_token"].as_str().unwrap()).await).2, 50_057);
}
