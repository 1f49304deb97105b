//! This program as a child of itself: what is killed, stopped and started again.

use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::Result;
use reseat_domain::budget::BudgetLimits;
use reseat_testkit::{Ready, World};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::scenario::{self, Work};

/// What a child does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Runs the whole scenario once, to its end.
    Scenario(Work),
    /// Serves until it is killed.
    Server(Serve),
}

/// One of several servers on one database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Serve {
    /// The simulated tenant.
    pub ready: Ready,
    /// The database.
    pub store_url: String,
    /// Its name in leases.
    pub name: String,
    /// How much it may write.
    pub budget: BudgetLimits,
}

/// Does the job.
pub async fn work(text: &str) -> ExitCode {
    match serde_json::from_str(text).expect("the proof hands over what to work on") {
        Job::Scenario(work) => scenario::work(work).await,
        Job::Server(serve) => {
            run_server(serve).await;
            ExitCode::SUCCESS
        }
    }
}

/// A child for a job; ends with this process.
///
/// # Errors
/// When it cannot be started.
pub fn command(job: &Job) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--worker").arg(serde_json::to_string(job)?).stdin(Stdio::null()).kill_on_drop(true);
    command.env_remove("RESEAT_CRASH_AT").env_remove("RESEAT_CRASH_LOG");
    Ok(command)
}

/// Starts a server.
///
/// # Errors
/// When it cannot be started.
pub fn start_server(serve: &Serve) -> Result<Child> {
    Ok(command(&Job::Server(serve.clone()))?.spawn()?)
}

/// Passes over every stage, again and again, by the tenant's clock.
async fn run_server(serve: Serve) {
    let budget = serve.budget;
    let world = World::builder()
        .attached(serve.ready, &serve.store_url)
        .server(&serve.name)
        .settings(|settings| settings.budget = budget)
        .unsynced()
        .build()
        .await;
    loop {
        world.clock.set(world.sim.now().await);
        match world.tick().await {
            Ok(report) if report.did_something() => {}
            // Another server was faster, or there is nothing to do: what is due next comes with the clock.
            Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}
