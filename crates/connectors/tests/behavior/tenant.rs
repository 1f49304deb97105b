//! A simulated tenant: the real simulator process, what it says is true, and connections to it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reseat_connectors::graph::{Cloud, Credentials, GraphReader, GraphWriter, Patience, Secret};
use reseat_connectors::{ConnectorError, Cursor, DirectoryReader};
use reseat_domain::directory::Person;
use reseat_domain::ids::{SkuId, TenantId, UserId};
use serde_json::{Value, json};

/// Tries quickly, and longer than any disturbance of these tests lasts.
pub const QUICK: Patience =
    Patience { tries: 6, first_wait: Duration::from_millis(20), total: Duration::from_secs(30) };

/// A running simulator; it ends with this value.
pub struct Tenant {
    process: Child,
    ready: Value,
    http: reqwest::Client,
    /// Journal and keys, which a killed simulator leaves behind.
    _folder: tempfile::TempDir,
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The simulator beside the test's own executable, or where `RESEAT_GRAPH_SIM` says.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("RESEAT_GRAPH_SIM") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.ancestors().nth(2).expect("target/debug/deps/behavior lies two folders deep");
    let path = folder.join("reseat-graph-sim");
    assert!(path.exists(), "{} is missing: run `cargo build -p reseat-graph-sim` first", path.display());
    path
}

impl Tenant {
    /// Starts a simulator with these flags and waits for its ready line.
    pub fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(program())
            .args(["--json", "--with-parent", "--journal"])
            .arg(folder.path().join("journal"))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the simulator starts");
        let out = process.stdout.take().expect("its output is ours");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("it prints a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("a ready line, not {line:?}"));
        Self { process, ready, http: reqwest::Client::new(), _folder: folder }
    }

