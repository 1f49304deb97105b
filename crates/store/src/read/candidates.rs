//! Candidates with their person, sku, approvals, writes and savings.

use reseat_domain::candidate::{CandidateState, StateName};
use reseat_domain::detect::Verdict;
use reseat_domain::ids::{AccountId, CandidateId, SeatKey, SkuId, TenantId, UserId};
use reseat_domain::money::Money;
use reseat_domain::rule::Justification;
use reseat_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::query::Query;
use super::seats::{SeatItem, find_seat};
use super::{
    CANDIDATE, CandidateCols, CandidateRef, PERSON, Page, PersonCols, PersonRef, SKU, SkuCols, SkuRef, optional,
};
use crate::dialect::containing;
use crate::error::{StoreError, parse, parse_json};
use crate::pool::Tx;
use crate::rounds::fold;

/// A candidate as a list shows it.
#[derive(Debug, Clone)]
pub struct CandidateItem {
    /// Its id.
    pub id: CandidateId,
    /// The number people say.
    pub number: i64,
    /// Whose seat; by id alone when the person is gone.
    pub person: PersonRef,
    /// Which sku.
    pub sku: SkuRef,
    /// Where it stands.
    pub state: CandidateState,
    /// The main reason.
    pub justification: Justification,
    /// The evidence, frozen when it was opened.
    pub verdict: Verdict,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
    /// The seat as it was when it was opened.
    pub fingerprint: String,
    /// Whether it was started together with many.
    pub bulk: bool,
    /// Who started it.
    pub proposed_by: Option<AccountId>,
    /// Their name.
    pub proposed_by_name: Option<String>,
    /// What the seat costs in a year, as it was when the candidate was opened.
    pub annual: Option<Money>,
    /// The last candidate of the same seat before this one.
    pub previous_id: Option<CandidateId>,
    /// Until when no new candidate is opened for the seat.
    pub keep_until: Option<Timestamp>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// When the engine looks at it again.
    pub next_due_at: Option<Timestamp>,
    /// Counts up with each change.
    pub version: i64,
}

impl CandidateItem {
    /// The seat it is about.
    pub const fn key(&self) -> SeatKey {
        SeatKey { user_id: self.person.user_id, sku_id: self.sku.sku_id }
    }
}

/// Which candidates.
#[derive(Debug, Clone, Default)]
pub struct CandidateFilter {
    /// In one of these states; in any, when empty.
    pub states: Vec<StateName>,
    /// For seats of one sku.
    pub sku_id: Option<SkuId>,
    /// For seats of one person.
    pub user_id: Option<UserId>,
    /// With this main reason.
    pub justification: Option<Justification>,
    /// Assigned to one account.
    pub assigned_to: Option<AccountId>,
    /// Part of a person's name or sign-in name, or a candidate's number.
    pub q: Option<String>,
}

/// The place of a candidate in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateCursor {
    number: i64,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    person: PersonCols,
    #[sqlx(flatten)]
    sku: SkuCols,
    id: String,
    number: i64,
    state_data: String,
    justification: String,
    verdict: String,
    rule_id: String,
    rule_version: i64,
    fingerprint: String,
    bulk: bool,
    proposed_by: Option<String>,
    proposed_by_name: Option<String>,
    annual_minor: Option<i64>,
    currency: Option<String>,
    previous_id: Option<String>,
    keep_until: Option<i64>,
    opened_at: i64,
    updated_at: i64,
    closed_at: Option<i64>,
    next_due_at: Option<i64>,
    version: i64,
}

impl Row {
    fn into_item(self) -> Result<CandidateItem, StoreError> {
        const T: &str = "candidates";
        Ok(CandidateItem {
            id: parse(T, "id", &self.id)?,
            number: self.number,
            person: self.person.into_ref()?,
            sku: self.sku.into_ref()?,
            state: parse_json(T, "state_data", &self.state_data)?,
            justification: parse(T, "justification", &self.justification)?,
            verdict: parse_json(T, "verdict", &self.verdict)?,
            rule_id: self.rule_id,
            rule_version: self.rule_version,
            fingerprint: self.fingerprint,
            bulk: self.bulk,
            proposed_by: optional(T, "proposed_by", &self.proposed_by)?,
            proposed_by_name: self.proposed_by_name,
            annual: money(T, self.annual_minor, &self.currency)?,
            previous_id: optional(T, "previous_id", &self.previous_id)?,
            keep_until: self.keep_until.map(Timestamp::from_micros),
            opened_at: Timestamp::from_micros(self.opened_at),
            updated_at: Timestamp::from_micros(self.updated_at),
            closed_at: self.closed_at.map(Timestamp::from_micros),
            next_due_at: self.next_due_at.map(Timestamp::from_micros),
            version: self.version,
        })
    }
}

