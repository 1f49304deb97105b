//! The stage that takes approved seats back: fresh read, comparison with what was approved, durable
//! intent, one request, recorded outcome. Nothing is sent without a committed intent that points
//! to an approval of exactly this seat (I1); what nobody knows is left to [`crate::verify`].

use std::time::Duration;

use reseat_connectors::{Refusal, WriteOutcome};
use reseat_domain::budget::{Held, next_run_at, permit};
use reseat_domain::candidate::{Attention, CancelReason, CandidateEvent, CandidateState, StateName};
use reseat_domain::detect::{FindingKind, judge};
use reseat_domain::directory::LicenseState;
use reseat_domain::evidence::Reading;
use reseat_domain::ids::{ApprovalId, IntentId, WriteRunId};
use reseat_domain::plan::{IntentState, PlanItem, PlanItemKind, removal_path};
use reseat_domain::rule::UseSignals;
use reseat_domain::time::Timestamp;
use reseat_domain::verify::unchanged_since_approval;
use reseat_store::approvals::ApprovalRow;
use reseat_store::candidates::{Candidate, Move};
use reseat_store::intents::{Intent, WriteRun};
use reseat_store::trail::Log;
use reseat_store::{
    StoreError, Tx, approvals, candidates, dialect, findings, freezes, integration, intents, plans, rules,
};

use crate::advance;
use crate::clock::Stopwatch;
use crate::commands::{approval_hash, candidate_entry};
use crate::crash::crash_point;
use crate::detect::SourceView;
use crate::engine::Engine;
use crate::entitlement::why_lapsed;
use crate::error::EngineError;
use crate::moves::{By, Note, move_candidate};
use crate::planning::obstacle;
use crate::task::Task;

const STAGE: By<'static> = By::Stage("write_back");

/// After how many intents of one approval without any effect a person is asked.
const ATTEMPTS: i64 = 3;

/// Takes back what is approved and due, as far as budget and freeze allow. Gives how many requests
/// were sent.
///
/// # Errors
/// [`EngineError`].
pub async fn run_due(engine: &Engine) -> Result<usize, EngineError> {
    let mut sent = 0;
    loop {
        let now = engine.now();
        if engine.writes_paused(now) || !may_write(engine, now).await? {
            return Ok(sent);
        }
        let held_watch = Stopwatch::start();
        let Some(candidate) = claim(engine, now).await? else { return Ok(sent) };
        match take_back(engine, &candidate, held_watch).await {
            Ok(Step::Sent) => sent += 1,
            Ok(Step::Moved) => {}
            Ok(Step::HeldBack) => return Ok(sent),
            // Somebody kept it, or another server has it by now: nothing was written.
            Err(EngineError::Store(StoreError::Conflict)) => {}
            Err(error) => {
                release(engine, &candidate, 5).await?;
                return Err(error);
            }
        }
    }
}

enum Step {
    /// A request was sent.
    Sent,
    /// The candidate moved without one.
    Moved,
    /// Nothing more may start now.
    HeldBack,
}

/// Whether any new write may start at all: enabled, live, not frozen, not held.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn may_write(engine: &Engine, now: Timestamp) -> Result<bool, EngineError> {
    let mut tx = engine.store().read().await?;
    may_write_in(engine, &mut tx, now).await
}

/// Why nothing that is approved is written now, in one sentence; `None` when nothing stands in the
/// way. For the pages that show what waits.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn why_no_write(engine: &Engine, tx: &mut Tx) -> Result<Option<String>, EngineError> {
    held_back_in(engine, tx, engine.now()).await
}

pub(crate) async fn may_write_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<bool, EngineError> {
    Ok(held_back_in(engine, tx, now).await?.is_none())
}

