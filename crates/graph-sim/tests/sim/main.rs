//! The simulator as a client sees it: the real binary, spoken to over the wire.
#![expect(clippy::unwrap_used, reason = "what a test expects and does not get ends it")]

mod batches;
mod control;
mod faults;
mod journal;
mod licenses;
mod mail;
mod permissions;
mod reports;
mod support;
mod throttling;
mod tokens;
mod users;
mod worlds;
