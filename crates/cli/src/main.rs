//! `reseat`: the one program. Configuration in, a running system out; and the commands that people
//! and scripts give, on the host or through REST.

mod commands;
mod config;
mod demo;
mod exit;
mod remote;
mod secret;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Complaint, Exit};

/// Finds Microsoft 365 licenses nobody uses, takes them back safely, and proves what it did.
#[derive(Debug, Parser)]
#[command(name = "reseat", version, about, after_help = AFTER, max_term_width = 110, subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
First steps:
  reseat demo                            a simulated tenant, the server and its console; Ctrl-C ends all
  reseat scan --tenant-id T --client-id C    what your own tenant wastes, read-only, without a database
  reseat serve --config reseat.toml      the server

Commands that decide or change act through a server as the owner of a token:
  export RESEAT_URL=http://127.0.0.1:8420 RESEAT_TOKEN=rst_…
  reseat candidates list --state awaiting_approval

Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 done but something needs a person,
5 a proof or the trail failed.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a simulated tenant, the server and its console on this machine
    Demo(Box<demo::DemoArgs>),
    /// Run the server
    Serve(commands::serve::ServeArgs),
    /// Bring the database up to this version
    Migrate(commands::migrate::MigrateArgs),
    /// Make a sealed copy of the database while the server works, or restore one
    Backup(Box<commands::backup::BackupArgs>),
    /// Copy a whole database into another
    #[command(subcommand)]
    Store(commands::store::StoreCommand),
    /// Find idle seats of a tenant, read-only, without a database or a server
    Scan(Box<commands::scan::ScanArgs>),
    /// Say what is missing, wrong, stale or broader than needed, per integration task
    Doctor(commands::doctor::DoctorArgs),
    /// Check the trail
    #[command(subcommand)]
    Audit(commands::audit::AuditCommand),
    /// Set up, check and remove the ways into the tenant
    #[command(subcommand)]
    Connections(remote::connections::ConnectionsCommand),
    /// List and decide candidates
    #[command(subcommand)]
    Candidates(remote::candidates::CandidatesCommand),
    /// Give back exactly what a candidate took
    #[command(after_help = "Example:\n  reseat restore 0190…")]
    Restore(remote::candidates::OneArgs),
    /// Read the tenant and the HR roster now
    #[command(after_help = "Examples:\n  reseat sync\n  reseat sync application_roster")]
    Sync(remote::sync::SyncArgs),
    /// Draft the exact writes for approved candidates
    #[command(after_help = "Example:\n  reseat plan -o plan.json 0190… 0190…")]
    Plan(remote::plans::PlanArgs),
    /// Apply a drafted plan, if the world is still what it was
    #[command(after_help = "Example:\n  reseat apply plan.json")]
    Apply(remote::plans::ApplyArgs),
    /// Import an HR roster
    #[command(subcommand)]
    Roster(remote::roster::RosterCommand),
    /// List the rules
    #[command(subcommand)]
    Rules(remote::rules::RulesCommand),
    /// Stop all new writes
    Freeze(commands::freeze::FreezeArgs),
    /// Let writes go on; needs two people
    #[command(
        after_help = "Example:\n  reseat thaw            the first person asks, a second one confirms\n\nA freeze file that `reseat freeze` made on the host is removed by hand."
    )]
    Thaw(remote::freeze::ThawArgs),
}

fn main() -> ExitCode {
    // Before any connection: one provider for everything that speaks TLS.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("reseat: another TLS provider is in place already");
        return Exit::Failed.into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // A closed pipe is nobody's problem here.
            let _ = error.print();
            return exit.into();
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(run(cli.command));
            // Nothing that still reads may hold the end up.
            runtime.shutdown_timeout(std::time::Duration::from_millis(200));
            result
        }
        Err(error) => {
            Err(Complaint::failed(format!("cannot start: {error}"), "Is this machine out of threads or files?"))
        }
    };
    match result {
        Ok(exit) => exit,
        Err(error) => exit::tell(&error),
    }
    .into()
}

async fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Demo(args) => demo::run(&args).await,
        Command::Serve(args) => commands::serve::run(&args).await,
        Command::Migrate(args) => commands::migrate::run(&args).await,
        Command::Backup(args) => commands::backup::run(&args).await,
        Command::Store(command) => commands::store::run(&command).await,
        Command::Scan(args) => commands::scan::run(&args).await,
        Command::Doctor(args) => commands::doctor::run(&args).await,
        Command::Connections(command) => remote::connections::run(&command).await,
        Command::Audit(command) => commands::audit::run(&command).await,
        Command::Candidates(command) => remote::candidates::run(&command).await,
        Command::Restore(args) => remote::candidates::restore(&args).await,
        Command::Sync(args) => remote::sync::run(&args).await,
        Command::Plan(args) => remote::plans::plan(&args).await,
        Command::Apply(args) => remote::plans::apply(&args).await,
        Command::Roster(command) => remote::roster::run(&command).await,
        Command::Rules(command) => remote::rules::run(&command).await,
        Command::Freeze(args) => commands::freeze::run(&args).await,
        Command::Thaw(args) => remote::freeze::thaw(&args).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
