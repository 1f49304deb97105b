//! The ways into the tenant, live: what reads and writes it now is built from the configuration and from what was
//! entered in the console, and is exchanged without a restart.
//!
//! A connection of the configuration file is never replaced by one of the console: where the file has one, the file
//! is where it is changed. What was entered is kept sealed and opened only to build the connection.

mod build;
mod expiry;
mod notes;
mod purpose;
mod rights;
mod seal;
mod tokens;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use reseat_connectors::graph::{Cloud, Credentials, Patience};
use reseat_connectors::{ConnectorError, DirectoryReader, LicenseWriter, NoWriter};
use reseat_domain::time::Timestamp;
use reseat_store::Tx;
use reseat_store::integration::{self, Connection, ConnectionRow};
use reseat_store::trail::Log;

pub use reseat_connectors::graph::SigningAlgorithm;

pub use build::{Ways, algorithm_name, algorithm_of, read_certificate, ways_of};
pub use expiry::{Expiry, expiry};
pub(crate) use notes::{note_reading, writer_trouble};
pub use purpose::{Purpose, UnknownPurpose};
pub use rights::{Checked, TenantCheck, least, look};
pub(crate) use rights::{absent, broad_grants, is_wanting, look_at, watch_writer};
pub(crate) use seal::{SealedColumn, open_text, seal_text};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry};

/// Where the tenant is.
#[derive(Debug, Clone)]
pub struct GraphAt {
    /// Sign-in host, Graph's host and scope, as one unit.
    pub cloud: Cloud,
    /// Extra roots for these connections alone.
    pub ca_file: Option<PathBuf>,
    /// How patient readings are; the product's own patience without it.
    pub patience: Option<Patience>,
}

/// A connection as the configuration gives it.
#[derive(Debug, Clone)]
pub struct ConfiguredConnection {
    /// What it is for.
    pub purpose: Purpose,
    /// What it signs in with.
    pub credentials: Credentials,
    /// When its secret ends, where somebody wrote that down. A certificate says it itself.
    pub expires_at: Option<Timestamp>,
}

impl GraphAt {
    /// Whether this is a tenant of Microsoft's, and not a simulator on this machine.
    pub fn is_real(&self) -> bool {
        self.cloud.graph_url().scheme() == "https"
    }
}

impl ConfiguredConnection {
    /// As it is kept: everything but what it signs in with.
    fn row(&self, graph: &GraphAt) -> Connection {
        Connection {
            purpose: self.purpose.as_str().to_owned(),
            kind: build::kind_of(&self.credentials).to_owned(),
            client_id: self.credentials.client_id.clone(),
            graph_url: root(graph.cloud.graph_url().as_str()),
            authority_url: root(graph.cloud.authority_url().as_str()),
            certificate_thumbprint: build::thumbprint_of(&self.credentials),
            expires_at: build::certificate_end(&self.credentials).or(self.expires_at),
        }
    }
}

/// An address as it is shown: without a slash at its end.
pub(crate) fn root(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// What reads and writes the tenant now.
#[derive(Default)]
pub(crate) struct Live(RwLock<Held>);

#[derive(Default)]
struct Held {
    reader: Option<Way<dyn DirectoryReader>>,
    writer: Option<Way<dyn LicenseWriter>>,
}

/// A connection that was built, and of which row and version.
struct Way<T: ?Sized> {
    built_of: BuiltOf,
    /// None where it could not be built; the row says why.
    way: Option<Arc<T>>,
}

/// Where it was entered, and which version of it.
type BuiltOf = (String, i64);

/// A connection that should be there, with its row where it was entered in the console.
struct Wanted<'a> {
    built_of: BuiltOf,
    row: Option<&'a ConnectionRow>,
}

impl Live {
    fn reader(&self) -> Option<Arc<dyn DirectoryReader>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.reader.as_ref()?.way.clone()
    }

    fn writer(&self) -> Option<Arc<dyn LicenseWriter>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.writer.as_ref()?.way.clone()
    }
}

impl Live {
    /// Lets go of a connection, so that it is built and signs in anew.
    fn forget(&self, purpose: Purpose) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match purpose {
            Purpose::Reader => held.reader = None,
            Purpose::Writer => held.writer = None,
            Purpose::Mailer => {}
        }
    }
}

/// What a task says that has nothing to read with.
pub const NO_CONNECTION: &str = "No connection reads this tenant yet.";

/// What to do about it.
pub const SET_UP: &str = "Set one up in the console under Applications, or with `reseat connections set reader`.";

impl Engine {
    /// What reads the tenant now.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`] when no connection does.
    pub fn reader(&self) -> Result<Arc<dyn DirectoryReader>, ConnectorError> {
        self.live()
            .reader()
            .ok_or_else(|| ConnectorError::SignIn { message: NO_CONNECTION.to_owned(), remedy: SET_UP.to_owned() })
    }

