//! The demo's clock.

pub mod clock;
