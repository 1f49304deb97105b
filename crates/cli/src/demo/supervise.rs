//! Starting the two children, bringing a killed one back on its own port, and ending both in order.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex as AsyncMutex;

use crate::config::{Config, HostArgs};
use crate::demo::child::{Child, Recipe};
use crate::demo::folder::{Folder, Kept, USUAL_LISTEN, write_private};
use crate::demo::simulator::{Control, SimulatorReady};
use crate::demo::{DemoArgs, config, seed, simulator};
use crate::exit::Complaint;
use crate::remote::client::Client;
use crate::secret::Secret;
use reseat_domain::role::Role;

/// A server drains within 25 s by itself.
const SERVER_PATIENCE: Duration = Duration::from_secs(27);
const SIMULATOR_PATIENCE: Duration = Duration::from_secs(5);

/// A child that dies at once again and again is not brought back for ever.
const MOST_FAILED_STARTS: u32 = 5;

/// A running demo.
pub struct Running {
    /// Where everything is kept.
    pub folder: Folder,
    /// What the folder remembers.
    pub kept: AsyncMutex<Kept>,
    /// What the simulator said of itself.
    pub tenant: SimulatorReady,
    /// The simulator's control plane.
    pub control: Control,
    /// What the server said of itself.
    pub server_ready: Value,
    restart: bool,
    recipes: [Recipe; 2],
    children: [AsyncMutex<Child>; 2],
    pids: Mutex<[u32; 2]>,
}

const SIMULATOR: usize = 0;
const SERVER: usize = 1;

/// The signals that end a demo.
pub fn stop_signals() -> anyhow::Result<[Signal; 2]> {
    Ok([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?])
}

/// Returns when one of them came.
pub async fn asked_to_stop([interrupt, terminate]: &mut [Signal; 2]) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Starts simulator and server.
pub async fn start(args: &DemoArgs) -> anyhow::Result<Running> {
    let (folder, mut kept) = Folder::open(args)?;
    let (simulator, ready) = simulator::recipe(&folder, &kept)?.start().await?;
    let tenant: SimulatorReady = serde_json::from_value(ready).context("the simulator's ready line")?;
    eprintln!("Simulated tenant {} with {} people and {} seats", tenant.tenant_id, tenant.users, tenant.seats);
    kept.simulator = Some((address(&tenant.http_url)?, address(&tenant.https_url)?));
    folder.keep(&kept)?;
    let listen = kept.listen.unwrap_or_else(usual_or_free);
    config::write(&folder, &kept, &tenant, listen)?;
    let control = Control::new(&tenant.http_url)?;
    control.write_roster(&folder.file("roster.csv")).await.context("the simulated HR system gives no roster")?;
    let host = HostArgs { config: Some(folder.config_file()), ..HostArgs::default() };
    let seeded = Config::load_alone(&host)?;
    seed::seed(&folder, &mut kept, &seeded, &control).await?;
    let server_recipe = server(&folder)?;
    let (server, server_ready) = server_recipe.start().await?;
    kept.listen = Some(address(server_ready["console_url"].as_str().unwrap_or_default())?);
    folder.keep(&kept)?;
    // From now on the server is found where it is, however often it is started.
    config::write(&folder, &kept, &tenant, kept.listen.unwrap_or(listen))?;
    let running = Running {
        recipes: [simulator::recipe(&folder, &kept)?, server_recipe],
        pids: Mutex::new([simulator.pid(), server.pid()]),
        children: [AsyncMutex::new(simulator), AsyncMutex::new(server)],
        folder,
        kept: AsyncMutex::new(kept),
        tenant,
        control,
        server_ready,
        restart: !args.no_restart,
    };
    running.note_pids()?;
    Ok(running)
}

fn server(folder: &Folder) -> anyhow::Result<Recipe> {
    let config = folder.config_file().display().to_string();
    Ok(Recipe {
        name: "server",
        program: std::env::current_exe().context("cannot tell where this program lies")?,
        arguments: ["serve", "--config", &config, "--json"].map(str::to_owned).to_vec(),
        log: folder.file("server.log"),
    })
}

/// The usual port, if nobody has it.
fn usual_or_free() -> SocketAddr {
    let usual: SocketAddr = USUAL_LISTEN.parse().expect("a constant address");
    let free = std::net::TcpListener::bind(usual).is_ok();
    if free { usual } else { SocketAddr::new(usual.ip(), 0) }
}

fn address(url: &str) -> anyhow::Result<SocketAddr> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.parse().with_context(|| format!("not an address with a port: {url:?}"))
}

impl Running {
    /// Process ids of simulator and server as they are now.
    pub fn pids(&self) -> [u32; 2] {
        *self.pids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts as the demo's person with a role.
    pub async fn client(&self, role: Role) -> anyhow::Result<Client> {
        let kept = self.kept.lock().await;
        let token =
            kept.accounts.iter().find(|account| account.role == role).and_then(|account| account.api_token.clone());
        let token = token.context("the demo's accounts have tokens")?;
        Client::new(self.server_ready["api_url"].as_str().unwrap_or_default(), Secret::new(token))
    }

    /// Brings back what was killed; returns only when that is not possible.
    pub async fn watch_over(&self) -> anyhow::Result<()> {
        tokio::select! {
            result = self.watch_one(SIMULATOR) => result,
            result = self.watch_one(SERVER) => result,
        }
    }

    async fn watch_one(&self, which: usize) -> anyhow::Result<()> {
        let mut failed = 0;
        loop {
            let status = self.children[which].lock().await.ended().await?;
            let recipe = &self.recipes[which];
            if !self.restart {
                eprintln!("The {} ended ({status}); it is not brought back.", recipe.name);
                return std::future::pending().await;
            }
            eprintln!("The {} ended ({status}); it is started again.", recipe.name);
            loop {
                match recipe.start().await {
                    Ok((child, _)) => {
                        self.pids.lock().unwrap_or_else(PoisonError::into_inner)[which] = child.pid();
                        *self.children[which].lock().await = child;
                        self.note_pids()?;
                        failed = 0;
                        break;
                    }
                    Err(error) if failed < MOST_FAILED_STARTS => {
                        failed += 1;
                        eprintln!("{error:#}");
                        tokio::time::sleep(Duration::from_millis(300)).await;
                    }
                    Err(error) => {
                        let log = format!("Look into {}.", recipe.log.display());
                        return Err(error.context(Complaint {
                            exit: crate::exit::Exit::Failed,
                            sentence: format!("the {} does not come back", recipe.name),
                            remedy: Some(log),
                        }));
                    }
                }
            }
        }
    }

    /// Writes the process ids down, for whoever wants to kill one.
    fn note_pids(&self) -> anyhow::Result<()> {
        let [simulator, server] = self.pids();
        let pids = json!({ "demo": std::process::id(), "server": server, "simulator": simulator });
        write_private(&self.folder.file("pids.json"), &pids.to_string())
    }

    /// Ends both: the server first, so that what it is writing still finds the tenant.
    pub async fn stop(&self) {
        self.children[SERVER].lock().await.stop(SERVER_PATIENCE).await;
        self.children[SIMULATOR].lock().await.stop(SIMULATOR_PATIENCE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_out_of_a_url() {
        assert_eq!(address("http://127.0.0.1:8420").expect("one"), "127.0.0.1:8420".parse().expect("one"));
        assert_eq!(address("http://[::1]:9/x").expect("one"), "[::1]:9".parse().expect("one"));
        assert!(address("http://localhost").is_err());
    }
}
