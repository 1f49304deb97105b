//! Where Microsoft sends browsers back to.

pub mod callback;
