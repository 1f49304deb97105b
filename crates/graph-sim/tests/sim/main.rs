//! The simulator as a client sees it: the real binary, spoken to over the wire.
#![expect(clippy::unwrap_used, reason = "what a test expects and does not get ends it")]

mod batches;
mod clouds;
mod control;
mod deleted;
mod delta;
mod fault_kinds;
mod faults;
mod filters;
mod group_licensing;
mod journal;
mod licenses;
mod mail;
mod permissions;
mod policies;
mod report_cases;
mod reports;
mod roles;
mod support;
mod switches;
mod throttling;
mod tokens;
mod users;
mod wire;
mod world_cases;
mod worlds;
