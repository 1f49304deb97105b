//! Who counts as one person, and whether a yes still stands. Separation of duties is about people:
//! two accounts of one person are one person (H10, X32).

use reseat_domain::ids::AccountId;
use reseat_domain::role::{Permission, grants};
use reseat_store::approvals::ApprovalRow;
use reseat_store::candidates::Candidate;
use reseat_store::installation::accounts;
use reseat_store::{StoreError, Tx, integration};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::Caller;

/// Whether `account_id` is an account of the person who gives a command.
///
/// # Errors
/// [`StoreError`].
pub async fn is_same_person(tx: &mut Tx, account_id: AccountId, caller: &Caller) -> Result<bool, StoreError> {
    if account_id == caller.account_id {
        return Ok(true);
    }
    if caller.user_id.is_none() {
        return Ok(false);
    }
    Ok(accounts::find_account(tx, account_id).await?.is_some_and(|account| account.user_id == caller.user_id))
}

/// Whether a candidate was proposed by the person who gives a command, through whichever account.
///
/// # Errors
/// [`StoreError`].
pub async fn is_proposer(tx: &mut Tx, proposed_by: Option<AccountId>, caller: &Caller) -> Result<bool, StoreError> {
    match proposed_by {
        Some(account_id) => is_same_person(tx, account_id, caller).await,
        None => Ok(false),
    }
}

/// Whether an account may still do what it once asked for.
pub(crate) async fn still_may(tx: &mut Tx, account_id: AccountId, permission: Permission) -> Result<bool, StoreError> {
    let account = accounts::find_account(tx, account_id).await?;
    Ok(account.is_some_and(|account| account.enabled && grants(&account.roles, permission)))
}

/// Why an approval no longer stands, `None` when it does. Whoever gave it was entitled then; they have
/// to be when it is used, too (H7).
pub(crate) async fn why_lapsed(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    approval: &ApprovalRow,
) -> Result<Option<&'static str>, EngineError> {
    let id: AccountId = approval.account_id.parse().map_err(|_| {
        EngineError::Inconsistent(format!("the approval of candidate {} names no account", candidate.number))
    })?;
    let Some(account) = accounts::find_account(tx, id).await? else {
        return Ok(Some("the account that approved is gone"));
    };
    if !account.enabled {
        return Ok(Some("the account that approved was disabled"));
    }
    // The holder's own yes to giving it up needs no role.
    if account.user_id == Some(candidate.seat.user_id) || grants(&account.roles, Permission::Decide) {
        return Ok(None);
    }
    let tenant = integration::find_tenant(tx, engine.tenant_id()).await?;
    let alone = approval.single_operator && tenant.is_some_and(|tenant| tenant.single_operator);
    if alone && grants(&account.roles, Permission::ManageCandidates) {
        return Ok(None);
    }
    Ok(Some("whoever approved is no longer an approver"))
}