fn money(table: &'static str, minor: Option<i64>, currency: &Option<String>) -> Result<Option<Money>, StoreError> {
    match (minor, optional(table, "currency", currency)?) {
        (Some(minor), Some(currency)) => Ok(Some(Money { minor, currency })),
        (None, _) | (_, None) => Ok(None),
    }
}

const PEOPLE: &str = "left join people p on p.tenant_id = c.tenant_id and p.user_id = c.user_id";

fn select() -> Query {
    Query::new(format!(
        "select c.user_id as person_id, {PERSON}, c.sku_id as held_sku_id, {SKU}, c.id, c.number, c.state_data,
                c.justification, c.verdict, c.rule_id, c.rule_version, c.fingerprint, c.bulk, c.proposed_by,
                a.name as proposed_by_name, c.annual_minor, c.currency, c.previous_id, c.keep_until, c.opened_at,
                c.updated_at, c.closed_at, c.next_due_at, c.version
         from candidates c {PEOPLE}
         left join skus k on k.tenant_id = c.tenant_id and k.sku_id = c.sku_id
         left join accounts a on a.account_id = c.proposed_by"
    ))
}

fn filtered(mut query: Query, tenant_id: TenantId, filter: &CandidateFilter) -> Query {
    query.push(" where c.tenant_id = ?", [tenant_id.to_string().into()]);
    query
        .filter("c.sku_id = ?", filter.sku_id.map(|id| id.to_string()))
        .filter("c.user_id = ?", filter.user_id.map(|id| id.to_string()))
        .filter("c.justification = ?", filter.justification.map(Justification::as_str))
        .filter("c.assigned_to = ?", filter.assigned_to.map(|id| id.to_string()));
    if !filter.states.is_empty() {
        query.push(" and c.state in (''", []);
        for state in &filter.states {
            query.push(", ?", [state.as_str().into()]);
        }
        query.push(")", []);
    }
    if let Some(q) = &filter.q {
        let pattern = containing(&fold(q));
        // No candidate has the number 0.
        let number: i64 = q.trim().trim_start_matches('#').parse().unwrap_or(0);
        query.push(
            r" and (p.name_folded like ? escape '\' or p.upn_folded like ? escape '\' or c.number = ?)",
            [pattern.clone().into(), pattern.into(), number.into()],
        );
    }
    query
}

/// A page of candidates, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_candidates(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &CandidateFilter,
    after: Option<&CandidateCursor>,
    limit: i64,
) -> Result<Page<CandidateItem, CandidateCursor>, StoreError> {
    let mut query = filtered(select(), tenant_id, filter);
    query.filter("c.number < ?", after.map(|after| after.number));
    query.push(" order by c.number desc limit ?", [(limit + 1).into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    Page::cut(rows, limit, |row| Ok(CandidateCursor { number: row.number }), Row::into_item)
}

/// How many candidates a filter leaves.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_candidates(tx: &mut Tx, tenant_id: TenantId, filter: &CandidateFilter) -> Result<i64, StoreError> {
    let select = Query::new(format!("select count(*) from candidates c {PEOPLE}"));
    let row: Option<(i64,)> = filtered(select, tenant_id, filter).fetch_one(tx).await?;
    Ok(row.map_or(0, |row| row.0))
}

/// A candidate as its page shows it. Its steps are in the trail.
#[derive(Debug, Clone)]
pub struct CandidateDetail {
    /// What a list shows.
    pub item: CandidateItem,
    /// The seat as of the last published round; none when it is not held.
    pub seat: Option<SeatItem>,
    /// Every yes, the newest first.
    pub approvals: Vec<ApprovalItem>,
    /// Every write, in the order in which they were recorded.
    pub writes: Vec<IntentItem>,
    /// The lines of the savings ledger, the oldest first.
    pub savings: Vec<SavingItem>,
    /// The last candidate of the same seat before this one.
    pub previous: Option<CandidateRef>,
    /// What the person holds besides this sku, as of the last published round.
    pub other_skus: Vec<SkuRef>,
}

/// A recorded yes with the name of who gave it.
#[derive(Debug, Clone, FromRow)]
pub struct ApprovalItem {
    /// Its id.
    pub id: String,
    /// `remove` or `restore`.
    pub kind: String,
    /// Who gave it.
    pub account_id: String,
    /// Their name.
    pub account_name: Option<String>,
    /// When, microseconds.
    pub given_at: i64,
    /// The seat as it was approved.
    pub fingerprint: String,
    /// Whether the tenant was in single-operator mode.
    pub single_operator: bool,
}

/// A write as people follow it.
#[derive(Debug, Clone, FromRow)]
pub struct IntentItem {
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: String,
    /// How far it came.
    pub state: String,
    /// The yes it rests on.
    pub approval_id: String,
    /// When it was recorded, microseconds.
    pub created_at: i64,
    /// What became of the request.
    pub outcome: Option<String>,
    /// When.
    pub outcome_at: Option<i64>,
    /// How often it was sent.
    pub sends: i64,
    /// How often in a row reading said the same.
    pub agreeing_reads: i64,
    /// What the last reading said.
    pub last_reading: Option<String>,
    /// When.
    pub last_read_at: Option<i64>,
    /// How old the sign-in sweep was that the re-check used.
    pub evidence_age_seconds: Option<i64>,
    /// The id sent along.
    pub client_request_id: String,
    /// The id Microsoft gave.
    pub request_id: Option<String>,
}

/// A line of the savings ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingItem {
    /// `freed` or `reversed`.
    pub kind: String,
    /// What the seat costs in a year.
    pub annual: Option<Money>,
    /// When.
    pub at: Timestamp,
}

