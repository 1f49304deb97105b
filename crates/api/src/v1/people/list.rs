//! `GET /people`

use axum::extract::State;
use reseat_store::read::people::{self, PersonCursor, PersonFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::people::Person;
use crate::v1::people::PersonList;
use crate::v1::seats::list::AccountFilter;

/// Which people.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PersonQuery {
    /// Only whose name or address begins with or contains this.
    pub q: Option<String>,
    /// Only of this department.
    pub department: Option<String>,
    /// Only enabled or only disabled accounts.
    #[param(inline)]
    pub account: Option<AccountFilter>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// People of the tenant, by name.
#[utoipa::path(
    get,
    path = "/people",
    tag = "people",
    params(PersonQuery),
    responses((status = 200, description = "People.", body = PersonList)),
)]
pub async fn list_people(
    State(state): State<ApiState>,
    Query(query): Query<PersonQuery>,
) -> Result<Json<PersonList>, Problem> {
    let page = Page::new(query.limit, query.cursor);
    let after: Option<PersonCursor> = page.place()?;
    let account_enabled = query.account.map(AccountFilter::enabled);
    let filter = PersonFilter { q: query.q, department: query.department, account_enabled };
    let mut tx = state.engine.store().read().await?;
    let found = people::list_people(&mut tx, state.engine.tenant_id(), &filter, after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(Person::from).collect();
    Ok(Json(PersonList { items, next_cursor: next_cursor(found.next) }))
}

#[cfg(test)]
mod tests {
    use crate::tests::Api;

    #[tokio::test]
    async fn people_are_found_by_part_of_their_name() {
        let api = Api::synced().await;
        let auditor = api.auditor().await;
        let all = auditor.get("/people?limit=200").await.ok();
        let one = &all["items"][0];
        let name = one["display_name"].as_str().expect("a name").split(' ').next().expect("a word").to_uppercase();
        let found = auditor.get(&format!("/people?q={name}")).await.ok();
        let ids: Vec<_> = found["items"].as_array().expect("items").iter().map(|person| &person["user_id"]).collect();
        assert!(ids.contains(&&one["user_id"]), "{name}: {found:#}");
        let disabled = auditor.get("/people?account=disabled&limit=200").await.ok();
        let states = disabled["items"].as_array().expect("items").iter().map(|person| &person["account_enabled"]);
        assert!(states.clone().count() > 0 && states.into_iter().all(|enabled| enabled == false));
        api.finish().await;
    }
}