async fn held_back_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, EngineError> {
    let tenant_id = engine.tenant_id();
    let Some(tenant) = integration::find_tenant(tx, tenant_id).await? else {
        return Ok(Some("this tenant is not set up yet".to_owned()));
    };
    if let Some(reason) = engine.freeze_file() {
        return Ok(Some(format!("writes are frozen by a file on the host: {reason}")));
    }
    if let Some(freeze) = freezes::find_freeze(tx, tenant_id).await? {
        return Ok(Some(format!("writes are frozen: {}", freeze.reason)));
    }
    if let Some(reason) = tenant.held_reason {
        return Ok(Some(format!("runs are held: {reason}")));
    }
    if !engine.parts().writer.is_configured() {
        return Ok(Some("no writer connection is configured".to_owned()));
    }
    if let Some(until) = tenant.observe_until.map(Timestamp::from_micros).filter(|until| *until > now) {
        return Ok(Some(format!("this tenant is only observed until {until}")));
    }
    let enabled = integration::list_tasks(tx, tenant_id)
        .await?
        .iter()
        .any(|row| row.task == Task::Reclamation.as_str() && row.enabled);
    Ok((!enabled).then(|| "the task reclamation is switched off".to_owned()))
}

async fn claim(engine: &Engine, now: Timestamp) -> Result<Option<Candidate>, EngineError> {
    let mut tx = engine.store().write().await?;
    let lease_until = now.plus_seconds(engine.settings().lease_seconds);
    let states = [StateName::AwaitingRevocation];
    let candidate =
        candidates::claim_due(&mut tx, engine.tenant_id(), &states, &engine.parts().server_id, now, lease_until)
            .await?;
    tx.commit().await?;
    crash_point("claimed");
    Ok(candidate)
}

async fn release(engine: &Engine, candidate: &Candidate, after_seconds: i64) -> Result<(), EngineError> {
    let mut tx = engine.store().write().await?;
    let due = engine.now().plus_seconds(after_seconds);
    match candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, Some(due)).await {
        Ok(()) => tx.commit().await?,
        Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn take_back(engine: &Engine, candidate: &Candidate, held_watch: Stopwatch) -> Result<Step, EngineError> {
    let CandidateState::AwaitingRevocation { approval, manual } = candidate.state else {
        return Err(EngineError::Inconsistent(format!("candidate {} was claimed in another state", candidate.number)));
    };
    if manual {
        // A person removes it; nothing for us to do until they say so.
        let mut tx = engine.store().write().await?;
        candidates::postpone_candidate(&mut tx, engine.tenant_id(), candidate, None).await?;
        tx.commit().await?;
        return Ok(Step::Moved);
    }
    let Some(Planned { item, yes }) = find_item(engine, candidate, approval).await? else {
        release(engine, candidate, 1).await?;
        return Ok(Step::Moved);
    };
    // A look before the read costs nothing; the one that counts is inside the intent's transaction.
    let mut tx = engine.store().read().await?;
    let budget = budget(engine, &mut tx, candidate).await?;
    let in_flight = write_in_flight(engine, &mut tx, candidate).await?;
    let lapsed = why_lapsed(engine, &mut tx, candidate, &yes).await?;
    drop(tx);
    if let Some(why) = lapsed {
        let mut tx = engine.store().write().await?;
        lapse(engine, &mut tx, candidate, approval, why).await?;
        tx.commit().await?;
        return Ok(Step::Moved);
    }
    if in_flight {
        release(engine, candidate, engine.settings().read_spacing_seconds.max(1)).await?;
        return Ok(Step::Moved);
    }
    if let Budget::Wait { until, .. } = budget {
        release(engine, candidate, until.seconds_since(engine.now()).max(1)).await?;
        return Ok(Step::HeldBack);
    }

    let fresh = engine.parts().reader.license_state(candidate.seat.user_id).await?;
    crash_point("read_before");
    let before = match check_fresh(engine, candidate, &item, fresh).await? {
        Checked::Go(state) => state,
        Checked::Event(CandidateEvent::Canceled { why: CancelReason::SeatGone }, _)
            if reopen_earlier(engine, candidate, approval).await? =>
        {
            return Ok(Step::Moved);
        }
        Checked::Event(event, text) => {
            let mut tx = engine.store().write().await?;
            move_candidate(engine, &mut tx, candidate, &event, STAGE, &Note::text(text), Move::default()).await?;
            tx.commit().await?;
            crash_point("stopped_before_write");
            return Ok(Step::Moved);
        }
    };
    let evidence_age = match recheck(engine, candidate, &before).await? {
        Recheck::Fine { age_seconds } => age_seconds,
        Recheck::Canceled(why) => {
            let mut tx = engine.store().write().await?;
            let event = CandidateEvent::Canceled { why };
            let note =
                Note::with(advance::explain(why), serde_json::json!({ "why": why, "when": "right before the write" }));
            move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, Move::default()).await?;
            tx.commit().await?;
            return Ok(Step::Moved);
        }
        Recheck::NotFresh(why) => {
            tracing::info!(candidate = candidate.number, why, "the write waits for fresh evidence (I10)");
            release(engine, candidate, 30).await?;
            return Ok(Step::HeldBack);
        }
    };

    let Some(intent) = record_intent(engine, candidate, &item, &yes, before, evidence_age).await? else {
        release(engine, candidate, 1).await?;
        return Ok(Step::HeldBack);
    };
    crash_point("intent_committed");
    if held_watch.elapsed() >= Duration::from_secs(lease_left(engine)) {
        // The lease may be somebody else's by now: leave the intent to evidence.
        return Ok(Step::Moved);
    }
    send(engine, candidate.id, &intent).await?;
    Ok(Step::Sent)
}

