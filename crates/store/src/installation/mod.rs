//! The installation's own tables, which belong to no tenant: who signs in, with what, and how the
//! installation is set.

pub mod accounts;
pub mod api_tokens;
pub mod bootstrap;
pub mod idempotency;
pub mod sessions;
pub mod settings;

pub use accounts::Account;