/// One candidate with everything its page shows.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: CandidateId,
) -> Result<Option<CandidateDetail>, StoreError> {
    let mut query = select();
    query.push(" where c.tenant_id = ? and c.id = ?", [tenant_id.to_string().into(), id.to_string().into()]);
    let Some(row) = query.fetch_one::<Row>(tx).await? else { return Ok(None) };
    let item = row.into_item()?;
    let previous = match item.previous_id {
        Some(previous) => find_ref(tx, tenant_id, previous).await?,
        None => None,
    };
    Ok(Some(CandidateDetail {
        seat: find_seat(tx, tenant_id, item.key()).await?,
        approvals: list_approvals(tx, tenant_id, id).await?,
        writes: list_writes(tx, tenant_id, id).await?,
        savings: list_savings(tx, tenant_id, id).await?,
        previous,
        other_skus: other_skus(tx, tenant_id, item.key()).await?,
        item,
    }))
}

async fn find_ref(tx: &mut Tx, tenant_id: TenantId, id: CandidateId) -> Result<Option<CandidateRef>, StoreError> {
    let mut query = Query::new(format!("select {CANDIDATE} from candidates c"));
    query.push(" where c.tenant_id = ? and c.id = ?", [tenant_id.to_string().into(), id.to_string().into()]);
    Ok(query.fetch_one::<CandidateCols>(tx).await?.map(CandidateCols::into_ref).transpose()?.flatten())
}

async fn list_approvals(tx: &mut Tx, tenant_id: TenantId, id: CandidateId) -> Result<Vec<ApprovalItem>, StoreError> {
    let mut query = Query::new(
        "select y.id, y.kind, y.account_id, a.name as account_name, y.given_at, y.fingerprint, y.single_operator
         from approvals y left join accounts a on a.account_id = y.account_id",
    );
    query.push(
        " where y.tenant_id = ? and y.candidate_id = ? order by y.given_at desc, y.id desc",
        [tenant_id.to_string().into(), id.to_string().into()],
    );
    query.fetch(tx).await
}

async fn list_writes(tx: &mut Tx, tenant_id: TenantId, id: CandidateId) -> Result<Vec<IntentItem>, StoreError> {
    let mut query = Query::new(
        "select id, kind, state, approval_id, created_at, outcome, outcome_at, sends, agreeing_reads, last_reading,
                last_read_at, evidence_age_seconds, client_request_id, request_id from intents",
    );
    query.push(
        " where tenant_id = ? and candidate_id = ? order by created_at, id",
        [tenant_id.to_string().into(), id.to_string().into()],
    );
    query.fetch(tx).await
}

async fn list_savings(tx: &mut Tx, tenant_id: TenantId, id: CandidateId) -> Result<Vec<SavingItem>, StoreError> {
    let mut query = Query::new("select kind, annual_minor, currency, at from savings");
    query.push(
        " where tenant_id = ? and candidate_id = ? order by at, id",
        [tenant_id.to_string().into(), id.to_string().into()],
    );
    let rows: Vec<(String, Option<i64>, Option<String>, i64)> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|(kind, minor, currency, at)| {
            Ok(SavingItem { kind, annual: money("savings", minor, &currency)?, at: Timestamp::from_micros(at) })
        })
        .collect()
}

async fn other_skus(tx: &mut Tx, tenant_id: TenantId, key: SeatKey) -> Result<Vec<SkuRef>, StoreError> {
    let mut query = Query::new(format!(
        "select s.sku_id as held_sku_id, {SKU} from seats s
         left join skus k on k.tenant_id = s.tenant_id and k.sku_id = s.sku_id"
    ));
    query.push(
        " where s.tenant_id = ? and s.user_id = ? and s.sku_id <> ? order by s.sku_id",
        [tenant_id.to_string().into(), key.user_id.to_string().into(), key.sku_id.to_string().into()],
    );
    query.fetch::<SkuCols>(tx).await?.into_iter().map(SkuCols::into_ref).collect()
}