/// The license is gone, and an earlier request under the same approval was taken for lost because
/// readings lagged: it did happen after all, and can be undone. `false` when there was none, so that
/// somebody else took the license.
async fn reopen_earlier(engine: &Engine, candidate: &Candidate, approval: ApprovalId) -> Result<bool, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let Some(intent) = intents::find_given_up(&mut tx, tenant_id, approval).await? else { return Ok(false) };
    let words = "unknown: the license is gone after all";
    intents::record_outcome(&mut tx, tenant_id, intent, IntentState::Unknown, None, words, now).await?;
    let note = Note::with(
        "The license is gone: the earlier request happened after all, and is being verified.",
        serde_json::json!({ "intent": intent, "approval": approval }),
    );
    let event = CandidateEvent::WriteStarts { intent };
    let change = Move { next_due_at: Some(now), ..Move::default() };
    move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, change).await?;
    tx.commit().await?;
    crash_point("reopened");
    Ok(true)
}

/// Whether another seat of the same person is being written just now: its turn comes first.
async fn write_in_flight(engine: &Engine, tx: &mut Tx, candidate: &Candidate) -> Result<bool, EngineError> {
    let user_id = candidate.seat.user_id;
    Ok(candidates::has_write_in_flight(tx, engine.tenant_id(), user_id, candidate.id).await?)
}

/// How many seconds of a lease may be gone before a request that takes its full deadline no longer
/// fits.
fn lease_left(engine: &Engine) -> u64 {
    let settings = engine.settings();
    u64::try_from(settings.lease_seconds).unwrap_or(0).saturating_sub(settings.write_deadline_seconds)
}

/// What is to be written, and the yes it rests on.
struct Planned {
    item: PlanItem,
    yes: ApprovalRow,
}

