//! `reseat migrate`.

use reseat_store::Store;
use serde_json::json;

use crate::commands::log;
use crate::config::{Config, HostArgs};
use crate::exit::Exit;
use crate::wiring::{open_store, without_password};

/// Which database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  reseat migrate --config reseat.toml\n  reseat migrate --data .reseat-demo\n\n\
A SQLite file is copied beside itself before it is changed.")]
pub struct MigrateArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Brings the schema up to this version.
pub async fn run(args: &MigrateArgs) -> anyhow::Result<Exit> {
    log::start();
    let config = Config::load(&args.host)?;
    let store = open_store(&config).await?;
    let backup = migrate(&store, &config).await?;
    store.close().await;
    if args.json {
        println!("{}", json!({ "store_url": without_password(&config.store), "backup": backup }));
    } else {
        println!("{} is at this version's schema", without_password(&config.store));
    }
    Ok(Exit::Done)
}

/// Copies a SQLite file if it is about to be changed, then migrates. Gives the copy's name.
pub async fn migrate(store: &Store, config: &Config) -> anyhow::Result<Option<String>> {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let copy = config.data.join(format!("before-migration-{stamp}.sqlite"));
    let copied = store.back_up_before_migration(&copy).await?;
    if copied {
        tracing::info!(copy = %copy.display(), "the database was copied before it is migrated");
    }
    store.migrate().await?;
    Ok(copied.then(|| copy.display().to_string()))
}
