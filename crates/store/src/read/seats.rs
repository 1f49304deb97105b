//! Seats: who holds what, how, and what is found about it.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::directory::{HeldSeat, Path, Via};
use reseat_domain::ids::{FindingId, GroupId, SeatKey, SkuId, TenantId, UserId};
use reseat_domain::money::{Amounts, Money};
use reseat_domain::rule::Justification;
use reseat_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::prices::{Prices, list_prices};
use super::query::Query;
use super::{CANDIDATE, CandidateCols, CandidateRef, PERSON, Page, PersonCols, PersonRef, SKU, SkuCols, SkuRef};
use crate::dialect::containing;
use crate::error::{StoreError, parse, parse_json};
use crate::pool::Tx;
use crate::rounds::fold;

/// A seat as a list shows it.
#[derive(Debug, Clone)]
pub struct SeatItem {
    /// Whose.
    pub person: PersonRef,
    /// Which sku.
    pub sku: SkuRef,
    /// How it is held.
    pub paths: Vec<SeatPath>,
    /// Since when, if every path says so.
    pub license_since: Option<Timestamp>,
    /// What the last detection said, if it saw the seat.
    pub finding: Option<Finding>,
    /// The candidate that is not closed.
    pub candidate: Option<CandidateRef>,
    /// What it costs in a year.
    pub annual: Option<Money>,
}

impl SeatItem {
    /// The seat's key.
    pub const fn key(&self) -> SeatKey {
        SeatKey { user_id: self.person.user_id, sku_id: self.sku.sku_id }
    }
}

/// A path with the name of its group.
#[derive(Debug, Clone)]
pub struct SeatPath {
    /// The path.
    pub path: Path,
    /// Name and kind of its group, where it was read.
    pub group: Option<Group>,
}

/// A group that gives seats.
#[derive(Debug, Clone)]
pub struct Group {
    /// Shown name.
    pub name: String,
    /// What kind of group it is, as JSON.
    pub kind: String,
}

/// What the last detection said about a seat.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The answer with its evidence.
    pub verdict: Verdict,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
    /// When.
    pub decided_at: Timestamp,
}

/// Which seats.
#[derive(Debug, Clone, Default)]
pub struct SeatFilter {
    /// Of one sku.
    pub sku_id: Option<SkuId>,
    /// Of one person.
    pub user_id: Option<UserId>,
    /// With a finding of this kind.
    pub kind: Option<FindingKind>,
    /// With this main reason.
    pub justification: Option<Justification>,
    /// Whether sign-in is allowed.
    pub account_enabled: Option<bool>,
    /// Idle for at least so many whole days.
    pub min_idle_days: Option<i64>,
    /// Of one department.
    pub department: Option<String>,
    /// Part of a person's name or sign-in name.
    pub q: Option<String>,
}

impl SeatFilter {
    const fn asks_about_findings(&self) -> bool {
        self.kind.is_some() || self.justification.is_some() || self.min_idle_days.is_some()
    }

    const fn asks_about_people(&self) -> bool {
        self.account_enabled.is_some() || self.department.is_some() || self.q.is_some()
    }
}

/// The place of a seat in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatCursor {
    idle_rank: i64,
    user_id: UserId,
    sku_id: SkuId,
}

#[derive(FromRow)]
pub(super) struct FindingCols {
    finding_id: Option<String>,
    verdict: Option<String>,
    rule_id: Option<String>,
    rule_version: Option<i64>,
    decided_at: Option<i64>,
}

/// The columns of [`FindingCols`] of a table `f` that may have no row.
pub(super) const FINDING: &str = "f.id as finding_id, f.verdict, f.rule_id, f.rule_version, f.decided_at";

impl FindingCols {
    pub(super) fn into_finding(self) -> Result<Option<Finding>, StoreError> {
        let (Some(id), Some(verdict), Some(rule_id), Some(rule_version), Some(decided_at)) =
            (self.finding_id, self.verdict, self.rule_id, self.rule_version, self.decided_at)
        else {
            return Ok(None);
        };
        Ok(Some(Finding {
            id: parse("findings", "id", &id)?,
            verdict: parse_json("findings", "verdict", &verdict)?,
            rule_id,
            rule_version,
            decided_at: Timestamp::from_micros(decided_at),
        }))
    }
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
    paths: String,
    place: i64,
}

/// The place of a seat without a finding: after all that have one.
const NOT_FOUND: i64 = -2;

