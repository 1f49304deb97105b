//! The configuration: a file, then `RESEAT_*` variables, then flags, in rising order of strength. A
//! key nobody knows stops the start (C11): a typo must never be a limit that is not there.

mod app;
mod environment;
mod file;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use reseat_connectors::graph::Cloud;
use reseat_domain::ids::TenantId;
use reseat_engine::{Intervals, Purpose, Settings};

use crate::exit::Complaint;
use crate::secret::Secret;

pub use app::ConfiguredApp;
pub use environment::{Environment, warn_about_unknown};
pub use file::{AppFile, ConfigFile, ConnectionsFile, DemoFile, GraphFile, RosterFile, SettingsFile, TenantFile};

/// Below these, a removal is read back faster than Microsoft promises to show it.
const LEAST_SETTLE_SECONDS: i64 = 60;
const LEAST_SPACING_SECONDS: i64 = 30;

/// Every stream holds some pages in memory.
const MOST_STREAMS: usize = 16;

/// Flags of every command that works on the host.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct HostArgs {
    /// The configuration file; RESEAT_CONFIG without it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A data folder whose config.toml is used, such as a demo's
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data: Option<PathBuf>,
    /// The database: sqlite:FILE or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// Where Microsoft Graph is.
#[derive(Debug, Clone)]
pub struct GraphAt {
    /// The addresses.
    pub cloud: Cloud,
    /// Extra roots for this connection alone.
    pub ca_file: Option<PathBuf>,
}

/// Everything a server needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How people reach it.
    pub public_url: Option<String>,
    /// Its folder.
    pub data: PathBuf,
    /// Its database.
    pub store: String,
    /// Its master key, if one is configured.
    pub master_key: Option<Secret>,
    /// The file that stops all writes as long as it exists.
    pub freeze_file: PathBuf,
    /// The pinned tenant.
    pub tenant_id: TenantId,
    /// Its shown name.
    pub tenant_name: String,
    /// Where Graph is.
    pub graph: GraphAt,
    /// The app registrations it gives, by what each is for. Others are entered in the console.
    pub apps: BTreeMap<Purpose, ConfiguredApp>,
    /// The HR roster.
    pub roster_file: Option<PathBuf>,
    /// How fast, how often, how much.
    pub settings: Settings,
    /// Root of the simulator whose clock is followed; a demo only.
    pub sim_url: Option<String>,
}

impl Config {
    /// Reads file, environment and flags.
    pub fn load(args: &HostArgs) -> anyhow::Result<Self> {
        Self::load_under(args, &Environment::read(|name| std::env::var(name).ok()))
    }

    /// Reads a file that nothing stands above: a demo's own.
    pub fn load_alone(args: &HostArgs) -> anyhow::Result<Self> {
        Self::load_under(args, &Environment::default())
    }

