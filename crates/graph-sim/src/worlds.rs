//! The named worlds: how many user objects, and how their suites reach them.

/// A world as `--world` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: &'static str,
    pub users: u64,
    /// Of a hundred people, how many get their suite through a group.
    pub group_share: u64,
}

/// Every named world.
pub static WORLDS: [Named; 5] = [
    Named { name: "small_office", users: 40, group_share: 0 },
    Named { name: "contoso", users: 2_000, group_share: 40 },
    Named { name: "group_licensed", users: 500, group_share: 95 },
    Named { name: "enterprise", users: 100_000, group_share: 60 },
    Named { name: "million", users: 1_000_000, group_share: 60 },
];

/// The world of that name.
pub fn named(name: &str) -> Option<Named> {
    WORLDS.into_iter().find(|world| world.name == name)
}
