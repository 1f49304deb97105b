//! The command line.

use clap::{Parser, ValueEnum};
use jiff::civil::Date;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A simulated Microsoft Graph and identity platform.
///
/// Everything follows from the world, its size and the seed; what clients change is kept in the journal. All
/// addresses serve everything: identity platform, Graph (/v1.0, /beta) and the control plane (/_sim).
#[derive(Clone, Debug, Parser)]
#[command(name = "reseat-graph-sim", version)]
pub struct Flags {
    /// Address of the http listener; port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Address of the https listener; port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen_https: SocketAddr,
    /// Exactly how many user objects; each world has its own number
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=20_000_000))]
    pub users: Option<u64>,
    /// What the world is made from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// small_office, contoso, group_licensed, enterprise or million
    #[arg(long, default_value = "contoso")]
    pub world: String,
    /// The day the world is generated for; today, or the journal's, unless told
    #[arg(long)]
    pub epoch: Option<Date>,
    /// Simulated seconds per real second; 0 stops the clock
    #[arg(long)]
    pub clock_rate: Option<f64>,
    /// Milliseconds every answer takes longer
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u64,
    /// Limits as Microsoft publishes them
    #[arg(long, value_enum, default_value_t = Switch::Off)]
    pub throttle: Switch,
    /// JSON object from purpose (reader, writer, mailer, everything) to consented permissions
    #[arg(long)]
    pub consent: Option<PathBuf>,
    /// File that keeps every change; replayed at start. Keys lie beside it
    #[arg(long)]
    pub journal: Option<PathBuf>,
    /// Print one JSON object on one line when ready
    #[arg(long)]
    pub json: bool,
    /// End when the process that started this one ends
    #[arg(long)]
    pub with_parent: bool,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}
