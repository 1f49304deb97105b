//! Commands that decide or change: through REST, as the owner of the token.

pub mod candidates;
pub mod client;
pub mod connections;
pub mod freeze;
pub mod plans;
pub mod roster;
pub mod rules;
pub mod sync;
pub mod table;
