//! Signing in, and what is said when it does not work.

use reseat_connectors::graph::{Credentials, GraphReader, Secret};
use reseat_connectors::{ConnectorError, DirectoryReader};
use reseat_domain::ids::TenantId;
use uuid::Uuid;

use crate::tenant::{QUICK, Tenant, everybody, fault};

async fn refused(tenant: &Tenant, tenant_id: TenantId, credentials: Credentials) -> (String, String) {
    let reader = GraphReader::new(tenant.cloud(), tenant_id, credentials, None).expect("a reader").with_patience(QUICK);
    match everybody(&reader).await {
        Err(ConnectorError::SignIn { message, remedy }) => (message, remedy),
        other => panic!("it must not sign in: {other:?}"),
    }
}

#[tokio::test]
async fn each_mistake_has_its_own_sentence() {
    let tenant = Tenant::small();
    let good = tenant.credentials("reader");
    let wrong_secret = Credentials::secret(&good.client_id, Secret::new("not the secret"));
    let (message, remedy) = refused(&tenant, tenant.id(), wrong_secret).await;
    assert_eq!(message, "The client secret is wrong. (AADSTS7000215)");
    assert!(remedy.contains("value") && !remedy.contains("not the secret"));
    let unknown_app = Credentials { client_id: Uuid::from_u128(1).to_string(), ..good.clone() };
    let (message, _) = refused(&tenant, tenant.id(), unknown_app).await;
    assert_eq!(message, "The tenant does not know this app. (AADSTS700016)");
    let elsewhere = TenantId::from_uuid(Uuid::from_u128(2));
    let (message, _) = refused(&tenant, elsewhere, good).await;
    assert_eq!(message, "Microsoft knows no tenant with this id. (AADSTS90002)");
    assert_eq!(tenant.requests("GET /users").await, 0, "without a token nothing is asked");
}

#[tokio::test]
async fn a_secret_that_expires_in_the_middle_stops_with_what_to_renew() {
    let tenant = Tenant::small();
    let reader = tenant.reader();
    assert!(everybody(&reader).await.is_ok());
    // The token dies, and the secret with it.
    tenant.plant(&fault("token-revoked", "", 1_000, 1)).await;
    let error = everybody(&reader).await.expect_err("G13");
    assert_eq!(error.to_string(), "The client secret has expired. (AADSTS7000222)");
    assert!(error.remedy().is_some_and(|remedy| remedy.contains("client secret")));
    tenant.clear_faults().await;
    assert!(everybody(&reader).await.is_ok(), "a renewed secret works without a restart");
}

#[tokio::test]
async fn a_disturbed_sign_in_is_tried_again() {
    let tenant = Tenant::small();
    for (name, times) in [
        ("5xx-before-effect", 2),
        ("429-without-retry-after", 2),
        ("truncated-answer", 2),
        ("html-from-proxy", 1),
        ("reset-before-first-byte", 2),
    ] {
        tenant.plant(&fault(name, "/oauth2/v2.0/token", times, 3)).await;
        assert!(tenant.reader().people_page(None).await.is_ok(), "{name}");
        assert_eq!(tenant.bitten().await, times, "{name}");
        tenant.clear_faults().await;
    }
}
