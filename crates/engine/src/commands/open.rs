//! From findings to candidates.

use reseat_domain::candidate::CandidateState;
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::{CandidateId, SeatKey};
use reseat_domain::plan::Fingerprint;
use reseat_domain::role::Permission;
use reseat_domain::rule::Justification;
use reseat_domain::time::Timestamp;
use reseat_store::candidates::Candidate;
use reseat_store::trail::Log;
use reseat_store::{Tx, candidates, dialect, findings, skus};

use crate::commands::{candidate_entry, permit};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note};

/// What became of one seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Which seat.
    pub seat: SeatKey,
    /// Its open candidate, new or already there; or why it has none.
    pub result: Result<CandidateId, String>,
}

/// Opens a candidate for each seat that a rule found idle, or that only a person can judge.
///
/// # Errors
/// [`CommandError::Forbidden`]; what one seat refuses is in its own place.
pub async fn open(engine: &Engine, caller: &Caller, seats: &[SeatKey]) -> Result<Vec<Opened>, CommandError> {
    permit(caller, Permission::ManageCandidates)?;
    let mut tx = engine.store().write().await?;
    // One after the other, because candidates of a tenant are numbered without gaps.
    dialect::lock_tenant_writes(&mut tx, engine.tenant_id()).await?;
    let mut opened = Vec::with_capacity(seats.len());
    for &seat in seats {
        opened.push(Opened { seat, result: open_one(engine, &mut tx, caller, seat).await? });
    }
    tx.commit().await?;
    crate::crash::crash_point("opened");
    Ok(opened)
}

async fn open_one(
    engine: &Engine,
    tx: &mut Tx,
    caller: &Caller,
    seat: SeatKey,
) -> Result<Result<CandidateId, String>, CommandError> {
    let tenant_id = engine.tenant_id();
    if let Some(candidate) = candidates::find_open_candidate(tx, tenant_id, seat).await? {
        return Ok(Ok(candidate.id));
    }
    let now = engine.now();
    let Some(finding) = findings::find_finding(tx, tenant_id, seat).await? else {
        return Ok(Err("There is no finding about this seat.".to_owned()));
    };
    match finding.verdict.kind {
        FindingKind::Idle | FindingKind::NeedsPerson => {}
        FindingKind::InUse => return Ok(Err("This license is in use.".to_owned())),
        FindingKind::InsufficientEvidence => {
            return Ok(Err("There is not enough evidence that this license is unused.".to_owned()));
        }
    }
    let previous = candidates::find_last_of_seat(tx, tenant_id, seat).await?;
    if let Some(until) = previous.as_ref().and_then(|(_, _, keep_until)| *keep_until).filter(|until| *until > now) {
        return Ok(Err(format!("It was decided to leave this seat alone until {}.", last_day(until))));
    }
    let Some(facts) = findings::find_facts(tx, tenant_id, seat).await? else {
        return Ok(Err("The person no longer holds this license.".to_owned()));
    };
    let price = skus::find_price(tx, tenant_id, seat.sku_id).await?;
    let candidate = Candidate {
        id: CandidateId::new(now, engine.random()),
        number: 0,
        seat,
        state: CandidateState::Ready,
        justification: finding.verdict.justifications.first().copied().unwrap_or(Justification::Manual),
        last_activity: finding.verdict.last_activity,
        verdict: finding.verdict,
        rule_id: finding.rule_id,
        rule_version: finding.rule_version,
        fingerprint: Fingerprint::of(seat.user_id, &facts.seat),
        bulk: false,
        proposed_by: None,
        annual: price.and_then(|price| price.annual(1, None)),
        opened_at: now,
        next_due_at: None,
        epoch: 0,
        version: 1,
    };
    let previous = previous.map(|(id, _, _)| id);
    candidates::insert_candidate(tx, tenant_id, &candidate, previous).await?;
    let note = Note::with(
        "Opened as a candidate.",
        serde_json::json!({
            "justification": candidate.justification, "rule_id": candidate.rule_id,
            "rule_version": candidate.rule_version, "fingerprint": candidate.fingerprint, "previous": previous,
        }),
    );
    let draft = candidate_entry(engine, By::Person(caller), "candidate.opened", &candidate, &note);
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(Ok(candidate.id))
}

/// The last whole day before a moment: a time that ends at midnight is named by the day it ends.
fn last_day(until: Timestamp) -> String {
    until.plus_seconds(-1).day().to_string()
}
