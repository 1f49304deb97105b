//! The conformance suite: every function of the store on SQLite and on PostgreSQL, one story at a
//! time. `TEST_PG_URL` brings PostgreSQL in.

mod engines;
mod fixtures;

mod accounts;
mod api_tokens;
mod applications;
mod approvals;
mod bootstrap;
mod candidates;
mod connections;
mod copy;
mod every_function;
mod findings;
mod freezes;
mod idempotency;
mod intents;
mod people;
mod plans;
mod reports;
mod rounds;
mod rules;
mod schema;
mod seats;
mod sessions;
mod settings;
mod skus;
mod subscriptions;
mod syncs;
mod tasks;
mod tenants;
mod trail;
mod writes;
