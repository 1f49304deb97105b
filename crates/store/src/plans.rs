//! Plans: immutable documents, and which candidates they cover.

use reseat_domain::ids::{AccountId, ApprovalId, CandidateId, PlanId, TenantId};
use reseat_domain::plan::PlanItem;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::{StoreError, parse_json, to_json};
use crate::pool::{Tx, on_either};

/// A plan as it is kept.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Hash over tenant and items.
    pub hash: String,
    /// What it will write.
    pub items: Vec<PlanItem>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; `None` when the engine did, for what was approved.
    pub created_by: Option<AccountId>,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    hash: String,
    items: String,
    created_at: i64,
    created_by: Option<String>,
    applied_at: Option<i64>,
}

/// Keeps a new plan.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_plan(tx: &mut Tx, tenant_id: TenantId, plan: &Plan) -> Result<(), StoreError> {
    let origin = if plan.created_by.is_some() { "person" } else { "automatic" };
    on_either!(&mut *tx, conn =>
        sqlx::query(
            "insert into plans (tenant_id, id, hash, origin, items, created_at, created_by, applied_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant_id.to_string())
        .bind(plan.id.to_string())
        .bind(plan.hash.clone())
        .bind(origin)
        .bind(to_json(&plan.items))
        .bind(plan.created_at.as_micros())
        .bind(plan.created_by.map(|id| id.to_string()))
        .bind(plan.applied_at.map(Timestamp::as_micros))
        .execute(conn)
        .await
        .map(|_| ()))?;
    for chunk in plan.items.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into plan_items (tenant_id, id, plan_id, candidate_id, approval_id, body) ");
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.item_id.to_string())
                    .push_bind(plan.id.to_string())
                    .push_bind(item.candidate_id.to_string())
                    .push_bind(item.approval_id.map(|id| id.to_string()))
                    .push_bind(to_json(item));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// A plan.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_plan(tx: &mut Tx, tenant_id: TenantId, id: PlanId) -> Result<Option<Plan>, StoreError> {
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(
            "select hash, items, created_at, created_by, applied_at from plans where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|row| {
        Ok(Plan {
            id,
            hash: row.hash,
            items: parse_json("plans", "items", &row.items)?,
            created_at: Timestamp::from_micros(row.created_at),
            created_by: crate::error::parse_opt("plans", "created_by", row.created_by.as_deref())?,
            applied_at: row.applied_at.map(Timestamp::from_micros),
        })
    })
    .transpose()
}

/// Marks a plan as applied.
///
/// # Errors
/// [`StoreError::Conflict`] when it was applied already.
pub async fn mark_applied(tx: &mut Tx, tenant_id: TenantId, id: PlanId, now: Timestamp) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query("update plans set applied_at = $3 where tenant_id = $1 and id = $2 and applied_at is null")
            .bind(tenant_id.to_string())
            .bind(id.to_string())
            .bind(now.as_micros())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// The item of the applied plan that covers a candidate under the approval it rests on now, the newest
/// plan first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_applied_item(
    tx: &mut Tx,
    tenant_id: TenantId,
    candidate_id: CandidateId,
    approval_id: ApprovalId,
) -> Result<Option<(PlanId, PlanItem)>, StoreError> {
    let row: Option<(String, String)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select i.plan_id, i.body from plan_items i
             join plans p on p.tenant_id = i.tenant_id and p.id = i.plan_id
             where i.tenant_id = $1 and i.candidate_id = $2 and i.approval_id = $3 and p.applied_at is not null
             order by p.applied_at desc, p.id desc limit 1",
        )
        .bind(tenant_id.to_string())
        .bind(candidate_id.to_string())
        .bind(approval_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(plan_id, body)| {
        Ok((crate::error::parse("plan_items", "plan_id", &plan_id)?, parse_json("plan_items", "body", &body)?))
    })
    .transpose()
}

/// Approved candidates that no applied plan covers under their present approval, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_unplanned(
    tx: &mut Tx,
    tenant_id: TenantId,
    limit: i64,
) -> Result<Vec<crate::candidates::Candidate>, StoreError> {
    let ids: Vec<(String,)> = on_either!(&mut *tx, conn =>
        sqlx::query_as(
            "select c.id from candidates c
             where c.tenant_id = $1 and c.state = 'awaiting_revocation'
               and (c.lease_until is null)
               and not exists (select 1 from plan_items i join plans p on p.tenant_id = i.tenant_id and p.id = i.plan_id
                               where i.tenant_id = c.tenant_id and i.candidate_id = c.id
                                 and i.approval_id = c.approval_id and p.applied_at is not null)
             order by c.id limit $2",
        )
        .bind(tenant_id.to_string())
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    let mut found = Vec::with_capacity(ids.len());
    for (id,) in ids {
        let id = crate::error::parse("candidates", "id", &id)?;
        found.extend(crate::candidates::find_candidate(tx, tenant_id, id).await?);
    }
    Ok(found)
}
