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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use http::Method;
    use reseat_domain::role::{Role, grants};
    use serde_json::json;

    use super::*;
    use crate::tests::Api;
    use crate::v1;

    /// Every route with its method, its address and its rule.
    fn all() -> Vec<(Method, String, Access)> {
        let mut all = Vec::new();
        for Route { access, router: (_, paths, _), .. } in v1::table() {
            for (path, item) in &paths.paths {
                let slots = [
                    (Method::GET, &item.get),
                    (Method::PUT, &item.put),
                    (Method::POST, &item.post),
                    (Method::DELETE, &item.delete),
                    (Method::PATCH, &item.patch),
                ];
                all.extend(
                    slots
                        .into_iter()
                        .filter(|(_, slot)| slot.is_some())
                        .map(|(method, _)| (method, path.clone(), access)),
                );
            }
        }
        all
    }

    #[test]
    fn who_may_use_which_route() {
        let mut table = String::new();
        for (method, path, access) in all() {
            let rule = match access {
                Access::Public => "public".to_owned(),
                Access::SignedIn => "signed in".to_owned(),
                Access::Needs(permission) => {
                    let roles = Role::ALL.iter().filter(|role| role.grants(permission)).map(|role| role.as_str());
                    format!("{permission}: {}", roles.collect::<Vec<_>>().join(" "))
                }
            };
            let _ = writeln!(table, "{:<6} {path:<44} {rule}", method.as_str());
        }
        insta::assert_snapshot!(table);
    }

    #[tokio::test]
    async fn every_route_refuses_whoever_has_no_role_for_it_and_whoever_is_not_signed_in() {
        let api = Api::unsynced().await;
        let some_id = "00000000-0000-4000-8000-000000000000";
        let mut refused = 0;
        for &role in Role::ALL {
            let client = api.someone(&format!("only {role}"), &[role]).await;
            for (method, template, access) in all() {
                let Access::Needs(permission) = access else { continue };
                if grants(&BTreeSet::from([role]), permission) {
                    continue;
                }
                let path = fill(&template, some_id);
                client.send(method, &path, Some(json!({}))).await.refused(403, "forbidden");
                refused += 1;
            }
        }
        assert!(refused > 50, "{refused}");
        for (method, template, access) in all() {
            if access != Access::Public {
                let path = fill(&template, some_id);
                api.nobody().send(method, &path, Some(json!({}))).await.refused(401, "unauthenticated");
            }
        }
        api.finish().await;
    }

    fn fill(template: &str, id: &str) -> String {
        let parts = template.split('/').map(|part| match part {
            "{action}" => "start",
            "{task}" => "reclamation",
            "{purpose}" => "reader",
            part if part.starts_with('{') => id,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }
}
