//! The last look before a write: the plan and the approval, the person as they are this moment, and the
//! evidence once more.

use reseat_domain::candidate::{CancelReason, CandidateEvent, StateName};
use reseat_domain::detect::{FindingKind, judge};
use reseat_domain::directory::LicenseState;
use reseat_domain::evidence::Reading;
use reseat_domain::ids::ApprovalId;
use reseat_domain::plan::{PlanItem, PlanItemKind, Write};
use reseat_domain::rule::UseSignals;
use reseat_domain::verify::unchanged_since_approval;
use reseat_store::approvals::ApprovalRow;
use reseat_store::candidates::{Candidate, Move};
use reseat_store::{Tx, approvals, candidates, findings, plans, rules};

use crate::advance;
use crate::commands::approval_hash;
use crate::detect::SourceView;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{Note, move_candidate};
use crate::planning::solve;
use crate::write_back::STAGE;
use crate::write_back::fresh::read_terms;
use crate::write_back::progress::{Progress, stop};

/// What is to be written, and the yes it rests on.
pub(super) struct Planned {
    pub(super) item: PlanItem,
    pub(super) yes: ApprovalRow,
}

/// The applied plan's item, if it still is about what was approved (X8).
pub(super) async fn find_item(
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
    let takes = match item.kind {
        PlanItemKind::Remove | PlanItemKind::LeaveGroup | PlanItemKind::Swap | PlanItemKind::DisablePlan => true,
        PlanItemKind::Restore | PlanItemKind::Assign => false,
    };
    // The approval is bound to the writes and the groups, not only to the seat.
    if !takes || item.fingerprint != candidate.fingerprint || !covered || item.binding() != row.binding {
        return Err(broken("its plan is about something else"));
    }
    Ok(Some(Planned { item, yes: row }))
}

/// Asks another approver: whoever approved may no longer do so (H7).
pub(super) async fn lapse(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    approval: ApprovalId,
    why: &str,
) -> Result<(), EngineError> {
    let text = format!("The approval no longer stands: {why}. Another approver has to decide.");
    let (event, text) = stop(engine, tx, candidate, CandidateEvent::ApprovalLapses, &text).await?;
    let note = Note::with(text, serde_json::json!({ "approval": approval, "why": why }));
    move_candidate(engine, tx, candidate, &event, STAGE, &note, Move::default()).await?;
    Ok(())
}

pub(super) enum Checked {
    Go(LicenseState),
    Event(CandidateEvent, String),
}

/// Compares a fresh reading of the person, and of every group that gives the seat, with what was approved: the
/// same seat, the same writes, the same terms of the groups. Of several writes, what is done already is taken off.
pub(super) async fn check_fresh(
    engine: &Engine,
    candidate: &Candidate,
    item: &PlanItem,
    progress: &Progress,
    fresh: Option<LicenseState>,
) -> Result<Checked, EngineError> {
    let canceled =
        |why: CancelReason| Checked::Event(CandidateEvent::Canceled { why }, advance::explain(why).to_owned());
    let Some(state) = fresh else { return Ok(canceled(CancelReason::PersonGone)) };
    let sku_id = candidate.seat.sku_id;
    if state.seat(sku_id).is_none() {
        return Ok(canceled(CancelReason::SeatGone));
    }
    let terms = read_terms(engine, &state, candidate.seat).await?;
    let mut tx = engine.store().read().await?;
    let path = match solve(engine, &mut tx, &state, &terms, sku_id).await? {
        Ok(path) => path,
        Err(cause) => {
            let text = cause.explain().0;
            return Ok(Checked::Event(CandidateEvent::Obstacle { cause }, text));
        }
    };
    let same_groups = path.groups.iter().all(|now| item.groups.iter().any(|then| then.same_terms(now)));
    let same = unchanged_since_approval(sku_id, &progress.expected(candidate), &state)
        && path.writes().eq(progress.left(item))
        && same_groups;
    if !same {
        return Ok(canceled(CancelReason::EvidenceChanged));
    }
    // A license that still comes through a group the person has left already is on its way out by itself.
    let left = progress.next(item).and_then(Write::group_id);
    if left.is_some_and(|group| !state.groups.as_ref().is_some_and(|groups| groups.contains(&group))) {
        return Ok(canceled(CancelReason::EvidenceChanged));
    }
    Ok(Checked::Go(state))
}

pub(super) enum Recheck {
    Fine { age_seconds: i64 },
    Canceled(CancelReason),
    NotFresh(&'static str),
}

/// Judges the seat once more with what is known this moment (I10, H11).
pub(super) async fn recheck(
    engine: &Engine,
    candidate: &Candidate,
    state: &LicenseState,
) -> Result<Recheck, EngineError> {
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
            // Not waited for, because somebody approved; the slow lane gives way to it.
            engine.sign_in_pace().note(now);
            match engine.reader()?.sign_in(candidate.seat.user_id).await? {
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
