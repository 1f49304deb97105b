//! What Reseat decides, without doing any of it.
//!
//! Everything here is a value or a function from values to values: no clock, no randomness, no
//! input or output, nothing asynchronous. The engine reads the store, calls one function of this
//! crate and writes the store.
//!
//! Where to look: what a tenant holds is in [`directory`], [`activity`] and [`employment`]; what
//! a seat's signals say in [`evidence`], [`rule`] and [`detect`]; where a removal candidate stands
//! in [`candidate`]; what will be written in [`plan`], how often in [`budget`], whether it happened
//! in [`verify`]; who may do what in [`role`]; what Graph lets a connection do in [`permission`]; the trail in
//! [`audit`]; amounts in [`money`].

#![warn(missing_docs)]

pub mod activity;
pub mod audit;
pub mod budget;
pub mod candidate;
pub mod catalog;
pub mod detect;
pub mod directory;
pub mod employment;
pub mod evidence;
pub mod gate;
pub mod ids;
pub mod licensing;
pub mod money;
pub mod permission;
pub mod plan;
pub mod role;
pub mod rule;
pub mod time;
pub mod usage_report;
pub mod verify;
pub mod window;
