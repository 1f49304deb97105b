//! Plans, without their items in a list.

use reseat_domain::ids::{AccountId, PlanId, TenantId};
use reseat_domain::plan::PlanItem;
use reseat_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::query::Query;
use super::{Page, optional};
use crate::error::{StoreError, parse};
use crate::pool::Tx;

/// A plan as a list shows it.
#[derive(Debug, Clone)]
pub struct PlanSummary {
    /// Its id.
    pub id: PlanId,
    /// Hash over tenant and items.
    pub hash: String,
    /// `automatic` or `person`.
    pub origin: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<AccountId>,
    /// Their name.
    pub created_by_name: Option<String>,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
    /// How many items it has.
    pub item_count: i64,
}

/// The place of a plan in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCursor {
    created_at: i64,
    id: PlanId,
}

#[derive(FromRow)]
struct Row {
    id: String,
    hash: String,
    origin: String,
    created_at: i64,
    created_by: Option<String>,
    created_by_name: Option<String>,
    applied_at: Option<i64>,
    item_count: i64,
}

impl Row {
    fn into_summary(self) -> Result<PlanSummary, StoreError> {
        Ok(PlanSummary {
            id: parse("plans", "id", &self.id)?,
            hash: self.hash,
            origin: self.origin,
            created_at: Timestamp::from_micros(self.created_at),
            created_by: optional("plans", "created_by", &self.created_by)?,
            created_by_name: self.created_by_name,
            applied_at: self.applied_at.map(Timestamp::from_micros),
            item_count: self.item_count,
        })
    }
}

fn select(tenant_id: TenantId) -> Query {
    let mut query = Query::new(
        "select l.id, l.hash, l.origin, l.created_at, l.created_by, a.name as created_by_name, l.applied_at,
                (select count(*) from plan_items i where i.tenant_id = l.tenant_id and i.plan_id = l.id) as item_count
         from plans l left join accounts a on a.account_id = l.created_by",
    );
    query.push(" where l.tenant_id = ?", [tenant_id.to_string().into()]);
    query
}

/// A page of plans, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_plans(
    tx: &mut Tx,
    tenant_id: TenantId,
    after: Option<&PlanCursor>,
    limit: i64,
) -> Result<Page<PlanSummary, PlanCursor>, StoreError> {
    let mut query = select(tenant_id);
    if let Some(after) = after {
        query.push(" and (l.created_at, l.id) < (?, ?)", [after.created_at.into(), after.id.to_string().into()]);
    }
    query.push(" order by l.created_at desc, l.id desc limit ?", [(limit + 1).into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    let place = |row: &Row| Ok(PlanCursor { created_at: row.created_at, id: parse("plans", "id", &row.id)? });
    Page::cut(rows, limit, place, Row::into_summary)
}

/// One plan with its items.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_plan(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: PlanId,
) -> Result<Option<(PlanSummary, Vec<PlanItem>)>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("l.id = ?", Some(id.to_string()));
    let Some(row) = query.fetch_one::<Row>(tx).await? else { return Ok(None) };
    let items = crate::plans::find_plan(tx, tenant_id, id).await?.map(|plan| plan.items).unwrap_or_default();
    Ok(Some((row.into_summary()?, items)))
}
