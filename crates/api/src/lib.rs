//! REST, sign-in, and the embedded console.
//!
//! A request passes [`envelope`] (id, time limit, headers), then [`guard`] (origin, who, whether they may,
//! whether it was answered before), then its handler in [`v1`]: one file for one endpoint, extract, command,
//! answer. What may be done is decided by `reseat-domain` and `reseat-engine`, never here.
//!
//! For the command line: [`ApiParts`], [`router`], [`serve`]; [`auth`] to seed accounts and tokens from the host.

pub mod auth;
mod caller;
mod console;
mod envelope;
mod extract;
mod guard;
mod headers;
mod health;
mod idempotency;
mod integration_words;
mod metrics;
pub mod openapi;
mod parts;
mod problem;
mod routes;
mod scalar;
mod serve;
mod state;
#[cfg(test)]
mod tests;
mod v1;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

pub use parts::{ApiParts, DemoControl, Ready};
pub use serve::serve;

use crate::auth::attempts::Attempts;
use crate::auth::password::Passwords;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::state::{ApiState, Inner};

/// The largest body taken, but for a roster.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// The largest roster taken: some hundred thousand people.
pub const ROSTER_LIMIT: usize = 64 * 1024 * 1024;

/// Everything the server answers.
pub fn router(parts: ApiParts) -> Router {
    let ApiParts { engine, public_url, demo, ready, clock } = parts;
    let (passwords, attempts) = (Passwords::default(), Attempts::default());
    let state = ApiState::new(Inner {
        engine,
        clock,
        public_url,
        demo,
        passwords,
        attempts,
        ready,
        metrics: Metrics::default(),
    });
    Router::new()
        .nest(openapi::V1, guard::mount(v1::table(), &state))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .merge(health::router())
        .merge(metrics::router())
        .fallback(console::serve)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), envelope::envelope))
        .layer(CompressionLayer::new())
        .with_state(state)
}
