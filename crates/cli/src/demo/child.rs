//! A child process with a ready line.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child as Process, Command};

use crate::commands::parent::PARENT_PID;
use crate::config::Environment;
use crate::exit::Complaint;

/// How long a child may take until it is ready. A million people are generated lazily, so this is
/// for a slow machine and not for a large world.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running child.
pub struct Child {
    process: Process,
    pid: u32,
}

/// What is started, so that it can be started again.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What people call it.
    pub name: &'static str,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it logs.
    pub log: PathBuf,
}

impl Recipe {
    /// Starts it and waits for its ready line.
    pub async fn start(&self) -> anyhow::Result<(Child, Value)> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        for name in Environment::names() {
            // What is meant for other commands must not reach into the demo's own configuration.
            command.env_remove(name);
        }
        command.env(PARENT_PID, std::process::id().to_string());
        // Ctrl-C in the terminal reaches this process alone, which then ends its children in order.
        command.process_group(0).kill_on_drop(true);
        let mut process =
            command.spawn().with_context(|| format!("cannot start the {} ({})", self.name, self.program.display()))?;
        let pid = process.id().context("a process that was just started has an id")?;
        let stdout = process.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(READY_WITHIN, lines.next_line()).await;
        let ready = match first {
            Ok(Ok(Some(line))) => serde_json::from_str(&line).ok(),
            Ok(Ok(None) | Err(_)) | Err(_) => None,
        };
        let Some(ready) = ready else { return Err(self.not_ready()) };
        // Nobody reads on, and a full pipe must not stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((Child { process, pid }, ready))
    }

    fn not_ready(&self) -> anyhow::Error {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(3).collect();
        let said = last.into_iter().rev().collect::<Vec<_>>().join("\n");
        Complaint::failed(format!("the {} did not start", self.name), format!("{}:\n{said}", self.log.display()))
    }
}

impl Child {
    /// Its process id.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns once it has ended.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Asks it to end, and ends it if it does not within `patience`.
    pub async fn stop(&mut self, patience: Duration) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        // The shell's own kill is on every machine; the program of that name is not.
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.pid.to_string()]).status().await;
        let in_order = asked.is_ok_and(|status| status.success())
            && tokio::time::timeout(patience, self.process.wait()).await.is_ok();
        if !in_order {
            // It may just have ended, which is as good.
            let _ = self.process.kill().await;
        }
    }
}

/// A program that lies beside this one.
pub fn beside_us(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("cannot tell where this program lies")?;
    let path = this.parent().unwrap_or(Path::new(".")).join(name);
    if path.is_file() {
        return Ok(path);
    }
    Err(Complaint::failed(
        format!("{name} is not beside reseat ({})", path.display()),
        "Build both with `make build`, or put both into one folder.",
    ))
}
