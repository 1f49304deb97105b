//! Durable intents, write runs and the budget they are counted against, and savings.

use reseat_domain::budget::Started;
use reseat_domain::directory::LicenseState;
use reseat_domain::ids::{ApprovalId, CandidateId, IntentId, SeatKey, SkuId, TenantId, WriteRunId};
use reseat_domain::money::Money;
use reseat_domain::plan::{Fingerprint, IntentState, PlanItemKind, Write};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::{StoreError, parse, parse_json, parse_opt, to_json};
use crate::pool::{Tx, on_either};

/// An intent as the engine works with it.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// For which candidate.
    pub candidate_id: CandidateId,
    /// The yes it rests on.
    pub approval_id: ApprovalId,
    /// The budgeted run; none for a restore.
    pub run_id: Option<WriteRunId>,
    /// What it does.
    pub kind: PlanItemKind,
    /// Which seat.
    pub seat: SeatKey,
    /// The write.
    pub write: Write,
    /// The person's whole license state right before a removal: the undo snapshot. Of a restore, the
    /// state that it must lead to.
    pub before: LicenseState,
    /// The seat as it was approved.
    pub fingerprint: Fingerprint,
    /// How far it came.
    pub state: IntentState,
    /// The id sent along, so that Microsoft's own log can be matched.
    pub client_request_id: uuid::Uuid,
    /// How often it was sent, counted before each sending.
    pub sends: i64,
    /// How often in a row reading said the same.
    pub agreeing_reads: i64,
    /// What the last reading said, as a word.
    pub last_reading: Option<String>,
    /// When that was.
    pub last_read_at: Option<Timestamp>,
    /// When the intent was recorded.
    pub created_at: Timestamp,
    /// When its outcome was.
    pub outcome_at: Option<Timestamp>,
    /// How old the sign-in sweep was that the re-check used, in seconds.
    pub evidence_age_seconds: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    candidate_id: String,
    approval_id: String,
    run_id: Option<String>,
    kind: String,
    user_id: String,
    sku_id: String,
    write: String,
    before: String,
    fingerprint: String,
    state: String,
    client_request_id: String,
    sends: i64,
    agreeing_reads: i64,
    last_reading: Option<String>,
    last_read_at: Option<i64>,
    created_at: i64,
    outcome_at: Option<i64>,
    evidence_age_seconds: Option<i64>,
}

const COLUMNS: &str = "id, candidate_id, approval_id, run_id, kind, user_id, sku_id, write, before, fingerprint, state, \
                       client_request_id, sends, agreeing_reads, last_reading, last_read_at, created_at, outcome_at, \
                       evidence_age_seconds";

impl Row {
    fn into_intent(self) -> Result<Intent, StoreError> {
        const T: &str = "intents";
        Ok(Intent {
            id: parse(T, "id", &self.id)?,
            candidate_id: parse(T, "candidate_id", &self.candidate_id)?,
            approval_id: parse(T, "approval_id", &self.approval_id)?,
            run_id: parse_opt(T, "run_id", self.run_id.as_deref())?,
            kind: parse(T, "kind", &self.kind)?,
            seat: SeatKey { user_id: parse(T, "user_id", &self.user_id)?, sku_id: parse(T, "sku_id", &self.sku_id)? },
            write: parse_json(T, "write", &self.write)?,
            before: parse_json(T, "before", &self.before)?,
            fingerprint: Fingerprint::from_text(self.fingerprint),
            state: parse(T, "state", &self.state)?,
            client_request_id: parse(T, "client_request_id", &self.client_request_id)?,
            sends: self.sends,
            agreeing_reads: self.agreeing_reads,
            last_reading: self.last_reading,
            last_read_at: self.last_read_at.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(self.created_at),
            outcome_at: self.outcome_at.map(Timestamp::from_micros),
            evidence_age_seconds: self.evidence_age_seconds,
        })
    }
}

/// Every intent of a candidate, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_of_candidate(
    tx: &mut Tx,
    tenant_id: TenantId,
    candidate_id: CandidateId,
) -> Result<Vec<Intent>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from intents where tenant_id = $1 and candidate_id = $2 order by created_at, id"
    ));
    let rows: Vec<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql).bind(tenant_id.to_string()).bind(candidate_id.to_string()).fetch_all(conn).await)?;
    rows.into_iter().map(Row::into_intent).collect()
}