    fn load_under(args: &HostArgs, environment: &Environment) -> anyhow::Result<Self> {
        let path = match (&args.config, &args.data) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(folder)) => Some(folder.join("config.toml")),
            (None, None) => environment.config_file(),
        };
        let (file, base) = match &path {
            Some(path) => (ConfigFile::read(path)?, folder_of(path)),
            None => (ConfigFile::default(), PathBuf::from(".")),
        };
        Self::merge(file, environment, args.store.clone(), &base)
    }

    /// Puts the three together and refuses what makes no sense.
    pub fn merge(file: ConfigFile, over: &Environment, store: Option<String>, base: &Path) -> anyhow::Result<Self> {
        let at = |path: PathBuf| if path.is_absolute() { path } else { base.join(path) };
        let pick = |name: &'static str, from_file: Option<String>| over.get(name).or(from_file);
        let data = pick("RESEAT_DATA", file.data).map_or_else(|| at("data".into()), |path| at(path.into()));
        let store = match store.or_else(|| pick("RESEAT_STORE", file.store)) {
            Some(url) => resolve_store(&url, base),
            None => format!("sqlite:{}", data.join("reseat.sqlite").display()),
        };
        let listen = pick("RESEAT_LISTEN", file.listen).unwrap_or_else(|| "127.0.0.1:8420".to_owned());
        let listen: SocketAddr = listen.parse().map_err(|_| {
            Complaint::usage(format!("listen is not an address with a port: {listen:?}"), "Give it as 127.0.0.1:8420.")
        })?;
        let tenant = pick("RESEAT_TENANT_ID", file.tenant.id)
            .ok_or_else(|| missing("the tenant id", "[tenant] id", "RESEAT_TENANT_ID"))?;
        let tenant_id = tenant
            .parse()
            .map_err(|error| Complaint::usage(format!("[tenant] id: {error}"), "It looks like a GUID."))?;
        let graph = GraphAt::choose(
            pick("RESEAT_CLOUD", file.graph.cloud).as_deref(),
            pick("RESEAT_GRAPH_URL", file.graph.graph_url),
            pick("RESEAT_AUTHORITY_URL", file.graph.authority_url),
            pick("RESEAT_CA_FILE", file.graph.ca_file).map(|path| at(path.into())),
        )?;
        let master_key = match (over.get("RESEAT_MASTER_KEY"), pick("RESEAT_MASTER_KEY_FILE", file.master_key_file)) {
            (Some(key), _) => Some(Secret::new(key)),
            (None, Some(path)) => Some(Secret::from_file(&at(path.into()))?),
            (None, None) => None,
        };
        let sim_url = file.demo.sim_url;
        if sim_url.is_some() && !graph.is_loopback() {
            return Err(Complaint::usage(
                "[demo] sim_url is for a simulated tenant on this machine only",
                "Remove [demo]; a real tenant has a clock of its own.",
            ));
        }
        Ok(Self {
            listen,
            public_url: pick("RESEAT_PUBLIC_URL", file.public_url),
            freeze_file: pick("RESEAT_FREEZE_FILE", file.freeze_file)
                .map_or_else(|| data.join("FROZEN"), |path| at(path.into())),
            data,
            store,
            master_key,
            tenant_name: pick("RESEAT_TENANT_NAME", file.tenant.name).unwrap_or_else(|| tenant.clone()),
            tenant_id,
            apps: file.connections.apps(over, base)?,
            roster_file: pick("RESEAT_ROSTER_FILE", file.roster.file).map(|path| at(path.into())),
            settings: check_settings(&file.settings, &graph)?,
            graph,
            sim_url,
        })
    }
}

impl ConnectionsFile {
    fn apps(&self, over: &Environment, base: &Path) -> anyhow::Result<BTreeMap<Purpose, ConfiguredApp>> {
        let mut apps = BTreeMap::new();
        for (purpose, file) in
            [(Purpose::Reader, &self.reader), (Purpose::Writer, &self.writer), (Purpose::Mailer, &self.mailer)]
        {
            apps.extend(file.app(purpose, over, base)?.map(|app| (purpose, app)));
        }
        Ok(apps)
    }
}