const PEOPLE: &str = "left join people p on p.tenant_id = s.tenant_id and p.user_id = s.user_id";

const FINDINGS: &str =
    "left join findings f on f.tenant_id = s.tenant_id and f.user_id = s.user_id and f.sku_id = s.sku_id";

/// Joins `f` and `s` where both are read whole.
const SAME_SEAT: &str = " and f.tenant_id = ? and f.user_id = s.user_id and f.sku_id = s.sku_id";

const OTHERS: &str = "left join skus k on k.tenant_id = s.tenant_id and k.sku_id = s.sku_id
    left join candidates c on c.tenant_id = s.tenant_id and c.user_id = s.user_id and c.sku_id = s.sku_id
         and c.closed_at is null";

/// Begins a select over `from`, a join of `s` and `f` of one tenant.
fn select(from: &str, place: &str, tenant_id: TenantId) -> Query {
    let mut query = Query::new(format!(
        "select s.user_id as person_id, {PERSON}, s.sku_id as held_sku_id, {SKU}, s.paths, {FINDING}, {CANDIDATE},
                {place} as place
         from {from} {PEOPLE} {OTHERS}"
    ));
    query.push(" where s.tenant_id = ?", [tenant_id.to_string().into()]);
    query
}

/// Adds the conditions of a filter. `keyed` is the table that is read in the order of the list.
fn filtered(query: &mut Query, filter: &SeatFilter, keyed: &str) {
    query
        .filter(&format!("{keyed}.sku_id = ?"), filter.sku_id.map(|id| id.to_string()))
        .filter(&format!("{keyed}.user_id = ?"), filter.user_id.map(|id| id.to_string()))
        .filter("f.kind = ?", filter.kind.map(FindingKind::as_str))
        .filter("f.justification = ?", filter.justification.map(Justification::as_str))
        .filter("f.idle_days >= ?", filter.min_idle_days)
        .filter("p.account_enabled = ?", filter.account_enabled)
        .filter("p.department = ?", filter.department.clone());
    if let Some(q) = &filter.q {
        let pattern = containing(&fold(q));
        query.push(
            r" and (p.name_folded like ? escape '\' or p.upn_folded like ? escape '\')",
            [pattern.clone().into(), pattern.into()],
        );
    }
}

/// Seats with a finding, read along the index of findings. The cross join keeps SQLite to that.
async fn list_found(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &SeatFilter,
    after: Option<&SeatCursor>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = select("findings f cross join seats s", "f.idle_rank", tenant_id);
    query
        .push(" and f.tenant_id = ? and f.user_id = s.user_id and f.sku_id = s.sku_id", [tenant_id.to_string().into()]);
    filtered(&mut query, filter, "f");
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
    query.push(" order by f.idle_rank desc, f.user_id, f.sku_id limit ?", [limit.into()]);
    query.fetch(tx).await
}

/// Seats that no detection has seen yet, in the order of their keys.
async fn list_not_found(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &SeatFilter,
    after: Option<&SeatCursor>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let seats = format!("seats s {FINDINGS}");
    let mut query = select(&seats, &format!("cast({NOT_FOUND} as bigint)"), tenant_id);
    query.push(" and f.id is null", []);
    filtered(&mut query, filter, "s");
    if let Some(after) = after {
        query.push(
            " and (s.user_id, s.sku_id) > (?, ?)",
            [after.user_id.to_string().into(), after.sku_id.to_string().into()],
        );
    }
    query.push(" order by s.user_id, s.sku_id limit ?", [limit.into()]);
    query.fetch(tx).await
}

/// A page of seats, the longest idle first; never used counts as longest.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_seats(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &SeatFilter,
    after: Option<&SeatCursor>,
    limit: i64,
) -> Result<Page<SeatItem, SeatCursor>, StoreError> {
    let wanted = limit + 1;
    let past_found = after.is_some_and(|after| after.idle_rank == NOT_FOUND);
    let mut rows = if past_found { Vec::new() } else { list_found(tx, tenant_id, filter, after, wanted).await? };
    let missing = wanted - i64::try_from(rows.len()).unwrap_or(wanted);
    if missing > 0 && !filter.asks_about_findings() {
        let after = after.filter(|_| past_found);
        rows.extend(list_not_found(tx, tenant_id, filter, after, missing).await?);
    }
    let prices = list_prices(tx, tenant_id).await?;
    let groups = groups_of(tx, tenant_id, &rows).await?;
    let place = |row: &Row| {
        Ok(SeatCursor {
            idle_rank: row.place,
            user_id: parse("seats", "user_id", &row.person.person_id)?,
            sku_id: parse("seats", "sku_id", &row.sku.held_sku_id)?,
        })
    };
    Page::cut(rows, limit, place, |row| into_item(row, &prices, &groups))
}