    /// Whether anything reads the tenant.
    pub fn has_reader(&self) -> bool {
        self.live().reader().is_some()
    }

    /// What writes licenses now; without a connection for it, a writer that sends nothing.
    pub fn writer(&self) -> Arc<dyn LicenseWriter> {
        self.live().writer().unwrap_or_else(|| Arc::new(NoWriter))
    }

    /// Builds what changed since it was built: by this server or, on PostgreSQL, by another one.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn refresh_connections(&self) -> Result<(), EngineError> {
        let mut tx = self.store().read().await?;
        let rows = integration::list_connections(&mut tx, self.tenant_id()).await?;
        drop(tx);
        let wanted = |purpose: Purpose| {
            if self.is_configured(purpose) {
                return Some(Wanted { built_of: ("configuration".to_owned(), 0), row: None });
            }
            let row = rows.iter().find(|row| row.purpose == purpose.as_str() && row.origin == "console")?;
            Some(Wanted { built_of: (row.origin.clone(), row.version), row: Some(row) })
        };
        let (reader, writer) = (wanted(Purpose::Reader), wanted(Purpose::Writer));
        let (same_reader, same_writer) = {
            let held = self.live().0.read().unwrap_or_else(PoisonError::into_inner);
            let same = |held: Option<&BuiltOf>, wanted: Option<&Wanted<'_>>| held == wanted.map(|it| &it.built_of);
            (
                same(held.reader.as_ref().map(|way| &way.built_of), reader.as_ref()),
                same(held.writer.as_ref().map(|way| &way.built_of), writer.as_ref()),
            )
        };
        if !same_reader {
            let way = self.built(Purpose::Reader, reader, build::reader).await?;
            self.live().0.write().unwrap_or_else(PoisonError::into_inner).reader = way;
        }
        if !same_writer {
            let way = self.built(Purpose::Writer, writer, build::writer).await?;
            self.live().0.write().unwrap_or_else(PoisonError::into_inner).writer = way;
        }
        Ok(())
    }

    /// Whether this server's configuration gives the connection.
    pub fn is_configured(&self, purpose: Purpose) -> bool {
        self.parts().configured.iter().any(|connection| connection.purpose == purpose)
    }

    /// Builds one connection; one that cannot be built says so on its row, and is not tried again before it changes.
    async fn built<T: ?Sized>(
        &self,
        purpose: Purpose,
        wanted: Option<Wanted<'_>>,
        make: impl FnOnce(&Ways, Credentials) -> Result<Arc<T>, ConnectorError>,
    ) -> Result<Option<Way<T>>, EngineError> {
        let Some(Wanted { built_of, row }) = wanted else { return Ok(None) };
        let ways = ways_of(self);
        let credentials = match row {
            Some(row) => ways.credentials(row),
            None => Ok(ways.configured_credentials(purpose)),
        };
        match credentials.and_then(|credentials| credentials.map(|it| make(&ways, it)).transpose()) {
            Ok(way) => Ok(Some(Way { built_of, way })),
            Err(error) => {
                tracing::warn!(purpose = %purpose, error = %error, "a connection cannot be used");
                let remedy = error.remedy().unwrap_or_else(|| "Enter the connection again.".to_owned());
                let problem = (error.to_string(), remedy);
                let told = (problem.0.as_str(), problem.1.as_str());
                let (tenant_id, word) = (self.tenant_id(), purpose.as_str());
                let mut tx = self.store().write().await?;
                integration::set_connection_problem(&mut tx, tenant_id, word, "failing", told, self.now()).await?;
                tx.commit().await?;
                Ok(Some(Way { built_of, way: None }))
            }
        }
    }

    /// Brings the rows in line with the configuration, at the start. Where the file has a connection, what was
    /// entered for the same purpose is taken away, and the trail says so.
    pub(crate) async fn adopt_configured(&self, tx: &mut Tx) -> Result<(), EngineError> {
        let (tenant_id, parts) = (self.tenant_id(), self.parts());
        for purpose in Purpose::ALL {
            let word = purpose.as_str();
            let Some(configured) = parts.configured.iter().find(|connection| connection.purpose == purpose) else {
                integration::remove_connection(tx, tenant_id, word, "configuration").await?;
                continue;
            };
            let before = integration::find_connection(tx, tenant_id, word).await?;
            integration::upsert_connection(tx, tenant_id, &configured.row(&parts.graph)).await?;
            if before.is_some_and(|row| row.origin == "console") {
                let text = format!("The configuration file gives the {word} now; what was entered for it is gone");
                let draft =
                    entry(self, By::Stage("setup"), "connection.removed", ("connection", word), &Note::text(text));
                self.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
            }
        }
        Ok(())
    }
}
