//! What a connection finds out about its own rights, and about its tenant.

use std::collections::BTreeSet;

use reseat_connectors::graph::{Credentials, GraphReader, PermissionProbe as _, TenantCheck, authorization};
use reseat_connectors::{ConnectorError, DirectoryReader as _};
use reseat_domain::permission::{Access, Capability, Grants, Work, judge};
use serde_json::json;

use crate::hostile_server::{Says, Server, grant, tenant_id};
use crate::tenant::{QUICK, Tenant};
use crate::vault::Vault;

fn reader(tenant: &Tenant, credentials: Credentials) -> GraphReader {
    GraphReader::new(tenant.cloud(), tenant.id(), credentials, None).expect("a reader").with_patience(QUICK)
}

/// A simulator in which the reader's app was granted these permissions only.
fn granted(permissions: &[&str]) -> (Tenant, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("consent.json");
    std::fs::write(&file, json!({ "reader": permissions }).to_string()).expect("the file can be written");
    let flags = ["--world", "small_office", "--seed", "11", "--consent", file.to_str().expect("text")];
    (Tenant::start(&flags), folder)
}

#[tokio::test]
async fn the_rights_of_each_app_are_read_from_its_token() {
    let tenant = Tenant::small();
    let facts = tenant.reader().facts().await.expect("facts");
    assert_eq!(facts.tenant, TenantCheck::Token);
    assert!(facts.app_name.is_some() && facts.person.is_none(), "{facts:?}");
    let works =
        [Work::ApplicationRoster, Work::ApplicationAccess, Work::LicenseDifferentiation, Work::LicenseInformation];
    let judged = judge(&works, &facts.grants);
    assert!(judged.works.iter().all(|rights| rights.can_run() && rights.missing.is_empty()), "{judged:#?}");

    let writer = tenant.writer().facts().await.expect("facts");
    let rights = judge(&[Work::Reclamation, Work::GroupRemoval, Work::Mail], &writer.grants);
    let can: Vec<bool> = rights.works.iter().map(|rights| rights.can_run()).collect();
    assert_eq!(can, [true, true, false], "{rights:#?}");
}

#[tokio::test]
async fn what_is_missing_is_named_and_a_consent_counts_at_once() {
    let (tenant, _folder) = granted(&["User.Read.All"]);
    let reader = reader(&tenant, tenant.credentials("reader"));
    assert!(reader.people_page(None).await.is_ok(), "a token is in use");
    let missing = |grants: &Grants| -> BTreeSet<&'static str> {
        let judged = judge(&[Work::ApplicationRoster, Work::ApplicationAccess, Work::LicenseInformation], grants);
        judged.works.iter().flat_map(|rights| &rights.missing).filter_map(|missing| missing.permission).collect()
    };
    let before = reader.facts().await.expect("facts");
    assert!(missing(&before.grants).contains("Reports.Read.All"), "{before:?}");
    assert!(!missing(&before.grants).contains("User.Read.All"));
    let back = "http://localhost:9/back";
    let link =
        authorization::consent_url(&tenant.cloud(), tenant.id(), &tenant.app("reader", "client_id"), back, "a state");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    assert_eq!(http.get(link).send().await.expect("consent").status().as_u16(), 302);
    let after = reader.facts().await.expect("facts");
    assert_eq!(missing(&after.grants), BTreeSet::new(), "1.5: new grants are in a new token");
}

#[tokio::test]
async fn a_token_without_any_right_is_a_token_and_says_so() {
    let (tenant, _folder) = granted(&[]);
    let facts = reader(&tenant, tenant.credentials("reader")).facts().await.expect("1.2: it is issued");
    let none = Grants::Token { access: Access::Application, permissions: BTreeSet::new(), roles: None };
    assert_eq!(facts.grants, none);
}

fn denied() -> Says {
    let message = "Insufficient privileges to complete the operation.";
    Says::json(403, &json!({ "error": { "code": "Authorization_RequestDenied", "message": message } }))
}

