//! Graph wants more than the token claims (continuous access evaluation, graph-facts 1.7), and refresh
//! tokens in cases the simulated platform does not play.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reseat_connectors::graph::{Credentials, Secret};
use reseat_connectors::{ConnectorError, DirectoryReader as _, LicenseWriter as _, WriteOutcome};
use reseat_domain::ids::{SkuId, TenantId, UserId};
use reseat_domain::plan::Write;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hostile_server::{Asked, Says, Server, grant, tenant_id, token_of};
use crate::vault::Vault;

const WANTED: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

fn challenge() -> Says {
    let claims = STANDARD.encode(WANTED);
    let header = format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{claims}\"");
    let body = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Continuous access evaluation." } });
    Says::json(401, &body).with("www-authenticate", header)
}

fn people() -> Says {
    Says::json(200, &json!({ "value": [] }))
}

/// The form of a token request, decoded.
fn form(asked: &Asked) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://localhost/?{}", asked.body)).expect("a form");
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn claims_of(asked: &Asked) -> Option<String> {
    form(asked).into_iter().find(|(name, _)| name == "claims").map(|(_, value)| value)
}

fn refused(error: &str, code: u32) -> Says {
    Says::json(400, &json!({ "error": error, "error_codes": [code], "error_description": format!("AADSTS{code}: x") }))
}

#[tokio::test]
async fn a_challenge_is_met_by_one_new_sign_in_with_the_wanted_claims() {
    let server = Server::with_tokens(|asked| if asked.earlier == 0 { challenge() } else { people() }).await;
    assert!(server.reader().people_page(None).await.is_ok());
    let sign_ins = server.asked("/token");
    assert_eq!(sign_ins.len(), 2, "one new sign-in");
    assert_eq!(claims_of(&sign_ins[0]), None);
    assert_eq!(claims_of(&sign_ins[1]).as_deref(), Some(WANTED), "exactly what Graph asked for");
}

#[tokio::test]
async fn a_challenge_that_comes_again_is_an_error_that_says_so() {
    let server = Server::with_tokens(|_| challenge()).await;
    let error = server.reader().people_page(None).await.expect_err("it cannot be met");
    let ConnectorError::SignIn { message, remedy } = &error else { panic!("{error:?}") };
    assert!(message.contains("more than the sign-in service vouches for"), "{message}");
    assert!(remedy.contains("conditional access policy for apps"), "{remedy}");
    assert_eq!((server.asked("/token").len(), server.asked("/users").len()), (2, 2), "one new sign-in, not a storm");
}

#[tokio::test]
async fn a_challenge_only_a_person_can_meet_asks_for_that_person() {
    let server = Server::start(|asked| match claims_of(asked) {
        Some(_) => refused("interaction_required", 50_076),
        None if asked.line.contains("/token") => grant(&token_of(tenant_id())),
        None => challenge(),
    })
    .await;
    let vault = Vault::with(&[&Secret::new("a refresh token"), &Secret::new("the one before")]);
    let reader = server.reader_of(Credentials::signed_in("an app", vault.sign_in()));
    let error = reader.people_page(None).await.expect_err("nobody is there to answer");
    assert_eq!(error.to_string(), "The tenant asks for multi-factor authentication. (AADSTS50076)");
    assert_eq!(error.remedy().as_deref(), Some("Let an administrator sign in again for this connection."));
    assert_eq!(server.asked("/token").len(), 2, "a policy's answer is not tried with the older token");
}

#[tokio::test]
async fn a_challenged_write_is_not_sent_again_and_the_next_one_brings_the_claims() {
    let server =
        Server::with_tokens(|asked| if asked.earlier == 0 { challenge() } else { Says::json(200, &json!({})) }).await;
    let (user_id, sku_id) = (UserId::from_uuid(Uuid::from_u128(7)), SkuId::from_uuid(Uuid::from_u128(8)));
    let write = Write::RemoveLicense { user_id, sku_id };
    let writer = server.writer();
    let first = writer.write(&write, Uuid::from_u128(1), Duration::from_secs(10)).await;
    assert!(!matches!(first, WriteOutcome::Accepted { .. }), "{first:?}");
    assert_eq!(server.asked("assignLicense").len(), 1, "one write, one request");
    writer.write(&write, Uuid::from_u128(2), Duration::from_secs(10)).await;
    assert_eq!(server.asked("assignLicense").len(), 2);
    let sign_ins = server.asked("/token");
    assert_eq!(sign_ins.last().and_then(claims_of).as_deref(), Some(WANTED));
}

