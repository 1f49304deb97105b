//! Several servers on one database: started, killed, stopped in the middle of what they do, and let go
//! on. On SQLite a fleet is one server, because a second one is refused.

use anyhow::{Context as _, Result};
use reseat_domain::budget::BudgetLimits;
use reseat_testkit::World;
use tokio::process::{Child, Command};

use crate::worker::{Serve, start_server};

/// Servers over the world's database and tenant.
pub struct Fleet {
    serve: Serve,
    servers: Vec<Child>,
    /// How many were killed so far.
    pub killed: usize,
    /// How many were stopped and let go on so far.
    pub paused: usize,
}

impl Fleet {
    /// Starts `count` servers.
    ///
    /// # Errors
    /// When one cannot be started.
    pub fn start(world: &World, count: usize, budget: BudgetLimits) -> Result<Self> {
        let serve = Serve {
            ready: world.sim.ready.clone(),
            store_url: world.store_url().to_owned(),
            name: String::new(),
            budget,
        };
        let mut fleet = Self { serve, servers: Vec::new(), killed: 0, paused: 0 };
        for at in 0..count {
            fleet.servers.push(start_server(&fleet.named(at))?);
        }
        Ok(fleet)
    }

    fn named(&self, at: usize) -> Serve {
        Serve { name: format!("server {at}"), ..self.serve.clone() }
    }

    /// Starts again whoever ended by itself, as a supervisor does.
    ///
    /// # Errors
    /// When it cannot be started again.
    pub fn mend(&mut self) -> Result<()> {
        for at in 0..self.servers.len() {
            if self.servers[at].try_wait()?.is_some() {
                self.servers[at] = start_server(&self.named(at))?;
            }
        }
        Ok(())
    }

    /// How many servers there are.
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Kills one with SIGKILL and starts it again.
    ///
    /// # Errors
    /// When it cannot be started again.
    pub async fn kill(&mut self, at: usize) -> Result<()> {
        self.servers[at].kill().await?;
        self.servers[at] = start_server(&self.named(at))?;
        self.killed += 1;
        Ok(())
    }

    /// Stops one where it stands (SIGSTOP).
    ///
    /// # Errors
    /// When it is gone.
    pub async fn pause(&mut self, at: usize) -> Result<()> {
        self.signal(at, "-STOP").await?;
        self.paused += 1;
        Ok(())
    }

    /// Lets one go on (SIGCONT), whether it was stopped or not.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn go_on(&mut self, at: usize) -> Result<()> {
        self.signal(at, "-CONT").await
    }

    async fn signal(&self, at: usize, signal: &str) -> Result<()> {
        let id = self.servers[at].id().context("the server is gone")?;
        let status = Command::new("kill").arg(signal).arg(id.to_string()).status().await?;
        anyhow::ensure!(status.success(), "server {at} does not take {signal}");
        Ok(())
    }

    /// Ends all of them.
    ///
    /// # Errors
    /// When one does not end.
    pub async fn end(mut self) -> Result<()> {
        for server in &mut self.servers {
            server.kill().await?;
        }
        Ok(())
    }
}
