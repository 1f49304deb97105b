//! What the identity platform and Graph say of a connection over the wire: every refusal of section
//! 1.6 that the simulated platform plays, its policies, opaque tokens, challenges and directory roles.

use reseat_connectors::graph::{Credentials, GraphReader, PermissionProbe as _, SigningAlgorithm, TenantCheck};
use reseat_connectors::{ConnectorError, DirectoryReader as _};
use reseat_domain::permission::{Access, Capability, DirectoryRole, Grants, Work, judge};
use serde_json::json;

use crate::browser::{browse, certificate, delegated, machine_clock, reader, redeem, sentence, somebody};
use crate::tenant::Tenant;
use crate::vault::Vault;

/// A person's connection, with where its refresh tokens are kept.
async fn signed_in(tenant: &Tenant, who: &str) -> (GraphReader, std::sync::Arc<Vault>) {
    let redeemed = redeem(tenant, &browse(tenant, who).await, None).await.expect("a sign-in");
    let vault = Vault::with(&[&redeemed.refresh_token]);
    (delegated(tenant, vault.sign_in()), vault)
}

/// The row's number, and a piece of its sentence.
const ROWS: &[(u32, &str)] = &[
    (70_002, "does not match"),
    (700_011, "does not know this app"),
    (50_012, "certificate is not accepted"),
    (650_052, "may not ask for Microsoft Graph"),
    (650_056, "may not ask for Microsoft Graph"),
    (650_057, "may not ask for Microsoft Graph"),
    (50_173, "revoked"),
    (70_043, "frequency"),
    (50_076, "multi-factor"),
    (50_079, "multi-factor"),
    (53_003, "conditional access"),
    (53_000, "managed device"),
    (53_001, "managed device"),
];

#[tokio::test]
async fn section_1_6_every_refusal_the_platform_plays_is_one_sentence_with_a_remedy() {
    let tenant = Tenant::small();
    for policy_invalid_grant in [false, true] {
        for (number, part) in ROWS {
            tenant.set(&json!({ "token_refusal": number, "policy_invalid_grant": policy_invalid_grant })).await;
            let (message, remedy) = sentence(tenant.reader().people_page(None).await);
            assert!(message.contains(part) && message.ends_with(&format!("(AADSTS{number})")), "{message}");
            assert!(remedy.ends_with('.'), "{number}: {remedy}");
        }
    }
    assert_eq!(tenant.requests("GET /users").await, 0, "without a token nothing is asked");
}

#[tokio::test]
async fn section_1_6_what_passes_is_tried_again_and_never_called_a_refusal() {
    let tenant = Tenant::small();
    for change in [json!({ "token_refusal": 50_196 }), json!({ "token_refusal": 90_055, "tenant_throttled_429": true })]
    {
        tenant.set(&change).await;
        let error = tenant.reader().people_page(None).await.expect_err("it lasts longer than patience");
        let passes = matches!(error, ConnectorError::Transient(_) | ConnectorError::Throttled { .. });
        assert!(passes && error.remedy().is_none(), "{change}: {error:?}");
    }
    tenant.set(&json!({ "token_refusal": null })).await;
    assert!(tenant.reader().people_page(None).await.is_ok());
}

