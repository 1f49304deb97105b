//! An action on one candidate: who may is asked of `domain` alone, in the transaction that acts.

use std::collections::BTreeSet;

use reseat_domain::candidate::{Action, Situation, allowed_actions};
use reseat_domain::ids::CandidateId;
use reseat_domain::role::{Permission, Role, grants};
use reseat_domain::time::Day;
use reseat_store::candidates::Candidate;

use crate::commands::{
    approve, complete, get_candidate, get_tenant, keep, notify, release, restore, retry, skip, start,
};
use crate::engine::Engine;
use crate::entitlement::is_proposer;
use crate::error::CommandError;
use crate::moves::Caller;

/// What comes with an action.
#[derive(Debug, Clone, Default)]
pub struct ActionInput {
    /// Why; keep and skip need it.
    pub reason: Option<String>,
    /// The last day on which a kept seat is left alone.
    pub until: Option<Day>,
    /// What was done by hand; complete needs it.
    pub note: Option<String>,
}

/// Takes an action on a candidate.
///
/// # Errors
/// [`CommandError`] says what the caller can do.
pub async fn act(
    engine: &Engine,
    caller: &Caller,
    id: CandidateId,
    action: Action,
    input: &ActionInput,
) -> Result<CandidateId, CommandError> {
    act_as(engine, caller, id, action, input, false).await
}

/// How often a keep that met a change meanwhile looks again.
const KEEP_TRIES: usize = 5;

/// Takes an action; `bulk` says that it is part of a bulk step. Whoever was slower is told, except for
/// a keep: as long as nothing was sent it wins, whatever was decided at the same moment (I12, H9).
pub(super) async fn act_as(
    engine: &Engine,
    caller: &Caller,
    id: CandidateId,
    action: Action,
    input: &ActionInput,
    bulk: bool,
) -> Result<CandidateId, CommandError> {
    for _ in 1..KEEP_TRIES {
        match act_once(engine, caller, id, action, input, bulk).await {
            Err(CommandError::Conflict) if action == Action::Keep => {}
            answer => return answer,
        }
    }
    act_once(engine, caller, id, action, input, bulk).await
}

async fn act_once(
    engine: &Engine,
    caller: &Caller,
    id: CandidateId,
    action: Action,
    input: &ActionInput,
    bulk: bool,
) -> Result<CandidateId, CommandError> {
    may_act_at_all(caller)?;
    let mut tx = engine.store().write().await?;
    let candidate = get_candidate(engine, &mut tx, id).await?;
    let single_operator = get_tenant(engine, &mut tx).await?.single_operator;
    let is_proposer = is_proposer(&mut tx, candidate.proposed_by, caller).await?;
    check_allowed(caller, &candidate, action, (bulk, is_proposer), single_operator)?;
    let acting = Acting { engine, caller, candidate: &candidate, input, bulk, single_operator };
    match action {
        Action::Start => start::start(&acting, &mut tx).await?,
        Action::Notify => notify::notify(&acting)?,
        Action::Approve => approve::approve(&acting, &mut tx).await?,
        Action::Keep => keep::keep(&acting, &mut tx).await?,
        Action::Release => release::release(&acting, &mut tx).await?,
        Action::Skip => skip::skip(&acting, &mut tx).await?,
        Action::Complete => complete::complete(&acting, &mut tx).await?,
        Action::Retry => retry::retry(&acting, &mut tx).await?,
        Action::Restore => restore::restore(&acting, &mut tx).await?,
    }
    tx.commit().await?;
    crate::crash::crash_point("acted");
    engine.nudge();
    Ok(id)
}

/// An action that is allowed, about to be taken.
pub(super) struct Acting<'a> {
    pub engine: &'a Engine,
    pub caller: &'a Caller,
    pub candidate: &'a Candidate,
    pub input: &'a ActionInput,
    pub bulk: bool,
    pub single_operator: bool,
}

/// Whoever only looks learns nothing about what stands where by trying.
fn may_act_at_all(caller: &Caller) -> Result<(), CommandError> {
    let acting = [Permission::ManageCandidates, Permission::ManagePlans, Permission::Decide];
    // A holder may hold no role at all and still give up their own seat.
    if caller.user_id.is_some() || acting.into_iter().any(|permission| grants(&caller.roles, permission)) {
        return Ok(());
    }
    Err(CommandError::Forbidden("None of your roles decides about licenses.".to_owned()))
}

fn check_allowed(
    caller: &Caller,
    candidate: &Candidate,
    action: Action,
    (bulk, is_proposer): (bool, bool),
    single_operator: bool,
) -> Result<(), CommandError> {
    let situation = Situation {
        state: &candidate.state,
        roles: &caller.roles,
        is_holder: caller.user_id == Some(candidate.seat.user_id),
        is_proposer,
        bulk: candidate.bulk || bulk,
        single_operator,
    };
    let Some(why_not) = why_not(&situation, action) else { return Ok(()) };
    // The same question for somebody who may do everything tells whether the state refuses or the
    // person.
    let everything: BTreeSet<Role> = Role::ALL.iter().copied().collect();
    let anybody =
        Situation { roles: &everything, is_holder: action == Action::Release, is_proposer: false, ..situation };
    Err(match self::why_not(&anybody, action) {
        Some(_) => CommandError::NotAllowed(why_not),
        None => CommandError::Forbidden(why_not),
    })
}

fn why_not(situation: &Situation<'_>, action: Action) -> Option<String> {
    let answer = allowed_actions(situation).into_iter().find(|answer| answer.action == action);
    match answer {
        Some(answer) if answer.allowed => None,
        Some(answer) => Some(answer.why_not.unwrap_or_else(|| "Not possible.".to_owned())),
        None => Some("There is no such action.".to_owned()),
    }
}
