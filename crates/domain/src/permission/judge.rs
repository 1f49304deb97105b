//! Needed against granted.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::facts::{OF_SIGN_IN, TOO_BROAD};
use super::{Access, Capability, DirectoryRole, Grants, Need, Work};

/// Everything the doctor says of one connection's rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One entry for each work, in the order asked.
    pub works: Vec<Rights>,
    /// Granted permissions that none of the works has any use for, in alphabetical order.
    pub unused: Vec<Broader>,
}

/// The rights one work has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Which work.
    pub work: Work,
    /// What it needs.
    pub needed: Vec<Need>,
    /// What of it is granted.
    pub granted: Vec<Satisfied>,
    /// What of it is not.
    pub missing: Vec<Missing>,
    /// What cannot be known without trying it out.
    pub unknown: Vec<Need>,
    /// Permissions that do, and reach further than this.
    pub broader_than_needed: Vec<Broader>,
    /// Directory roles the signed-in person lacks.
    pub roles_missing: Vec<MissingRole>,
    /// The token does not say which roles the person has, and this work needs one.
    pub roles_unknown: bool,
}

/// A need that is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Satisfied {
    /// Which.
    pub capability: Capability,
    /// The granted permissions that meet it, the least first; empty when it was found by asking.
    pub by: Vec<String>,
}

/// A need that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub capability: Capability,
    /// The least permission that would meet it; `None` when no permission does for a signed-in person.
    pub permission: Option<&'static str>,
    /// Whether the work stops.
    pub required: bool,
}

/// A granted permission that reaches further than what is done with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broader {
    /// Which.
    pub permission: String,
    /// What would be enough in its place; empty when nothing is needed of it.
    pub instead: Vec<&'static str>,
    /// It reaches so far that a live tenant should not have it granted to this app.
    pub too_broad: bool,
}

/// A directory role that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRole {
    /// For what.
    pub capability: Capability,
    /// Any one of these would do.
    pub any_of: &'static [DirectoryRole],
    /// Whether the work stops.
    pub required: bool,
}

impl Rights {
    /// Whether nothing indispensable is known to be missing.
    pub fn can_run(&self) -> bool {
        !self.missing.iter().any(|missing| missing.required) && !self.roles_missing.iter().any(|role| role.required)
    }
}

/// Compares what these works need with what is granted. Give all works the connection does: what one
/// of them needs is not too broad for another.
pub fn judge(works: &[Work], grants: &Grants) -> Judgement {
    let access = grants.access();
    let least: BTreeSet<&str> = super::least_for(access, works).into_iter().collect();
    let rights: Vec<Rights> = works.iter().map(|work| rights(*work, grants, &least)).collect();
    let unused = match grants {
        Grants::Probed { .. } => Vec::new(),
        Grants::Token { permissions, .. } => permissions
            .iter()
            .filter(|permission| !OF_SIGN_IN.contains(&permission.as_str()) && !serves(permission, works, access))
            .map(|permission| broader(permission, Vec::new()))
            .collect(),
    };
    Judgement { works: rights, unused }
}

fn rights(work: Work, grants: &Grants, least: &BTreeSet<&str>) -> Rights {
    let needed = work.needs().to_vec();
    let mut found = Rights {
        work,
        granted: Vec::new(),
        missing: Vec::new(),
        unknown: Vec::new(),
        broader_than_needed: Vec::new(),
        roles_missing: Vec::new(),
        roles_unknown: false,
        needed,
    };
    for need in work.needs() {
        match grants {
            Grants::Token { access, permissions, roles } => {
                found.weigh(*need, *access, permissions);
                if *access == Access::Delegated {
                    found.weigh_roles(*need, roles.as_ref());
                }
            }
            Grants::Probed { access, answers } => match answers.get(&need.capability) {
                Some(true) => found.granted.push(Satisfied { capability: need.capability, by: Vec::new() }),
                Some(false) => found.missing.push(missing(*need, *access)),
                None => found.unknown.push(*need),
            },
        }
    }
    if let Grants::Token { access, permissions, .. } = grants {
        found.broader_than_needed = excess(work, *access, permissions, least);
    }
    found
}

impl Rights {
    fn weigh(&mut self, need: Need, access: Access, permissions: &BTreeSet<String>) {
        let Some(least) = need.capability.least(access) else {
            self.missing.push(missing(need, access));
            return;
        };
        let does = std::iter::once(least).chain(need.capability.broader().iter().copied());
        let by: Vec<String> = does.filter(|name| permissions.contains(*name)).map(str::to_owned).collect();
        if by.is_empty() {
            self.missing.push(missing(need, access));
        } else {
            self.granted.push(Satisfied { capability: need.capability, by });
        }
    }

    fn weigh_roles(&mut self, need: Need, roles: Option<&BTreeSet<Uuid>>) {
        let any_of = need.capability.roles();
        if any_of.is_empty() {
            return;
        }
        match roles {
            None => self.roles_unknown = true,
            Some(roles) if any_of.iter().any(|role| roles.contains(&role.template_id())) => {}
            Some(_) => {
                self.roles_missing.push(MissingRole { capability: need.capability, any_of, required: need.required });
            }
        }
    }
}

const fn missing(need: Need, access: Access) -> Missing {
    Missing { capability: need.capability, permission: need.capability.least(access), required: need.required }
}

/// The granted permissions that serve this work and are the least one of nothing that is done.
fn excess(work: Work, access: Access, permissions: &BTreeSet<String>, least: &BTreeSet<&str>) -> Vec<Broader> {
    let further = permissions.iter().filter(|permission| !least.contains(permission.as_str()));
    further
        .filter_map(|permission| {
            let served = work.needs().iter().map(|need| need.capability);
            let instead: BTreeSet<&str> = served
                .filter(|capability| capability.broader().contains(&permission.as_str()))
                .filter_map(|capability| capability.least(access))
                .collect();
            (!instead.is_empty()).then(|| broader(permission, instead.into_iter().collect()))
        })
        .collect()
}

fn broader(permission: &str, instead: Vec<&'static str>) -> Broader {
    Broader { permission: permission.to_owned(), instead, too_broad: TOO_BROAD.contains(&permission) }
}

/// Whether a permission gives any of these works anything.
fn serves(permission: &str, works: &[Work], access: Access) -> bool {
    works.iter().flat_map(|work| work.needs()).any(|need| {
        need.capability.least(access) == Some(permission) || need.capability.broader().contains(&permission)
    })
}
