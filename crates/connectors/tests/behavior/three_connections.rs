//! The three kinds of connection against the simulated identity platform: client secret, certificate,
//! and a person's sign-in with its refresh tokens (F25, F27, F44, F45).

use std::sync::Arc;

use reseat_connectors::graph::authorization::{Pkce, Redemption, Returned, consent_url, redeem_code};
use reseat_connectors::graph::{
    ClientProof, Cloud, Credentials, GraphReader, PermissionProbe as _, Secret, SignedIn, SigningAlgorithm,
    TenantCheck, WallClock,
};
use reseat_connectors::{ConnectorError, DirectoryReader as _};
use reseat_domain::ids::TenantId;
use reseat_domain::permission::{Access, Grants};
use uuid::Uuid;

use crate::browser::{
    BACK, Browsed, NONCE, browse, browser, certificate, delegated, machine_clock, reader, redeem, sentence, somebody,
};
use crate::tenant::{QUICK, Tenant, everybody, fault, seats};
use crate::vault::Vault;

#[tokio::test]
async fn a_certificate_signs_in_with_either_algorithm_and_reads_what_a_secret_reads() {
    let tenant = Tenant::small();
    let client_id = tenant.app("reader", "client_id");
    for algorithm in [SigningAlgorithm::Ps256, SigningAlgorithm::Rs256] {
        let certificate = certificate(&tenant, algorithm, machine_clock());
        let reader = reader(&tenant, Credentials::certificate(&client_id, certificate));
        let people = everybody(&reader).await.expect("section 1.3");
        assert_eq!((people.len(), seats(&people)), (tenant.number("users"), tenant.number("seats")), "{algorithm:?}");
        let facts = reader.facts().await.expect("facts");
        assert_eq!((facts.tenant, facts.grants.access()), (TenantCheck::Token, Access::Application));
    }
}

#[tokio::test]
async fn a_certificate_the_app_does_not_have_is_refused_with_what_to_upload() {
    let tenant = Tenant::small();
    let other = Tenant::start(&["--world", "small_office", "--seed", "12"]);
    let elsewhere = certificate(&other, SigningAlgorithm::Ps256, machine_clock());
    let reader = reader(&tenant, Credentials::certificate(tenant.app("reader", "client_id"), elsewhere));
    let (message, remedy) = sentence(everybody(&reader).await);
    assert_eq!(message, "The app's certificate is not accepted. (AADSTS700027)", "1.6");
    assert!(remedy.contains("Upload the certificate"), "{remedy}");
}

#[tokio::test]
async fn an_assertion_signed_by_a_wrong_clock_says_so() {
    let tenant = Tenant::small();
    let slow: WallClock = Arc::new(|| "2020-01-01T00:00:00Z".parse().expect("a moment"));
    let certificate = certificate(&tenant, SigningAlgorithm::Ps256, slow);
    let reader = reader(&tenant, Credentials::certificate(tenant.app("reader", "client_id"), certificate));
    let (message, remedy) = sentence(everybody(&reader).await);
    assert!(message.contains("outside its valid time. (AADSTS700024)"), "1.3: {message}");
    assert!(remedy.contains("clock"));
}

#[tokio::test]
async fn a_person_signs_in_once_and_the_connection_lives_on_by_itself() {
    let tenant = Tenant::small();
    let (name, user_id) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    assert_eq!(
        (redeemed.user_name.as_str(), redeemed.user_id, redeemed.tenant_id),
        (name.as_str(), user_id, tenant.id())
    );
    assert!(redeemed.scopes.contains("User.Read.All"), "{:?}", redeemed.scopes);

    let vault = Vault::with(&[&redeemed.refresh_token]);
    let reader = delegated(&tenant, vault.sign_in());
    assert_eq!(everybody(&reader).await.expect("people").len(), tenant.number("users"));
    assert_eq!(vault.rotations(), 1, "one access token, one new refresh token");
    let kept = vault.kept();
    assert!(kept.len() == 2 && kept[1] == redeemed.refresh_token && kept[0] != kept[1], "1.4: the used one is kept");

    let facts = reader.facts().await.expect("facts");
    assert_eq!(facts.person.as_deref(), Some(name.as_str()));
    let Grants::Token { access: Access::Delegated, permissions, .. } = facts.grants else { panic!("a person's token") };
    assert!(permissions.contains("User.Read.All") && !permissions.contains("Reports.Read.All"), "{permissions:?}");
    assert_eq!(vault.kept()[1], kept[0], "the newest was used, so the oldest is gone");
}

