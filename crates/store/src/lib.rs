//! The database: SQLite or PostgreSQL, one SQL text for both. The only room that knows sqlx.
//!
//! One module per noun, each with its rows and functions. No function takes an id without a
//! [`reseat_domain::ids::TenantId`]; the installation's own tables (accounts, sessions, tokens,
//! settings, trail) are the exception and live in [`installation`] and [`trail`].
//!
//! Reading: [`Store::read`] gives a [`Tx`]. Changing: [`Store::write`] gives one that must be
//! committed; a change and its trail entry share it.

#![warn(missing_docs)]

pub mod approvals;
pub mod candidates;
pub mod circuits;
pub mod copy;
pub mod dialect;
mod error;
pub mod findings;
pub mod freezes;
pub mod held;
pub mod installation;
pub mod integration;
pub mod intents;
pub mod plans;
mod pool;
pub mod read;
pub mod rounds;
pub mod rules;
pub mod skus;
pub mod subscriptions;
pub mod trail;
pub mod write_settings;

pub use error::StoreError;
pub use pool::{Store, Tx};
