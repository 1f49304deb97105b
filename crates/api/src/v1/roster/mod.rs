//! The HR roster as a file.

pub mod create;
