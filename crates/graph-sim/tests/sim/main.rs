//! The simulator as a client sees it: the real binary, spoken to over the wire.

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
