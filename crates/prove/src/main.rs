//! `reseat-prove`: what we claim, tried by machine. One line a proof; the exit code says whether all
//! of them hold. `docs/proofs.md` tells what each one does.

#[cfg(feature = "prove")]
mod budget;
#[cfg(feature = "prove")]
mod cluster;
#[cfg(feature = "prove")]
mod crash;
#[cfg(feature = "prove")]
mod drive;
#[cfg(feature = "prove")]
mod fleet;
#[cfg(feature = "prove")]
mod freeze;
#[cfg(feature = "prove")]
mod graph_faults;
#[cfg(feature = "prove")]
mod history;
#[cfg(feature = "prove")]
mod mistakes;
#[cfg(feature = "prove")]
mod model;
#[cfg(feature = "prove")]
mod monotony;
#[cfg(feature = "prove")]
mod proofs;
#[cfg(feature = "prove")]
mod scenario;
#[cfg(feature = "prove")]
mod tally;
#[cfg(feature = "prove")]
mod undo;
#[cfg(feature = "prove")]
mod worker;

use clap::Parser;

/// Runs the named proofs, or the usual ones.
#[derive(Debug, Parser)]
#[command(name = "reseat-prove")]
struct Arguments {
    /// Which proofs; `all` for every one, the usual ones unless told
    names: Vec<String>,
    /// What the worlds are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A small part of each proof, for every change: less than four minutes in all
    #[arg(long)]
    quick: bool,
    /// Runs as the process that is killed or stopped; the argument says over what
    #[arg(long, hide = true)]
    worker: Option<String>,
}

#[cfg(not(feature = "prove"))]
fn main() -> std::process::ExitCode {
    let _ = Arguments::parse();
    eprintln!("this binary was built without its crash points; build it with the feature `prove`");
    std::process::ExitCode::FAILURE
}

#[cfg(feature = "prove")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    if let Some(work) = &arguments.worker {
        return worker::work(work).await;
    }
    proofs::run(&arguments.names, tally::Given { seed: arguments.seed, quick: arguments.quick }).await
}
