//! What surrounds every request: its id, its time limit, its line in the log, and the headers of its
//! answer. A request runs as its own task: a client that goes away does not stop a command halfway, and
//! a panic ends one request, not the server.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use reseat_engine::clock::Stopwatch;
use tracing::Instrument as _;

use crate::headers;
use crate::problem::Problem;
use crate::state::ApiState;

/// How long a request may take. Checking a trail of a million entries takes most of it.
const LONGEST: Duration = Duration::from_secs(120);

/// The outermost layer but compression.
pub async fn envelope(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let id = request_id(&state);
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = request.uri().path());
    let watch = Stopwatch::start();
    let task = tokio::spawn(tokio::time::timeout(LONGEST, next.run(request)).instrument(span.clone()));
    let mut response = match task.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::unavailable("This took too long and was given up.").into_response(),
        Err(_) => Problem::internal().into_response(),
    };
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.set_request_id(&id);
        *response.body_mut() = problem.to_bytes().into();
    }
    headers::secure(response.headers_mut(), state.is_https());
    response.headers_mut().insert("x-request-id", HeaderValue::try_from(id).expect("an id is plain ASCII"));
    let millis = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response
}

fn request_id(state: &ApiState) -> String {
    // Time-ordered like every id of ours, so that the log and the trail sort alike.
    let millis = u64::try_from(state.clock.now().as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &state.engine.random()).into_uuid().to_string()
}
