//! Removal candidates.

use reseat_domain::candidate::{CandidateState, StateName};
use reseat_domain::detect::Verdict;
use reseat_domain::ids::{AccountId, CandidateId, SeatKey, TenantId, UserId};
use reseat_domain::money::Money;
use reseat_domain::plan::Fingerprint;
use reseat_domain::rule::Justification;
use reseat_domain::time::{Day, Timestamp};
use sqlx::FromRow;

use crate::error::{StoreError, parse, parse_json, parse_opt, to_json};
use crate::pool::{Tx, on_either};

/// A candidate as the engine works with it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its id.
    pub id: CandidateId,
    /// The number people say.
    pub number: i64,
    /// Which seat.
    pub seat: SeatKey,
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
    pub fingerprint: Fingerprint,
    /// Whether it was started together with many.
    pub bulk: bool,
    /// Who started it.
    pub proposed_by: Option<AccountId>,
    /// Last use, as the frozen evidence says.
    pub last_activity: Option<Day>,
    /// What the seat costs in a year.
    pub annual: Option<Money>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the engine looks at it again.
    pub next_due_at: Option<Timestamp>,
    /// Counts up with each claim.
    pub epoch: i64,
    /// Counts up with each change.
    pub version: i64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    number: i64,
    user_id: String,
    sku_id: String,
    state_data: String,
    justification: String,
    verdict: String,
    rule_id: String,
    rule_version: i64,
    fingerprint: String,
    bulk: bool,
    proposed_by: Option<String>,
    last_activity: Option<String>,
    annual_minor: Option<i64>,
    currency: Option<String>,
    opened_at: i64,
    next_due_at: Option<i64>,
    epoch: i64,
    version: i64,
}

const COLUMNS: &str = "id, number, user_id, sku_id, state_data, justification, verdict, rule_id, rule_version, \
                       fingerprint, bulk, proposed_by, last_activity, annual_minor, currency, opened_at, \
                       next_due_at, epoch, version";

impl Row {
    fn into_candidate(self) -> Result<Candidate, StoreError> {
        const T: &str = "candidates";
        let annual = match (self.annual_minor, &self.currency) {
            (Some(minor), Some(currency)) => Some(Money { minor, currency: parse(T, "currency", currency)? }),
            _ => None,
        };
        Ok(Candidate {
            id: parse(T, "id", &self.id)?,
            number: self.number,
            seat: SeatKey { user_id: parse(T, "user_id", &self.user_id)?, sku_id: parse(T, "sku_id", &self.sku_id)? },
            state: parse_json(T, "state_data", &self.state_data)?,
            justification: parse(T, "justification", &self.justification)?,
            verdict: parse_json(T, "verdict", &self.verdict)?,
            rule_id: self.rule_id,
            rule_version: self.rule_version,
            fingerprint: Fingerprint::from_text(self.fingerprint),
            bulk: self.bulk,
            proposed_by: parse_opt(T, "proposed_by", self.proposed_by.as_deref())?,
            last_activity: parse_opt(T, "last_activity", self.last_activity.as_deref())?,
            annual,
            opened_at: Timestamp::from_micros(self.opened_at),
            next_due_at: self.next_due_at.map(Timestamp::from_micros),
            epoch: self.epoch,
            version: self.version,
        })
    }
}

