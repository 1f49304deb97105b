//! The simulated tenant as a process, and its control plane.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use reseat_domain::ids::UserId;
use reseat_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the simulator prints when it is ready.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// Root of Graph and of the control plane.
    pub graph_url: String,
    /// Root of the identity platform.
    pub authority_url: String,
    /// The tenant.
    pub tenant_id: String,
    /// Its app registrations.
    pub apps: Vec<AppInfo>,
    /// User objects.
    pub users: u64,
    /// Seats.
    pub seats: u64,
}

/// An app registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppInfo {
    /// `reader`, `writer`, …
    pub purpose: String,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The file with its certificate and key.
    #[serde(default)]
    pub certificate_file: Option<String>,
}

impl Ready {
    /// The app for a purpose.
    pub fn app(&self, purpose: &str) -> &AppInfo {
        self.apps.iter().find(|app| app.purpose == purpose).expect("the simulator registers an app for each purpose")
    }
}

/// Something that really happened in the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Effect {
    /// Counts from 1.
    pub seq: u64,
    /// When.
    pub at: String,
    /// The app that caused it; none for every other actor.
    pub app_id: Option<String>,
    /// To whom.
    pub user_id: String,
    /// `license_removed`, `license_added`, …
    pub kind: String,
    /// Which sku.
    pub sku_id: Option<String>,
    /// The path; none is a direct license.
    pub group_id: Option<String>,
}

/// Which world.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// User objects.
    pub users: u64,
    /// What the world is made from.
    pub seed: u64,
    /// Its name.
    pub world: String,
}

/// A simulated tenant; the process ends with this value, or with this process.
pub struct Sim {
    /// How to reach it.
    pub ready: Ready,
    http: reqwest::Client,
    child: Option<Child>,
}

impl Sim {
    /// Starts the simulator with a clock that stands still.
    ///
    /// # Errors
    /// When the program is not built, or does not get ready.
    pub fn start(options: &SimOptions) -> Result<Self> {
        Self::start_with(options, &[])
    }

