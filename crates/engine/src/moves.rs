//! Moving a candidate: the pure transition, the row, the trail entry and what follows, in one
//! transaction.

use std::collections::BTreeSet;

use reseat_domain::audit::{Actor, Draft, Object, Readable};
use reseat_domain::candidate::{CandidateEvent, CandidateState, Effect, transition};
use reseat_domain::ids::{AccountId, UserId};
use reseat_domain::role::Role;
use reseat_domain::time::Timestamp;
use reseat_store::candidates::{Candidate, Move};
use reseat_store::intents::Saving;
use reseat_store::trail::Log;
use reseat_store::{Tx, candidates, intents};

use crate::engine::Engine;
use crate::error::EngineError;

/// How a caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// Signed in at the console.
    Session,
    /// A bearer token.
    Token,
}

/// Who gives a command.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Their account.
    pub account_id: AccountId,
    /// Shown name.
    pub name: String,
    /// What they may do, as of this request.
    pub roles: BTreeSet<Role>,
    /// Who they are in the tenant, if known.
    pub user_id: Option<UserId>,
    /// How they proved it.
    pub kind: CallerKind,
}

/// Who a change is by.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A person.
    Person(&'a Caller),
    /// A stage.
    Stage(&'static str),
}

impl By<'_> {
    /// For the hashed part of an entry.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(caller) => Actor {
                kind: match caller.kind {
                    CallerKind::Session => "account".to_owned(),
                    CallerKind::Token => "token".to_owned(),
                },
                id: caller.account_id.to_string(),
            },
            Self::Stage(name) => Actor { kind: "system".to_owned(), id: (*name).to_owned() },
        }
    }

    /// For people.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Person(caller) => Some(caller.name.clone()),
            Self::Stage(_) => None,
        }
    }
}

/// What a trail entry says about a move.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// One sentence for people.
    pub text: String,
    /// The reason a person gave.
    pub reason: Option<String>,
    /// Further facts that name nobody.
    pub details: serde_json::Value,
}

impl Note {
    /// Only a sentence.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), reason: None, details: serde_json::json!({}) }
    }

    /// A sentence and facts that name nobody.
    pub fn with(text: impl Into<String>, details: serde_json::Value) -> Self {
        Self { text: text.into(), reason: None, details }
    }

    /// Adds the reason a person gave.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}

/// Moves a candidate. `change` may say more about the row; what it leaves open follows from the
/// transition's effects.
///
/// # Errors
/// [`EngineError::Inconsistent`] when the event does not fit the state, [`EngineError::Store`] with
/// a conflict when the candidate changed since it was read.
pub async fn move_candidate(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    event: &CandidateEvent,
    by: By<'_>,
    note: &Note,
    mut change: Move,
) -> Result<CandidateState, EngineError> {
    let now = engine.now();
    let (next, effects) = transition(&candidate.state, event, now)
        .map_err(|illegal| EngineError::Inconsistent(format!("candidate {}: {illegal}", candidate.number)))?;
    let settings = engine.settings();
    for effect in &effects {
        match effect {
            Effect::ScheduleWrite { .. } => {
                change.next_due_at.get_or_insert(now);
            }
            Effect::SettleThenRead { .. } => {
                change.next_due_at.get_or_insert(now.plus_seconds(settings.settle_seconds));
            }
            Effect::AskHolder { deadline } => {
                change.next_due_at.get_or_insert(*deadline);
            }
            Effect::CoolDown { until } => {
                change.keep_until = Some(until.unwrap_or_else(|| now.plus_days(settings.cool_down_days)));
            }
            Effect::PostSavings { intent } => {
                post_saving(engine, tx, candidate, "freed", *intent, now).await?;
            }
            Effect::ReverseSavings { intent } => {
                // Only what was counted as freed is taken back.
                if intents::was_freed(tx, engine.tenant_id(), candidate.id).await? {
                    post_saving(engine, tx, candidate, "reversed", Some(*intent), now).await?;
                }
            }
            // Shown on pages that read the state itself; nothing has to be stored for them.
            Effect::AskApprover { .. } | Effect::AssignManualTask | Effect::TellPerson | Effect::DropPlanItem => {}
        }
    }
    candidates::update_candidate(tx, engine.tenant_id(), candidate, &next, &change, now).await?;
    let mut details = note.details.clone();
    if let Some(facts) = details.as_object_mut() {
        facts.insert("candidate_number".to_owned(), candidate.number.into());
        facts.insert("rule_version".to_owned(), candidate.rule_version.into());
        facts.insert("fingerprint".to_owned(), candidate.fingerprint.as_str().into());
    }
    let draft = Draft {
        at: now,
        actor: by.actor(),
        verb: format!("candidate.{}", event.name()),
        object: Object { kind: "candidate".to_owned(), id: candidate.id.to_string() },
        from: Some(candidate.state.name().to_string()),
        to: Some(next.name().to_string()),
        details,
        readable: Readable {
            actor_name: by.name(),
            user_id: Some(candidate.seat.user_id.to_string()),
            text: note.text.clone(),
            reason: note.reason.clone(),
        },
    };
    engine.append_audit(tx, Log::Tenant(engine.tenant_id()), &draft).await?;
    Ok(next)
}

async fn post_saving(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    kind: &'static str,
    intent_id: Option<reseat_domain::ids::IntentId>,
    now: Timestamp,
) -> Result<(), EngineError> {
    let saving = Saving {
        id: reseat_domain::ids::PlanItemId::new(now, engine.random()).to_string(),
        candidate_id: candidate.id,
        intent_id,
        kind,
        seat: candidate.seat,
        annual: candidate.annual,
        at: now,
    };
    intents::insert_saving(tx, engine.tenant_id(), &saving).await?;
    Ok(())
}

/// A trail entry about something else than a candidate; `object` is its kind and its id.
pub fn entry(engine: &Engine, by: By<'_>, verb: &str, object: (&str, &str), note: &Note) -> Draft {
    Draft {
        at: engine.now(),
        actor: by.actor(),
        verb: verb.to_owned(),
        object: Object { kind: object.0.to_owned(), id: object.1.to_owned() },
        from: None,
        to: None,
        details: note.details.clone(),
        readable: Readable {
            actor_name: by.name(),
            user_id: None,
            text: note.text.clone(),
            reason: note.reason.clone(),
        },
    }
}
