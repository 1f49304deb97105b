//! Which service plans need which others, as far as Microsoft's own refusals have shown it (8.4).
//! The list is not complete, and Graph stays the last judge of a write; what is on it is refused
//! before anything is sent, with the add-on's name (G30).

use std::collections::BTreeSet;

/// A plan, and the plans of which it needs one. `*` at the end stands for any ending.
const NEEDS: &[(&str, &[&str])] = &[
    ("SHAREPOINT_PROJECT", &["SHAREPOINTENTERPRISE*"]),
    ("SHAREPOINTWAC", &["SHAREPOINTENTERPRISE*", "SHAREPOINTSTANDARD*", "SHAREPOINTDESKLESS", "SHAREPOINTLITE"]),
    ("MCOMEETADV", &["MCOSTANDARD*", "MCOIMP", "TEAMS1"]),
    ("MCOEV", &["MCOSTANDARD*"]),
    ("M365_COPILOT_APPS", &["OFFICESUBSCRIPTION*", "OFFICE_BUSINESS"]),
    ("WORKPLACE_ANALYTICS", &["EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"]),
];

/// Plans that keep a mailbox's hold: Exchange Plan 2, or archiving beside another plan (4.6).
const HOLD: &[&str] = &["EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_ARCHIVE", "EXCHANGE_S_ARCHIVE_ADDON"];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |stem| name.starts_with(stem))
}

/// Whether `plan` needs another one and `on` has none of those it can live with.
pub(super) fn lacks_its_base(plan: &str, on: &BTreeSet<&str>) -> bool {
    NEEDS
        .iter()
        .any(|(needing, bases)| *needing == plan && !bases.iter().any(|base| on.iter().any(|name| matches(base, name))))
}

/// Whether a mailbox under hold may keep its hold with this plan.
pub(super) fn bears_hold(plan: &str) -> bool {
    HOLD.contains(&plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_add_on_without_any_of_its_bases_is_an_orphan_and_anything_else_is_not() {
        let on = |names: &'static [&'static str]| names.iter().copied().collect::<BTreeSet<&str>>();
        assert!(lacks_its_base("SHAREPOINT_PROJECT", &on(&["SHAREPOINTSTANDARD", "EXCHANGE_S_ENTERPRISE"])), "8.4");
        assert!(!lacks_its_base("SHAREPOINT_PROJECT", &on(&["SHAREPOINTENTERPRISE"])));
        assert!(!lacks_its_base("SHAREPOINTWAC", &on(&["SHAREPOINTSTANDARD_EDU"])), "an ending of its own");
        assert!(lacks_its_base("MCOMEETADV", &on(&[])));
        assert!(!lacks_its_base("YAMMER_ENTERPRISE", &on(&[])), "needs nothing");
    }
}
