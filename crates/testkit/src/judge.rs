//! Judging a run by what really happened in the tenant.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::candidate::{CandidateState, Completion, StateName};
use reseat_domain::directory::{LicenseState, Via};
use reseat_domain::ids::{GroupId, SkuId, TenantId, UserId};
use reseat_domain::plan::{PlanItemKind, Write};
use reseat_store::intents::{self, Intent};
use reseat_store::read::candidates::{CandidateDetail, CandidateFilter, find_candidate, list_candidates};
use reseat_store::{Store, Tx};

use crate::sim::{Effect, Sim};

/// What the journal says about a run. Empty lists are good news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Direct licenses that our apps removed.
    pub removals: usize,
    /// Direct licenses that our apps gave back.
    pub restores: usize,
    /// Memberships of groups that our apps removed.
    pub left_groups: usize,
    /// Memberships of groups that our apps gave back.
    pub joined_groups: usize,
    /// Effects of our apps without an approval, and a committed intent, of exactly that write (I1).
    pub unapproved: Vec<String>,
    /// Writes with more effects than approvals (I2).
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

/// An effect as the journal has it: whose, what, which sku, through which group.
type Expected = (String, &'static str, Option<String>, Option<String>);

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
    let mut tx = store.read().await.expect("the database answers");
    let candidates = all_candidates(&mut tx, tenant_id).await;
    let mut allowed: BTreeMap<Expected, usize> = BTreeMap::new();
    for detail in &candidates {
        let writes = intents::list_of_candidate(&mut tx, tenant_id, detail.item.id).await.expect("intents can be read");
        for (_, effect) in allowed_by(detail, &writes) {
            *allowed.entry(effect).or_default() += 1;
        }
    }
    drop(tx);
    let mut judgement = Judgement::default();
    let mut happened: BTreeMap<Expected, usize> = BTreeMap::new();
    for effect in &effects {
        let kind = match effect.kind.as_str() {
            "license_removed" => "license_removed",
            "license_added" => "license_added",
            "plans_changed" => "plans_changed",
            "group_member_removed" => "group_member_removed",
            "group_member_added" => "group_member_added",
            _ => {
                judgement.unapproved.push(format!("{effect:?}"));
                continue;
            }
        };
        match (kind, &effect.group_id) {
            ("license_removed", None) => judgement.removals += 1,
            ("license_added", None) => judgement.restores += 1,
            ("group_member_removed", _) => judgement.left_groups += 1,
            ("group_member_added", _) => judgement.joined_groups += 1,
            _ => {}
        }
        let key: Expected = (effect.user_id.clone(), kind, effect.sku_id.clone(), effect.group_id.clone());
        let count = happened.entry(key.clone()).or_default();
        *count += 1;
        match allowed.get(&key).copied().unwrap_or(0) {
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

/// The effects that a candidate's approvals allow: for each approval, once each write that it has an intent for, and
/// what follows from it.
fn allowed_by(detail: &CandidateDetail, writes: &[Intent]) -> BTreeSet<(String, Expected)> {
    let mut found = BTreeSet::new();
    for intent in writes {
        let kind = if intent.kind == PlanItemKind::Restore { "restore" } else { "remove" };
        let id = intent.approval_id.to_string();
        if !detail.approvals.iter().any(|yes| yes.kind == kind && yes.id == id) {
            continue;
        }
        for effect in effects_of(intent) {
            found.insert((id.clone(), effect));
        }
    }
    found
}

fn effects_of(intent: &Intent) -> Vec<Expected> {
    let seat = |user_id: &UserId, kind, sku_id: &SkuId| -> Expected {
        (user_id.to_string(), kind, Some(sku_id.to_string()), None)
    };
    match &intent.write {
        Write::RemoveLicense { user_id, sku_id } => vec![seat(user_id, "license_removed", sku_id)],
        Write::AssignLicense { user_id, sku_id, .. } => vec![seat(user_id, "license_added", sku_id)],
        Write::SwapLicense { user_id, remove, add, .. } => {
            vec![seat(user_id, "license_removed", remove), seat(user_id, "license_added", add)]
        }
        Write::SetPlans { user_id, sku_id, .. } => vec![seat(user_id, "plans_changed", sku_id)],
        Write::LeaveGroup { user_id, group_id } => {
            followed(&intent.before, *user_id, *group_id, ["group_member_removed", "license_removed"])
        }
        Write::JoinGroup { user_id, group_id } => {
            followed(&intent.before, *user_id, *group_id, ["group_member_added", "license_added"])
        }
    }
}

/// A membership, and every license that comes through it as the intent has it.
fn followed(state: &LicenseState, user_id: UserId, group_id: GroupId, kinds: [&'static str; 2]) -> Vec<Expected> {
    let group = Some(group_id.to_string());
    let mut found = vec![(user_id.to_string(), kinds[0], None, group.clone())];
    for (sku_id, paths) in &state.paths {
        if paths.iter().any(|path| path.via == Via::Group { group_id }) {
            found.push((user_id.to_string(), kinds[1], Some(sku_id.to_string()), group.clone()));
        }
    }
    found
}

fn judge_candidate(detail: &CandidateDetail, happened: &BTreeMap<Expected, usize>, judgement: &mut Judgement) {
    let item = &detail.item;
    let name = item.state.name();
    let words = format!("candidate {} is {name}", item.number);
    let underway = [StateName::AwaitingRevocation, StateName::Revoking, StateName::Verifying, StateName::Restoring];
    if underway.contains(&name) {
        judgement.forgotten.push(words.clone());
    }
    let proven = matches!(&item.state, CandidateState::ClosedComplete { completion: Completion::Proven { .. } });
    let (user_id, sku_id) = (item.person.user_id.to_string(), item.sku.sku_id.to_string());
    let taken = happened.keys().any(|(user, kind, sku, _)| {
        let of_sku = (*kind == "license_removed" || *kind == "plans_changed") && sku.as_ref() == Some(&sku_id);
        // Of several writes, the first ones may be all that was undone.
        let partly = *kind == "group_member_removed" && name == StateName::ClosedRestored;
        *user == user_id && (of_sku || partly)
    });
    if (proven || name == StateName::ClosedRestored) && !taken {
        judgement.unfounded.push(words);
    }
}

async fn all_candidates(tx: &mut Tx, tenant_id: TenantId) -> Vec<CandidateDetail> {
    let filter = CandidateFilter::default();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = list_candidates(tx, tenant_id, &filter, after.as_ref(), 200).await.expect("candidates can be read");
        for item in &page.items {
            let detail = find_candidate(tx, tenant_id, item.id).await.expect("a candidate can be read");
            found.push(detail.expect("a listed candidate is there"));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}
