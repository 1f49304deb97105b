//! `GET /seats`

use axum::extract::State;
use reseat_domain::ids::SkuId;
use reseat_store::read::seats::{self, SeatCursor, SeatFilter};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::scalar::{FindingKindName, JustificationName};
use crate::state::ApiState;
use crate::v1::seats::Seat;
use crate::v1::seats::SeatList;

/// Whether sign-in is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountFilter {
    /// Sign-in is allowed.
    Enabled,
    /// Sign-in is not allowed.
    Disabled,
}

/// Which seats.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SeatQuery {
    /// Only of this license type.
    #[param(value_type = Option<String>)]
    pub sku_id: Option<SkuId>,
    /// Only with a finding of this kind.
    #[param(inline)]
    pub kind: Option<FindingKindName>,
    /// Only where this reason holds.
    #[param(inline)]
    pub justification: Option<JustificationName>,
    /// Only of enabled or of disabled accounts.
    #[param(inline)]
    pub account: Option<AccountFilter>,
    /// Only with at least so many whole days without use.
    #[param(minimum = 0)]
    pub min_idle_days: Option<u32>,
    /// Only of people of this department.
    pub department: Option<String>,
    /// Only of people whose name or address begins with or contains this.
    pub q: Option<String>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Seats with their findings, candidates and costs.
#[utoipa::path(
    get,
    path = "/seats",
    tag = "seats",
    params(SeatQuery),
    responses((status = 200, description = "Seats, how many there are under the filter, and what the idle ones cost.", body = SeatList)),
)]
pub async fn list_seats(
    State(state): State<ApiState>,
    Query(query): Query<SeatQuery>,
) -> Result<Json<SeatList>, Problem> {
    let page = Page::new(query.limit, query.cursor.clone());
    let after: Option<SeatCursor> = page.place()?;
    let (filter, tenant_id) = (query.filter(), state.engine.tenant_id());
    let mut tx = state.engine.store().read().await?;
    let found = seats::list_seats(&mut tx, tenant_id, &filter, after.as_ref(), page.limit).await?;
    let totals = seats::count_seats(&mut tx, tenant_id, &filter).await?;
    Ok(Json(SeatList {
        items: found.items.into_iter().map(Seat::from).collect(),
        next_cursor: next_cursor(found.next),
        total: totals.total,
        recoverable: totals.recoverable.into(),
    }))
}

impl SeatQuery {
    fn filter(self) -> SeatFilter {
        SeatFilter {
            sku_id: self.sku_id,
            user_id: None,
            kind: self.kind.map(|kind| kind.0),
            justification: self.justification.map(|justification| justification.0),
            account_enabled: self.account.map(AccountFilter::enabled),
            min_idle_days: self.min_idle_days.map(i64::from),
            department: self.department,
            q: self.q,
        }
    }
}

impl AccountFilter {
    /// Whether sign-in is to be allowed.
    pub const fn enabled(self) -> bool {
        match self {
            Self::Enabled => true,
            Self::Disabled => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use crate::tests::Api;

    #[tokio::test]
    async fn pages_of_seats_miss_and_repeat_nothing_and_the_total_is_of_all_of_them() {
        let api = Api::synced().await;
        let auditor = api.auditor().await;
        let mut seen = BTreeSet::new();
        let mut path = "/seats?kind=idle&limit=7".to_owned();
        let total = loop {
            let page = auditor.get(&path).await.ok();
            for seat in page["items"].as_array().expect("items") {
                assert_eq!(seat["finding"]["kind"], "idle");
                assert!(seat["finding"]["why"].as_str().is_some_and(|why| why.len() > 8), "{seat:#}");
                assert!(seen.insert(seat["seat_id"].as_str().expect("an id").to_owned()), "twice: {seat:#}");
            }
            match &page["next_cursor"] {
                Value::String(cursor) => path = format!("/seats?kind=idle&limit=7&cursor={cursor}"),
                _ => break page["total"].as_u64(),
            }
        };
        assert_eq!(Some(seen.len() as u64), total);
        assert!(seen.len() > 7, "this world has too few idle seats to page through");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_filter_that_is_not_known_or_out_of_range_is_refused_by_its_name() {
        let api = Api::unsynced().await;
        let auditor = api.auditor().await;
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("cursor=zz", "cursor"),
            ("kind=lazy", "kind"),
            ("colour=red", "colour"),
            ("sku_id=power-bi", "sku_id"),
            ("account=gone", "account"),
        ] {
            let refused = auditor.get(&format!("/seats?{query}")).await.refused(422, "invalid");
            assert_eq!(refused["field"], field, "{query}");
        }
        api.finish().await;
    }
}
