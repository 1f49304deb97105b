//! A seeded world in one line: a simulated tenant in a process of its own, a database, an engine
//! whose clock stands still until it is moved, and people with roles. Stages are ticked by hand, and
//! nothing here waits for wall time to be right.
//!
//! ```no_run
//! # async fn story() {
//! let world = reseat_testkit::World::builder().build().await;
//! let seat = world.idle_seats().await[0];
//! let candidate = world.reclaim(seat).await;
//! world.drain().await;
//! world.finish().await;
//! # }
//! ```
//!
//! The judge is the simulator's journal, never our own database: [`judge`] compares the two.

mod backend;
mod builder;
mod cast;
mod judge;
mod roster;
mod sim;
mod world;

pub use backend::{Backend, on_each_store};
pub use builder::{Builder, quick_settings};
pub use cast::Cast;
pub use judge::{Judgement, judge};
pub use roster::RosterDesk;
pub use sim::{AppInfo, Effect, Ready, Sim, SimOptions};
pub use world::{Step, World};
