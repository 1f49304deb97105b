//! From a configuration to an engine.

use std::sync::Arc;

use anyhow::Context as _;
use reseat_connectors::{CsvFile, HrSource};
use reseat_engine::clock::Clock;
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_engine::{ConfiguredConnection, Engine, EngineParts, GraphAt};
use reseat_store::{Store, StoreError};

use crate::config::Config;
use crate::exit::Complaint;
use crate::secret::{HOW_TO_MAKE_A_KEY, master_key};

/// The sealer of a configuration.
pub fn sealer(config: &Config) -> anyhow::Result<Sealer> {
    let Some(key) = &config.master_key else {
        return Err(Complaint::usage(
            "there is no master key, and without one nothing can be sealed",
            HOW_TO_MAKE_A_KEY,
        ));
    };
    Ok(Sealer::from_key(master_key(key)?))
}

/// Opens the database of a configuration.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    if config.store.starts_with("sqlite:") {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot make the data folder {}", config.data.display()))?;
    }
    Store::open(&config.store).await.map_err(|error| {
        let remedy = match &error {
            StoreError::InUse(_) => "Stop the other process, or give this one a data folder of its own.",
            StoreError::Unfit(_) => "Nothing was changed.",
            StoreError::Conflict | StoreError::Corrupt { .. } | StoreError::Unavailable(_) => {
                "Check that the database runs and that store names it."
            }
        };
        Complaint::failed(format!("{}: {error}", without_password(&config.store)), remedy)
    })
}

/// Where the tenant of a configuration is.
pub fn graph_at(config: &Config) -> GraphAt {
    GraphAt { cloud: config.graph.cloud.clone(), ca_file: config.graph.ca_file.clone(), patience: None }
}

/// The connections a configuration gives.
pub fn configured(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Vec<ConfiguredConnection>> {
    config
        .apps
        .iter()
        .map(|(purpose, app)| {
            let credentials = app.credentials(*purpose, clock)?;
            Ok(ConfiguredConnection { purpose: *purpose, credentials, expires_at: app.expires_at })
        })
        .collect()
}

/// Starts the engine of a configuration over an open, migrated database. Without any connection it waits for one to
/// be entered.
pub async fn start_engine(config: &Config, store: Store, clock: Arc<dyn Clock>) -> anyhow::Result<Engine> {
    let hr = config.roster_file.clone().map(|path| Arc::new(CsvFile { path }) as Arc<dyn HrSource>);
    let parts = EngineParts {
        store,
        entropy: Arc::new(SystemEntropy),
        sealer: sealer(config)?,
        tenant_id: config.tenant_id,
        tenant_name: config.tenant_name.clone(),
        graph: graph_at(config),
        configured: configured(config, &clock)?,
        clock,
        hr,
        settings: config.settings.clone(),
        server_id: format!("server-{}", uuid::Uuid::new_v4().simple()),
        freeze_file: Some(config.freeze_file.clone()),
    };
    Engine::start(parts).await.context("the engine cannot start")
}

/// A database URL as it may be shown.
pub fn without_password(url: &str) -> String {
    match reqwest::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // A URL with a host takes this; one that does not has no password either.
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        Ok(_) | Err(_) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://reseat:hunter2@db:5432/reseat"), "postgres://reseat@db:5432/reseat");
        assert_eq!(without_password("sqlite:/var/lib/reseat.sqlite"), "sqlite:/var/lib/reseat.sqlite");
    }
}
