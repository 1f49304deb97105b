//! Microsoft Graph. [`GraphReader`] reads a tenant and retries, because reading twice harms nobody;
//! [`GraphWriter`] sends one write once and says what became of it. Microsoft's shapes are in
//! `wire`, the way from them to ours in `convert`; neither leaves this folder.

mod active_users;
mod answer;
mod auth;
mod client;
mod cloud;
mod convert;
mod follow;
mod groups;
mod monotonic;
mod patience;
mod reader;
mod reports;
mod secret;
mod sign_in;
mod skus;
mod token_errors;
mod users;
mod wire;
mod write_answers;
mod writer;

pub use cloud::Cloud;
pub use patience::Patience;
pub use reader::GraphReader;
pub use secret::{Credentials, Secret};
pub use writer::GraphWriter;