/// Records an intent, before any byte is sent.
///
/// # Errors
/// [`StoreError::Conflict`] when the seat has an open intent.
pub async fn insert_intent(tx: &mut Tx, tenant_id: TenantId, intent: &Intent) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into intents (tenant_id, id, candidate_id, approval_id, run_id, kind, user_id, sku_id, write, before,
                 fingerprint, state, client_request_id, request_id, outcome, evidence_age_seconds, sends,
                 agreeing_reads, last_reading, created_at, outcome_at, last_read_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, null, null, $14, $15, 0, null, $16, null, null)
             on conflict do nothing",
        )
        .bind(tenant_id.to_string())
        .bind(intent.id.to_string())
        .bind(intent.candidate_id.to_string())
        .bind(intent.approval_id.to_string())
        .bind(intent.run_id.map(|id| id.to_string()))
        .bind(intent.kind.as_str())
        .bind(intent.seat.user_id.to_string())
        .bind(intent.seat.sku_id.to_string())
        .bind(to_json(&intent.write))
        .bind(to_json(&intent.before))
        .bind(intent.fingerprint.as_str().to_owned())
        .bind(intent.state.as_str())
        .bind(intent.client_request_id.to_string())
        .bind(intent.evidence_age_seconds)
        .bind(intent.sends)
        .bind(intent.created_at.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// An intent.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_intent(tx: &mut Tx, tenant_id: TenantId, id: IntentId) -> Result<Option<Intent>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from intents where tenant_id = $1 and id = $2"));
    let row: Option<Row> = on_either!(tx, conn =>
        sqlx::query_as(sql).bind(tenant_id.to_string()).bind(id.to_string()).fetch_optional(conn).await)?;
    row.map(Row::into_intent).transpose()
}

/// Counts one more sending of a restore, durably, before it happens, with the state that it must lead to.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_send(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: IntentId,
    expected: &LicenseState,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update intents set sends = sends + 1, agreeing_reads = 0, last_reading = null, state = 'intended', before = $3
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(to_json(expected))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Records what became of a request.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_outcome(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: IntentId,
    state: IntentState,
    request_id: Option<&str>,
    outcome: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update intents set state = $3, request_id = coalesce($4, request_id), outcome = $5, outcome_at = $6
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(request_id.map(str::to_owned))
        .bind(outcome.to_owned())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Records what a reading said and how often in a row.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn record_reading(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: IntentId,
    reading: &str,
    agreeing: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "update intents set last_reading = $3, agreeing_reads = $4, last_read_at = $5
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_string())
        .bind(reading.to_owned())
        .bind(agreeing)
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A budgeted run.
#[derive(Debug, Clone)]
pub struct WriteRun {
    /// Its id.
    pub id: WriteRunId,
    /// When it began.
    pub began_at: Timestamp,
    /// Whether it is the first few whose proof the rest waits for.
    pub canary: bool,
}

/// The last run of a tenant.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_last_run(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<WriteRun>, StoreError> {
    let row: Option<(String, i64, bool)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select id, began_at, canary from write_runs where tenant_id = $1 order by number desc limit 1",
        )
        .bind(tenant_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(id, began_at, canary)| {
        Ok(WriteRun { id: parse("write_runs", "id", &id)?, began_at: Timestamp::from_micros(began_at), canary })
    })
    .transpose()
}

/// Begins a run.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_write_run(tx: &mut Tx, tenant_id: TenantId, run: &WriteRun) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into write_runs (tenant_id, id, number, began_at, canary, finished_at)
             values ($1, $2, (select coalesce(max(number), 0) + 1 from write_runs where tenant_id = $1), $3, $4, null)",
        )
        .bind(tenant_id.to_string())
        .bind(run.id.to_string())
        .bind(run.began_at.as_micros())
        .bind(run.canary)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// How many removals of a run were proven, and how many are still open.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_run(tx: &mut Tx, tenant_id: TenantId, run_id: WriteRunId) -> Result<(i64, i64), StoreError> {
    Ok(on_either!(tx, conn =>
        sqlx::query_as(
            "select (select count(*) from intents where tenant_id = $1 and run_id = $2 and state = 'proven'),
                    (select count(*) from intents where tenant_id = $1 and run_id = $2
                        and state in ('intended', 'accepted', 'unknown'))",
        )
        .bind(tenant_id.to_string())
        .bind(run_id.to_string())
        .fetch_one(conn)
        .await)?)
}

#[derive(FromRow)]
struct StartedRow {
    proven_ever: i64,
    in_run: i64,
    in_run_of_sku: i64,
    in_day: i64,
    in_day_of_sku: i64,
    in_month_of_sku: i64,
    sku_holders: i64,
    gone_in_run: i64,
    gone_in_day: i64,
    gone_in_month: i64,
}

/// How many people a window's removals of a sku were about who hold it no longer.
const GONE: &str = "select count(distinct i.user_id) from intents i
                 where i.tenant_id = $1 and i.sku_id = $3 and i.kind <> 'restore' and i.state <> 'not_sent'
                   and not exists (select 1 from seats s where s.tenant_id = i.tenant_id and s.user_id = i.user_id
                                     and s.sku_id = i.sku_id)";