/// Opens a candidate and gives it the tenant's next number.
///
/// # Errors
/// [`StoreError::Conflict`] when the seat has an open candidate.
pub async fn insert_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    candidate: &Candidate,
    previous: Option<CandidateId>,
) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into candidates (tenant_id, id, number, user_id, sku_id, state, state_data, justification,
                 justifications, verdict, rule_id, rule_version, fingerprint, bulk, proposed_by, assigned_to, idle_days,
                 last_activity, annual_minor, currency, previous_id, keep_until, opened_at, updated_at, closed_at,
                 next_due_at, lease_owner, lease_until, epoch, version)
             values ($1, $2, (select coalesce(max(number), 0) + 1 from candidates where tenant_id = $1), $3, $4, $5, $6,
                     $7, $8, $9, $10, $11, $12, $13, $14, null, $15, $16, $17, $18, $19, null, $20, $20, null, null,
                     null, null, 0, 1)
             on conflict do nothing",
        )
        .bind(tenant_id.to_string())
        .bind(candidate.id.to_string())
        .bind(candidate.seat.user_id.to_string())
        .bind(candidate.seat.sku_id.to_string())
        .bind(candidate.state.name().as_str())
        .bind(to_json(&candidate.state))
        .bind(candidate.justification.as_str())
        .bind(to_json(&candidate.verdict.justifications))
        .bind(to_json(&candidate.verdict))
        .bind(candidate.rule_id.clone())
        .bind(candidate.rule_version)
        .bind(candidate.fingerprint.as_str().to_owned())
        .bind(candidate.bulk)
        .bind(candidate.proposed_by.map(|id| id.to_string()))
        .bind(candidate.verdict.idle_days)
        .bind(candidate.last_activity.map(|day| day.to_string()))
        .bind(candidate.annual.map(|money| money.minor))
        .bind(candidate.annual.map(|money| money.currency.to_string()))
        .bind(previous.map(|id| id.to_string()))
        .bind(candidate.opened_at.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// A candidate.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: CandidateId,
) -> Result<Option<Candidate>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from candidates where tenant_id = $1 and id = $2"));
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql).bind(tenant_id.to_string()).bind(id.to_string()).fetch_optional(conn).await)?;
    row.map(Row::into_candidate).transpose()
}

/// The open candidate of a seat.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_open_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    seat: SeatKey,
) -> Result<Option<Candidate>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from candidates where tenant_id = $1 and user_id = $2 and sku_id = $3 and closed_at is null"
    ));
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(tenant_id.to_string())
            .bind(seat.user_id.to_string())
            .bind(seat.sku_id.to_string())
            .fetch_optional(conn)
            .await)?;
    row.map(Row::into_candidate).transpose()
}

/// The last candidate of a seat, closed or not: its id, its state's word, and until when it is kept.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_last_of_seat(
    tx: &mut Tx,
    tenant_id: TenantId,
    seat: SeatKey,
) -> Result<Option<(CandidateId, StateName, Option<Timestamp>)>, StoreError> {
    let row: Option<(String, String, Option<i64>)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select id, state, keep_until from candidates where tenant_id = $1 and user_id = $2 and sku_id = $3
             order by opened_at desc, id desc limit 1",
        )
        .bind(tenant_id.to_string())
        .bind(seat.user_id.to_string())
        .bind(seat.sku_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(id, state, until)| {
        Ok((parse("candidates", "id", &id)?, parse("candidates", "state", &state)?, until.map(Timestamp::from_micros)))
    })
    .transpose()
}

/// What a move of a candidate changes besides its state.
#[derive(Debug, Clone, Default)]
pub struct Move {
    /// When the engine looks at it again.
    pub next_due_at: Option<Timestamp>,
    /// Until when no new candidate is opened for the seat.
    pub keep_until: Option<Timestamp>,
    /// Who started it, when this move is the start.
    pub proposed_by: Option<AccountId>,
    /// Whether it was started together with many, when this move is the start.
    pub bulk: Option<bool>,
}

/// Moves a candidate that still is as it was read, and lets go of its lease.
///
/// # Errors
/// [`StoreError::Conflict`] when it changed since.
pub async fn update_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    read: &Candidate,
    next: &CandidateState,
    change: &Move,
    now: Timestamp,
) -> Result<(), StoreError> {
    let closed_at = next.name().is_closed().then_some(now.as_micros());
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update candidates set state = $4, state_data = $5, next_due_at = $6,
                 keep_until = coalesce($7, keep_until), proposed_by = coalesce($8, proposed_by),
                 bulk = coalesce($9, bulk), closed_at = $10, updated_at = $11, lease_owner = null, lease_until = null,
                 approval_id = $13, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3 and epoch = $12",
        )
        .bind(tenant_id.to_string())
        .bind(read.id.to_string())
        .bind(read.version)
        .bind(next.name().as_str())
        .bind(to_json(next))
        .bind(change.next_due_at.map(Timestamp::as_micros))
        .bind(change.keep_until.map(Timestamp::as_micros))
        .bind(change.proposed_by.map(|id| id.to_string()))
        .bind(change.bulk)
        .bind(closed_at)
        .bind(now.as_micros())
        .bind(read.epoch)
        .bind(next.approval().map(|id| id.to_string()))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Lets go of a claimed candidate without moving it, and says when to look again.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else claimed or changed it since.
