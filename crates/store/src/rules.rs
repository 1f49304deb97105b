//! Reclamation rules, versioned.

use reseat_domain::ids::{RuleId, TenantId};
use reseat_domain::rule::Rule;
use reseat_domain::time::Timestamp;

use crate::error::{StoreError, parse_json, to_json};
use crate::pool::{Tx, on_either};

/// The rule in force, if one is.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_active_rule(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<Rule>, StoreError> {
    let row: Option<(String,)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select body from rules where tenant_id = $1 and active = TRUE order by created_at desc, version desc limit 1",
        )
        .bind(tenant_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|row| parse_json("rules", "body", &row.0)).transpose()
}

/// A rule in exactly one version.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_rule(tx: &mut Tx, tenant_id: TenantId, id: RuleId, version: u32) -> Result<Option<Rule>, StoreError> {
    let row: Option<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select body from rules where tenant_id = $1 and id = $2 and version = $3")
            .bind(tenant_id.to_string())
            .bind(id.to_string())
            .bind(i64::from(version))
            .fetch_optional(conn)
            .await)?;
    row.map(|row| parse_json("rules", "body", &row.0)).transpose()
}

/// Adds a version and makes it the one in force.
///
/// # Errors
/// [`StoreError::Conflict`] when that version exists.
pub async fn insert_rule(tx: &mut Tx, tenant_id: TenantId, rule: &Rule, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("update rules set active = FALSE where tenant_id = $1 and id = $2")
            .bind(tenant_id.to_string())
            .bind(rule.id.to_string())
            .execute(conn)
            .await
            .map(|_| ()))?;
    on_either!(tx, conn =>
        sqlx::query(
            "insert into rules (tenant_id, id, version, body, active, created_at) values ($1, $2, $3, $4, TRUE, $5)",
        )
        .bind(tenant_id.to_string())
        .bind(rule.id.to_string())
        .bind(i64::from(rule.version))
        .bind(to_json(rule))
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