/// What has been started already, for the budget. Every intent that may have been sent counts,
/// whatever became of it; only what was provably not sent is given back.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_started(
    tx: &mut Tx,
    tenant_id: TenantId,
    run_id: Option<WriteRunId>,
    sku_id: SkuId,
    now: Timestamp,
) -> Result<Started, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select
                (select count(*) from intents i where i.tenant_id = $1 and i.kind <> 'restore' and i.state = 'proven')
                    as proven_ever,
                (select count(*) from intents i where i.tenant_id = $1 and i.run_id = $2 and i.state <> 'not_sent')
                    as in_run,
                (select count(*) from intents i where i.tenant_id = $1 and i.run_id = $2 and i.sku_id = $3
                    and i.state <> 'not_sent') as in_run_of_sku,
                (select count(*) from intents i where i.tenant_id = $1 and i.kind <> 'restore' and i.created_at > $4
                    and i.state <> 'not_sent') as in_day,
                (select count(*) from intents i where i.tenant_id = $1 and i.kind <> 'restore' and i.created_at > $4
                    and i.sku_id = $3 and i.state <> 'not_sent') as in_day_of_sku,
                (select count(*) from intents i where i.tenant_id = $1 and i.kind <> 'restore' and i.created_at > $5
                    and i.sku_id = $3 and i.state <> 'not_sent') as in_month_of_sku,
                (select count(*) from seats s where s.tenant_id = $1 and s.sku_id = $3) as sku_holders,
                ({GONE} and i.run_id = $2) as gone_in_run, ({GONE} and i.created_at > $4) as gone_in_day,
                ({GONE} and i.created_at > $5) as gone_in_month"
    ));
    let row: StartedRow = on_either!(tx, conn =>
        sqlx::query_as(sql)
        .bind(tenant_id.to_string())
        .bind(run_id.map_or_else(String::new, |id| id.to_string()))
        .bind(sku_id.to_string())
        .bind(now.plus_days(-1).as_micros())
        .bind(now.plus_days(-30).as_micros())
        .fetch_one(conn)
        .await)?;
    let count = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(Started {
        first_run: row.proven_ever == 0,
        in_run: count(row.in_run),
        in_run_of_sku: count(row.in_run_of_sku),
        in_day: count(row.in_day),
        in_day_of_sku: count(row.in_day_of_sku),
        in_30_days_of_sku: count(row.in_month_of_sku),
        sku_holders: count(row.sku_holders),
        gone_in_run_of_sku: count(row.gone_in_run),
        gone_in_day_of_sku: count(row.gone_in_day),
        gone_in_30_days_of_sku: count(row.gone_in_month),
    })
}

/// A line of the savings ledger.
#[derive(Debug, Clone)]
pub struct Saving {
    /// Its own id.
    pub id: String,
    /// For which candidate.
    pub candidate_id: CandidateId,
    /// Through which write; none when a person did it by hand.
    pub intent_id: Option<IntentId>,
    /// `freed` or `reversed`.
    pub kind: &'static str,
    /// Which seat.
    pub seat: SeatKey,
    /// What it costs in a year, if a price was entered.
    pub annual: Option<Money>,
    /// When.
    pub at: Timestamp,
}

/// Posts a line. Lines are never changed; a restore posts a reversal.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn insert_saving(tx: &mut Tx, tenant_id: TenantId, saving: &Saving) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into savings (tenant_id, id, candidate_id, intent_id, kind, user_id, sku_id, annual_minor, currency, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant_id.to_string())
        .bind(saving.id.clone())
        .bind(saving.candidate_id.to_string())
        .bind(saving.intent_id.map(|id| id.to_string()))
        .bind(saving.kind)
        .bind(saving.seat.user_id.to_string())
        .bind(saving.seat.sku_id.to_string())
        .bind(saving.annual.map(|money| money.minor))
        .bind(saving.annual.map(|money| money.currency.to_string()))
        .bind(saving.at.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The last intent of an approval that was sent and then taken not to have happened, because readings
/// said so.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_given_up(
    tx: &mut Tx,
    tenant_id: TenantId,
    approval_id: ApprovalId,
) -> Result<Option<IntentId>, StoreError> {
    let row: Option<(String,)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select id from intents where tenant_id = $1 and approval_id = $2 and kind <> 'restore'
               and state = 'settled_otherwise' order by created_at desc, id desc limit 1",
        )
        .bind(tenant_id.to_string())
        .bind(approval_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(id,)| parse("intents", "id", &id)).transpose()
}

/// Whether a saving of this candidate was ever posted.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn was_freed(tx: &mut Tx, tenant_id: TenantId, candidate_id: CandidateId) -> Result<bool, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as("select count(*) from savings where tenant_id = $1 and candidate_id = $2 and kind = 'freed'")
            .bind(tenant_id.to_string())
            .bind(candidate_id.to_string())
            .fetch_one(conn)
            .await)?;
    Ok(count > 0)
}

/// How many intents of an approval may have had an effect, whatever became of them.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_of_approval(tx: &mut Tx, tenant_id: TenantId, approval_id: ApprovalId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as(
            "select count(*) from intents where tenant_id = $1 and approval_id = $2 and state <> 'not_sent'",
        )
        .bind(tenant_id.to_string())
        .bind(approval_id.to_string())
        .fetch_one(conn)
        .await)?;
    Ok(count)
}
