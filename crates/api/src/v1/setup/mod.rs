//! What a fresh installation needs first.

pub mod bootstrap;
pub mod read;
