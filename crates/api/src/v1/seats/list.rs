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
