//! Approvals: immutable, and bound to what exactly was approved.

use reseat_domain::ids::{AccountId, ApprovalId, CandidateId, SeatKey, TenantId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A recorded yes, as it is written.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// For which candidate.
    pub candidate_id: CandidateId,
    /// `remove` or `restore`.
    pub kind: &'static str,
    /// Who gave it.
    pub account_id: AccountId,
    /// When.
    pub given_at: Timestamp,
    /// Which seat.
    pub seat: SeatKey,
    /// The seat as it was approved.
    pub fingerprint: String,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
    /// Whether the tenant was in single-operator mode.
    pub single_operator: bool,
    /// The writes and the groups it is about, as a hash, where the fingerprint does not say it all.
    pub binding: Option<String>,
    /// Hash over all of the above.
    pub content_hash: String,
}

/// A recorded yes, as it is read.
#[derive(Debug, Clone, FromRow)]
pub struct ApprovalRow {
    /// Its id.
    pub id: String,
    /// For which candidate.
    pub candidate_id: String,
    /// `remove` or `restore`.
    pub kind: String,
    /// Who gave it.
    pub account_id: String,
    /// When.
    pub given_at: i64,
    /// Whose seat.
    pub user_id: String,
    /// Which sku.
    pub sku_id: String,
    /// The seat as it was approved.
    pub fingerprint: String,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
    /// Whether the tenant was in single-operator mode.
    pub single_operator: bool,
    /// The writes and the groups it is about, as a hash, where the fingerprint does not say it all.
    pub binding: Option<String>,
    /// Hash over the content.
    pub content_hash: String,
}

impl From<&Approval> for ApprovalRow {
    fn from(it: &Approval) -> Self {
        Self {
            id: it.id.to_string(),
            candidate_id: it.candidate_id.to_string(),
            kind: it.kind.to_owned(),
            account_id: it.account_id.to_string(),
            given_at: it.given_at.as_micros(),
            user_id: it.seat.user_id.to_string(),
            sku_id: it.seat.sku_id.to_string(),
            fingerprint: it.fingerprint.clone(),
            rule_id: it.rule_id.clone(),
            rule_version: it.rule_version,
            single_operator: it.single_operator,
            binding: it.binding.clone(),
            content_hash: it.content_hash.clone(),
        }
    }
}

/// Records a yes.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_approval(tx: &mut Tx, tenant_id: TenantId, it: &Approval) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into approvals (tenant_id, id, candidate_id, kind, account_id, given_at, user_id, sku_id,
                                    fingerprint, rule_id, rule_version, single_operator, content_hash,
                                    binding)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(tenant_id.to_string())
        .bind(it.id.to_string())
        .bind(it.candidate_id.to_string())
        .bind(it.kind)
        .bind(it.account_id.to_string())
        .bind(it.given_at.as_micros())
        .bind(it.seat.user_id.to_string())
        .bind(it.seat.sku_id.to_string())
        .bind(it.fingerprint.clone())
        .bind(it.rule_id.clone())
        .bind(it.rule_version)
        .bind(it.single_operator)
        .bind(it.content_hash.clone())
        .bind(it.binding.clone())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A recorded yes.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find_approval(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: ApprovalId,
) -> Result<Option<ApprovalRow>, StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select id, candidate_id, kind, account_id, given_at, user_id, sku_id, fingerprint, rule_id, rule_version,
                    single_operator, binding, content_hash
             from approvals where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await)?)
}