/// The applied plan's item, if it still is about what was approved (X8).
async fn find_item(
    engine: &Engine,
    candidate: &Candidate,
    approval: ApprovalId,
) -> Result<Option<Planned>, EngineError> {
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().read().await?;
    let Some((_, item)) = plans::find_applied_item(&mut tx, tenant_id, candidate.id, approval).await? else {
        return Ok(None);
    };
    let broken =
        |what: &str| EngineError::Inconsistent(format!("candidate {}: {what}; nothing was written", candidate.number));
    let row = approvals::find_approval(&mut tx, tenant_id, approval)
        .await?
        .ok_or_else(|| broken("its approval is not there"))?;
    let matches = row.candidate_id == candidate.id.to_string()
        && row.kind == "remove"
        && row.user_id == candidate.seat.user_id.to_string()
        && row.sku_id == candidate.seat.sku_id.to_string()
        && row.fingerprint == candidate.fingerprint.as_str()
        && row.content_hash == approval_hash(tenant_id, &row);
    if !matches {
        return Err(broken("its approval is about something else"));
    }
    let covered = item.approval_id == Some(approval);
    if item.kind != PlanItemKind::Remove || item.fingerprint != candidate.fingerprint || !covered {
        return Err(broken("its plan is about something else"));
    }
    Ok(Some(Planned { item, yes: row }))
}

/// Asks another approver: whoever approved may no longer do so (H7).
async fn lapse(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    approval: ApprovalId,
    why: &str,
) -> Result<(), EngineError> {
    let note = Note::with(
        format!("The approval no longer stands: {why}. Another approver has to decide."),
        serde_json::json!({ "approval": approval, "why": why }),
    );
    move_candidate(engine, tx, candidate, &CandidateEvent::ApprovalLapses, STAGE, &note, Move::default()).await?;
    Ok(())
}

enum Checked {
    Go(LicenseState),
    Event(CandidateEvent, String),
}

/// Compares a fresh reading of the person with what was approved.
async fn check_fresh(
    engine: &Engine,
    candidate: &Candidate,
    item: &PlanItem,
    fresh: Option<LicenseState>,
) -> Result<Checked, EngineError> {
    let canceled =
        |why: CancelReason| Checked::Event(CandidateEvent::Canceled { why }, advance::explain(why).to_owned());
    let Some(state) = fresh else { return Ok(canceled(CancelReason::PersonGone)) };
    let seat = state.seat(candidate.seat.sku_id);
    if seat.is_none() {
        return Ok(canceled(CancelReason::SeatGone));
    }
    if let Err(no_path) = removal_path(candidate.seat.user_id, seat.as_ref()) {
        let mut tx = engine.store().read().await?;
        let cause = obstacle(engine, &mut tx, no_path).await?;
        let text = cause.explain().0;
        return Ok(Checked::Event(CandidateEvent::Obstacle { cause }, text));
    }
    if !unchanged_since_approval(&item.write, &candidate.fingerprint, &state) {
        return Ok(canceled(CancelReason::EvidenceChanged));
    }
    Ok(Checked::Go(state))
}

enum Recheck {
    Fine { age_seconds: i64 },
    Canceled(CancelReason),
    NotFresh(&'static str),
}

/// Judges the seat once more with what is known this moment (I10, H11).
async fn recheck(engine: &Engine, candidate: &Candidate, state: &LicenseState) -> Result<Recheck, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().read().await?;
    let Some(mut stored) = findings::find_facts(&mut tx, tenant_id, candidate.seat).await? else {
        return Ok(Recheck::Canceled(CancelReason::SeatGone));
    };
    let rule_id = candidate
        .rule_id
        .parse()
        .map_err(|_| EngineError::Inconsistent(format!("candidate {} names no rule", candidate.number)))?;
    let version = u32::try_from(candidate.rule_version).unwrap_or(0);
    let rule = rules::find_rule(&mut tx, tenant_id, rule_id, version)
        .await?
        .ok_or_else(|| EngineError::Inconsistent(format!("the rule of candidate {} is not there", candidate.number)))?;
    let view = SourceView::load(engine, &mut tx).await?;
    let approved = candidates::count_in_state(&mut tx, tenant_id, StateName::AwaitingRevocation).await?;
    drop(tx);

