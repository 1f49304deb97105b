//! The states of a candidate and the ways between them, for the workflow picture.

pub mod read;
