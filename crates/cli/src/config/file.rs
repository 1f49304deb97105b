//! The configuration file as it is written.

use std::path::Path;

use reseat_domain::budget::BudgetLimits;
use serde::{Deserialize, Serialize};

use crate::exit::Complaint;

/// `config.toml`. Paths are relative to the folder it is in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// Address and port.
    pub listen: Option<String>,
    /// How people reach the server.
    pub public_url: Option<String>,
    /// The data folder.
    pub data: Option<String>,
    /// The database.
    pub store: Option<String>,
    /// The file with the master key.
    pub master_key_file: Option<String>,
    /// The file that stops all writes as long as it exists.
    pub freeze_file: Option<String>,
    /// The pinned tenant.
    pub tenant: TenantFile,
    /// Where Graph is.
    pub graph: GraphFile,
    /// The app registrations.
    pub connections: ConnectionsFile,
    /// The HR roster.
    pub roster: RosterFile,
    /// How fast, how often, how much.
    pub settings: SettingsFile,
    /// A demo's own.
    pub demo: DemoFile,
}

/// `[tenant]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantFile {
    /// Tenant id.
    pub id: Option<String>,
    /// Shown name.
    pub name: Option<String>,
}

/// `[graph]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphFile {
    /// One of Microsoft's clouds.
    pub cloud: Option<String>,
    /// Root of Graph, for a custom cloud.
    pub graph_url: Option<String>,
    /// Root of the identity platform, for a custom cloud.
    pub authority_url: Option<String>,
    /// Extra roots for this connection alone.
    pub ca_file: Option<String>,
}

/// `[connections]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionsFile {
    /// Reads.
    pub reader: AppFile,
    /// Writes licenses.
    pub writer: AppFile,
    /// Sends mail.
    pub mailer: AppFile,
}

/// `[connections.reader]`, `[connections.writer]`, `[connections.mailer]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppFile {
    /// The app registration.
    pub client_id: Option<String>,
    /// The file with its secret.
    pub client_secret_file: Option<String>,
    /// The secret's last day, so that people are warned before it.
    pub secret_expires_on: Option<String>,
    /// The file with its certificate and private key, in place of a secret.
    pub certificate_file: Option<String>,
    /// `PS256` or `RS256`.
    pub certificate_algorithm: Option<String>,
}

/// `[roster]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RosterFile {
    /// A CSV file.
    pub file: Option<String>,
}

/// `[settings]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettingsFile {
    /// How long after a write the first reading waits.
    pub settle_seconds: Option<i64>,
    /// How far apart agreeing readings are.
    pub read_spacing_seconds: Option<i64>,
    /// How long a new tenant is only observed.
    pub observe_days: Option<i64>,
    /// How old the sign-in sweep behind a write may be.
    pub recheck_max_age_seconds: Option<i64>,
    /// After how long without proof a person is told.
    pub unknown_after_seconds: Option<i64>,
    /// How long a claimed row is ours.
    pub lease_seconds: Option<i64>,
    /// How long a request to Graph may take.
    pub write_deadline_seconds: Option<u64>,
    /// Up to how many approved seats each write reads the sign-in itself.
    pub single_reads_below: Option<i64>,
    /// How long the circuit breaker of writes stays open before it lets one write through.
    pub circuit_retry_seconds: Option<i64>,
    /// Days after a keep before the seat may be found again.
    pub cool_down_days: Option<i64>,
    /// How many requests for sign-in dates go out in a minute.
    pub sign_in_requests_per_minute: Option<u32>,
    /// In how many streams people are read at once.
    pub people_streams: Option<usize>,
    /// Seconds until everybody is read again; in between only what changed is.
    pub full_round_seconds: Option<i64>,
    /// How many removals may start.
    pub budget: BudgetLimits,
    /// How often each task runs.
    pub intervals: IntervalsFile,
}

/// `[settings.intervals]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntervalsFile {
    /// People, accounts and license paths.
    pub people_seconds: Option<i64>,
    /// Skus.
    pub skus_seconds: Option<i64>,
    /// Usage report and sign-in dates.
    pub activity_seconds: Option<i64>,
    /// The HR roster.
    pub roster_seconds: Option<i64>,
}

/// `[demo]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemoFile {
    /// Root of the simulator.
    pub sim_url: Option<String>,
}

impl ConfigFile {
    /// Reads a file, and says where in it something is wrong.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Complaint::usage(
                format!("cannot read the configuration file {}: {error}", path.display()),
                "Give it with --config FILE, or a demo's data folder with --data DIR.",
            )
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file.
    pub fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Complaint::usage(
                format!("{}, line {line}: {}", path.display(), error.message()),
                "Correct that line and start again; nothing was started.",
            )
        })
    }
}