    /// The smallest world: forty people, every kind of them, no groups.
    pub fn small() -> Self {
        Self::start(&["--world", "small_office", "--seed", "11"])
    }

    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("the ready line has {name}"))
    }

    pub fn number(&self, name: &str) -> usize {
        let number = self.ready[name].as_u64().unwrap_or_else(|| panic!("the ready line has {name}"));
        usize::try_from(number).expect("it fits")
    }

    pub fn id(&self) -> TenantId {
        self.text("tenant_id").parse().expect("a GUID")
    }

    pub fn cloud(&self) -> Cloud {
        Cloud::custom(self.text("graph_url"), self.text("authority_url")).expect("loopback is allowed")
    }

    /// The credentials of the app registered for a purpose.
    pub fn credentials(&self, purpose: &str) -> Credentials {
        let text = |name: &str| self.app(purpose, name);
        Credentials::secret(text("client_id"), Secret::new(text("client_secret")))
    }

    /// What the ready line says of the app registered for a purpose.
    pub fn app(&self, purpose: &str, name: &str) -> String {
        let apps = self.ready["apps"].as_array().expect("apps");
        let app = apps.iter().find(|app| app["purpose"] == purpose).expect("the purpose is registered");
        app[name].as_str().expect("a text").to_owned()
    }

    pub fn reader(&self) -> GraphReader {
        self.reader_with(QUICK)
    }

    pub fn reader_with(&self, patience: Patience) -> GraphReader {
        let reader = GraphReader::new(self.cloud(), self.id(), self.credentials("reader"), None);
        reader.expect("a reader").with_patience(patience)
    }

    pub fn writer(&self) -> GraphWriter {
        GraphWriter::new(self.cloud(), self.id(), self.credentials("writer"), None).expect("a writer")
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> String {
        let url = format!("{}/_sim/{path}", self.text("http_url"));
        let mut request = self.http.request(method, &url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the control plane answers");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        text
    }

    /// Plants a fault; `{"fault": …, "path_contains": …, "times": …}`.
    pub async fn plant(&self, fault: &Value) {
        self.control(reqwest::Method::POST, "faults", Some(fault)).await;
    }

    /// How often the planted faults have bitten.
    pub async fn bitten(&self) -> u64 {
        let list: Value =
            serde_json::from_str(&self.control(reqwest::Method::GET, "faults", None).await).expect("JSON");
        let faults = list["faults"].as_array().expect("a list");
        faults.iter().map(|fault| fault["bitten"].as_u64().expect("a count")).sum()
    }

    pub async fn clear_faults(&self) {
        self.control(reqwest::Method::DELETE, "faults", None).await;
    }

    /// Turns switches of the tenant.
    pub async fn set(&self, settings: &Value) {
        self.control(reqwest::Method::PATCH, "settings", Some(settings)).await;
    }

    /// The truth about a person.
    pub async fn truth(&self, user_id: UserId) -> Value {
        serde_json::from_str(&self.control(reqwest::Method::GET, &format!("users/{user_id}"), None).await)
            .expect("JSON")
    }

    /// What an administrator does to a person meanwhile.
    pub async fn patch(&self, user_id: UserId, change: &Value) {
        self.control(reqwest::Method::PATCH, &format!("users/{user_id}"), Some(change)).await;
    }

    /// Moves the tenant's clock on.
    pub async fn advance(&self, seconds: u64) {
        self.control(reqwest::Method::POST, "clock", Some(&json!({ "advance_s": seconds }))).await;
    }

    /// What became of the registration of an app.
    pub async fn patch_app(&self, purpose: &str, change: &Value) {
        self.control(reqwest::Method::PATCH, &format!("apps/{purpose}"), Some(change)).await;
    }

    /// Every effect so far.
    pub async fn journal(&self) -> Vec<Value> {
        let text = self.control(reqwest::Method::GET, "journal", None).await;
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// How many requests of an operation arrived, such as `POST /users/{id}/assignLicense`.
    pub async fn requests(&self, operation: &str) -> u64 {
        let stats: Value =
            serde_json::from_str(&self.control(reqwest::Method::GET, "stats", None).await).expect("JSON");
        stats["operations"][operation]["requests"].as_u64().unwrap_or(0)
    }

    /// Kills the simulator; its addresses answer nobody from then on.
    pub fn vanish(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

/// Reads the whole listing as a sync does: a page that comes again ends it.
pub async fn everybody(reader: &GraphReader) -> Result<Vec<Person>, ConnectorError> {
    let mut people = Vec::new();
    let mut cursor: Option<Cursor> = None;
    let mut seen = BTreeSet::new();
    loop {
        let page = reader.people_page(cursor.as_ref()).await?;
        people.extend(page.items);
        let Some(next) = page.next else { return Ok(people) };
        if !seen.insert(next.as_str().to_owned()) {
            return Err(ConnectorError::RestartListing);
        }
        cursor = Some(next);
    }
}

/// How many seats people hold: one each for person and sku, however many paths.
pub fn seats(people: &[Person]) -> usize {
    people.iter().map(|person| person.seats.len()).sum()
}

/// The skus the simulator says a person holds, each with the number of its paths.
pub fn true_paths(truth: &Value) -> BTreeMap<SkuId, usize> {
    let mut paths = BTreeMap::new();
    // A path in error gives nothing, so no seat is held through it.
    for license in truth["licenses"].as_array().expect("licenses").iter().filter(|license| license["state"] != "Error")
    {
        let sku: SkuId = license["sku_id"].as_str().and_then(|id| id.parse().ok()).expect("a GUID");
        *paths.entry(sku).or_default() += 1;
    }
    paths
}

/// Somebody with a sku held directly and through nothing else, and no other sku, so that no plan of
/// another one depends on it.
pub async fn direct_holder(reader: &GraphReader) -> (UserId, SkuId) {
    let people = everybody(reader).await.expect("the listing");
    let found = people.iter().find_map(|person| match person.seats.as_slice() {
        [seat] if seat.direct().is_some() && seat.paths.len() == 1 => Some((person.user_id, seat.sku_id)),
        _ => None,
    });
    found.expect("somebody holds one sku directly")
}

/// A fault that bites `times` requests whose path contains `path`.
pub fn fault(name: &str, path: &str, times: u64, seed: u64) -> Value {
    json!({ "fault": name, "path_contains": path, "times": times, "seed": seed })
}
