//! The simulator as one value: world, clock, journal, keys, faults and limits, and the way a request takes through them.

use crate::apps::{App, covers};
use crate::clock::{Clock, Millis};
use crate::commands::Command;
use crate::errors::GraphError;
use crate::faults::{Bite, Fault, Faults};
use crate::journal::{Entry, Journal};
use crate::keys::Keys;
use crate::request::{Reply, Request, Wire};
use crate::routes;
use crate::routes::reports::Download;
use crate::throttle::{Throttle, cost};
use crate::world::World;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use uuid::Uuid;

/// An authorization code or refresh token we handed out.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client_id: String,
    pub user: u64,
    pub scope: String,
    pub nonce: Option<String>,
    pub redirect_uri: String,
    pub challenge: Option<(String, bool)>,
    pub until: Millis,
    pub used: bool,
}

/// The whole simulator.
pub struct Sim {
    pub world: RwLock<World>,
    pub clock: RwLock<Clock>,
    pub journal: Mutex<Journal>,
    pub apps: Vec<App>,
    pub keys: Keys,
    pub faults: Mutex<Faults>,
    pub throttle: Mutex<Throttle>,
    pub tenant_id: Uuid,
    pub world_name: String,
    /// Scheme and host of the download listeners.
    pub download_http: String,
    pub download_https: String,
    /// Ports of the http and https listeners, by which a scope names this Graph.
    pub ports: [u16; 2],
    pub latency_ms: u64,
    pub grants: Mutex<HashMap<String, Grant>>,
    pub downloads: Mutex<HashMap<String, Download>>,
    /// `jti` of tokens a fault declared dead.
    pub dead_tokens: Mutex<HashSet<String>>,
}

/// Who calls Graph.
#[derive(Clone, Debug)]
pub struct Caller {
    pub app_id: String,
    pub permissions: Vec<String>,
    /// The signed-in person of a delegated token.
    pub user: Option<u64>,
}

/// One Graph call on its way.
pub struct Call<'a> {
    pub sim: &'a Sim,
    pub request: &'a Request,
    pub caller: Caller,
    pub now: Millis,
    pub beta: bool,
    pub bite: Option<Bite>,
}

