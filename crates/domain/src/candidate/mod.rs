//! Where a removal candidate stands, what can happen to it, and what then has to be done.

mod allowed;
mod attention;
mod diagram;
mod event;
mod state;
mod transition;

pub use allowed::{Action, AllowedAction, Situation, allowed_actions};
pub use attention::Attention;
pub use diagram::{Edge, Node, edges, label, nodes, state_machine_page};
pub use event::{CandidateEvent, EventName};
pub use state::{CancelReason, CandidateState, Completion, Resume, StateName, Wish};
pub use transition::{Effect, Illegal, transition};

#[cfg(test)]
mod tests;