    fn start_with(options: &SimOptions, more: &[String]) -> Result<Self> {
        let program = find_program()?;
        let mut child = Command::new(&program)
            .args(["--users", &options.users.to_string(), "--seed", &options.seed.to_string()])
            .args(["--world", &options.world, "--clock-rate", "0", "--json", "--with-parent"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let out = child.stdout.take().context("the simulator has an output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let ready: Ready = match serde_json::from_str(&line) {
            Ok(ready) => ready,
            Err(error) => {
                let _ = child.kill();
                bail!("the simulator did not get ready: {error}: {line:?}");
            }
        };
        let mut sim = Self::attach(ready);
        sim.child = Some(child);
        Ok(sim)
    }

    /// Starts the simulator as [`Sim::start`] does, at a day of choice (`2026-03-04`) and, with a
    /// `journal`, over a file that outlives it: the same seed, day and file give the same tenant again.
    ///
    /// # Errors
    /// When the program is not built, or does not get ready.
    pub fn start_on(options: &SimOptions, epoch: &str, journal: Option<&std::path::Path>) -> Result<Self> {
        let mut more = vec!["--epoch".to_owned(), epoch.to_owned()];
        if let Some(journal) = journal {
            more.extend(["--journal".to_owned(), journal.display().to_string()]);
        }
        Self::start_with(options, &more)
    }

    /// A simulator that somebody else started.
    pub fn attach(ready: Ready) -> Self {
        Self { ready, http: reqwest::Client::new(), child: None }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>> {
        let url = format!("{}/_sim/{path}", self.ready.graph_url);
        let mut request = self.http.request(method, &url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        if !status.is_success() {
            bail!("{path}: {status}: {}", String::from_utf8_lossy(&bytes));
        }
        Ok(bytes.to_vec())
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        Ok(serde_json::from_slice(&self.call(reqwest::Method::POST, path, Some(&body)).await?)?)
    }

    /// The simulated moment.
    pub async fn now(&self) -> Timestamp {
        let bytes = self.call(reqwest::Method::GET, "clock", None).await.expect("the control plane answers");
        moment(&serde_json::from_slice(&bytes).expect("a clock is JSON"))
    }

    /// Moves the clock on; gives the new moment.
    pub async fn advance(&self, seconds: f64) -> Timestamp {
        moment(&self.post("clock", json!({ "advance_s": seconds })).await.expect("the clock moves"))
    }

    /// Everything that really happened as the simulator wrote it: one JSON object a line.
    pub async fn journal_text(&self) -> String {
        let bytes = self.call(reqwest::Method::GET, "journal", None).await.expect("the control plane answers");
        String::from_utf8(bytes).expect("a journal is text")
    }

    /// Everything that really happened, in order.
    pub async fn journal(&self) -> Vec<Effect> {
        let text = self.journal_text().await;
        text.lines().map(|line| serde_json::from_str(line).expect("an effect a line")).collect()
    }

    /// Plants a fault; `with` adds or overrides its fields (`skip`, `times`, `path_contains`, …).
    pub async fn plant(&self, fault: &str, with: Value) {
        let mut body = json!({ "fault": fault });
        for (name, value) in with.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post("faults", body).await.expect("the simulator knows this fault");
    }

    /// How often planted faults of this kind have bitten.
    pub async fn bitten(&self, fault: &str) -> u64 {
        self.planted(fault).await.iter().filter_map(|planted| planted["bitten"].as_u64()).sum()
    }

    /// The planted faults of a kind, as they stand.
    pub async fn planted(&self, fault: &str) -> Vec<Value> {
        let bytes = self.call(reqwest::Method::GET, "faults", None).await.expect("the control plane answers");
        let value: Value = serde_json::from_slice(&bytes).expect("faults are JSON");
        let list = value["faults"].as_array().cloned().unwrap_or_default();
        list.into_iter().filter(|planted| planted["fault"] == fault).collect()
    }

    /// Every kind of fault the simulator knows.
    pub async fn fault_kinds(&self) -> Vec<String> {
        let bytes = self.call(reqwest::Method::GET, "faults", None).await.expect("the control plane answers");
        let value: Value = serde_json::from_slice(&bytes).expect("faults are JSON");
        value["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Takes every planted fault away.
    pub async fn clear_faults(&self) {
        self.call(reqwest::Method::DELETE, "faults", None).await.expect("the control plane answers");
    }

    /// The truth about a person.
    pub async fn user(&self, user_id: UserId) -> Value {
        let path = format!("users/{user_id}");
        let bytes = self.call(reqwest::Method::GET, &path, None).await.expect("the person exists");
        serde_json::from_slice(&bytes).expect("a person is JSON")
    }

    /// Plays another actor: an administrator, or the person at work.
    pub async fn patch_user(&self, user_id: UserId, patch: Value) {
        let path = format!("users/{user_id}");
        self.call(reqwest::Method::PATCH, &path, Some(&patch)).await.expect("the change is possible");
    }

    /// Plays the administrator of app registrations: `permissions`, `disabled`, `secret_expired`, ….
    pub async fn patch_app(&self, purpose: &str, changes: Value) {
        let path = format!("apps/{purpose}");
        self.call(reqwest::Method::PATCH, &path, Some(&changes)).await.expect("the change is possible");
    }

    /// A browser that goes to an address and is sent on: gives where to. It signs in as `login_hint`.
    pub async fn browse(&self, url: &str, login_hint: &str) -> String {
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let browser = browser.build().expect("a browser can be made");
        let answer = browser.get(url).query(&[("login_hint", login_hint)]).send().await.expect("the page answers");
        let status = answer.status();
        match answer.headers().get("location").and_then(|value| value.to_str().ok()) {
            Some(location) => location.to_owned(),
            None => panic!("sent nowhere: {status}: {}", answer.text().await.unwrap_or_default()),
        }
    }

    /// Gives a person exactly these direct licenses, as an administrator would.
    pub async fn give(&self, user_id: UserId, licenses: Value) {
        self.patch_user(user_id, json!({ "licenses": licenses })).await;
    }

    /// Deletes a person's account, as another app with every right does.
    pub async fn delete_user(&self, user_id: UserId) {
        let bearer = self.token_of_everything().await;
        let url = format!("{}/v1.0/users/{user_id}", self.ready.graph_url);
        let answer = self.http.delete(url).bearer_auth(bearer).send().await.expect("Graph answers");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Reads a person as another program of the tenant does, so that what is planted for such a
    /// reading happens. Whatever it answers is not looked at.
    pub async fn look_at(&self, user_id: UserId) {
        let bearer = self.token_of_everything().await;
        let url = format!("{}/v1.0/users/{user_id}", self.ready.graph_url);
        let _ = self.http.get(url).bearer_auth(bearer).send().await;
    }

    async fn token_of_everything(&self) -> String {
        let app = self.ready.app("everything");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.as_str()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let token_url = format!("{}/{}/oauth2/v2.0/token", self.ready.authority_url, self.ready.tenant_id);
        let answer = self.http.post(token_url).form(&form).send().await.expect("the identity platform answers");
        let token: Value = answer.json().await.expect("a token is JSON");
        token["access_token"].as_str().expect("a token").to_owned()
    }

    /// Lets a group give other licenses, as another app with every right does.
    pub async fn assign_to_group(&self, group_id: &str, add: &[&str], remove: &[&str]) {
        let bearer = self.token_of_everything().await;
        let add: Vec<Value> = add.iter().map(|sku| json!({ "skuId": sku, "disabledPlans": [] })).collect();
        let url = format!("{}/v1.0/groups/{group_id}/assignLicense", self.ready.graph_url);
        let body = json!({ "addLicenses": add, "removeLicenses": remove });
        let answer = self.http.post(url).bearer_auth(bearer).json(&body).send().await.expect("Graph answers");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Changes switches of the tenant.
    pub async fn settings(&self, changes: Value) {
        self.call(reqwest::Method::PATCH, "settings", Some(&changes)).await.expect("these are settings");
    }

    /// What the company's HR system exports now.
    pub async fn roster(&self) -> Vec<u8> {
        self.call(reqwest::Method::GET, "roster", None).await.expect("the control plane answers")
    }

    /// Requests so far, by operation.
    pub async fn stats(&self) -> Value {
        let bytes = self.call(reqwest::Method::GET, "stats", None).await.expect("the control plane answers");
        serde_json::from_slice(&bytes).expect("stats are JSON")
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn moment(clock: &Value) -> Timestamp {
    clock["now"].as_str().and_then(|text| text.parse().ok()).expect("the clock gives a moment")
}

/// `RESEAT_GRAPH_SIM`, or the program beside this one: tests lie one folder deeper than programs.
fn find_program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("RESEAT_GRAPH_SIM") {
        return Ok(path.into());
    }
    let here = std::env::current_exe()?;
    let found =
        here.ancestors().skip(1).take(3).map(|folder| folder.join("reseat-graph-sim")).find(|path| path.is_file());
    found.context("reseat-graph-sim is not built: run `cargo build -p reseat-graph-sim`, or set RESEAT_GRAPH_SIM")
}
