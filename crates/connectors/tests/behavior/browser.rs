//! A person with a browser, and the connections that follow from it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::header::LOCATION;
use reseat_connectors::ConnectorError;
use reseat_connectors::graph::authorization::{
    Pkce, Redeemed, Redemption, Returned, SignInRequest, redeem_code, sign_in_url,
};
use reseat_connectors::graph::{
    Certificate, ClientProof, Credentials, GraphReader, Secret, SignedIn, SigningAlgorithm, WallClock,
};
use reseat_domain::ids::UserId;
use reseat_domain::permission::{Access, Work, least_for};
use reseat_domain::time::Timestamp;

use crate::tenant::{QUICK, Tenant, everybody};

pub const BACK: &str = "http://localhost:9/back";
pub const NONCE: &str = "a nonce";

pub fn machine_clock() -> WallClock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        Timestamp::from_micros(i64::try_from(since.as_micros()).expect("it fits"))
    })
}

pub fn reader(tenant: &Tenant, credentials: Credentials) -> GraphReader {
    GraphReader::new(tenant.cloud(), tenant.id(), credentials, None).expect("a reader").with_patience(QUICK)
}

pub fn certificate(tenant: &Tenant, algorithm: SigningAlgorithm, clock: WallClock) -> Arc<Certificate> {
    let pem = std::fs::read(tenant.app("reader", "certificate_file")).expect("the file the ready line names");
    Arc::new(Certificate::from_pem(&pem, algorithm, clock).expect("a certificate"))
}

pub fn sentence<T: std::fmt::Debug>(result: Result<T, ConnectorError>) -> (String, String) {
    match result {
        Err(ConnectorError::SignIn { message, remedy }) => (message, remedy),
        other => panic!("it must not sign in: {other:?}"),
    }
}

/// Goes where the browser is sent and gives the query it comes back with.
pub async fn browser(url: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let answer = http.get(url).send().await.expect("the sign-in page answers");
    let location = answer.headers().get(LOCATION).expect("it sends the browser back").to_str().expect("text");
    assert!(location.starts_with(BACK), "{location}");
    location.split_once('?').expect("a query").1.to_owned()
}

pub struct Browsed {
    pub code: Secret,
    pub pkce: Pkce,
}

/// Signs somebody in for the reader's app.
pub async fn browse(tenant: &Tenant, who: &str) -> Browsed {
    let pkce = Pkce::new([42; 32]);
    let scopes = least_for(Access::Delegated, &[Work::ApplicationRoster, Work::LicenseInformation]);
    let client_id = tenant.app("reader", "client_id");
    let challenge = pkce.challenge();
    let request = SignInRequest {
        client_id: &client_id,
        redirect_uri: BACK,
        state: "a state",
        nonce: NONCE,
        challenge: &challenge,
        scopes: &scopes,
    };
    // The person picks their account on the page.
    let url = format!("{}&login_hint={who}", sign_in_url(&tenant.cloud(), tenant.id(), &request));
    let Ok(Returned::Code { code, state }) = Returned::read(&browser(&url).await, tenant.id()) else {
        panic!("a code comes back")
    };
    assert_eq!(state, "a state");
    Browsed { code, pkce }
}

pub async fn redeem(
    tenant: &Tenant,
    browsed: &Browsed,
    proof: Option<&ClientProof>,
) -> Result<Redeemed, ConnectorError> {
    let client_id = tenant.app("reader", "client_id");
    let redemption = Redemption {
        client_id: &client_id,
        client_proof: proof,
        code: &browsed.code,
        redirect_uri: BACK,
        pkce: &browsed.pkce,
        nonce: NONCE,
    };
    redeem_code(&tenant.cloud(), tenant.id(), &redemption, None).await
}

/// Somebody whose account works.
pub async fn somebody(tenant: &Tenant) -> (String, UserId) {
    let people = everybody(&tenant.reader()).await.expect("people");
    let person = people.iter().find(|person| person.account_enabled).expect("somebody works here");
    (person.user_principal_name.clone(), person.user_id)
}

pub fn delegated(tenant: &Tenant, signed_in: SignedIn) -> GraphReader {
    reader(tenant, Credentials::signed_in(tenant.app("reader", "client_id"), signed_in))
}
