//! The circuit breaker of writes: when answers are not what they should be, something is wrong with the connection,
//! with Microsoft or with us, and not with one person. It opens by itself, lets one write through after a while,
//! and closes when that one is proven (D.3).

use reseat_domain::ids::IntentId;
use reseat_domain::time::Timestamp;
use reseat_store::circuits::{self, Circuit};
use reseat_store::trail::Log;
use reseat_store::{StoreError, Tx};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry};

/// So many unexpected answers in a row open it.
const IN_A_ROW: usize = 3;

/// Over how many answers the share is taken.
const WINDOW: usize = 50;

/// More than so many percent of the window open it.
const PERCENT: usize = 5;

/// What became of one write, as the breaker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did exactly what it should.
    Good,
    /// It did not, or was refused.
    Bad,
    /// Something else changed with it: nothing more may be written at all.
    Alarm,
    /// Nothing happened, for a reason that lies outside.
    Nothing,
    /// Not settled yet.
    Open,
}

/// Whether the words of an outcome say that it was unexpected. What somebody else changed meanwhile is not.
fn is_unexpected(words: &str) -> bool {
    let refused = words == "refused: forbidden" || words == "refused: by Microsoft";
    refused || words.starts_with(FAILED_PROOF)
}

/// How the outcome of a write begins whose proof failed.
pub(crate) const FAILED_PROOF: &str = "failed proof: ";

/// Why the breaker lets nothing through now; `None` when it is closed, or its canary may be sent.
pub(super) async fn held_back(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, StoreError> {
    let Some(circuit) = circuits::find_circuit(tx, engine.tenant_id()).await? else { return Ok(None) };
    Ok(if circuit.canary.is_some() {
        Some(format!("writes stopped by themselves: {}; one is being proven before the others go on", circuit.reason))
    } else if now < circuit.retry_at {
        let at = circuit.retry_at;
        Some(format!("writes stopped by themselves: {}; one is tried again at {at}", circuit.reason))
    } else {
        None
    })
}

/// Says that this write is the canary, if the breaker is half-open. In the transaction of the intent.
pub(crate) async fn begin(engine: &Engine, tx: &mut Tx, intent: IntentId) -> Result<(), EngineError> {
    if circuits::find_circuit(tx, engine.tenant_id()).await?.is_some() {
        circuits::set_canary(tx, engine.tenant_id(), Some(intent)).await?;
    }
    Ok(())
}

/// Lets the breaker know what became of a write, in the transaction that records it.
pub(crate) async fn look(engine: &Engine, tx: &mut Tx, intent: IntentId, verdict: Verdict) -> Result<(), EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    match (circuits::find_circuit(tx, tenant_id).await?, verdict) {
        (_, Verdict::Alarm) => open(engine, tx, "something else changed with a removal").await,
        (Some(Circuit { canary: Some(canary), reason, .. }), _) if canary == intent => match verdict {
            Verdict::Good => {
                circuits::close_circuit(tx, tenant_id, now).await?;
                tell(engine, tx, "writes.circuit_closed", "The one write was proven; the others go on.").await
            }
            Verdict::Bad | Verdict::Alarm => open(engine, tx, &reason).await,
            Verdict::Nothing => Ok(circuits::set_canary(tx, tenant_id, None).await?),
            Verdict::Open => Ok(()),
        },
        (Some(_), _) => Ok(()),
        (None, _) => {
            let limit = i64::try_from(WINDOW).unwrap_or(i64::MAX);
            match why_open(&circuits::list_last_outcomes(tx, tenant_id, limit).await?) {
                Some(reason) => open(engine, tx, &reason).await,
                None => Ok(()),
            }
        }
    }
}

/// Whether the last outcomes, the newest first, open the breaker.
fn why_open(outcomes: &[String]) -> Option<String> {
    if outcomes.len() >= IN_A_ROW && outcomes[..IN_A_ROW].iter().all(|words| is_unexpected(words)) {
        return Some(format!("{IN_A_ROW} removals in a row were refused or did not do what they should"));
    }
    let bad = outcomes.iter().filter(|words| is_unexpected(words)).count();
    (outcomes.len() >= WINDOW && bad * 100 > WINDOW * PERCENT)
        .then(|| format!("{bad} of the last {WINDOW} removals were refused or did not do what they should"))
}

async fn open(engine: &Engine, tx: &mut Tx, reason: &str) -> Result<(), EngineError> {
    let now = engine.now();
    let retry_at = now.plus_seconds(engine.settings().circuit_retry_seconds);
    circuits::open_circuit(tx, engine.tenant_id(), reason, now, retry_at).await?;
    let text = format!("Writes stopped by themselves: {reason}. One is tried again at {retry_at}.");
    tell(engine, tx, "writes.circuit_opened", &text).await
}

async fn tell(engine: &Engine, tx: &mut Tx, verb: &str, text: &str) -> Result<(), EngineError> {
    let tenant_id = engine.tenant_id();
    let object = tenant_id.to_string();
    let draft = entry(engine, By::Stage("circuit_breaker"), verb, ("tenant", &object), &Note::text(text));
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(words: &[&str]) -> Vec<String> {
        words.iter().map(|words| (*words).to_owned()).collect()
    }

    #[test]
    fn three_unexpected_outcomes_in_a_row_open_it_and_what_others_changed_does_not_count() {
        let bad = ["refused: forbidden", "refused: by Microsoft", "failed proof: not_proven"];
        assert!(why_open(&outcomes(&bad)).is_some());
        assert!(why_open(&outcomes(&bad[..2])).is_none());
        for fine in ["proven", "accepted", "unknown: cut", "refused: not held that way", "settled_otherwise"] {
            assert!(why_open(&outcomes(&[bad[0], fine, bad[1], bad[2]])).is_none(), "{fine}");
        }
    }

    #[test]
    fn more_than_five_percent_of_the_last_fifty_open_it() {
        let mut some = vec!["proven"; 50];
        for at in [5, 20] {
            some[at] = "refused: by Microsoft";
        }
        assert!(why_open(&outcomes(&some)).is_none(), "two of fifty are four percent");
        some[40] = "refused: by Microsoft";
        assert!(why_open(&outcomes(&some)).is_some());
        assert!(why_open(&outcomes(&some[1..])).is_none(), "not before there are fifty");
    }
}