    if rule.use_signals == UseSignals::SignInAndServices {
        // Sign-in data is scarce: few people are read one by one, many from the last sweep.
        if approved < engine.settings().single_reads_below {
            match engine.parts().reader.sign_in(candidate.seat.user_id).await? {
                Some((_, sign_in)) => {
                    // This read may meet a replica older than the sweep.
                    let known = stored.sign_in.map_or(sign_in, |(known, _)| sign_in.with_known(known, now));
                    stored.sign_in = Some((known, now));
                }
                None => return Ok(Recheck::Canceled(CancelReason::PersonGone)),
            }
        }
    }
    let age_seconds = match (rule.use_signals, &stored.sign_in, &stored.service_use) {
        (UseSignals::SignInAndServices, Some((_, as_of)), _) => now.seconds_since(*as_of),
        (UseSignals::ServicesOverTwoRefreshes, _, Some(row)) => now.seconds_since(row.refreshed.end()),
        (UseSignals::SignInAndServices, None, _) | (UseSignals::ServicesOverTwoRefreshes, _, None) => {
            return Ok(Recheck::NotFresh("a required signal is missing"));
        }
    };
    if rule.use_signals == UseSignals::SignInAndServices && age_seconds > engine.settings().recheck_max_age_seconds {
        return Ok(Recheck::NotFresh("the sign-in sweep is too old"));
    }
    stored.account_enabled = state.account_enabled;
    if let Some(seat) = state.seat(candidate.seat.sku_id) {
        stored.seat = seat;
    }
    let mut facts = view.facts(&stored);
    facts.account_enabled = Reading::Present { value: state.account_enabled, as_of: now };
    let verdict = judge(&facts, &rule, now);
    if let Some(why) = advance::lost_ground(&candidate.verdict, &verdict) {
        return Ok(Recheck::Canceled(why));
    }
    match verdict.kind {
        FindingKind::Idle => Ok(Recheck::Fine { age_seconds }),
        // Found as such, and approved by a person who knew.
        FindingKind::NeedsPerson if candidate.verdict.kind == FindingKind::NeedsPerson => {
            Ok(Recheck::Fine { age_seconds })
        }
        FindingKind::NeedsPerson => Ok(Recheck::Canceled(CancelReason::EvidenceChanged)),
        FindingKind::InUse | FindingKind::InsufficientEvidence => Ok(Recheck::NotFresh("evidence is missing or stale")),
    }
}

enum Budget {
    /// Go on in this run.
    Go(WriteRunId),
    /// Begin a new run.
    NewRun { canary: bool },
    /// Not now.
    Wait { until: Timestamp, why: Held },
}

async fn budget(engine: &Engine, tx: &mut Tx, candidate: &Candidate) -> Result<Budget, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let limits = &engine.settings().budget;
    let last = intents::find_last_run(tx, tenant_id).await?;
    let mut started =
        intents::count_started(tx, tenant_id, last.as_ref().map(|run| run.id), candidate.seat.sku_id, now).await?;
    let Some(run) = last else {
        return Ok(match permit(limits, &started) {
            Ok(()) => Budget::NewRun { canary: true },
            Err(why) => Budget::Wait { until: now.plus_seconds(60), why },
        });
    };
    let (proven, open) = intents::count_run(tx, tenant_id, run.id).await?;
    // The rest waits until every removal of the canary is settled and one at least is proven.
    started.first_run = started.first_run || (run.canary && open > 0);
    let next_run = next_run_at(limits, run.began_at);
    Ok(match permit(limits, &started) {
        Ok(()) => Budget::Go(run.id),
        Err(Held::Canary) if open == 0 && proven == 0 && now >= next_run => Budget::NewRun { canary: true },
        Err(Held::Run) if now >= next_run => {
            let fresh = reseat_domain::budget::Started { in_run: 0, in_run_of_sku: 0, ..started };
            match permit(limits, &fresh) {
                Ok(()) => Budget::NewRun { canary: started.first_run },
                Err(why) => Budget::Wait { until: now.plus_seconds(60), why },
            }
        }
        Err(why @ Held::Run) => Budget::Wait { until: next_run, why },
        Err(why @ Held::Canary) => {
            Budget::Wait { until: now.plus_seconds(engine.settings().read_spacing_seconds.max(1)), why }
        }
        Err(why @ (Held::Day | Held::Month)) => Budget::Wait { until: now.plus_seconds(600), why },
    })
}

