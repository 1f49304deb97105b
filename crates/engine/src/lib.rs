//! The stages that keep a tenant's loop going, and the commands people give.
//!
//! Every stage looks at the store, asks one pure function of `reseat-domain`, and writes the
//! store; none calls the next. The rows themselves are the work list, so a stage that was killed
//! halfway is simply run again. A change and its trail entry share one transaction; an effect on
//! the tenant has a durable intent before it.
//!
//! Stages: [`sync`], [`detect`], [`advance`], [`planning`], [`write_back`], [`verify`]. What people
//! ask for is in [`commands`], one wish, one function; who they are in [`accounts`].

#![warn(missing_docs)]

pub mod accounts;
pub mod advance;
pub mod backup_file;
pub mod clock;
pub mod commands;
pub mod connections;
pub mod crash;
pub mod detect;
pub mod doctor;
mod engine;
pub mod entitlement;
pub mod entropy;
mod error;
pub mod moves;
pub mod planning;
pub mod sealing;
pub mod settings;
pub mod sync;
mod task;
pub mod verify;
pub mod write_back;

pub use connections::{ConfiguredConnection, GraphAt, Purpose};
pub use engine::{Engine, EngineParts, TickReport};
pub use error::{CommandError, EngineError};
pub use moves::{Caller, CallerKind};
pub use settings::{Intervals, Settings};
pub use task::Task;
