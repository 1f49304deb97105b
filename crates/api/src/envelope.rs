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
use crate::metrics;
use crate::problem::Problem;
use crate::state::ApiState;

/// How long a request may take. Checking a trail of a million entries takes most of it.
const LONGEST: Duration = Duration::from_secs(120);

/// The outermost layer but compression.
pub async fn envelope(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let id = request_id(&state);
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = request.uri().path());
    let watch = Stopwatch::start();
    let (method, route) = (request.method().clone(), metrics::route_of(&request));
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
    state.metrics.answered(&method, &route, response.status().as_u16(), watch.elapsed());
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response
}

fn request_id(state: &ApiState) -> String {
    // Time-ordered like every id of ours, so that the log and the trail sort alike.
    let millis = u64::try_from(state.clock.now().as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &state.engine.random()).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http::{Method, Request};
    use tower::ServiceExt as _;

    use super::*;
    use crate::auth::attempts::Attempts;
    use crate::auth::password::Passwords;
    use crate::state::Inner;
    use crate::tests::{Api, PUBLIC_URL};

    fn state_of(api: &Api, public_url: &str) -> ApiState {
        ApiState::new(Inner {
            engine: api.world.engine().clone(),
            clock: api.clock.clone(),
            public_url: public_url.to_owned(),
            demo: None,
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            ready: std::sync::Arc::new(|| Ok(())),
            metrics: metrics::Metrics::default(),
        })
    }

    async fn panics() -> &'static str {
        panic!("a fault planted by a test")
    }

    #[tokio::test]
    async fn a_panic_ends_one_request_with_a_problem_and_hsts_is_for_https_only() {
        let api = Api::unsynced().await;
        for (public_url, strict) in [(PUBLIC_URL, false), ("https://reseat.example", true)] {
            let state = state_of(&api, public_url);
            let router: Router = Router::new()
                .route("/", get(panics))
                .layer(from_fn_with_state(state.clone(), envelope))
                .with_state(state);
            let request = Request::get("/").body(axum::body::Body::empty()).expect("a request");
            let answer = router.oneshot(request).await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 500);
            assert_eq!(answer.headers().contains_key("strict-transport-security"), strict);
        }
        api.finish().await;
    }

    #[tokio::test]
    async fn every_answer_carries_its_id_and_tells_the_browser_what_not_to_do() {
        let api = Api::unsynced().await;
        let nobody = api.nobody();
        for uri in ["/", "/api/v1/setup", "/api/v1/overview", "/api/v1/nothing", "/healthz", "/assets/none.js"] {
            let answer = nobody.raw(Method::GET, uri, None).await;
            assert_eq!(answer.header("x-request-id").len(), 36, "{uri}");
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{uri}");
            assert_eq!(answer.header("cache-control"), "no-store", "{uri}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("strict-transport-security", ""),
            ] {
                assert_eq!(answer.header(name), value, "{uri}: {name}");
            }
        }
        let one = nobody.raw(Method::GET, "/healthz", None).await;
        let two = nobody.raw(Method::GET, "/healthz", None).await;
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        api.finish().await;
    }
}
