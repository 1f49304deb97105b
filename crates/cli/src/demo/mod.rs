//! `reseat demo`: a simulated tenant, the server and its console on this machine, each in a process
//! of its own, watched over by this one.

mod child;
mod config;
mod folder;
mod follow;
mod judge;
mod once;
mod people;
mod prices;
mod ready;
mod seed;
mod simulator;
mod supervise;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::exit::{Complaint, Exit};

pub use follow::Follower;

/// How large, where, and what for.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  reseat demo                               2,000 people; a second start goes on where the first ended
  reseat demo --fresh --users 500 --seed 7  another world, from the beginning
  reseat demo --store postgres://reseat@localhost/reseat
  reseat demo --once --json                 one whole loop without a browser: find, decide, remove, prove,
                                            keep one, give one back, check the trail

Everything is kept in the data folder, secrets readable by you alone. --fresh removes the folder; a
PostgreSQL database is never emptied: give an empty one.")]
pub struct DemoArgs {
    /// Exactly how many user objects the tenant has
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=20_000_000))]
    users: Option<u64>,
    /// What the world is made from
    #[arg(long)]
    seed: Option<u64>,
    /// small_office, contoso, group_licensed, enterprise or million
    #[arg(long)]
    world: Option<String>,
    /// The database: sqlite:FILE or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// The data folder
    #[arg(long, value_name = "DIR", default_value = ".reseat-demo")]
    data: PathBuf,
    /// Remove the data folder and begin again
    #[arg(long)]
    fresh: bool,
    /// Do not bring a killed server or simulator back
    #[arg(long)]
    no_restart: bool,
    /// Drive one whole loop without a browser, print what came of it, and end
    #[arg(long)]
    once: bool,
    /// Print JSON: the ready line, or with --once the result
    #[arg(long)]
    json: bool,
    /// Where the console listens, on this machine only; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Runs a demo until it is told to stop, or through one loop.
pub async fn run(args: &DemoArgs) -> anyhow::Result<Exit> {
    if let Some(listen) = args.listen.filter(|listen| !listen.ip().is_loopback()) {
        return Err(Complaint::usage(
            format!("a demo listens on this machine only, not on {listen}"),
            "Its people, passwords and tenant are made up; use reseat serve for others to reach.",
        ));
    }
    let begun = std::time::Instant::now();
    let mut stop = supervise::stop_signals()?;
    // A signal during the start ends what has been started: children die with their handles.
    let running = tokio::select! {
        running = supervise::start(args) => running?,
        () = supervise::asked_to_stop(&mut stop) => return Ok(Exit::Done),
    };
    let result = tokio::select! {
        result = use_it(args, &running, begun) => result,
        () = supervise::asked_to_stop(&mut stop) => Ok(Exit::Done),
        broken = running.watch_over() => broken.map(|()| Exit::Failed),
    };
    running.stop().await;
    result
}

async fn use_it(args: &DemoArgs, running: &supervise::Running, begun: std::time::Instant) -> anyhow::Result<Exit> {
    if args.once {
        let left = once::WITHIN.saturating_sub(begun.elapsed());
        let looped = tokio::time::timeout(left, async {
            watch::first_findings(running).await?;
            once::run(running, args.json, begun).await
        });
        return looped.await.unwrap_or_else(|_| {
            let log = running.folder.file("server.log");
            Err(Complaint::failed("the loop was not through in time", format!("Look into {}.", log.display())))
        });
    }
    watch::first_findings(running).await?;
    ready::tell(running, args.json).await;
    std::future::pending().await
}