/// One seat.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_seat(tx: &mut Tx, tenant_id: TenantId, key: SeatKey) -> Result<Option<SeatItem>, StoreError> {
    let filter = SeatFilter { sku_id: Some(key.sku_id), user_id: Some(key.user_id), ..SeatFilter::default() };
    Ok(list_seats(tx, tenant_id, &filter, None, 1).await?.items.into_iter().next())
}

/// How many seats a filter leaves, and what the idle ones among them cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatTotals {
    /// Seats.
    pub total: i64,
    /// What the idle ones cost in a year; a seat without a price is not in it.
    pub recoverable: Amounts,
}

/// Counts what a filter leaves.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn count_seats(tx: &mut Tx, tenant_id: TenantId, filter: &SeatFilter) -> Result<SeatTotals, StoreError> {
    let people = if filter.asks_about_people() { PEOPLE } else { "" };
    let found = "findings f cross join seats s";
    let (from, keyed) =
        if filter.asks_about_findings() { (found.to_owned(), "f") } else { (format!("seats s {FINDINGS}"), "s") };
    let mut query = Query::new(format!(
        "select s.sku_id, count(*), count(case when f.kind = 'idle' then 1 end) from {from} {people}"
    ));
    query.push(" where s.tenant_id = ?", [tenant_id.to_string().into()]);
    if keyed == "f" {
        query.push(SAME_SEAT, [tenant_id.to_string().into()]);
    }
    filtered(&mut query, filter, keyed);
    query.push(" group by s.sku_id", []);
    let rows: Vec<(String, i64, i64)> = query.fetch(tx).await?;
    let prices = list_prices(tx, tenant_id).await?;
    let mut totals = SeatTotals { total: 0, recoverable: Amounts::default() };
    for (sku_id, seats, idle) in rows {
        totals.total += seats;
        if idle > 0
            && let Some(money) = prices.annual(parse("seats", "sku_id", &sku_id)?, idle)
        {
            totals.recoverable.add(money);
        }
    }
    Ok(totals)
}

fn into_item(row: Row, prices: &Prices, groups: &BTreeMap<GroupId, Group>) -> Result<SeatItem, StoreError> {
    let sku = row.sku.into_ref()?;
    let seat = HeldSeat { sku_id: sku.sku_id, paths: parse_json("seats", "paths", &row.paths)? };
    Ok(SeatItem {
        person: row.person.into_ref()?,
        annual: prices.annual(sku.sku_id, 1),
        sku,
        license_since: seat.license_since(),
        paths: name_paths(seat.paths, groups),
        finding: row.finding.into_finding()?,
        candidate: row.candidate.into_ref()?,
    })
}

fn name_paths(paths: Vec<Path>, groups: &BTreeMap<GroupId, Group>) -> Vec<SeatPath> {
    paths
        .into_iter()
        .map(|path| {
            let group = match path.via {
                Via::Direct => None,
                Via::Group { group_id } => groups.get(&group_id).cloned(),
            };
            SeatPath { path, group }
        })
        .collect()
}

/// The groups that the paths of these rows name.
async fn groups_of(tx: &mut Tx, tenant_id: TenantId, rows: &[Row]) -> Result<BTreeMap<GroupId, Group>, StoreError> {
    let mut ids = BTreeSet::new();
    for row in rows {
        let paths: Vec<Path> = parse_json("seats", "paths", &row.paths)?;
        ids.extend(paths.into_iter().filter_map(|path| match path.via {
            Via::Direct => None,
            Via::Group { group_id } => Some(group_id),
        }));
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = Query::new("select group_id, display_name, kind from directory_groups");
    query.push(" where tenant_id = ? and group_id in (''", [tenant_id.to_string().into()]);
    for id in ids {
        query.push(", ?", [id.to_string().into()]);
    }
    query.push(")", []);
    let rows: Vec<(String, String, String)> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|(id, name, kind)| Ok((parse("directory_groups", "group_id", &id)?, Group { name, kind })))
        .collect()
}