fn missing(what: &str, key: &str, variable: &str) -> anyhow::Error {
    Complaint::usage(
        format!("{what} is not configured"),
        format!("Set {key} in the configuration file (--config FILE), or {variable}."),
    )
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// A SQLite file is looked for beside the configuration, not where the command happens to run.
fn resolve_store(url: &str, base: &Path) -> String {
    match url.strip_prefix("sqlite:").map(|file| Path::new(file.trim_start_matches("//"))) {
        Some(file) if file.is_relative() => format!("sqlite:{}", base.join(file).display()),
        Some(_) | None => url.to_owned(),
    }
}

impl GraphAt {
    /// A known cloud by name, or custom servers.
    pub fn choose(
        cloud: Option<&str>,
        graph_url: Option<String>,
        authority_url: Option<String>,
        ca_file: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let cloud = match (cloud, graph_url, authority_url) {
            (cloud, None, None) => known_cloud(cloud.unwrap_or("global"))?,
            (None, Some(graph), Some(authority)) => Cloud::custom(&graph, &authority).map_err(|error| {
                Complaint::usage(error.to_string(), "For a private certificate authority give its root as ca_file.")
            })?,
            (Some(_), _, _) => {
                return Err(Complaint::usage(
                    "both a cloud and custom servers are configured",
                    "Keep either [graph] cloud, or graph_url and authority_url.",
                ));
            }
            (None, Some(_), None) | (None, None, Some(_)) => {
                return Err(Complaint::usage(
                    "custom servers need both graph_url and authority_url",
                    "Tokens of one cloud are of no use in another, so they are given together.",
                ));
            }
        };
        Ok(Self { cloud, ca_file })
    }

    /// Whether Graph is plain http, which only a simulator on this machine is.
    pub fn is_loopback(&self) -> bool {
        self.cloud.graph_url().scheme() == "http"
    }
}

fn known_cloud(name: &str) -> anyhow::Result<Cloud> {
    Cloud::named(name).ok_or_else(|| {
        Complaint::usage(
            format!("there is no cloud {name:?}"),
            "Choose global, us_gov_l4, us_gov_l5, china or china_older_sign_in.",
        )
    })
}

fn check_settings(file: &SettingsFile, graph: &GraphAt) -> anyhow::Result<Settings> {
    let product = Settings::default();
    let settings = Settings {
        budget: file.budget,
        settle_seconds: file.settle_seconds.unwrap_or(product.settle_seconds),
        read_spacing_seconds: file.read_spacing_seconds.unwrap_or(product.read_spacing_seconds),
        observe_days: file.observe_days.unwrap_or(product.observe_days),
        recheck_max_age_seconds: file.recheck_max_age_seconds.unwrap_or(product.recheck_max_age_seconds),
        unknown_after_seconds: file.unknown_after_seconds.unwrap_or(product.unknown_after_seconds),
        lease_seconds: file.lease_seconds.unwrap_or(product.lease_seconds),
        write_deadline_seconds: file.write_deadline_seconds.unwrap_or(product.write_deadline_seconds),
        single_reads_below: file.single_reads_below.unwrap_or(product.single_reads_below),
        circuit_retry_seconds: file.circuit_retry_seconds.unwrap_or(product.circuit_retry_seconds),
        cool_down_days: file.cool_down_days.unwrap_or(product.cool_down_days),
        sign_in_requests_per_minute: file.sign_in_requests_per_minute.unwrap_or(product.sign_in_requests_per_minute),
        people_streams: file.people_streams.unwrap_or(product.people_streams),
        full_round_seconds: file.full_round_seconds.unwrap_or(product.full_round_seconds),
        intervals: Intervals {
            people: file.intervals.people_seconds.unwrap_or(product.intervals.people),
            skus: file.intervals.skus_seconds.unwrap_or(product.intervals.skus),
            activity: file.intervals.activity_seconds.unwrap_or(product.intervals.activity),
            roster: file.intervals.roster_seconds.unwrap_or(product.intervals.roster),
        },
    };
    settings.budget.check().map_err(|error| {
        Complaint::usage(format!("[settings.budget] {error}"), "0 starts nothing; there is no value for unlimited.")
    })?;
    let least = |name: &str, given: i64, least: i64| {
        if given >= least {
            return Ok(());
        }
        Err(Complaint::usage(format!("[settings] {name} must be at least {least}, not {given}"), "Raise it."))
    };
    let most = |name: &str, given: usize, most: usize| {
        if given <= most {
            return Ok(());
        }
        Err(Complaint::usage(format!("[settings] {name} must be at most {most}, not {given}"), "Lower it."))
    };
    // A simulator shows a removal at once; Microsoft does not, and two early readings prove nothing.
    let real = !graph.is_loopback();
    least("settle_seconds", settings.settle_seconds, if real { LEAST_SETTLE_SECONDS } else { 0 })?;
    least("read_spacing_seconds", settings.read_spacing_seconds, if real { LEAST_SPACING_SECONDS } else { 0 })?;
    least("observe_days", settings.observe_days, 0)?;
    least("recheck_max_age_seconds", settings.recheck_max_age_seconds, 60)?;
    least("unknown_after_seconds", settings.unknown_after_seconds, 60)?;
    least("single_reads_below", settings.single_reads_below, 0)?;
    least("cool_down_days", settings.cool_down_days, 0)?;
    least("sign_in_requests_per_minute", i64::from(settings.sign_in_requests_per_minute), 1)?;
    least("people_streams", i64::try_from(settings.people_streams).unwrap_or(i64::MAX), 1)?;
    least("full_round_seconds", settings.full_round_seconds, 60)?;
    most("people_streams", settings.people_streams, MOST_STREAMS)?;
    least("write_deadline_seconds", i64::try_from(settings.write_deadline_seconds).unwrap_or(i64::MAX), 1)?;
    let deadline = i64::try_from(settings.write_deadline_seconds).unwrap_or(i64::MAX);
    // A request that outlives its lease could be sent twice by two servers.
    least("lease_seconds", settings.lease_seconds, deadline.saturating_add(1))?;
    let Intervals { people, skus, activity, roster } = settings.intervals;
    for (name, seconds) in
        [("people_seconds", people), ("skus_seconds", skus), ("activity_seconds", activity), ("roster_seconds", roster)]
    {
        least(&format!("intervals.{name}"), seconds, 60)?;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests;
