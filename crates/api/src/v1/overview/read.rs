//! `GET /overview`

use axum::extract::State;
use reseat_engine::write_back::why_no_write;
use reseat_store::integration::{find_tenant, list_connections, list_sources};
use reseat_store::read::audit::{self, AuditFilter};
use reseat_store::read::overview;
use reseat_store::rules::find_active_rule;
use reseat_store::trail::Log;

use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::Moment;
use crate::state::ApiState;
use crate::v1::applications::Source;
use crate::v1::applications::connections::ExpiryWarning;
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
    let connections = list_connections(&mut tx, tenant_id).await?;
    let recent = audit::list_entries(&mut tx, Log::Tenant(tenant_id), &AuditFilter::default(), None, RECENT).await?;
    let freeze = FreezeState::read(&mut tx, tenant_id).await?.freeze;
    let waits_because = why_no_write(&state.engine, &mut tx).await?;
    drop(tx);
    let mut answer = Overview::new(now, &tenant, figures, &state.engine.settings().budget);
    answer.freeze = freeze;
    answer.waits_because = waits_because;
    answer.sources = sources.into_iter().map(|row| Source::new(row, &limits, now)).collect();
    answer.warnings = ExpiryWarning::all(&connections, now);
    answer.recent = recent.items.into_iter().map(AuditItem::from).collect();
    answer.next_due_at = state.engine.next_due_at().await?.map(Moment);
    Ok(Json(answer))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn the_first_page_counts_what_there_is_and_prices_only_what_has_a_price() {
        let api = Api::synced().await;
        let auditor = api.auditor().await;
        let before = auditor.get("/overview").await.ok();
        assert!(before["people"].as_i64().is_some_and(|people| people > 100));
        assert!(before["findings"]["idle"].as_i64().is_some_and(|idle| idle > 0));
        assert_eq!(before["recoverable"], json!({}), "no price, no amount");
        assert_eq!(before["candidates"].as_object().map(serde_json::Map::len), Some(13));
        let unpriced = before["unpriced"].as_array().expect("a list");
        let worst = unpriced.first().expect("idle seats without a price");
        let path = format!("/skus/{}/price", worst["sku_id"].as_str().expect("an id"));
        let price = json!({"amount": "10.00", "currency": "eur", "payment_frequency": "monthly"});
        let sku = api.admin().await.put(&path, price).await.ok();
        let idle = sku["idle"].as_i64().expect("a count");
        assert_eq!(sku["recoverable"], json!({"EUR": format!("{}.00", idle * 120)}));
        let after = auditor.get("/overview").await.ok();
        assert_eq!(after["recoverable"], sku["recoverable"]);
        assert_eq!(after["unpriced"].as_array().map(Vec::len), Some(unpriced.len() - 1));
        assert_eq!(after["freeze"], Value::Null);
        assert_eq!(after["sources"].as_array().map(|all| all.len() >= 5), Some(true));
        assert_eq!(after["recent"][0]["verb"], "price.set");
        api.finish().await;
    }
}
