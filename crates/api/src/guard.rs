//! What stands before every handler of the interface, in this order: where a change comes from, who is
//! calling, whether they may, whether it was answered before.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::{api_token, csrf};
use crate::caller::authenticate;
use crate::idempotency;
use crate::problem::Problem;
use crate::routes::{Access, Repeat, Route};
use crate::state::ApiState;

#[derive(Clone)]
struct Rule {
    state: ApiState,
    access: Access,
    repeat: Repeat,
}

/// Puts every route behind its rule.
pub fn mount(table: Vec<Route>, state: &ApiState) -> Router<ApiState> {
    let mut router = OpenApiRouter::<ApiState>::default();
    for Route { access, repeat, router: (schemas, paths, methods) } in table {
        let rule = Rule { state: state.clone(), access, repeat };
        router = router.routes((schemas, paths, methods.route_layer(from_fn_with_state(rule, guard))));
    }
    router.into()
}

async fn guard(State(rule): State<Rule>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let Rule { state, access, repeat } = rule;
    // A browser never adds a bearer token by itself, so whoever sends one is no other site's victim.
    if csrf::is_unsafe(request.method()) && api_token::read(request.headers()).is_none() {
        csrf::check_origin(request.headers(), &state.public_url)?;
    }
    let caller = match access {
        Access::Public => None,
        Access::SignedIn | Access::Needs(_) => authenticate(&state, request.method(), request.headers()).await?,
    };
    access.check(caller.as_ref())?;
    let Some(caller) = caller else { return Ok(next.run(request).await) };
    let account_id = caller.caller.account_id;
    request.extensions_mut().insert(caller);
    match (repeat, idempotency::key_of(request.headers())?) {
        (Repeat::Answered, Some(key)) => idempotency::once(&state, account_id, &key, request, next).await,
        (Repeat::Answered, None) | (Repeat::Harmless | Repeat::Secret, _) => Ok(next.run(request).await),
    }
}
