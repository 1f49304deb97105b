//! Tenants, their connections and integration tasks, sync runs, published sources, quarantine.

mod authorizations;
mod connections;
mod runs;
mod sources;
mod tasks;
mod tenants;

pub use authorizations::*;
pub use connections::*;
pub use runs::*;
pub use sources::*;
pub use tasks::*;
pub use tenants::*;
