//! Findings: what the rule says about each seat now.

use reseat_domain::detect::FindingKind;
use reseat_domain::ids::{FindingId, SeatKey, SkuId, TenantId, UserId};
use reseat_domain::money::Money;
use reseat_domain::rule::Justification;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::prices::{Prices, list_prices};
use super::query::Query;
use super::seats::{FINDING, Finding, FindingCols};
use super::{CANDIDATE, CandidateCols, CandidateRef, PERSON, Page, PersonCols, PersonRef, SKU, SkuCols, SkuRef};
use crate::error::{StoreError, corrupt, parse};
use crate::pool::Tx;

/// A finding as a list shows it.
#[derive(Debug, Clone)]
pub struct FindingItem {
    /// What was found.
    pub finding: Finding,
    /// About whose seat.
    pub person: PersonRef,
    /// Of which sku.
    pub sku: SkuRef,
    /// The candidate that is not closed.
    pub candidate: Option<CandidateRef>,
    /// What the seat costs in a year.
    pub annual: Option<Money>,
}

impl FindingItem {
    /// The seat it is about.
    pub const fn key(&self) -> SeatKey {
        SeatKey { user_id: self.person.user_id, sku_id: self.sku.sku_id }
    }
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// Of one kind.
    pub kind: Option<FindingKind>,
    /// With this main reason.
    pub justification: Option<Justification>,
    /// About seats of one sku.
    pub sku_id: Option<SkuId>,
    /// About seats of one person.
    pub user_id: Option<UserId>,
}

/// The place of a finding in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCursor {
    idle_rank: i64,
    user_id: UserId,
    sku_id: SkuId,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    person: PersonCols,
    #[sqlx(flatten)]
    sku: SkuCols,
    #[sqlx(flatten)]
    finding: FindingCols,
    #[sqlx(flatten)]
    candidate: CandidateCols,
    idle_rank: i64,
}

fn select(tenant_id: TenantId) -> Query {
    let mut query = Query::new(format!(
        "select f.user_id as person_id, {PERSON}, f.sku_id as held_sku_id, {SKU}, {FINDING}, {CANDIDATE}, f.idle_rank
         from findings f
         left join people p on p.tenant_id = f.tenant_id and p.user_id = f.user_id
         left join skus k on k.tenant_id = f.tenant_id and k.sku_id = f.sku_id
         left join candidates c on c.tenant_id = f.tenant_id and c.user_id = f.user_id and c.sku_id = f.sku_id
              and c.closed_at is null"
    ));
    query.push(" where f.tenant_id = ?", [tenant_id.to_string().into()]);
    query
}

/// A page of findings, the longest idle first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_findings(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &FindingFilter,
    after: Option<&FindingCursor>,
    limit: i64,
) -> Result<Page<FindingItem, FindingCursor>, StoreError> {
    let mut query = select(tenant_id);
    query
        .filter("f.kind = ?", filter.kind.map(FindingKind::as_str))
        .filter("f.justification = ?", filter.justification.map(Justification::as_str))
        .filter("f.sku_id = ?", filter.sku_id.map(|id| id.to_string()))
        .filter("f.user_id = ?", filter.user_id.map(|id| id.to_string()));
    if let Some(after) = after {
        query.push(
            " and f.idle_rank <= ? and (f.idle_rank < ? or (f.user_id, f.sku_id) > (?, ?))",
            [
                after.idle_rank.into(),
                after.idle_rank.into(),
                after.user_id.to_string().into(),
                after.sku_id.to_string().into(),
            ],
        );
    }
    query.push(" order by f.idle_rank desc, f.user_id, f.sku_id limit ?", [(limit + 1).into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    let prices = list_prices(tx, tenant_id).await?;
    let place = |row: &Row| {
        Ok(FindingCursor {
            idle_rank: row.idle_rank,
            user_id: parse("findings", "user_id", &row.person.person_id)?,
            sku_id: parse("findings", "sku_id", &row.sku.held_sku_id)?,
        })
    };
    Page::cut(rows, limit, place, |row| into_item(row, &prices))
}

/// One finding.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_finding(tx: &mut Tx, tenant_id: TenantId, id: FindingId) -> Result<Option<FindingItem>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("f.id = ?", Some(id.to_string()));
    let Some(row) = query.fetch_one::<Row>(tx).await? else { return Ok(None) };
    let prices = list_prices(tx, tenant_id).await?;
    into_item(row, &prices).map(Some)
}

fn into_item(row: Row, prices: &Prices) -> Result<FindingItem, StoreError> {
    let sku = row.sku.into_ref()?;
    Ok(FindingItem {
        finding: row.finding.into_finding()?.ok_or_else(|| corrupt("findings", "id", "no value"))?,
        person: row.person.into_ref()?,
        annual: prices.annual(sku.sku_id, 1),
        sku,
        candidate: row.candidate.into_ref()?,
    })
}
