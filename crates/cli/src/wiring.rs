//! From a configuration to an engine.

use std::sync::Arc;

use anyhow::Context as _;
use reseat_connectors::graph::{Credentials, GraphReader, GraphWriter};
use reseat_connectors::{CsvFile, HrSource, LicenseWriter, NoWriter};
use reseat_engine::clock::Clock;
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_engine::{ConnectionInfo, Engine, EngineParts};
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

/// Starts the engine of a configuration over an open, migrated database.
pub async fn start_engine(config: &Config, store: Store, clock: Arc<dyn Clock>) -> anyhow::Result<Engine> {
    let sealer = sealer(config)?;
    let reader = config.reader.clone().ok_or_else(|| {
        Complaint::usage(
            "no connection that reads the tenant is configured",
            "Set client_id and client_secret_file under [connections.reader].",
        )
    })?;
    let ca_file = config.graph.ca_file.as_deref();
    let cloud = &config.graph.cloud;
    let mut connections = vec![connection("reader", &reader, config)];
    let writer: Arc<dyn LicenseWriter> = match &config.writer {
        Some(credentials) => {
            connections.push(connection("writer", credentials, config));
            Arc::new(GraphWriter::new(cloud.clone(), config.tenant_id, credentials.clone(), ca_file)?)
        }
        None => Arc::new(NoWriter),
    };
    let hr = config.roster_file.clone().map(|path| Arc::new(CsvFile { path }) as Arc<dyn HrSource>);
    let parts = EngineParts {
        store,
        clock,
        entropy: Arc::new(SystemEntropy),
        sealer,
        tenant_id: config.tenant_id,
        tenant_name: config.tenant_name.clone(),
        reader: Arc::new(GraphReader::new(cloud.clone(), config.tenant_id, reader, ca_file)?),
        writer,
        hr,
        connections,
        settings: config.settings.clone(),
        server_id: format!("server-{}", uuid::Uuid::new_v4().simple()),
        freeze_file: Some(config.freeze_file.clone()),
    };
    Engine::start(parts).await.context("the engine cannot start")
}

fn connection(purpose: &str, credentials: &Credentials, config: &Config) -> ConnectionInfo {
    ConnectionInfo {
        purpose: purpose.to_owned(),
        kind: "client_secret".to_owned(),
        client_id: credentials.client_id.clone(),
        graph_url: config.graph.cloud.graph_url().as_str().trim_end_matches('/').to_owned(),
        authority_url: config.graph.cloud.authority_url().as_str().trim_end_matches('/').to_owned(),
    }
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