/// The transaction everything hangs on: freeze, approver and budget once more, undo snapshot, intent, state,
/// trail entry. `None` when something holds it back after all.
async fn record_intent(
    engine: &Engine,
    candidate: &Candidate,
    item: &PlanItem,
    yes: &ApprovalRow,
    before: LicenseState,
    evidence_age: i64,
) -> Result<Option<Intent>, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    if !may_write_in(engine, &mut tx, now).await? || write_in_flight(engine, &mut tx, candidate).await? {
        return Ok(None);
    }
    let CandidateState::AwaitingRevocation { approval, .. } = candidate.state else { return Ok(None) };
    if let Some(why) = why_lapsed(engine, &mut tx, candidate, yes).await? {
        lapse(engine, &mut tx, candidate, approval, why).await?;
        tx.commit().await?;
        return Ok(None);
    }
    if intents::count_of_approval(&mut tx, tenant_id, approval).await? >= ATTEMPTS {
        let cause = Attention::WriteRefused { message: format!("no effect after {ATTEMPTS} attempts") };
        let note = Note::text(cause.explain().0);
        let event = CandidateEvent::Obstacle { cause };
        move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, Move::default()).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let run_id = match budget(engine, &mut tx, candidate).await? {
        Budget::Go(run_id) => run_id,
        Budget::NewRun { canary } => {
            let run = WriteRun { id: WriteRunId::new(now, engine.random()), began_at: now, canary };
            intents::insert_write_run(&mut tx, tenant_id, &run).await?;
            run.id
        }
        Budget::Wait { why, .. } => {
            tracing::debug!(candidate = candidate.number, why = why.explain(), "the budget holds the write back");
            return Ok(None);
        }
    };
    let intent = Intent {
        id: IntentId::new(now, engine.random()),
        candidate_id: candidate.id,
        approval_id: approval,
        run_id: Some(run_id),
        kind: item.kind,
        seat: candidate.seat,
        write: item.write.clone(),
        before,
        fingerprint: candidate.fingerprint.clone(),
        state: IntentState::Intended,
        client_request_id: IntentId::new(now, engine.random()).as_uuid(),
        sends: 1,
        agreeing_reads: 0,
        last_reading: None,
        last_read_at: None,
        created_at: now,
        outcome_at: None,
        evidence_age_seconds: Some(evidence_age),
    };
    intents::insert_intent(&mut tx, tenant_id, &intent).await?;
    let note = Note::with(
        "The removal is about to be sent.",
        serde_json::json!({
            "intent": intent.id, "approval": approval, "run": run_id,
            "client_request_id": intent.client_request_id.to_string(), "evidence_age_seconds": evidence_age,
        }),
    );
    let event = CandidateEvent::WriteStarts { intent: intent.id };
    // Nobody looks, and nobody concludes that nothing happened, while the request may still be on
    // its way; the answer makes it due earlier.
    let change = Move { next_due_at: Some(settled_at_latest(engine, now)), ..Move::default() };
    move_candidate(engine, &mut tx, candidate, &event, STAGE, &note, change).await?;
    tx.commit().await?;
    Ok(Some(intent))
}

/// When a request that starts now has been answered or given up, and has settled.
pub(crate) fn settled_at_latest(engine: &Engine, now: Timestamp) -> Timestamp {
    let settings = engine.settings();
    let deadline = i64::try_from(settings.write_deadline_seconds).unwrap_or(i64::MAX);
    now.plus_seconds(deadline.saturating_add(settings.settle_seconds))
}

