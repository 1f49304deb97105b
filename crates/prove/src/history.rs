//! Raw histories: what the tenant's own journal says and what was approved, kept as files, so that a
//! stranger can judge again (`scripts/rejudge.mjs` does).

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use reseat_domain::ids::TenantId;
use reseat_store::Store;
use reseat_store::read::candidates::{CandidateDetail, CandidateFilter, find_candidate, list_candidates};
use reseat_testkit::Sim;
use serde_json::{Value, json};

use crate::tally::Given;

/// A rolling window that was never to be passed, for the second judge.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Removals in any 24 hours; 0 when this run is not about it.
    pub per_day: u32,
}

/// Where histories lie: `target/proofs`, or `RESEAT_PROOFS_DIR`.
fn folder(proof: &str, given: Given) -> Result<PathBuf> {
    let base = match std::env::var_os("RESEAT_PROOFS_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let program = std::env::current_exe()?;
            let target = program.ancestors().nth(2).context("the program lies in a target folder")?;
            target.join("proofs")
        }
    };
    let folder = base.join(format!("{proof}-{}", given.seed));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Empties the folder of a proof, so that no older history is judged with this one.
///
/// # Errors
/// When the folder cannot be written.
pub fn clear(proof: &str, given: Given) -> Result<()> {
    let folder = folder(proof, given)?;
    std::fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))
}

/// Keeps the journal and everything that was approved.
///
/// # Errors
/// When a file cannot be written.
pub async fn keep(
    proof: &str,
    given: Given,
    case: &str,
    (sim, store, tenant_id): (&Sim, &Store, TenantId),
    limits: Limits,
) -> Result<()> {
    let folder = folder(proof, given)?;
    std::fs::write(folder.join(format!("{case}.journal.jsonl")), sim.journal_text().await)?;
    let ours: Vec<&str> =
        sim.ready.apps.iter().filter(|app| app.purpose != "everything").map(|app| app.client_id.as_str()).collect();
    let candidates: Vec<Value> = all_candidates(store, tenant_id).await?.iter().map(shown).collect();
    let text = json!({
        "proof": proof, "seed": given.seed, "case": case, "tenant_id": tenant_id, "our_apps": ours,
        "limits": { "per_day": limits.per_day }, "candidates": candidates,
    });
    std::fs::write(folder.join(format!("{case}.approvals.json")), serde_json::to_vec_pretty(&text)?)?;
    Ok(())
}

/// Every candidate with its approvals and writes.
///
/// # Errors
/// When the database does not answer.
pub async fn all_candidates(store: &Store, tenant_id: TenantId) -> Result<Vec<CandidateDetail>> {
    let mut tx = store.read().await?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = list_candidates(&mut tx, tenant_id, &CandidateFilter::default(), after.as_ref(), 200).await?;
        for item in &page.items {
            found.extend(find_candidate(&mut tx, tenant_id, item.id).await?);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

fn shown(detail: &CandidateDetail) -> Value {
    let approvals: Vec<Value> = detail
        .approvals
        .iter()
        .map(|yes| json!({ "id": yes.id, "kind": yes.kind, "account": yes.account_id, "given_at": yes.given_at }))
        .collect();
    let writes: Vec<Value> = detail
        .writes
        .iter()
        .map(|write| {
            json!({ "id": write.id, "kind": write.kind, "approval_id": write.approval_id, "state": write.state,
                "created_at": write.created_at })
        })
        .collect();
    let item = &detail.item;
    json!({
        "number": item.number, "user_id": item.person.user_id, "sku_id": item.sku.sku_id,
        "state": item.state.name().to_string(), "proposed_by": item.proposed_by, "bulk": item.bulk,
        "approvals": approvals, "writes": writes,
    })
}
