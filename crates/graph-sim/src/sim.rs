//! The simulator as one value: world, clock, journal, keys, faults and limits, and the way a request takes through them.

use crate::apps::App;
use crate::cache::Cache;
use crate::caller::{Caller, GRAPH_ID};
use crate::clock::{Clock, Millis, wall_now};
use crate::commands::Command;
use crate::errors::GraphError;
use crate::faults::{Bite, Fault, Faults};
use crate::journal::{Entry, Journal};
use crate::keys::Keys;
use crate::log::{Entry as Logged, Log};
use crate::request::{Reply, Request};
use crate::routes;
use crate::routes::reports::Download;
use crate::seed::mix;
use crate::spoil::after_effect;
use crate::throttle::{Limits, Refused, Throttle, cost, window};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
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
    /// What opaque access tokens stand for.
    pub opaque: Mutex<HashMap<String, String>>,
    pub cache: Mutex<Cache>,
    pub log: Mutex<Log>,
    /// Requests with sign-ins so far (9#3).
    pub sign_in_requests: AtomicU64,
    /// License writes so far (4.1).
    pub license_writes: AtomicU64,
    /// Graph requests so far, for early 429s (6.1).
    pub graph_requests: AtomicU64,
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

/// What every answer says about where it came from.
const DIAGNOSTIC: &str = "{\"ServerInfo\":{\"DataCenter\":\"Simulated\",\"Slice\":\"E\",\"Ring\":\"5\",\"ScaleUnit\":\"000\",\"RoleInstance\":\"SIM\"}}";

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

    /// What an app may do now; a consent takes its time to reach new tokens (1.5).
    pub fn permissions(&self, app: &App) -> Vec<String> {
        let now = self.now();
        let world = self.read_world();
        let Some(state) = world.apps.get(&app.client_id) else { return app.permissions.clone() };
        if let Some(set) = &state.permissions {
            return set.clone();
        }
        let reached = state.consented.is_some_and(|at| now - at >= world.settings.consent_delay_ms);
        if reached { app.declared.clone() } else { app.permissions.clone() }
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
        let path = segments.strip_prefix(&["v1.0"]).or_else(|| segments.strip_prefix(&["beta"])).unwrap_or(&segments);
        self.note(&request, path, &reply);
        let client_request_id = request.header("client-request-id").unwrap_or(&request.request_id).to_owned();
        reply = reply
            .and_header("request-id", request.request_id.clone())
            .and_header("client-request-id", client_request_id)
            .and_header("x-ms-ags-diagnostic", DIAGNOSTIC);
        reply.delay_ms += self.latency_ms;
        reply
    }

    /// Writes a request into the log of requests.
    fn note(&self, request: &Request, segments: &[&str], reply: &Reply) {
        let operation = operation_name(request, segments);
        let (_, path) = operation.split_once(' ').unwrap_or(("", ""));
        let mut query: Vec<String> = request.query.iter().map(|(name, _)| name.clone()).collect();
        query.sort_unstable();
        locked(&self.log).push(Logged {
            seq: 0,
            at: crate::clock::millis_text(self.now()),
            wall_ms: wall_now(),
            method: request.method.clone(),
            path: path.to_owned(),
            query,
            app_id: reply.app_id.clone(),
            status: reply.status,
            units: reply.units,
            bytes: reply.body.len(),
            in_batch: request.in_batch,
            request_id: request.request_id.clone(),
        });
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
        self.note(request, &segments, &reply);
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
            Err(refused) => {
                let more = refused.challenge.unwrap_or_default();
                let authority = self.read_world().settings.cloud.authority();
                return refuse(&refused.error).and_header(
                    "www-authenticate",
                    format!("Bearer realm=\"\", authorization_uri=\"https://{authority}/common/oauth2/authorize\", client_id=\"{GRAPH_ID}\"{more}"),
                );
            }
        };
        let cost = cost(request, segments);
        let percentage = match self.charge(request, segments, beta, &caller, &operation) {
            Ok(percentage) => percentage,
            Err(refused) => {
                let mut reply = self.too_many(&refused, &caller, refuse);
                reply.app_id = Some(caller.app_id);
                return reply;
            }
        };
        let app_id = Some(caller.app_id.clone());
        if bite.is_some_and(|bite| bite.fault == Fault::ForbiddenOnOne) {
            return Reply { app_id, ..refuse(&GraphError::denied()) };
        }
        let call = Call { sim: self, request, caller, now, beta, bite };
        let mut reply = routes::graph(&call, segments).unwrap_or_else(|error| refuse(&error));
        reply = reply.and_header("x-ms-resource-unit", cost.units.to_string());
        if let Some(percentage) = percentage {
            reply = reply.and_header("x-ms-throttle-limit-percentage", format!("{percentage:.2}"));
        }
        if let Some(bite) = bite {
            after_effect(&mut reply, bite);
        }
        (reply.app_id, reply.units) = (app_id, cost.units);
        reply
    }

    /// Charges a call to its windows; how full they are, if nearly so.
    fn charge(
        &self,
        request: &Request,
        segments: &[&str],
        beta: bool,
        caller: &Caller,
        operation: &str,
    ) -> Result<Option<f64>, Refused> {
        let (early, shown, sign_ins_a_minute) = {
            let settings = &self.read_world().settings;
            (settings.early_429_per_mille, settings.throttle_percentage, settings.sign_ins_per_minute)
        };
        let window = window(request, segments, beta);
        let clock = *self.clock.read().unwrap_or_else(PoisonError::into_inner);
        let limits = Limits { tenant: self.tenant_id.to_string(), sign_ins_a_minute, clock };
        let spent =
            locked(&self.throttle).charge(&caller.app_id, operation, cost(request, segments), &window, &limits)?;
        let number = self.graph_requests.fetch_add(1, Ordering::Relaxed);
        if early > 0 && mix(number) % 1000 < early {
            locked(&self.throttle).note_throttled(operation);
            return Err(Refused {
                retry_after: None,
                scope: "Tenant_Application/ReadWrite",
                reason: "CPULimitExceeded",
            });
        }
        Ok(spent.filter(|share| shown && *share >= 0.8))
    }

    fn too_many(&self, refused: &Refused, caller: &Caller, refuse: impl Fn(&GraphError) -> Reply) -> Reply {
        let (hidden, other_code) = {
            let settings = &self.read_world().settings;
            (settings.hide_retry_after, settings.throttled_temporarily)
        };
        let code = if other_code { "Request_ThrottledTemporarily" } else { "TooManyRequests" };
        let mut reply = refuse(&GraphError::new(429, code, "Too many requests"))
            .and_header("x-ms-throttle-scope", format!("{}/{}/{}", refused.scope, caller.app_id, self.tenant_id))
            .and_header("x-ms-throttle-information", refused.reason);
        if let Some(seconds) = refused.retry_after.filter(|_| !hidden) {
            reply = reply.and_header("retry-after", seconds.to_string());
        }
        reply
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