fn premium() -> Says {
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    Says::json(403, &json!({ "error": { "code": code, "message": "no premium license" } }))
}

/// A Graph whose tokens are opaque, with some rights and not others.
async fn opaque(organization: fn() -> Says) -> Server {
    Server::start(move |asked| {
        let line = &asked.line;
        if line.contains("/token") {
            return grant("EwBwA8l6BAAU-an-opaque-token");
        }
        let has = |part: &str| line.contains(part);
        if has("/organization") {
            organization()
        } else if has("signInActivity") {
            premium()
        } else if has("/reports/") {
            Says {
                status: 302,
                headers: vec![("location", "http://127.0.0.1:9/report".to_owned())],
                body: String::new(),
            }
        } else if has("/users/") || has("/directory/subscriptions") {
            Says::json(404, &json!({ "error": { "code": "Request_ResourceNotFound", "message": "no" } }))
        } else if has("/reportSettings") {
            // 1.7: the doubly encoded refusal.
            let inner = json!({ "error": { "code": "S2SUnauthorized", "message": "Invalid permission." } }).to_string();
            Says::json(403, &json!({ "error": { "code": "UnknownError", "message": inner } }))
        } else if has("/groups") || has("employeeLeaveDateTime") {
            denied()
        } else {
            Says::json(200, &json!({ "value": [{ "id": "00000000-0000-4000-8000-000000000001" }] }))
        }
    })
    .await
}

fn ours() -> Says {
    Says::json(200, &json!({ "value": [{ "id": tenant_id() }] }))
}

#[tokio::test]
async fn an_opaque_token_is_found_out_by_cheap_readings_and_no_write() {
    let server = opaque(ours).await;
    let facts = server.reader().facts().await.expect("facts");
    assert_eq!(facts.tenant, TenantCheck::Organization);
    let Grants::Probed { access: Access::Application, answers } = facts.grants else { panic!("{facts:?}") };
    for (capability, expected) in [
        (Capability::People, Some(true)),
        (Capability::Skus, Some(true)),
        (Capability::Reports, Some(true)),
        (Capability::Groups, Some(false)),
        (Capability::LeaveDate, Some(false)),
        (Capability::ConcealmentSwitch, Some(false)),
        (Capability::SignInDates, None),
        (Capability::Subscriptions, None),
        (Capability::MailboxFacts, None),
        (Capability::LicenseWrite, None),
        (Capability::MembershipWrite, None),
        (Capability::MailSend, None),
    ] {
        assert_eq!(answers.get(&capability).copied(), expected, "{capability}");
    }
    let writes = server.asked("").into_iter().filter(|asked| !asked.line.starts_with("GET"));
    assert!(writes.into_iter().all(|asked| asked.line.contains("/token")), "nothing but sign-in is posted");
    assert!(server.asked("127.0.0.1:9").is_empty(), "the report is not fetched");
}

#[tokio::test]
async fn the_doctor_learns_how_the_tenant_was_compared() {
    let unreadable = opaque(denied).await;
    assert_eq!(unreadable.reader().facts().await.expect("facts").tenant, TenantCheck::Address);
    let another =
        opaque(|| Says::json(200, &json!({ "value": [{ "id": "00000000-0000-4000-8000-00000000ffff" }] }))).await;
    let refused = another.reader().facts().await;
    assert!(matches!(refused, Err(ConnectorError::WrongTenant { .. })), "C1: {refused:?}");
    assert!(another.asked("/users").is_empty(), "nothing is read from a wrong tenant");
}

#[tokio::test]
async fn an_opaque_token_of_a_person_asks_for_no_mailbox_but_their_own() {
    let server = opaque(ours).await;
    let vault = Vault::with(&[&reseat_connectors::graph::Secret::new("a refresh token")]);
    let facts = server.reader_of(Credentials::signed_in("an app", vault.sign_in())).facts().await.expect("facts");
    assert_eq!(facts.grants.access(), Access::Delegated);
    assert!(server.asked("mailboxSettings").is_empty());
}
