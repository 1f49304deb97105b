//! Rules with all their versions.

use reseat_domain::ids::{RuleId, TenantId};
use reseat_domain::rule::Rule;
use reseat_domain::time::Timestamp;

use super::query::Query;
use crate::error::{StoreError, parse_json};
use crate::pool::Tx;

/// A rule in its newest version.
#[derive(Debug, Clone)]
pub struct RuleItem {
    /// The rule.
    pub rule: Rule,
    /// Whether it is in force.
    pub active: bool,
    /// When this version was made.
    pub created_at: Timestamp,
}

/// Every rule in its newest version, in the order in which they were made.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_rules(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<RuleItem>, StoreError> {
    read_rules(tx, tenant_id, None).await
}

/// A rule in its newest version.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_newest_rule(tx: &mut Tx, tenant_id: TenantId, id: RuleId) -> Result<Option<RuleItem>, StoreError> {
    Ok(read_rules(tx, tenant_id, Some(id)).await?.into_iter().next())
}

async fn read_rules(tx: &mut Tx, tenant_id: TenantId, only: Option<RuleId>) -> Result<Vec<RuleItem>, StoreError> {
    let mut query = Query::new("select r.body, r.active, r.created_at from rules r");
    query.push(
        " where r.tenant_id = ? and not exists (select 1 from rules n where n.tenant_id = r.tenant_id and n.id = r.id
              and n.version > r.version)",
        [tenant_id.to_string().into()],
    );
    query.filter("r.id = ?", only.map(|id| id.to_string())).push(" order by r.id", []);
    let rows: Vec<(String, bool, i64)> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|(body, active, created_at)| {
            Ok(RuleItem {
                rule: parse_json("rules", "body", &body)?,
                active,
                created_at: Timestamp::from_micros(created_at),
            })
        })
        .collect()
}
