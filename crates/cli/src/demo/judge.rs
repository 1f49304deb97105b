//! The judge of a loop: what really happened, held against what people approved. It looks at the
//! simulator's journal and at what REST tells of approvals, never at our database.

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::simulator::JournalEffect;

/// One candidate's approvals, as REST tells them.
#[derive(Debug, Clone)]
pub struct Approved {
    /// Whose seat.
    pub user_id: String,
    /// Of which license.
    pub sku_id: String,
    /// Whether a person approved its removal.
    pub removal: bool,
    /// How many restores people asked for.
    pub restores: usize,
}

type Seat<'a> = (&'a str, &'a str, &'a str);

/// Every effect of our own apps, of any kind, that no approval covers. One approval covers one
/// effect: a second removal of the same seat is as wrong as an unapproved one.
pub fn unapproved<'a>(
    effects: &'a [JournalEffect],
    our_apps: &BTreeSet<String>,
    approved: &[Approved],
) -> Vec<&'a JournalEffect> {
    let mut allowed: BTreeMap<Seat<'_>, usize> = BTreeMap::new();
    for candidate in approved {
        let (user, sku) = (candidate.user_id.as_str(), candidate.sku_id.as_str());
        *allowed.entry(("license_removed", user, sku)).or_default() += usize::from(candidate.removal);
        *allowed.entry(("license_added", user, sku)).or_default() += candidate.restores;
    }
    effects
        .iter()
        .filter(|effect| effect.app_id.as_ref().is_some_and(|app| our_apps.contains(app)))
        .filter(|effect| {
            let sku = effect.sku_id.as_deref().unwrap_or_default();
            // What a group gives or takes is never what was approved: we touch direct licenses only.
            let direct = effect.group_id.is_none();
            match allowed.get_mut(&(effect.kind.as_str(), effect.user_id.as_str(), sku)) {
                Some(left) if direct && *left > 0 => {
                    *left -= 1;
                    false
                }
                Some(_) | None => true,
            }
        })
        .collect()
}

/// Whether the journal shows that our apps removed this seat after the entry `since`.
pub fn was_removed(
    effects: &[JournalEffect],
    our_apps: &BTreeSet<String>,
    since: u64,
    user_id: &str,
    sku_id: &str,
) -> bool {
    effects.iter().any(|effect| {
        effect.seq > since
            && effect.kind == "license_removed"
            && effect.user_id == user_id
            && effect.sku_id.as_deref() == Some(sku_id)
            && effect.app_id.as_ref().is_some_and(|app| our_apps.contains(app))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(seq: u64, kind: &str, user: &str, app: Option<&str>) -> JournalEffect {
        JournalEffect {
            seq,
            app_id: app.map(str::to_owned),
            user_id: user.to_owned(),
            kind: kind.to_owned(),
            sku_id: Some("e3".to_owned()),
            group_id: None,
        }
    }

    fn approved(user: &str, removal: bool, restores: usize) -> Approved {
        Approved { user_id: user.to_owned(), sku_id: "e3".to_owned(), removal, restores }
    }

    fn ours() -> BTreeSet<String> {
        BTreeSet::from(["writer".to_owned()])
    }

    fn wrong(effects: &[JournalEffect], approvals: &[Approved]) -> Vec<u64> {
        unapproved(effects, &ours(), approvals).iter().map(|effect| effect.seq).collect()
    }

    #[test]
    fn what_was_approved_is_covered_once_and_no_more() {
        let twice =
            [effect(1, "license_removed", "ada", Some("writer")), effect(2, "license_removed", "ada", Some("writer"))];
        assert_eq!(wrong(&twice, &[approved("ada", true, 0)]), [2], "a double removal");
        assert_eq!(wrong(&twice[..1], &[approved("ada", false, 0)]), [1], "a removal of what was kept");
        assert_eq!(wrong(&twice[..1], &[approved("bob", true, 0)]), [1], "somebody else's approval");
    }

    #[test]
    fn restores_count_as_writes_and_so_does_any_other_effect() {
        let effects = [
            effect(1, "license_removed", "ada", Some("writer")),
            effect(2, "license_added", "ada", Some("writer")),
            effect(3, "plans_changed", "ada", Some("writer")),
            effect(4, "group_member_removed", "ada", Some("writer")),
        ];
        assert_eq!(wrong(&effects, &[approved("ada", true, 1)]), [3, 4]);
        assert_eq!(wrong(&effects[..2], &[approved("ada", true, 0)]), [2], "a restore nobody asked for");
    }

    #[test]
    fn a_license_lost_through_a_group_is_not_the_approved_removal() {
        let through_group =
            JournalEffect { group_id: Some("g".to_owned()), ..effect(1, "license_removed", "ada", Some("writer")) };
        assert_eq!(wrong(&[through_group], &[approved("ada", true, 0)]), [1]);
    }

    #[test]
    fn other_actors_are_none_of_our_business() {
        let effects = [effect(1, "license_removed", "ada", None), effect(2, "license_removed", "ada", Some("other"))];
        assert!(wrong(&effects, &[]).is_empty());
        assert!(!was_removed(&effects, &ours(), 0, "ada", "e3"));
        let removed = [effect(3, "license_removed", "ada", Some("writer"))];
        assert!(was_removed(&removed, &ours(), 2, "ada", "e3"));
        assert!(!was_removed(&removed, &ours(), 3, "ada", "e3"), "an earlier run's");
    }
}
