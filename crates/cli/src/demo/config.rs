//! The configuration of a demo's server: the same file and the same code as anywhere, with limits
//! that let a person watch a whole loop in a minute.

use std::net::SocketAddr;

use anyhow::Context as _;
use reseat_domain::budget::BudgetLimits;

use crate::config::{AppFile, ConfigFile, ConnectionsFile, DemoFile, GraphFile, RosterFile, SettingsFile, TenantFile};
use crate::demo::folder::{Folder, Kept, write_private};
use crate::demo::simulator::SimulatorReady;

/// Writes it, and the secrets beside it.
pub fn write(folder: &Folder, kept: &Kept, tenant: &SimulatorReady, listen: SocketAddr) -> anyhow::Result<()> {
    let app = |purpose: &str| -> anyhow::Result<AppFile> {
        let app = tenant.app(purpose)?;
        let file = format!("{purpose}.secret");
        write_private(&folder.file(&file), &app.client_secret)?;
        Ok(AppFile { client_id: Some(app.client_id.clone()), client_secret_file: Some(file), ..AppFile::default() })
    };
    let file = ConfigFile {
        listen: Some(listen.to_string()),
        data: Some(".".to_owned()),
        store: Some(kept.store.clone()),
        master_key_file: Some("master.key".to_owned()),
        tenant: TenantFile { id: Some(tenant.tenant_id.to_string()), name: Some("Contoso (simulated)".to_owned()) },
        graph: GraphFile {
            graph_url: Some(tenant.graph_url.clone()),
            authority_url: Some(tenant.authority_url.clone()),
            ..GraphFile::default()
        },
        connections: ConnectionsFile { reader: app("reader")?, writer: app("writer")?, mailer: AppFile::default() },
        roster: RosterFile { file: Some("roster.csv".to_owned()) },
        settings: settings(),
        demo: DemoFile { sim_url: Some(tenant.http_url.clone()) },
        ..ConfigFile::default()
    };
    let text = toml::to_string(&file).context("a configuration is TOML")?;
    write_private(&folder.config_file(), &text)
}

fn settings() -> SettingsFile {
    SettingsFile {
        settle_seconds: Some(3),
        read_spacing_seconds: Some(2),
        observe_days: Some(0),
        write_deadline_seconds: Some(8),
        // A killed server's work is taken up soon after it is back.
        lease_seconds: Some(12),
        // The simulator sets no limit to sign-in dates unless it is told to.
        sign_in_requests_per_minute: Some(6_000),
        budget: BudgetLimits {
            per_run: 200,
            per_run_percent: 50,
            per_day: 2_000,
            per_day_percent: 80,
            per_30_days_percent: 100,
            run_interval_seconds: 60,
            ..BudgetLimits::default()
        },
        ..SettingsFile::default()
    }
}
