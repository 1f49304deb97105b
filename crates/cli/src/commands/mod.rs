//! Commands that work on the host itself.

pub mod audit;
pub mod backup;
pub mod doctor;
pub mod freeze;
pub mod log;
pub mod migrate;
pub mod parent;
pub mod scan;
pub mod serve;
pub mod store;