#[tokio::test]
async fn what_became_of_the_app_registration_is_said() {
    let tenant = Tenant::small();
    let with_certificate = || {
        let certificate = certificate(&tenant, SigningAlgorithm::Ps256, machine_clock());
        Credentials::certificate(tenant.app("reader", "client_id"), certificate)
    };
    let secret = || tenant.credentials("reader");
    let table: [(&str, &dyn Fn() -> Credentials, &str); 5] = [
        ("secret_expired", &secret, "The client secret has expired. (AADSTS7000222)"),
        ("disabled", &secret, "The app is disabled in this tenant. (AADSTS70001)"),
        ("public", &secret, "The app is registered as a public client, which has no secret. (AADSTS700025)"),
        ("certificate_removed", &with_certificate, "The app's certificate is not accepted. (AADSTS700027)"),
        ("disabled", &with_certificate, "The app is disabled in this tenant. (AADSTS70001)"),
    ];
    for (state, credentials, expected) in table {
        tenant.patch_app("reader", &json!({ state: true })).await;
        assert_eq!(sentence(reader(&tenant, credentials()).people_page(None).await).0, expected);
        tenant.patch_app("reader", &json!({ state: false })).await;
        assert!(reader(&tenant, credentials()).people_page(None).await.is_ok(), "{state} was put right");
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_ends_with_the_same_sentence_whichever_token_is_kept() {
    let tenant = Tenant::small();
    let (name, user_id) = somebody(&tenant).await;
    let (reader, vault) = signed_in(&tenant, &name).await;
    assert!(reader.facts().await.is_ok());
    tenant.patch(user_id, &json!({ "revoke_sessions": true })).await;
    let (message, remedy) = sentence(reader.facts().await);
    assert_eq!(message, "The stored sign-in was revoked. (AADSTS50173)", "F43");
    assert_eq!(remedy, "Let an administrator sign in again for this connection.");
    assert_eq!(vault.rotations(), 1);
    // What was signed in within the same second counts as before.
    tenant.advance(2).await;
    let (again, _) = signed_in(&tenant, &name).await;
    assert!(again.facts().await.is_ok(), "signing in again helps");
}

#[tokio::test]
async fn a_challenge_of_the_simulated_graph_is_met_for_an_app_and_for_a_person() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let (person, vault) = signed_in(&tenant, &name).await;
    assert!(person.people_page(None).await.is_ok());
    let app = tenant.reader();
    assert!(app.people_page(None).await.is_ok());
    tenant.set(&json!({ "claims_challenge": true })).await;
    assert!(app.people_page(None).await.is_ok(), "1.7");
    assert!(person.people_page(None).await.is_ok(), "1.7");
    assert_eq!(vault.rotations(), 2, "one new sign-in");
}

/// What of these works is granted, as far as readings can tell.
fn readable(grants: &Grants) -> Vec<Capability> {
    let works = [Work::ApplicationRoster, Work::ApplicationAccess, Work::LicenseInformation];
    let judged = judge(&works, grants);
    let mut found: Vec<Capability> =
        judged.works.iter().flat_map(|rights| &rights.granted).map(|granted| granted.capability).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn asking_finds_the_same_rights_the_token_would_have_named() {
    let tenant = Tenant::small();
    let named = tenant.reader().facts().await.expect("facts");
    tenant.set(&json!({ "opaque_tokens": true })).await;
    let asked = tenant.reader().facts().await.expect("facts");
    assert!(matches!(asked.grants, Grants::Probed { .. }), "{asked:?}");
    assert_eq!(asked.tenant, TenantCheck::Organization);
    let found = readable(&asked.grants);
    assert!(found.contains(&Capability::People) && found.contains(&Capability::Reports), "{found:?}");
    for capability in &found {
        assert!(readable(&named.grants).contains(capability), "{capability} is not granted");
    }
    let writer = tenant.writer().facts().await.expect("facts");
    assert_eq!(writer.tenant, TenantCheck::Address, "the writer may not read the organization");
    assert!(judge(&[Work::Reclamation], &writer.grants).works[0].unknown.len() == 1, "no write is tried");
    assert!(tenant.journal().await.is_empty(), "and nothing happened");
}

/// X7 over the wire: the account loses its role, and only reclamation stops.
#[tokio::test]
async fn the_directory_roles_of_a_person_are_read_from_the_token() {
    let tenant = Tenant::small();
    let (name, user_id) = somebody(&tenant).await;
    let roles = async |names: &[&str]| {
        tenant.patch(user_id, &json!({ "roles": names })).await;
        let (reader, _) = signed_in(&tenant, &name).await;
        let Grants::Token { access: Access::Delegated, roles: Some(roles), .. } =
            reader.facts().await.expect("facts").grants
        else {
            panic!("a person's token lists roles")
        };
        roles
    };
    let with = roles(&["License Administrator"]).await;
    assert!(with.contains(&DirectoryRole::LicenseAdministrator.template_id()), "{with:?}");
    let reduced = roles(&["Reports Reader"]).await;
    let permissions = ["LicenseAssignment.ReadWrite.All", "Reports.Read.All"].map(str::to_owned).into();
    let grants = Grants::Token { access: Access::Delegated, permissions, roles: Some(reduced) };
    let judged = judge(&[Work::ApplicationAccess, Work::Reclamation], &grants);
    assert!(judged.works[0].can_run() && !judged.works[1].can_run(), "X7: {judged:#?}");
}