/// A lock whose holder panicked is still good: every change is a single assignment away from whole.
pub fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sim {
    pub fn now(&self) -> Millis {
        self.clock.read().unwrap_or_else(PoisonError::into_inner).now()
    }

    /// The `Date` header: clients compare it with the clock they follow.
    pub fn http_date(&self) -> String {
        crate::clock::http_date(self.now())
    }

    pub fn read_world(&self) -> RwLockReadGuard<'_, World> {
        let now = self.now();
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        if !world.has_due(now) {
            return world;
        }
        drop(world);
        self.world.write().unwrap_or_else(PoisonError::into_inner).settle(now);
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides a change under the write lock, makes it durable, then lets it happen.
    pub fn change(&self, decide: impl FnOnce(&World) -> Result<Command, GraphError>) -> Result<(), GraphError> {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        world.settle(now);
        let command = decide(&world)?;
        locked(&self.journal).append(now, &command).map_err(|error| {
            tracing::error!(%error, "the journal cannot be written");
            GraphError::new(500, "InternalServerError", "the simulator's journal cannot be written")
        })?;
        world.run(now, &command);
        Ok(())
    }

    /// What an app may do now.
    pub fn permissions<'a>(&self, app: &'a App) -> &'a [String] {
        if self.read_world().consented.contains(&app.client_id) { &app.declared } else { &app.permissions }
    }

    /// Runs what a journal recorded.
    pub fn replay(world: &mut World, entries: &[Entry]) {
        for entry in entries {
            world.run(entry.at, &entry.command);
        }
    }

    /// Answers a request of any kind.
    pub fn handle(&self, mut request: Request) -> Reply {
        if request.request_id.is_empty() {
            request.request_id = Uuid::new_v4().to_string();
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let mut reply = match segments.as_slice() {
            ["_sim", rest @ ..] => return routes::control::route(self, &request, rest),
            [version @ ("v1.0" | "beta"), rest @ ..] => self.graph(&request, rest, *version == "beta"),
            rest => self.identity(&request, rest),
        };
        let client_request_id = request.header("client-request-id").unwrap_or(&request.request_id).to_owned();
        reply = reply
            .and_header("request-id", request.request_id.clone())
            .and_header("client-request-id", client_request_id);
        reply.delay_ms += self.latency_ms;
        reply
    }

    fn identity(&self, request: &Request, segments: &[&str]) -> Reply {
        let bite = locked(&self.faults).bite(request, segments);
        if let Some(reply) = bite.and_then(|bite| self.before_effect(request, bite)) {
            return reply;
        }
        if bite.is_some_and(|bite| bite.fault == Fault::TokenRevoked) {
            return routes::token::refuse(
                self,
                request,
                401,
                "invalid_client",
                7_000_222,
                "The provided client secret keys for the app are expired.",
            );
        }
        let mut reply = routes::identity(self, request, segments);
        locked(&self.throttle).note(&format!("{} {}", request.method, segments.last().copied().unwrap_or_default()));
        if let Some(bite) = bite {
            after_effect(&mut reply, bite);
        }
        reply
    }

    /// Answers on the download host: reports, and nothing else.
    pub fn download(&self, request: &Request) -> Reply {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let bite = locked(&self.faults).bite(request, &segments);
        if let Some(reply) = bite.and_then(|bite| self.before_effect(request, bite)) {
            return reply;
        }
        locked(&self.throttle).note("GET /data/download");
        let (mut reply, spoiled) = routes::reports::download(self, request);
        reply.delay_ms += self.latency_ms;
        if let Some(bite) = bite.or(spoiled) {
            after_effect(&mut reply, bite);
        }
        reply
    }

    fn graph(&self, request: &Request, segments: &[&str], beta: bool) -> Reply {
        let now = self.now();
        let refuse = |error: &GraphError| {
            let client = request.header("client-request-id").unwrap_or(&request.request_id);
            Reply::json(error.status, &error.body(now, &request.request_id, client))
        };
        let operation = operation_name(request, segments);
        let bite = locked(&self.faults).bite(request, segments);
        if let Some(reply) = bite.and_then(|bite| self.before_effect(request, bite)) {
            if reply.status == 429 {
                locked(&self.throttle).note_throttled(&operation);
            }
            return reply;
        }
        let caller = match self.caller(request, now, bite) {
            Ok(caller) => caller,
            Err(error) => return refuse(&error).and_header(
                "www-authenticate",
                "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
            ),
        };
        let cost = cost(request, segments);
        let report = match segments {
            ["reports", function, ..] => Some(function.split('(').next().unwrap_or_default()),
            _ => None,
        };
        if let Err(refused) = locked(&self.throttle).charge(&caller.app_id, &operation, cost, report) {
            let error = GraphError::new(429, "TooManyRequests", "Too many requests");
            return refuse(&error)
                .and_header("retry-after", refused.retry_after.to_string())
                .and_header("x-ms-throttle-scope", format!("{}/{}/{}", refused.scope, caller.app_id, self.tenant_id))
                .and_header("x-ms-throttle-information", refused.reason);
        }
        if bite.is_some_and(|bite| bite.fault == Fault::ForbiddenOnOne) {
            return refuse(&GraphError::denied());
        }
        let call = Call { sim: self, request, caller, now, beta, bite };
        let mut reply = routes::graph(&call, segments).unwrap_or_else(|error| refuse(&error));
        reply = reply.and_header("x-ms-resource-unit", cost.units.to_string());
        if let Some(bite) = bite {
            after_effect(&mut reply, bite);
        }
        reply
    }

    /// Faults that answer in Graph's place before anything happened.
    fn before_effect(&self, request: &Request, bite: Bite) -> Option<Reply> {
        let now = self.now();
        let client = request.header("client-request-id").unwrap_or(&request.request_id);
        let throttled = || {
            Reply::json(
                429,
                &GraphError::new(429, "TooManyRequests", "Too many requests").body(now, &request.request_id, client),
            )
        };
        Some(match bite.fault {
            Fault::ThrottledWithRetryAfter | Fault::ThrottleStorm | Fault::ThrottledInsideBatch => throttled().and_header("retry-after", (1 + bite.draw % 3).to_string()),
            Fault::ThrottledWithoutRetryAfter => throttled(),
            Fault::ServerErrorBeforeEffect => server_error(bite, now, request),
            Fault::ResetBeforeFirstByte => Reply { wire: Wire::Reset, ..Reply::empty(500) },
            Fault::HtmlFromProxy => Reply::with_type(200, "text/html", b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Please accept the terms of use.</body></html>".to_vec()),
            Fault::ThrottledAfterEffect
            | Fault::BatchIdsWrong
            | Fault::ServerErrorAfterEffect
            | Fault::ResetAfterEffect
            | Fault::TruncatedAnswer
            | Fault::TokenExpired
            | Fault::TokenRevoked
            | Fault::ForbiddenOnOne
            | Fault::Slow
            | Fault::StaleRead
            | Fault::FlickeringRead
            | Fault::ReAssignedByAnother
            | Fault::BecameInherited
            | Fault::AlreadyGone
            | Fault::PlansChanged
            | Fault::NextLinkExpiredOrLooping
            | Fault::DeltaExpired => return None,
        })
    }

    fn caller(&self, request: &Request, now: Millis, bite: Option<Bite>) -> Result<Caller, GraphError> {
        let unauthorized = |text: &str| GraphError::new(401, "InvalidAuthenticationToken", text);
        let token = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let token = token.ok_or_else(|| unauthorized("Access token is empty."))?;
        let claims = self
            .keys
            .read(token)
            .ok_or_else(|| unauthorized("IDX14100: JWT is not well formed or its signature is not valid."))?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("tid") != self.tenant_id.to_string()
            || claims.get("aud").and_then(Value::as_str) == Some(&text("appid"))
        {
            return Err(unauthorized("Access token validation failure. Invalid audience."));
        }
        let token_id = text("uti");
        if bite.is_some_and(|bite| matches!(bite.fault, Fault::TokenExpired | Fault::TokenRevoked)) {
            locked(&self.dead_tokens).insert(token_id.clone());
        }
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
        if expires <= now / 1000 || locked(&self.dead_tokens).contains(&token_id) {
            return Err(unauthorized("Lifetime validation failed, the token is expired."));
        }
        let mut permissions: Vec<String> = claims
            .get("roles")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(ToOwned::to_owned)
            .collect();
        permissions.extend(text("scp").split(' ').filter(|scope| !scope.is_empty()).map(ToOwned::to_owned));
        let user = claims
            .get("oid")
            .and_then(Value::as_str)
            .filter(|_| claims.get("scp").is_some())
            .and_then(|oid| self.read_world().find_user(oid));
        Ok(Caller { app_id: text("appid"), permissions, user })
    }
}

impl Caller {
    /// Refuses unless one of the permissions was granted.
    pub fn needs(&self, any_of: &[&str]) -> Result<(), GraphError> {
        if any_of.iter().any(|wanted| covers(&self.permissions, wanted)) { Ok(()) } else { Err(GraphError::denied()) }
    }
}

impl Call<'_> {
    /// Who did it, for the record of effects.
    pub fn actor(&self) -> crate::effects::Actor {
        crate::effects::Actor {
            app_id: Some(self.caller.app_id.clone()),
            request_id: Some(self.request.request_id.clone()),
        }
    }

    /// The address of this version of Graph as the client reached it.
    pub fn root(&self) -> String {
        format!("{}/{}", self.request.base, if self.beta { "beta" } else { "v1.0" })
    }
}

