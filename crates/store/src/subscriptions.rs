//! What a tenant bought, until when.

use std::collections::BTreeMap;

use reseat_domain::directory::OpenWord;
use reseat_domain::ids::{SkuId, TenantId};
use reseat_domain::licensing::Subscription;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::dialect::storable;
use crate::error::{StoreError, parse};
use crate::pool::{Tx, on_either};

#[derive(FromRow)]
struct Row {
    subscription_id: String,
    commerce_id: Option<String>,
    sku_id: String,
    status: String,
    total_units: i64,
    is_trial: bool,
    created_at: Option<i64>,
    next_lifecycle_at: Option<i64>,
    sold_by_tenant: Option<String>,
}

/// Replaces the purchases of a tenant by what a complete reading gave.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn replace_subscriptions(
    tx: &mut Tx,
    tenant_id: TenantId,
    subscriptions: &[Subscription],
) -> Result<(), StoreError> {
    on_either!(&mut *tx, conn =>
        sqlx::query("delete from subscriptions where tenant_id = $1")
            .bind(tenant_id.to_string())
            .execute(conn)
            .await
            .map(|_| ()))?;
    // Listed twice is bought once; the later page wins (G49).
    let once: BTreeMap<&str, &Subscription> =
        subscriptions.iter().map(|item| (item.subscription_id.as_str(), item)).collect();
    let once: Vec<&Subscription> = once.into_values().collect();
    for chunk in once.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into subscriptions (tenant_id, subscription_id, commerce_id, sku_id, status, total_units, is_trial,
                                            created_at, next_lifecycle_at, sold_by_tenant) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(storable(&item.subscription_id))
                    .push_bind(item.commerce_id.as_deref().map(storable))
                    .push_bind(item.sku_id.to_string())
                    .push_bind(storable(&item.status.0))
                    .push_bind(item.total_units)
                    .push_bind(item.is_trial)
                    .push_bind(item.created_at.map(Timestamp::as_micros))
                    .push_bind(item.next_lifecycle_at.map(Timestamp::as_micros))
                    .push_bind(item.sold_by_tenant.as_deref().map(storable));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The purchases of a sku, the next to end first; those without an end last.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_subscriptions(
    tx: &mut Tx,
    tenant_id: TenantId,
    sku_id: SkuId,
) -> Result<Vec<Subscription>, StoreError> {
    let rows: Vec<Row> = on_either!(tx, conn =>
        sqlx::query_as(
            "select subscription_id, commerce_id, sku_id, status, total_units, is_trial, created_at, next_lifecycle_at,
                    sold_by_tenant
             from subscriptions where tenant_id = $1 and sku_id = $2
             order by case when next_lifecycle_at is null then 1 else 0 end, next_lifecycle_at, subscription_id",
        )
        .bind(tenant_id.to_string())
        .bind(sku_id.to_string())
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|row| {
            Ok(Subscription {
                sku_id: parse("subscriptions", "sku_id", &row.sku_id)?,
                subscription_id: row.subscription_id,
                commerce_id: row.commerce_id,
                status: OpenWord(row.status),
                total_units: row.total_units,
                is_trial: row.is_trial,
                created_at: row.created_at.map(Timestamp::from_micros),
                next_lifecycle_at: row.next_lifecycle_at.map(Timestamp::from_micros),
                sold_by_tenant: row.sold_by_tenant,
            })
        })
        .collect()
}
