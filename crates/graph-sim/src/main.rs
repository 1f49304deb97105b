//! `reseat-graph-sim`: a simulated Microsoft Graph and identity platform, in a process of its own.

mod activity;
mod apps;
mod cache;
mod caller;
mod catalogue;
mod changes;
mod cli;
mod clock;
mod cloud;
mod commands;
mod effects;
mod errors;
mod faults;
mod groups;
mod holdings;
mod journal;
mod keys;
mod licensing;
mod log;
mod names;
mod people;
mod request;
mod roles;
mod routes;
mod run;
mod seed;
mod server;
mod settings;
mod sim;
mod spoil;
mod start;
mod throttle;
mod world;
mod worlds;

use clap::Parser as _;

fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let flags = cli::Flags::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run::run(flags))
}