#[tokio::test]
async fn a_web_app_proves_itself_beside_the_person_with_a_secret_or_a_certificate() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let proofs = [
        ClientProof::Secret(Secret::new(tenant.app("reader", "client_secret"))),
        ClientProof::Certificate(certificate(&tenant, SigningAlgorithm::Ps256, machine_clock())),
    ];
    for proof in proofs {
        let redeemed = redeem(&tenant, &browse(&tenant, &name).await, Some(&proof)).await.expect("a sign-in");
        let vault = Vault::with(&[&redeemed.refresh_token]);
        let signed_in = SignedIn { client_proof: Some(proof), ..vault.sign_in() };
        assert!(delegated(&tenant, signed_in).people_page(None).await.is_ok());
    }
    let wrong = ClientProof::Secret(Secret::new("not the secret"));
    let refused = redeem(&tenant, &browse(&tenant, &name).await, Some(&wrong)).await;
    assert_eq!(sentence(refused).0, "The client secret is wrong. (AADSTS7000215)");
}

#[tokio::test]
async fn a_code_is_good_once_and_only_for_who_asked() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let browsed = browse(&tenant, &name).await;
    assert!(redeem(&tenant, &browsed, None).await.is_ok());
    let (message, remedy) = sentence(redeem(&tenant, &browsed, None).await);
    assert_eq!(message, "The code of this sign-in was used already. (AADSTS54005)", "1.4");
    assert_eq!(remedy, "Begin the sign-in again.");

    let stolen = Browsed { pkce: Pkce::new([1; 32]), ..browse(&tenant, &name).await };
    let (message, _) = sentence(redeem(&tenant, &stolen, None).await);
    assert_eq!(message, "The sign-in that came back is not the one that was begun. (AADSTS501481)", "1.4");
}

/// The server died after Microsoft handed out the new token and before it was stored.
#[tokio::test]
async fn a_rotation_that_was_lost_costs_nothing() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    let broken = Vault::broken(&redeemed.refresh_token);
    let before = tenant.requests("GET /users").await;
    let refused = delegated(&tenant, broken.sign_in()).people_page(None).await;
    assert!(refused.is_err(), "an access token whose refresh token is lost is not used: {refused:?}");
    assert_eq!(tenant.requests("GET /users").await, before, "nothing was read with it");
    let vault = Vault::with(&broken.kept().iter().collect::<Vec<_>>());
    assert!(delegated(&tenant, vault.sign_in()).people_page(None).await.is_ok(), "1.4: the old one is not revoked");
}

/// What was stored is worth nothing: restored from a copy, or written while the power failed.
#[tokio::test]
async fn where_the_newest_token_is_unknown_the_one_before_it_is_tried_once() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    let unknown = Secret::new("0.not-a-token-of-this-tenant");
    let vault = Vault::with(&[&unknown, &redeemed.refresh_token]);
    assert!(delegated(&tenant, vault.sign_in()).people_page(None).await.is_ok(), "1.4");
    let kept = vault.kept();
    assert!(kept[1] == redeemed.refresh_token && kept[0] != unknown, "the one that worked is kept beside its new one");

    let both_unknown = Vault::with(&[&unknown, &Secret::new("0.nor-this")]);
    let (message, remedy) = sentence(delegated(&tenant, both_unknown.sign_in()).people_page(None).await);
    assert_eq!(message, "The stored sign-in is not accepted. (AADSTS9002313)");
    assert_eq!(remedy, "Let an administrator sign in again for this connection.");
}

#[tokio::test]
async fn an_account_that_was_disabled_ends_the_sign_in_with_its_reason() {
    let tenant = Tenant::small();
    let (name, user_id) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    tenant.patch(user_id, &serde_json::json!({ "account_enabled": false })).await;
    let vault = Vault::with(&[&redeemed.refresh_token, &redeemed.refresh_token]);
    let (message, remedy) = sentence(delegated(&tenant, vault.sign_in()).people_page(None).await);
    assert_eq!(message, "The account that signed in is disabled. (AADSTS50057)", "F43");
    assert!(remedy.contains("working account"));
    assert_eq!(vault.rotations(), 0);
}

#[tokio::test]
async fn before_anybody_signed_in_the_connection_says_that() {
    let tenant = Tenant::small();
    let vault = Vault::with(&[]);
    let (message, _) = sentence(delegated(&tenant, vault.sign_in()).people_page(None).await);
    assert_eq!(message, "Nobody has signed in for this connection yet.");
}

#[tokio::test]
async fn a_wrong_tenant_is_refused_for_every_kind_of_proof() {
    let tenant = Tenant::small();
    let elsewhere = TenantId::from_uuid(Uuid::from_u128(2));
    let vault = Vault::with(&[&Secret::new("0.a-token")]);
    let client_id = tenant.app("reader", "client_id");
    for credentials in [
        tenant.credentials("reader"),
        Credentials::certificate(&client_id, certificate(&tenant, SigningAlgorithm::Ps256, machine_clock())),
        Credentials::signed_in(&client_id, vault.sign_in()),
    ] {
        let reader = GraphReader::new(tenant.cloud(), elsewhere, credentials, None).expect("a reader");
        let (message, _) = sentence(reader.with_patience(QUICK).people_page(None).await);
        assert_eq!(message, "Microsoft knows no tenant with this id. (AADSTS90002)");
    }
}

