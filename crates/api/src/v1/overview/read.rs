//! `GET /overview`

use axum::extract::State;
use reseat_store::integration::{find_tenant, list_sources};
use reseat_store::read::audit::{self, AuditFilter};
use reseat_store::read::overview;
use reseat_store::rules::find_active_rule;
use reseat_store::trail::Log;

use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::Moment;
use crate::state::ApiState;
use crate::v1::applications::Source;
use crate::v1::audit::AuditItem;
use crate::v1::freeze::FreezeState;
use crate::v1::overview::Overview;

/// How many entries of the trail the page shows.
const RECENT: i64 = 10;

/// What there is, what it costs, what waits.
///
/// Seats without a price are in no amount; `unpriced` names them.
#[utoipa::path(
    get,
    path = "/overview",
    tag = "overview",
    responses((status = 200, description = "The whole picture.", body = Overview)),
)]
pub async fn read_overview(State(state): State<ApiState>) -> Result<Json<Overview>, Problem> {
    let (now, tenant_id) = (state.engine.now(), state.engine.tenant_id());
    let mut tx = state.engine.store().read().await?;
    let tenant = find_tenant(&mut tx, tenant_id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
    let figures = overview::read_overview(&mut tx, tenant_id, now).await?;
    let limits = find_active_rule(&mut tx, tenant_id).await?.map(|rule| rule.limits).unwrap_or_default();
    let sources = list_sources(&mut tx, tenant_id).await?;
    let recent = audit::list_entries(&mut tx, Log::Tenant(tenant_id), &AuditFilter::default(), None, RECENT).await?;
    let freeze = FreezeState::read(&mut tx, tenant_id).await?.freeze;
    drop(tx);
    let mut answer = Overview::new(now, &tenant, figures, &state.engine.settings().budget);
    answer.freeze = freeze;
    answer.sources = sources.into_iter().map(|row| Source::new(row, &limits, now)).collect();
    answer.recent = recent.items.into_iter().map(AuditItem::from).collect();
    answer.next_due_at = state.engine.next_due_at().await?.map(Moment);
    Ok(Json(answer))
}
