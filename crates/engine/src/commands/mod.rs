//! What people ask for: one wish, one function. Each asks `reseat-domain` whether the caller may,
//! changes the rows and appends the trail entry in one transaction, and wakes the loop.

mod act;
mod act_on_many;
mod approve;
mod complete;
mod connections;
mod freeze;
mod keep;
mod notify;
mod open;
mod plan;
mod prices;
mod release;
mod restore;
mod retry;
mod roster;
mod skip;
mod start;
mod sync;
mod tasks;
mod trail;
mod write_settings;

use reseat_domain::audit::{Draft, Object, Readable};
use reseat_domain::ids::{ApprovalId, CandidateId, TenantId};
use reseat_domain::plan::hex;
use reseat_domain::role::{Permission, grants};
use reseat_store::approvals::{self, Approval, ApprovalRow};
use reseat_store::candidates::{self, Candidate};
use reseat_store::integration::{self, TenantRow};
use reseat_store::{StoreError, Tx};
use sha2::{Digest, Sha256};

pub use act::{ActionInput, act};
pub use act_on_many::act_on_many;
pub use connections::{
    Authorize, ConsentLink, EnteredProof, Finished, NewConnection, ReturnedBrowser, begin_authorization,
    check_connection, consent_link, finish_authorization, remove_connection, save_connection,
};
pub use freeze::{Thaw, freeze, freeze_on_host, place_freeze_file, thaw};
pub use open::{Opened, open};
pub use plan::{apply_plan, draft_plan};
pub use prices::{clear_price, set_price};
pub use roster::{Imported, import_roster};
pub use sync::sync_now;
pub use tasks::set_task_enabled;
pub use trail::{LogReport, TrailReport, verify_trail};
pub use write_settings::{WriteSettingsChange, change_write_settings, read_write_settings};

use crate::engine::Engine;
use crate::error::{CommandError, EngineError};
use crate::moves::{By, Caller, Note};

/// Refuses a caller whose roles do not grant `permission`.
fn permit(caller: &Caller, permission: Permission) -> Result<(), CommandError> {
    if grants(&caller.roles, permission) {
        return Ok(());
    }
    let words = permission.as_str().replace('_', " ");
    Err(CommandError::Forbidden(format!("None of your roles permits this ({words}).")))
}

/// A text that must be there, trimmed and of a length a person can read.
fn required(field: &'static str, text: Option<&str>, what: &str) -> Result<String, CommandError> {
    let text = text.unwrap_or_default().trim();
    let invalid = |message: String| CommandError::Invalid { field, message };
    if text.is_empty() {
        return Err(invalid(format!("{what} is needed")));
    }
    if text.chars().count() > 2_000 {
        return Err(invalid(format!("{what} may have 2,000 characters at most")));
    }
    Ok(text.to_owned())
}

async fn get_tenant(engine: &Engine, tx: &mut Tx) -> Result<TenantRow, CommandError> {
    integration::find_tenant(tx, engine.tenant_id())
        .await?
        .ok_or_else(|| CommandError::NotFound("This tenant is not set up yet.".to_owned()))
}

async fn get_candidate(engine: &Engine, tx: &mut Tx, id: CandidateId) -> Result<Candidate, CommandError> {
    candidates::find_candidate(tx, engine.tenant_id(), id)
        .await?
        .ok_or_else(|| CommandError::NotFound(format!("There is no candidate {id}.")))
}

/// Records the caller's yes to exactly this seat as it was found.
async fn record_approval(
    engine: &Engine,
    tx: &mut Tx,
    caller: &Caller,
    candidate: &Candidate,
    kind: &'static str,
    binding: Option<String>,
) -> Result<ApprovalId, CommandError> {
    let tenant = get_tenant(engine, tx).await?;
    let now = engine.now();
    let mut approval = Approval {
        id: ApprovalId::new(now, engine.random()),
        candidate_id: candidate.id,
        kind,
        account_id: caller.account_id,
        given_at: now,
        seat: candidate.seat,
        fingerprint: candidate.fingerprint.as_str().to_owned(),
        rule_id: candidate.rule_id.clone(),
        rule_version: candidate.rule_version,
        single_operator: tenant.single_operator,
        binding,
        content_hash: String::new(),
    };
    approval.content_hash = approval_hash(engine.tenant_id(), &ApprovalRow::from(&approval));
    approvals::insert_approval(tx, engine.tenant_id(), &approval).await?;
    Ok(approval.id)
}

/// The hash that binds an approval to everything it says (X8): looked at again before each write.
pub fn approval_hash(tenant_id: TenantId, row: &ApprovalRow) -> String {
    let mut value = serde_json::json!({
        "tenant_id": tenant_id,
        "id": row.id,
        "candidate_id": row.candidate_id,
        "kind": row.kind,
        "account_id": row.account_id,
        "given_at": row.given_at,
        "user_id": row.user_id,
        "sku_id": row.sku_id,
        "fingerprint": row.fingerprint,
        "rule_id": row.rule_id,
        "rule_version": row.rule_version,
        "single_operator": row.single_operator,
    });
    // Only where it says more than the fingerprint does, so that older hashes stay what they are.
    if let Some(binding) = &row.binding {
        value["binding"] = binding.clone().into();
    }
    hex(&Sha256::digest(reseat_domain::audit::canonical_json(&value)))
}

/// A trail entry about a candidate that is not a move.
pub(crate) fn candidate_entry(engine: &Engine, by: By<'_>, verb: &str, candidate: &Candidate, note: &Note) -> Draft {
    Draft {
        at: engine.now(),
        actor: by.actor(),
        verb: verb.to_owned(),
        object: Object { kind: "candidate".to_owned(), id: candidate.id.to_string() },
        from: None,
        to: Some(candidate.state.name().to_string()),
        details: note.details.clone(),
        readable: Readable {
            actor_name: by.name(),
            user_id: Some(candidate.seat.user_id.to_string()),
            text: note.text.clone(),
            reason: note.reason.clone(),
        },
    }
}

/// A move that does not fit any more is somebody else's doing, not a broken row: the state was
/// looked at in this very transaction.
fn moved(error: EngineError) -> CommandError {
    match error {
        EngineError::Store(StoreError::Conflict) => CommandError::Conflict,
        other => other.into(),
    }
}
