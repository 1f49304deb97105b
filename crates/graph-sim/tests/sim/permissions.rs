//! What each application may do.

use crate::support::Simulator;
use serde_json::{Value, json};

#[tokio::test]
async fn a_missing_permission_is_a_plain_403_in_the_directory_and_a_doubly_encoded_one_at_the_reports() {
    let sim = Simulator::usual();
    let token = sim.token("mailer").await;
    for path in
        ["/v1.0/users", "/v1.0/subscribedSkus", "/v1.0/groups", "/v1.0/organization", "/v1.0/directory/subscriptions"]
    {
        let answer = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (403, "Authorization_RequestDenied"), "{path}");
        assert_eq!(answer.message(), "Insufficient privileges to complete the operation.");
    }
    for path in ["/v1.0/admin/reportSettings", "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')"] {
        let answer = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (403, "UnknownError"), "{path}");
        let inner: Value = serde_json::from_str(&answer.message()).expect("the message is JSON itself");
        assert_eq!(inner, json!({"error": {"code": "S2SUnauthorized", "message": "Invalid permission."}}));
    }
}

#[tokio::test]
async fn the_reader_cannot_write_and_the_writer_cannot_read_reports() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let reader = sim.token("reader").await;
    let body = json!({"addLicenses": [], "removeLicenses": []});
    let path = format!("/v1.0/users/{}/assignLicense", people[0].id());
    assert_eq!(sim.call_as(&reader, "POST", &path, &body).await.unwrap().status, 403);
    let writer = sim.token("writer").await;
    let report = "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')";
    assert_eq!(sim.call_as(&writer, "GET", report, &Value::Null).await.unwrap().status, 403);
    assert_eq!(sim.call_as(&writer, "POST", &path, &body).await.unwrap().status, 200, "an empty change is allowed");
    assert!(sim.journal().await.is_empty());
}

#[tokio::test]
async fn sign_in_activity_needs_the_audit_permission_of_its_own() {
    let sim = Simulator::usual();
    let writer = sim.token("writer").await;
    let with = sim.call_as(&writer, "GET", "/v1.0/users?$select=id,signInActivity", &Value::Null).await.unwrap();
    let without = sim.call_as(&writer, "GET", "/v1.0/users?$select=id", &Value::Null).await.unwrap();
    assert_eq!((with.status, without.status), (403, 200));
}

#[tokio::test]
async fn a_tenant_that_consented_to_nothing_still_gives_a_token_and_refuses_later() {
    let folder = tempfile::tempdir().unwrap();
    let consent = folder.path().join("consent.json");
    std::fs::write(&consent, r#"{"reader": []}"#).unwrap();
    let sim = Simulator::start(&["--users", "50", "--consent", consent.to_str().unwrap()]);
    let token = sim.token("reader").await;
    let answer = sim.call_as(&token, "GET", "/v1.0/users", &Value::Null).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (403, "Authorization_RequestDenied"));
    let consent = sim
        .request("GET", &format!("/{}/adminconsent", sim.text("tenant_id")))
        .query(&[("client_id", sim.app("reader").0), ("redirect_uri", "http://localhost:9/back")]);
    assert_eq!(sim.ask(consent).await.unwrap().status, 302);
    let old = sim.call_as(&token, "GET", "/v1.0/users", &Value::Null).await.unwrap();
    assert_eq!(old.status, 403, "a consent reaches new tokens only");
    let token = sim.token("reader").await;
    assert_eq!(sim.call_as(&token, "GET", "/v1.0/users", &Value::Null).await.unwrap().status, 200);
}

#[tokio::test]
async fn no_token_and_a_forged_token_are_401() {
    let sim = Simulator::usual();
    let answer = sim.ask(sim.request("GET", "/v1.0/users")).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (401, "InvalidAuthenticationToken"));
    let mut forged = sim.token("everything").await;
    let middle = forged.len() / 2;
    let other = if forged.as_bytes()[middle] == b'A' { "B" } else { "A" };
    forged.replace_range(middle..=middle, other);
    assert_eq!(sim.call_as(&forged, "GET", "/v1.0/users", &Value::Null).await.unwrap().status, 401);
}
