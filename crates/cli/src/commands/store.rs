//! `reseat store copy`: everything from one database into another, either way.

use clap::Subcommand;
use reseat_store::{Store, copy};
use serde_json::json;

use crate::commands::log;
use crate::exit::{Complaint, Exit};
use crate::wiring::without_password;

/// What can be done with whole databases.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Copy everything into an empty database, and prove that both hold the same
    #[command(
        after_help = "Examples:\n  reseat store copy --from sqlite:data/reseat.sqlite --to postgres://reseat@db/reseat\n  \
reseat store copy --from postgres://reseat@db/reseat --to sqlite:copy.sqlite\n\n\
Stop the servers first. The target must be empty; it is brought to this version's schema, and the source must have it too."
    )]
    Copy(CopyArgs),
}

/// From where to where.
#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The database to read: sqlite:FILE or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database to fill
    #[arg(long, value_name = "URL")]
    to: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(command: &StoreCommand) -> anyhow::Result<Exit> {
    log::start();
    let StoreCommand::Copy(args) = command;
    let open = |url: &str, error: reseat_store::StoreError| {
        Complaint::failed(format!("{}: {error}", without_password(url)), "Check the address, and that nothing uses it.")
    };
    // Reading takes no lock, but a server that goes on writing would be noticed only at the end.
    let from = Store::open_for_reading(&args.from).await.map_err(|error| open(&args.from, error))?;
    let to = Store::open(&args.to).await.map_err(|error| open(&args.to, error))?;
    to.migrate().await.map_err(|error| open(&args.to, error))?;
    let copied = copy::copy_all(&from, &to).await;
    from.close().await;
    to.close().await;
    let contents = copied
        .map_err(|error| Complaint::failed(error.to_string(), "Nothing is half-copied: the target is as it was."))?;
    if args.json {
        println!("{}", json!({ "rows": contents.rows(), "tables": contents.tables.len(), "digest": contents.digest }));
    } else {
        println!("Copied {} rows in {} tables", contents.rows(), contents.tables.len());
        println!("Both hold the same: digest {}", contents.digest);
    }
    Ok(Exit::Done)
}
