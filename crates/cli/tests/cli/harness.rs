//! Runs the built programs the way people and scripts do.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How a run ended.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Output {
    /// The last line of standard output as JSON.
    pub fn json(&self) -> Value {
        let line = self.stdout.trim_end().lines().last().unwrap_or_else(|| panic!("nothing was printed: {self:?}"));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The program, without anything that this test's own environment says to it.
pub fn reseat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reseat"));
    for (name, _) in std::env::vars() {
        if name.starts_with("RESEAT_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program can be started");
    Output {
        stdout: String::from_utf8(output.stdout).expect("it prints text"),
        stderr: String::from_utf8(output.stderr).expect("it prints text"),
        code: output.status.code().expect("it ended by itself"),
    }
}

/// The simulator, which lies beside the program.
fn simulator() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_reseat")).with_file_name("reseat-graph-sim");
    assert!(path.is_file(), "{} is not built; cargo build -p reseat-graph-sim", path.display());
    path
}

/// A process that printed its ready line and ends with this value.
pub struct Started {
    pub ready: Value,
    child: Child,
}

impl Started {
    /// Starts a command that prints a ready line.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program can be started");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it prints text");
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| {
            let _ = child.kill();
            let _ = child.wait();
            panic!("not ready: {error}: {line:?}")
        });
        Self { ready, child }
    }

    /// A text of the ready line.
    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("the ready line has no {name}"))
    }

    /// Ends it in order, and gives its exit code.
    pub fn stop(mut self) -> i32 {
        send("TERM", self.child.id());
        let status = self.child.wait().expect("it ends");
        status.code().unwrap_or(-1)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            send("TERM", self.child.id());
            let until = Instant::now() + Duration::from_secs(30);
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Sends a signal to a process that this test started, or had started.
pub fn send(signal: &str, pid: u32) {
    let status = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", signal, &pid.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill -{signal} {pid}");
}

/// Starts a simulated tenant.
pub fn simulated_tenant(arguments: &[&str]) -> Started {
    Started::start(Command::new(simulator()).args(arguments).args(["--json", "--with-parent"]))
}

/// Starts a demo in a folder of its own.
pub fn demo(folder: &Path, arguments: &[&str]) -> Started {
    simulator();
    let data = folder.display().to_string();
    let log = std::fs::File::create(folder.with_extension("log")).expect("the log can be written");
    let all = ["demo", "--data", &data, "--listen", "127.0.0.1:0", "--json"];
    Started::start(reseat(&all).args(arguments).stderr(log))
}

/// Starts a server.
pub fn served(arguments: &[&str]) -> Started {
    Started::start(reseat(&["serve", "--json"]).args(arguments).stderr(Stdio::null()))
}

/// `reseat demo --once --json` in a folder of its own, not yet ended.
pub fn once(folder: &Path, arguments: &[&str]) -> Command {
    simulator();
    let data = folder.display().to_string();
    let mut command = reseat(&["demo", "--data", &data, "--listen", "127.0.0.1:0", "--once", "--json"]);
    command.args(arguments);
    command
}

/// Asks again until there is an answer, within a bound.
pub async fn until<T>(what: &str, within: Duration, ask: impl AsyncFn() -> Option<T>) -> T {
    let end = Instant::now() + within;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An HTTP client for this machine.
pub fn http() -> reqwest::Client {
    // The tests start without the program's own set-up.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client")
}

/// The person of a demo with a role, acting through REST.
#[derive(Clone)]
pub struct Person {
    api: String,
    token: String,
    http: reqwest::Client,
}

impl Person {
    pub fn of(demo: &Value, role: &str) -> Self {
        let accounts = demo["accounts"].as_array().expect("a demo has accounts");
        let account = accounts.iter().find(|account| account["role"] == role).expect("one for each role");
        Self {
            api: demo["api_url"].as_str().expect("an address").to_owned(),
            token: account["api_token"].as_str().expect("a token").to_owned(),
            http: http(),
        }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Reads; `None` while the server is away.
    pub async fn try_get(&self, path: &str) -> Option<Value> {
        let answer = self.http.get(format!("{}{path}", self.api)).bearer_auth(&self.token).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }

    pub async fn get(&self, path: &str) -> Value {
        until(path, Duration::from_secs(30), async || self.try_get(path).await).await
    }

    /// A command; the same one is sent again while the server is away.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let key = uuid::Uuid::new_v4().to_string();
        until(path, Duration::from_secs(30), async || {
            let request = self.http.post(format!("{}{path}", self.api)).bearer_auth(&self.token);
            let answer = request.header("idempotency-key", &key).json(body).send().await.ok()?;
            let status = answer.status();
            let value: Value = answer.json().await.ok()?;
            assert!(status.is_success(), "{path}: {status}: {value}");
            Some(value)
        })
        .await
    }

    /// Every item of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{joint}limit=200{cursor}")).await;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

/// Everything that really happened in a simulated tenant.
pub async fn journal(sim_url: &str) -> Vec<Value> {
    let answer = http().get(format!("{sim_url}/_sim/journal")).send().await.expect("the simulator answers");
    let text = answer.text().await.expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
