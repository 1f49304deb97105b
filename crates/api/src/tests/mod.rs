//! A world behind the router. Every answer a test gets is held against the document: what is not
//! described, or described and not there, fails the test that saw it.

mod conformance;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use reseat_domain::ids::{AccountId, ApiTokenId};
use reseat_domain::role::Role;
use reseat_engine::Caller;
use reseat_engine::accounts::{NewAccount, create_account_on_host};
use reseat_engine::clock::FixedClock;
use reseat_engine::commands::verify_trail;
use reseat_store::installation::api_tokens::{ApiToken, insert_token};
use reseat_testkit::World;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::auth::{api_token, secret_hash};
use crate::{ApiParts, router};

/// Where the tests' server is reached.
pub const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// A world and the interface over it.
pub struct Api {
    pub world: World,
    /// What time it is for sessions and tokens.
    pub clock: Arc<FixedClock>,
    pub router: Router,
}

impl Api {
    pub fn over(world: World) -> Self {
        Self::with(world, |_| {})
    }

    pub fn with(world: World, change: impl FnOnce(&mut ApiParts)) -> Self {
        let clock = Arc::new(FixedClock::new(world.engine().now()));
        let mut parts = ApiParts::new(world.engine().clone(), PUBLIC_URL, Arc::new(|| Ok(())));
        parts.clock = Arc::clone(&clock) as Arc<dyn reseat_engine::clock::Clock>;
        change(&mut parts);
        Self { world, clock, router: router(parts) }
    }

    /// A world in which nothing was read yet, for what needs no tenant.
    pub async fn unsynced() -> Self {
        Self::over(World::builder().users(20).unsynced().build().await)
    }

    /// A world that was read and judged.
    pub async fn synced() -> Self {
        Self::over(World::builder().build().await)
    }

    /// Whoever is not signed in.
    pub fn nobody(&self) -> Client<'_> {
        Client { api: self, headers: HeaderMap::new() }
    }

    /// A program that acts for somebody.
    pub async fn acting_as(&self, caller: &Caller) -> Client<'_> {
        self.with_token_of(caller.account_id).await
    }

    pub async fn manager(&self) -> Client<'_> {
        self.acting_as(&self.world.cast.manager).await
    }

    pub async fn approver(&self) -> Client<'_> {
        self.acting_as(&self.world.cast.approver).await
    }

    pub async fn admin(&self) -> Client<'_> {
        self.acting_as(&self.world.cast.admin).await
    }

    pub async fn auditor(&self) -> Client<'_> {
        self.acting_as(&self.world.cast.auditor).await
    }

    /// A program that acts for a new account with these roles.
    pub async fn someone(&self, name: &str, roles: &[Role]) -> Client<'_> {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        let new = NewAccount { name: name.to_owned(), password_hash: None, roles, user_id: None };
        let account = create_account_on_host(self.world.engine(), new).await.expect("the account can be made");
        self.with_token_of(account.id).await
    }

    async fn with_token_of(&self, account_id: AccountId) -> Client<'_> {
        let engine = self.world.engine();
        let secret = api_token::new_token(engine.random());
        let token = ApiToken {
            id: ApiTokenId::new(engine.now(), engine.random()),
            account_id,
            name: "test".to_owned(),
            created_at: engine.now(),
            expires_at: None,
            revoked_at: None,
        };
        let mut tx = engine.store().write().await.expect("the database answers");
        insert_token(&mut tx, &token, &secret_hash(&secret)).await.expect("the token is kept");
        tx.commit().await.expect("the token is kept");
        self.nobody().with(header::AUTHORIZATION, &format!("Bearer {secret}"))
    }

    /// Ends the world, which is judged by the simulator's journal and its own trail.
    pub async fn finish(self) {
        drop(self.router);
        let engine = self.world.engine();
        let report = verify_trail(engine.store(), Some(engine.sealer())).await.expect("the trail can be read");
        if report.logs.iter().all(|log| log.entries > 0) {
            self.world.finish().await;
            return;
        }
        // Nothing happened to the tenant; the installation's log has to hold all the same.
        assert_eq!(report.broken, None);
        assert!(self.world.judge().await.is_clean());
        self.world.abandon().await;
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client<'a> {
    api: &'a Api,
    headers: HeaderMap,
}

impl Client<'_> {
    /// Sends this along with each request.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::try_from(value).expect("plain ASCII"));
        self
    }

    pub fn keyed(self, key: &str) -> Self {
        self.with(HeaderName::from_static("idempotency-key"), key)
    }

    pub fn if_match(self, version: &Value) -> Self {
        self.with(header::IF_MATCH, &format!("\"{version}\""))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// An address of version 1.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        let answer = self.raw(method.clone(), &format!("/api/v1{path}"), body).await;
        conformance::check(&method, path, &answer);
        answer
    }

    /// Any address, any body.
    pub async fn raw(&self, method: Method, uri: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        *request.headers_mut().expect("the request is sound") = self.headers.clone();
        let request = match body {
            Some((kind, bytes)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(bytes)),
            None => request.body(Body::empty()),
        };
        let response = self.api.router.clone().oneshot(request.expect("the request is sound")).await;
        let response = response.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("the answer ends");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of an answer that must be good.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        self.body
    }

    /// The problem of an answer that must be a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        self.body
    }
}