/// Sends the one request of an intent and records what became of it.
///
/// # Errors
/// [`EngineError::Store`]; the intent then stays to be settled by evidence.
pub async fn send(
    engine: &Engine,
    candidate_id: reseat_domain::ids::CandidateId,
    intent: &Intent,
) -> Result<(), EngineError> {
    let deadline = Duration::from_secs(engine.settings().write_deadline_seconds);
    let outcome = engine.parts().writer.write(&intent.write, intent.client_request_id, deadline).await;
    crash_point("answered");
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let Some(candidate) = candidates::find_candidate(&mut tx, tenant_id, candidate_id).await? else {
        return Err(EngineError::Inconsistent(format!("candidate {candidate_id} vanished during its write")));
    };
    let recorded = judge_outcome(engine, intent, &outcome, now);
    let facts =
        serde_json::json!({ "intent": intent.id, "outcome": recorded.words, "request_id": recorded.request_id });
    if candidate.state.intent() != Some(intent.id) {
        // Evidence settled it while we slept, and another write may be on its way: this answer is about
        // neither. If it had an effect after all, reading finds it.
        let note = Note::with("An answer came after the write had been settled by reading.", facts);
        let draft = candidate_entry(engine, STAGE, "candidate.late_answer", &candidate, &note);
        engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
        tx.commit().await?;
        return Ok(());
    }
    intents::record_outcome(
        &mut tx,
        tenant_id,
        intent.id,
        recorded.state,
        recorded.request_id.as_deref(),
        &recorded.words,
        now,
    )
    .await?;
    match recorded.event {
        Some(event) => {
            let note = Note::with(recorded.text, facts);
            let change = Move { next_due_at: recorded.next_due_at, ..Move::default() };
            move_candidate(engine, &mut tx, &candidate, &event, STAGE, &note, change).await?;
        }
        None => {
            let (verb, text) = told_as(intent.kind == PlanItemKind::Restore, recorded.state);
            let draft = candidate_entry(engine, STAGE, verb, &candidate, &Note::with(text, facts));
            engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
            candidates::postpone_candidate(&mut tx, tenant_id, &candidate, recorded.next_due_at).await?;
        }
    }
    open_circuit_if_needed(engine, &mut tx).await?;
    tx.commit().await?;
    crash_point("outcome_recorded");
    Ok(())
}

struct Recorded {
    state: IntentState,
    request_id: Option<String>,
    words: String,
    event: Option<CandidateEvent>,
    text: String,
    next_due_at: Option<Timestamp>,
}

/// How the trail tells of an answer that does not move the candidate (I7).
const fn told_as(restore: bool, state: IntentState) -> (&'static str, &'static str) {
    match state {
        IntentState::Accepted => {
            ("candidate.restore_accepted", "Microsoft accepted the restore; it is being verified.")
        }
        IntentState::NotSent => ("candidate.restore_not_sent", "The restore was not sent; it is tried again."),
        IntentState::Intended
        | IntentState::Unknown
        | IntentState::Refused
        | IntentState::Proven
        | IntentState::SettledOtherwise => {
            if restore {
                ("candidate.restore_unknown", "Nobody knows yet whether the restore happened; reading will tell.")
            } else {
                ("candidate.write_unknown", "Nobody knows yet whether the removal happened; reading will tell.")
            }
        }
    }
}

