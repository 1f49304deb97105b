//! Microsoft Graph. [`GraphReader`] reads a tenant and retries, because reading twice harms nobody;
//! [`GraphWriter`] sends one write once and says what became of it. Microsoft's shapes are in
//! `wire`, the way from them to ours in `convert`; neither leaves this folder.

mod answer;
mod auth;
pub mod authorization;
mod breaker;
mod certificate;
mod changes;
mod claims;
mod client;
mod cloud;
mod convert;
mod credentials;
mod follow;
mod groups;
mod memberships;
mod monotonic;
mod patience;
mod permission_probe;
mod reader;
mod report_columns;
mod report_csv;
mod reports;
mod secret;
mod sign_in;
mod skus;
mod subscriptions;
mod token_endpoint;
mod token_errors;
mod units;
mod users;
mod wire;
mod write_address;
mod write_answers;
mod writer;

pub use auth::TenantCheck;
pub use certificate::{Certificate, SigningAlgorithm, WallClock};
pub use cloud::Cloud;
pub use credentials::{ClientProof, Credentials, Proof, RefreshTokens, SignedIn};
pub use patience::Patience;
pub use permission_probe::{ConnectionFacts, PermissionProbe};
pub use reader::GraphReader;
pub use secret::Secret;
pub use writer::GraphWriter;
