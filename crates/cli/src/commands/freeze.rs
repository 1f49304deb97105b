//! `reseat freeze`: through REST with a token, and on the host without one. On the host the file
//! comes first: it stops all writes even where the database cannot be reached.

use std::sync::Arc;

use reseat_engine::clock::SystemClock;
use reseat_engine::commands::{freeze_on_host, place_freeze_file};

use crate::commands::migrate::migrate;
use crate::config::{Config, HostArgs};
use crate::exit::{Complaint, Exit};
use crate::remote;
use crate::remote::client::RemoteArgs;
use crate::wiring::{open_store, start_engine};

/// Why, and by which way.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  reseat freeze --reason 'something is wrong'              as the owner of RESEAT_TOKEN\n  \
reseat freeze --reason 'something is wrong' --config reseat.toml   on the host, without a token"
)]
pub struct FreezeArgs {
    /// Why; everybody will read it
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: RemoteArgs,
    #[command(flatten)]
    host: HostArgs,
}

/// Stops all new writes.
pub async fn run(args: &FreezeArgs) -> anyhow::Result<Exit> {
    let on_host = args.host.config.is_some() || args.host.data.is_some();
    if !on_host && args.remote.url.is_some() && args.remote.token.is_some() {
        return remote::freeze::freeze(&args.remote, &args.reason).await;
    }
    if !on_host {
        return Err(Complaint::usage(
            "it is not known what to freeze",
            "Set RESEAT_URL and RESEAT_TOKEN, or give --config FILE (or --data DIR) on the host.",
        ));
    }
    freeze_here(args).await
}

async fn freeze_here(args: &FreezeArgs) -> anyhow::Result<Exit> {
    let config = Config::load(&args.host)?;
    place_freeze_file(&config.freeze_file, &args.reason).map_err(|error| {
        Complaint::failed(error.to_string(), "Stop the server, or disable the writer app in Entra.")
    })?;
    let recorded = record(&config, &args.reason).await;
    if args.remote.json {
        let file = config.freeze_file.display().to_string();
        println!("{}", serde_json::json!({ "freeze_file": file, "recorded": recorded.is_ok() }));
    } else {
        println!("No new write starts as long as {} exists.", config.freeze_file.display());
    }
    if let Err(error) = recorded {
        // A running server holds its SQLite file; the freeze file reaches it all the same.
        eprintln!("reseat: not recorded in the database: {error:#}");
    }
    Ok(Exit::Done)
}

async fn record(config: &Config, reason: &str) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    migrate(&store, config).await?;
    let engine = start_engine(config, store.clone(), Arc::new(SystemClock)).await?;
    freeze_on_host(&engine, reason).await?;
    store.close().await;
    Ok(())
}