fn server_error(bite: Bite, now: Millis, request: &Request) -> Reply {
    let (status, code) =
        [(500, "InternalServerError"), (502, "BadGateway"), (503, "ServiceUnavailable"), (504, "GatewayTimeout")]
            [usize::try_from(bite.draw % 4).unwrap_or(0)];
    let client = request.header("client-request-id").unwrap_or(&request.request_id);
    Reply::json(status, &GraphError::new(status, code, "An error has occurred.").body(now, &request.request_id, client))
}

/// Faults that spoil the answer although everything happened.
fn after_effect(reply: &mut Reply, bite: Bite) {
    match bite.fault {
        Fault::ThrottledAfterEffect => {
            *reply = Reply::json(
                429,
                &serde_json::json!({"error": {"code": "TooManyRequests", "message": "Too many requests"}}),
            )
            .and_header("retry-after", (1 + bite.draw % 3).to_string());
        }
        Fault::ServerErrorAfterEffect => {
            let status = [500, 502, 503, 504][usize::try_from(bite.draw % 4).unwrap_or(0)];
            *reply = Reply::json(status, &serde_json::json!({"error": {"code": "UnknownError", "message": ""}}));
        }
        Fault::ResetAfterEffect => reply.wire = Wire::Reset,
        // A redirect is never truncated: the download it leads to is.
        Fault::TruncatedAnswer if reply.status == 302 => {}
        // Of an answer without a body nothing can be missing but the answer.
        Fault::TruncatedAnswer if reply.body.len() < 2 => reply.wire = Wire::Reset,
        Fault::TruncatedAnswer => {
            let keep = 1 + usize::try_from(bite.draw >> 1).unwrap_or(7) % (reply.body.len() - 1);
            // One in two keeps the connection whole: the answer then looks complete and is not.
            if bite.draw & 1 == 0 {
                reply.cut_to(keep);
            } else {
                reply.body.truncate(keep);
            }
        }
        Fault::Slow => reply.delay_ms += bite.delay_ms,
        // These had their say before the effect, or within the route.
        Fault::ThrottledWithRetryAfter
        | Fault::ThrottledWithoutRetryAfter
        | Fault::ThrottleStorm
        | Fault::ThrottledInsideBatch
        | Fault::BatchIdsWrong
        | Fault::ServerErrorBeforeEffect
        | Fault::ResetBeforeFirstByte
        | Fault::TokenExpired
        | Fault::TokenRevoked
        | Fault::ForbiddenOnOne
        | Fault::HtmlFromProxy
        | Fault::StaleRead
        | Fault::FlickeringRead
        | Fault::ReAssignedByAnother
        | Fault::BecameInherited
        | Fault::AlreadyGone
        | Fault::PlansChanged
        | Fault::NextLinkExpiredOrLooping
        | Fault::DeltaExpired => {}
    }
}

/// The operation as statistics name it: ids replaced, so that a tenant of any size has few.
fn operation_name(request: &Request, segments: &[&str]) -> String {
    let path: Vec<&str> = segments
        .iter()
        .enumerate()
        .map(|(at, segment)| match segment.split_once('(') {
            Some((name, _)) => name,
            None if at > 0 && (segment.parse::<Uuid>().is_ok() || segment.contains('@')) => "{id}",
            None => segment,
        })
        .collect();
    format!("{} /{}", request.method, path.join("/"))
}
