//! The simulated tenant: starting its process, and its control plane.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::demo::child::{Recipe, beside_us};
use crate::demo::folder::{Folder, Kept};

/// Everything a started simulator says of itself.
#[derive(Debug, Clone, Deserialize)]
pub struct SimulatorReady {
    /// Root of everything over http.
    pub http_url: String,
    /// Root of everything over https.
    pub https_url: String,
    /// Root of Graph.
    pub graph_url: String,
    /// Root of the identity platform.
    pub authority_url: String,
    /// The tenant.
    pub tenant_id: TenantId,
    /// App registrations.
    pub apps: Vec<SimulatorApp>,
    /// User objects.
    pub users: u64,
    /// Seats.
    pub seats: u64,
}

/// One app registration.
#[derive(Debug, Clone, Deserialize)]
pub struct SimulatorApp {
    /// reader, writer, mailer, everything.
    pub purpose: String,
    /// Its client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl SimulatorReady {
    /// The app registration for a purpose.
    pub fn app(&self, purpose: &str) -> anyhow::Result<&SimulatorApp> {
        self.apps
            .iter()
            .find(|app| app.purpose == purpose)
            .with_context(|| format!("the simulated tenant has no app registration for the {purpose}"))
    }
}

/// How the simulator is started: the first time on free ports, then on the same ones.
pub fn recipe(folder: &Folder, kept: &Kept) -> anyhow::Result<Recipe> {
    let free = "127.0.0.1:0".to_owned();
    let (http, https) = match kept.simulator {
        Some((http, https)) => (http.to_string(), https.to_string()),
        None => (free.clone(), free),
    };
    let journal = folder.file("sim-journal.jsonl").display().to_string();
    let mut arguments: Vec<String> = ["--listen", &http, "--listen-https", &https, "--seed", &kept.seed.to_string()]
        .into_iter()
        .chain(["--world", &kept.world, "--journal", &journal, "--json", "--with-parent"])
        .map(str::to_owned)
        .collect();
    if let Some(users) = kept.users {
        arguments.extend(["--users".to_owned(), users.to_string()]);
    }
    Ok(Recipe {
        name: "simulator",
        program: beside_us("reseat-graph-sim")?,
        arguments,
        log: folder.file("simulator.log"),
    })
}

/// The control plane.
#[derive(Debug, Clone)]
pub struct Control {
    root: String,
    http: reqwest::Client,
}

/// What time it is in the simulated tenant.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ClockReading {
    /// The moment.
    pub now: Timestamp,
    /// Simulated seconds per real one.
    pub rate: f64,
}

/// Something that really happened to a person.
#[derive(Debug, Clone, Deserialize)]
pub struct JournalEffect {
    /// Its place.
    pub seq: u64,
    /// By which app; another actor without it.
    pub app_id: Option<String>,
    /// To whom.
    pub user_id: String,
    /// What.
    pub kind: String,
    /// Which license.
    pub sku_id: Option<String>,
    /// Through which group; a direct license without it.
    pub group_id: Option<String>,
}

impl Control {
    /// Of the simulator at this root.
    pub fn new(sim_url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(30))
            .build()
            .context("cannot set up HTTP")?;
        Ok(Self { root: format!("{}/_sim", sim_url.trim_end_matches('/')), http })
    }

    /// Reads the clock.
    pub async fn clock(&self) -> anyhow::Result<ClockReading> {
        let answer = self.http.get(format!("{}/clock", self.root)).timeout(Duration::from_secs(2)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Moves the clock on.
    pub async fn advance(&self, seconds: i64) -> anyhow::Result<ClockReading> {
        let wish = json!({ "advance_s": seconds });
        let answer = self.http.post(format!("{}/clock", self.root)).json(&wish).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Puts what the HR system exports today into a file, whole or not at all.
    pub async fn write_roster(&self, path: &Path) -> anyhow::Result<()> {
        let answer = self.http.get(format!("{}/roster", self.root)).send().await?.error_for_status()?;
        let csv = answer.text().await.context("the roster broke off")?;
        crate::demo::folder::write_private(path, &csv)
    }

    /// Everything that really happened.
    pub async fn journal(&self) -> anyhow::Result<Vec<JournalEffect>> {
        let answer = self.http.get(format!("{}/journal", self.root)).send().await?.error_for_status()?;
        let text = answer.text().await.context("the journal broke off")?;
        text.lines().map(|line| serde_json::from_str(line).context("a line of the journal cannot be read")).collect()
    }
}
