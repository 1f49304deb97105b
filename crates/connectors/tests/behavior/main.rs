//! What the reader and the writer do against a simulated tenant in its own process, and against
//! servers that mean no good.

mod browser;
mod disturbed;
mod hostile;
mod hostile_server;
mod memberships;
mod parts;
mod permissions;
mod platform;
mod reading;
mod reports;
mod signing_in;
mod tenant;
mod three_connections;
mod token_challenges;
mod vault;
mod writing;