/// Tokens of people: which refresh token brings which answer.
async fn refreshing(script: impl Fn(&str) -> Says + Send + Sync + 'static) -> Server {
    Server::start(move |asked| {
        if !asked.line.contains("/token") {
            return people();
        }
        let fields = form(asked);
        let sent = fields.iter().find(|(name, _)| name == "refresh_token").map_or("", |(_, value)| value.as_str());
        script(sent)
    })
    .await
}

fn granted(refresh_token: Option<&str>, tenant: TenantId) -> Says {
    let mut body = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token_of(tenant) });
    if let Some(token) = refresh_token {
        body["refresh_token"] = Value::from(token);
    }
    Says::json(200, &body)
}

#[tokio::test]
async fn the_new_refresh_token_is_stored_before_the_access_token_is_used() {
    let server = refreshing(|_| granted(Some("the next one"), tenant_id())).await;
    let vault = Vault::broken(&Secret::new("a refresh token"));
    let error = server.reader_of(Credentials::signed_in("an app", vault.sign_in())).people_page(None).await;
    assert!(error.is_err(), "1.4");
    assert!(server.asked("/users").is_empty() && server.asked("/organization").is_empty(), "nothing was sent with it");
}

#[tokio::test]
async fn a_service_that_gives_no_new_refresh_token_leaves_the_old_one_in_use() {
    let server = refreshing(|_| granted(None, tenant_id())).await;
    let vault = Vault::with(&[&Secret::new("a refresh token")]);
    let reader = server.reader_of(Credentials::signed_in("an app", vault.sign_in()));
    assert!(reader.people_page(None).await.is_ok());
    assert_eq!((vault.rotations(), vault.kept().len()), (0, 1));
}

#[tokio::test]
async fn a_revoked_sign_in_is_not_tried_with_the_older_token() {
    let server = refreshing(|_| refused("invalid_grant", 50_173)).await;
    let vault = Vault::with(&[&Secret::new("new"), &Secret::new("old")]);
    let error = server.reader_of(Credentials::signed_in("an app", vault.sign_in())).people_page(None).await;
    assert_eq!(error.expect_err("F43").to_string(), "The stored sign-in was revoked. (AADSTS50173)");
    assert_eq!(server.asked("/token").len(), 1);
}

#[tokio::test]
async fn two_stored_tokens_are_tried_and_never_a_third() {
    let server = refreshing(|sent| match sent {
        "old" => granted(Some("next"), tenant_id()),
        _ => refused("invalid_grant", 700_082),
    })
    .await;
    let vault = Vault::with(&[&Secret::new("new"), &Secret::new("middle"), &Secret::new("old")]);
    let error = server.reader_of(Credentials::signed_in("an app", vault.sign_in())).people_page(None).await;
    assert!(error.expect_err("two at most").to_string().contains("AADSTS700082"));
    assert_eq!(server.asked("/token").len(), 2);
}

#[tokio::test]
async fn a_person_of_another_tenant_is_refused_before_anything_is_sent() {
    let another = TenantId::from_uuid(Uuid::from_u128(0xffff));
    let server = refreshing(move |_| granted(Some("next"), another)).await;
    let vault = Vault::with(&[&Secret::new("a refresh token")]);
    let error = server.reader_of(Credentials::signed_in("an app", vault.sign_in())).people_page(None).await;
    assert!(matches!(error, Err(ConnectorError::WrongTenant { .. })), "C1: {error:?}");
    assert!(server.asked("/users").is_empty());
}

#[tokio::test]
async fn no_secret_and_no_token_is_ever_shown() {
    let server = refreshing(|_| refused("invalid_grant", 50_173)).await;
    let vault = Vault::with(&[&Secret::new("hunter2-refresh")]);
    let credentials = Credentials::signed_in("an app", vault.sign_in());
    let shown = format!("{credentials:?}");
    let error = server.reader_of(credentials).people_page(None).await.expect_err("revoked");
    for text in [shown, error.to_string(), format!("{error:?}"), error.remedy().unwrap_or_default()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