pub async fn postpone_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    read: &Candidate,
    next_due_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update candidates set next_due_at = $4, lease_owner = null, lease_until = null
             where tenant_id = $1 and id = $2 and version = $3 and epoch = $5",
        )
        .bind(tenant_id.to_string())
        .bind(read.id.to_string())
        .bind(read.version)
        .bind(next_due_at.map(Timestamp::as_micros))
        .bind(read.epoch)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Takes the candidate that is due longest in one of `states`, for `owner` until `lease_until`.
/// A lease that ran out may be taken over; the epoch tells the late owner.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn claim_due(
    tx: &mut Tx,
    tenant_id: TenantId,
    states: &[StateName],
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Candidate>, StoreError> {
    let words: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
    let skip_locked = match tx {
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => " for update skip locked",
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "update candidates set lease_owner = $2, lease_until = $4, epoch = epoch + 1
         where tenant_id = $1 and id = (
             select id from candidates
             where tenant_id = $1 and state in ({}) and next_due_at <= $3
               and (lease_until is null or lease_until < $3)
             order by next_due_at, id limit 1{skip_locked})
         returning {COLUMNS}",
        words.join(", ")
    ));
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(tenant_id.to_string())
            .bind(owner.to_owned())
            .bind(now.as_micros())
            .bind(lease_until.as_micros())
            .fetch_optional(conn)
            .await)?;
    row.map(Row::into_candidate).transpose()
}

/// A page of open candidates in the order of their ids, for the stage that looks whether their
/// ground still holds.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_open(
    tx: &mut Tx,
    tenant_id: TenantId,
    after: Option<CandidateId>,
    limit: i64,
) -> Result<Vec<Candidate>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from candidates where tenant_id = $1 and closed_at is null and id > $2 order by id limit $3"
    ));
    let rows: Vec<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(tenant_id.to_string())
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
    rows.into_iter().map(Row::into_candidate).collect()
}

/// Whether a write about another seat of this person has been sent and is not settled yet. One at a
/// time for each person, or the proof that nothing else changed would mistake our own writes.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn has_write_in_flight(
    tx: &mut Tx,
    tenant_id: TenantId,
    user_id: UserId,
    besides: CandidateId,
) -> Result<bool, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as(
            "select count(*) from candidates c
             where c.tenant_id = $1 and c.user_id = $2 and c.id <> $3
               and (c.state in ('revoking', 'verifying')
                    or (c.state = 'restoring' and exists
                        (select 1 from intents i where i.tenant_id = c.tenant_id and i.candidate_id = c.id
                           and i.kind = 'restore' and i.sends > 0 and i.state in ('intended', 'accepted', 'unknown'))))",
        )
        .bind(tenant_id.to_string())
        .bind(user_id.to_string())
        .bind(besides.to_string())
        .fetch_one(conn)
        .await)?;
    Ok(count > 0)
}

/// How many candidates stand in a state.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_in_state(tx: &mut Tx, tenant_id: TenantId, state: StateName) -> Result<i64, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as("select count(*) from candidates where tenant_id = $1 and state = $2")
            .bind(tenant_id.to_string())
            .bind(state.as_str())
            .fetch_one(conn)
            .await)?;
    Ok(count)
}

/// When the next candidate is due.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn next_due(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<Timestamp>, StoreError> {
    let (at,): (Option<i64>,) = on_either!(tx, conn =>
        sqlx::query_as("select min(next_due_at) from candidates where tenant_id = $1 and next_due_at is not null")
            .bind(tenant_id.to_string())
            .fetch_one(conn)
            .await)?;
    Ok(at.map(Timestamp::from_micros))
}

/// Makes every candidate of a state due now: what held them back is gone.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn make_due(tx: &mut Tx, tenant_id: TenantId, state: StateName, now: Timestamp) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update candidates set next_due_at = $3 where tenant_id = $1 and state = $2 and next_due_at > $3",
        )
        .bind(tenant_id.to_string())
        .bind(state.as_str())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