#[tokio::test]
async fn an_administrator_consents_or_declines_by_the_link() {
    let tenant = Tenant::small();
    let link = consent_url(&tenant.cloud(), tenant.id(), &tenant.app("writer", "client_id"), BACK, "a state");
    let consented = Returned::read(&browser(&link).await, tenant.id()).expect("an answer");
    assert_eq!(consented, Returned::Consented { tenant_id: tenant.id(), state: "a state".to_owned() }, "1.5");
    let declined = Returned::read(&browser(&format!("{link}&prompt=deny")).await, tenant.id()).expect("an answer");
    let Returned::Refused { message, remedy, state } = declined else { panic!("1.5: {declined:?}") };
    assert_eq!(message, "The administrator declined to consent. (AADSTS65004)");
    assert!(remedy.contains("consent link") && state.as_deref() == Some("a state"));
    let elsewhere = Returned::read(&browser(&link).await, TenantId::from_uuid(Uuid::from_u128(2)));
    assert!(matches!(elsewhere, Err(ConnectorError::WrongTenant { .. })), "C1: {elsewhere:?}");
}

#[tokio::test]
async fn many_readings_at_once_rotate_the_refresh_token_once() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    let vault = Vault::with(&[&redeemed.refresh_token]);
    let reader = Arc::new(delegated(&tenant, vault.sign_in()));
    let readings: Vec<_> = (0..8)
        .map(|_| {
            let reader = Arc::clone(&reader);
            tokio::spawn(async move { reader.people_page(None).await.is_ok() })
        })
        .collect();
    for reading in readings {
        assert!(reading.await.expect("no reading panics"));
    }
    assert_eq!(vault.rotations(), 1);
}

/// Several servers on one database share the stored tokens, and each rotates them.
#[tokio::test]
async fn several_servers_live_on_one_sign_in() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    let vault = Vault::with(&[&redeemed.refresh_token]);
    let servers = [delegated(&tenant, vault.sign_in()), delegated(&tenant, vault.sign_in())];
    for server in servers.iter().cycle().take(6) {
        assert!(server.facts().await.is_ok());
    }
    assert_eq!(vault.rotations(), 6);
}

#[tokio::test]
async fn a_disturbed_refresh_is_tried_again_and_loses_no_token() {
    let tenant = Tenant::small();
    let (name, _) = somebody(&tenant).await;
    let redeemed = redeem(&tenant, &browse(&tenant, &name).await, None).await.expect("a sign-in");
    let vault = Vault::with(&[&redeemed.refresh_token]);
    for (name, times) in [
        ("5xx-before-effect", 2),
        ("429-without-retry-after", 2),
        ("truncated-answer", 2),
        ("html-from-proxy", 1),
        ("reset-before-first-byte", 2),
    ] {
        tenant.plant(&fault(name, "/oauth2/v2.0/token", times, 3)).await;
        assert!(delegated(&tenant, vault.sign_in()).people_page(None).await.is_ok(), "{name}");
        assert_eq!(tenant.bitten().await, times, "{name}");
        tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn every_kind_of_proof_works_over_https_with_a_private_authority() {
    let tenant = Tenant::small();
    let https = tenant.text("https_url");
    let cloud = Cloud::custom(https, https).expect("https is allowed");
    let ca_file = std::path::PathBuf::from(tenant.text("ca_file"));
    let client_id = tenant.app("reader", "client_id");
    let (name, _) = somebody(&tenant).await;
    let browsed = browse(&tenant, &name).await;
    let redemption = Redemption {
        client_id: &client_id,
        client_proof: None,
        code: &browsed.code,
        redirect_uri: BACK,
        pkce: &browsed.pkce,
        nonce: NONCE,
    };
    let stranger = redeem_code(&cloud, tenant.id(), &redemption, None).await;
    assert!(stranger.is_err(), "the authority is trusted for the connection that names it, and by nobody else");
    let redeemed = redeem_code(&cloud, tenant.id(), &redemption, Some(&ca_file)).await.expect("a sign-in");
    let vault = Vault::with(&[&redeemed.refresh_token]);
    for credentials in [
        tenant.credentials("reader"),
        Credentials::certificate(&client_id, certificate(&tenant, SigningAlgorithm::Ps256, machine_clock())),
        Credentials::signed_in(&client_id, vault.sign_in()),
    ] {
        let reader = GraphReader::new(cloud.clone(), tenant.id(), credentials, Some(&ca_file)).expect("a reader");
        assert!(reader.with_patience(QUICK).people_page(None).await.is_ok());
    }
}
