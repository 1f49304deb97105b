//! Judging a run by what really happened in the tenant.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::candidate::{CandidateState, Completion, StateName};
use reseat_domain::ids::TenantId;
use reseat_store::Store;
use reseat_store::read::candidates::{CandidateDetail, CandidateFilter, find_candidate, list_candidates};

use crate::sim::{Effect, Sim};

/// What the journal says about a run. Empty lists are good news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Direct licenses that our apps removed.
    pub removals: usize,
    /// Licenses that our apps gave back.
    pub restores: usize,
    /// Effects of our apps without an approval, and a committed intent, of exactly that seat (I1).
    pub unapproved: Vec<String>,
    /// Seats with more effects than approvals (I2).
    pub double: Vec<String>,
    /// Approved seats that are at no end and on nobody's list (I3).
    pub forgotten: Vec<String>,
    /// Candidates said to be taken back by us although the journal has no such effect.
    pub unfounded: Vec<String>,
}

impl Judgement {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.unapproved.is_empty() && self.double.is_empty() && self.unfounded.is_empty()
    }
}

type Seat = (String, String);

/// Compares the journal with what was approved.
pub async fn judge(sim: &Sim, store: &Store, tenant_id: TenantId) -> Judgement {
    // The app with every right plays other people's programs; the product is never given it.
    let given = sim.ready.apps.iter().filter(|app| app.purpose != "everything");
    let ours: BTreeSet<&str> = given.map(|app| app.client_id.as_str()).collect();
    let effects: Vec<Effect> = sim
        .journal()
        .await
        .into_iter()
        .filter(|effect| effect.app_id.as_deref().is_some_and(|app| ours.contains(app)))
        .collect();
    let candidates = all_candidates(store, tenant_id).await;
    let allowed = count_approved(&candidates);
    let mut happened: BTreeMap<(Seat, &str), usize> = BTreeMap::new();
    let mut judgement = Judgement::default();
    for effect in &effects {
        let kind = match effect.kind.as_str() {
            "license_removed" => "remove",
            "license_added" => "restore",
            _ => "",
        };
        let (Some(sku_id), None, false) = (&effect.sku_id, &effect.group_id, kind.is_empty()) else {
            judgement.unapproved.push(format!("{effect:?}"));
            continue;
        };
        let seat = (effect.user_id.clone(), sku_id.clone());
        if kind == "remove" {
            judgement.removals += 1;
        } else {
            judgement.restores += 1;
        }
        let count = happened.entry((seat.clone(), kind)).or_default();
        *count += 1;
        match allowed.get(&(seat, kind)).copied().unwrap_or(0) {
            0 => judgement.unapproved.push(format!("{effect:?}")),
            approved if *count > approved => judgement.double.push(format!("{effect:?}")),
            _ => {}
        }
    }
    for detail in &candidates {
        judge_candidate(detail, &happened, &mut judgement);
    }
    judgement
}

fn judge_candidate(detail: &CandidateDetail, happened: &BTreeMap<(Seat, &str), usize>, judgement: &mut Judgement) {
    let item = &detail.item;
    let name = item.state.name();
    let words = format!("candidate {} is {name}", item.number);
    let underway = [StateName::AwaitingRevocation, StateName::Revoking, StateName::Verifying, StateName::Restoring];
    if underway.contains(&name) {
        judgement.forgotten.push(words.clone());
    }
    let proven = matches!(&item.state, CandidateState::ClosedComplete { completion: Completion::Proven { .. } });
    if (proven || name == StateName::ClosedRestored) && !happened.contains_key(&(seat_of(detail), "remove")) {
        judgement.unfounded.push(words);
    }
}

fn seat_of(detail: &CandidateDetail) -> Seat {
    (detail.item.person.user_id.to_string(), detail.item.sku.sku_id.to_string())
}

/// How many effects of each kind each seat may have: one for each approval that has an intent.
fn count_approved(candidates: &[CandidateDetail]) -> BTreeMap<(Seat, &'static str), usize> {
    let mut allowed = BTreeMap::new();
    for detail in candidates {
        for kind in ["remove", "restore"] {
            let used = |id: &str| detail.writes.iter().any(|write| write.approval_id == id && write.kind == kind);
            let count = detail.approvals.iter().filter(|yes| yes.kind == kind && used(&yes.id)).count();
            *allowed.entry((seat_of(detail), kind)).or_default() += count;
        }
    }
    allowed
}

async fn all_candidates(store: &Store, tenant_id: TenantId) -> Vec<CandidateDetail> {
    let mut tx = store.read().await.expect("the database answers");
    let filter = CandidateFilter::default();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page =
            list_candidates(&mut tx, tenant_id, &filter, after.as_ref(), 200).await.expect("candidates can be read");
        for item in &page.items {
            let detail = find_candidate(&mut tx, tenant_id, item.id).await.expect("a candidate can be read");
            found.push(detail.expect("a listed candidate is there"));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}