/// What an answer means for a removal or a restore. Only what is known for certain moves the
/// candidate; the rest is settled by reading.
fn judge_outcome(engine: &Engine, intent: &Intent, outcome: &WriteOutcome, now: Timestamp) -> Recorded {
    let restore = intent.kind == PlanItemKind::Restore;
    let settle = now.plus_seconds(engine.settings().settle_seconds);
    let unknown = |words: String| Recorded {
        state: IntentState::Unknown,
        request_id: None,
        words,
        event: None,
        text: String::new(),
        next_due_at: Some(settle),
    };
    match outcome {
        WriteOutcome::Accepted { request_id } => Recorded {
            state: IntentState::Accepted,
            request_id: request_id.clone(),
            words: "accepted".to_owned(),
            event: (!restore).then_some(CandidateEvent::WriteHappened),
            text: "Microsoft accepted the removal; it is being verified.".to_owned(),
            next_due_at: Some(settle),
        },
        WriteOutcome::Unknown { why, .. } => unknown(format!("unknown: {why}")),
        WriteOutcome::NotSent { why, retry_after } => {
            let wait = retry_after.map_or(10, |wait| i64::try_from(wait.as_secs()).unwrap_or(300)).clamp(1, 3_600);
            let next = now.plus_seconds(wait);
            if retry_after.is_some() {
                engine.pause_writes_until(next);
            }
            Recorded {
                state: IntentState::NotSent,
                request_id: None,
                words: format!("not sent: {why}"),
                event: (!restore).then_some(CandidateEvent::WriteDidNotHappen),
                text: format!("Nothing was sent: {why}. It is tried again."),
                next_due_at: Some(next),
            }
        }
        WriteOutcome::Refused { reason, message, .. } => {
            // It is not held the way it was read a moment ago. Nothing happened by this request; a
            // fresh reading says what is so now (G27, G34, G37, G38).
            if !restore && held_otherwise(reason) {
                return Recorded {
                    state: IntentState::Refused,
                    request_id: None,
                    words: "refused: not held that way".to_owned(),
                    event: Some(CandidateEvent::WriteDidNotHappen),
                    text: format!("Microsoft refused the removal ({message}); the license is looked at again."),
                    next_due_at: Some(settle),
                };
            }
            let cause = match reason {
                Refusal::NoSeats => Attention::NoFreeSeat,
                Refusal::Forbidden => {
                    Attention::Protected { why: "Microsoft refuses changes to this account".to_owned() }
                }
                Refusal::NotHeld
                | Refusal::Inherited
                | Refusal::UsageLocation
                | Refusal::Dependency { .. }
                | Refusal::Exclusive
                | Refusal::NotCompanySku
                | Refusal::UserNotFound
                | Refusal::Other => Attention::WriteRefused { message: message.clone() },
            };
            let text = cause.explain().0;
            let event =
                if restore { CandidateEvent::RestoreFailed { cause } } else { CandidateEvent::WriteFailed { cause } };
            Recorded {
                state: IntentState::Refused,
                request_id: None,
                words: format!("refused: {}", if *reason == Refusal::Forbidden { "forbidden" } else { "by Microsoft" }),
                event: Some(event),
                text,
                next_due_at: None,
            }
        }
    }
}

/// Whether a refusal says that somebody else changed how the license is held.
const fn held_otherwise(reason: &Refusal) -> bool {
    match reason {
        Refusal::NotHeld | Refusal::Inherited | Refusal::UserNotFound => true,
        Refusal::NoSeats
        | Refusal::UsageLocation
        | Refusal::Dependency { .. }
        | Refusal::Exclusive
        | Refusal::NotCompanySku
        | Refusal::Forbidden
        | Refusal::Other => false,
    }
}

/// Three unexpected answers in a row freeze all writes: something about the connection is wrong,
/// not about one person (G13, G15).
async fn open_circuit_if_needed(engine: &Engine, tx: &mut Tx) -> Result<(), EngineError> {
    let tenant_id = engine.tenant_id();
    let last = intents::list_last_outcomes(tx, tenant_id, 3).await?;
    let forbidden = last.len() == 3 && last.iter().all(|words| words == "refused: forbidden");
    if !forbidden || freezes::find_freeze(tx, tenant_id).await?.is_some() {
        return Ok(());
    }
    let reason = "Microsoft refused three removals in a row; the writer connection has lost its right";
    freezes::freeze(tx, tenant_id, reason, "circuit breaker", engine.now()).await?;
    let draft = crate::moves::entry(
        engine,
        By::Stage("circuit_breaker"),
        "writes.frozen",
        ("tenant", &tenant_id.to_string()),
        &Note::text(reason),
    );
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(())
}
