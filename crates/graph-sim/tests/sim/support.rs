//! Starts the binary and talks to it.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A Wednesday; with the clock standing still, nothing depends on when a test runs.
pub const EPOCH: &str = "2026-03-04";

/// A running simulator; it ends with this value.
pub struct Simulator {
    pub child: Child,
    pub ready: Value,
    client: reqwest::Client,
    /// Where keys lie that a killed process cannot clear away.
    _keys: tempfile::TempDir,
}

/// Where browsers are sent back to.
pub const REDIRECT: &str = "http://localhost:9/back";

/// A query value out of a redirect.
pub fn from_location(answer: &Answer, name: &str) -> Option<String> {
    let address = reqwest::Url::parse(answer.header("location")).unwrap();
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The claims of a token, unread by anybody else.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a token has three parts");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// `error.message` of a Graph refusal.
    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// The command line of a simulator whose clock stands still at noon of [`EPOCH`], unless `flags` say otherwise.
pub fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reseat-graph-sim"));
    command.args(["--json", "--listen", "127.0.0.1:0", "--listen-https", "127.0.0.1:0"]);
    for (flag, usual) in [("--epoch", EPOCH), ("--clock-rate", "0")] {
        if !flags.contains(&flag) {
            command.args([flag, usual]);
        }
    }
    command.args(flags);
    command
}

impl Simulator {
    pub fn start(flags: &[&str]) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let mut command = command(flags);
        command.env("TMPDIR", keys.path());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("the ready line can be read");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("no ready line ({error}): {line:?}"));
        let redirects = reqwest::redirect::Policy::none();
        // Faults are counted by requests, so nothing may be retried behind the test's back.
        let client = reqwest::Client::builder()
            .redirect(redirects)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .unwrap();
        Self { child, ready, client, _keys: keys }
    }

    /// A world of 300 user objects, large enough for every kind of license path.
    pub fn usual() -> Self {
        Self::start(&["--users", "300"])
    }

    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("{name} is missing in the ready line"))
    }

    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.text("graph_url")) }
    }

    pub fn app(&self, purpose: &str) -> (&str, &str, &str) {
        let apps = self.ready["apps"].as_array().unwrap();
        let app = apps.iter().find(|app| app["purpose"] == purpose).expect("the app is in the ready line");
        let text = |name: &str| app[name].as_str().unwrap();
        (text("client_id"), text("client_secret"), text("certificate_file"))
    }

    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    /// `POST` of a form to the token endpoint of a tenant.
    pub async fn token_answer(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request("POST", &format!("/{tenant}/oauth2/v2.0/token")).form(form);
        self.ask(request).await.unwrap()
    }

    pub async fn token(&self, purpose: &str) -> String {
        let (client_id, secret, _) = self.app(purpose);
        let scope = format!("{}/.default", self.text("graph_url"));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("scope", &scope),
        ];
        let answer = self.token_answer(self.text("tenant_id"), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A Graph call as an app; a body of `null` is none.
    pub async fn call_as(&self, token: &str, method: &str, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        let mut request = self.request(method, path).bearer_auth(token);
        if !body.is_null() {
            request = request.json(body);
        }
        self.ask(request).await
    }

    /// A Graph call as the app that may do everything.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let token = self.token("everything").await;
        self.call_as(&token, method, path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null).await
    }

    /// A `GET` with the advanced parameters' header, as the reader.
    pub async fn eventual(&self, path: &str) -> Answer {
        let token = self.token("everything").await;
        let request = self.request("GET", path).bearer_auth(token).header("ConsistencyLevel", "eventual");
        self.ask(request).await.unwrap()
    }

    /// Signs a person in through an app: the token answer.
    pub async fn sign_in(&self, purpose: &str, user: &str, scope: &str) -> Value {
        let (client_id, secret, _) = self.app(purpose);
        let truth = self.control("GET", &format!("users/{user}"), &Value::Null).await.json();
        let upn = truth["user_principal_name"].as_str().unwrap().to_owned();
        let authorize = self.request("GET", &format!("/{}/oauth2/v2.0/authorize", self.text("tenant_id"))).query(&[
            ("client_id", client_id),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("nonce", "n-1"),
            ("login_hint", &upn),
        ]);
        let answer = self.ask(authorize).await.unwrap();
        assert_eq!(answer.status, 302, "{}", answer.text);
        let code = from_location(&answer, "code").expect("a code");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("redirect_uri", REDIRECT),
            ("code", &code),
        ];
        let answer = self.token_answer(self.text("tenant_id"), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// A delegated access token.
    pub async fn token_of(&self, user: &str, scope: &str) -> String {
        self.sign_in("everything", user, scope).await["access_token"].as_str().unwrap().to_owned()
    }

    /// The control plane.
    pub async fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let mut request = self.request(method, &format!("/_sim/{path}"));
        if !body.is_null() {
            request = request.json(body);
        }
        self.ask(request).await.unwrap()
    }

    pub async fn advance(&self, seconds: f64) {
        let answer = self.control("POST", "clock", &json!({"advance_s": seconds})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub async fn settings(&self, changes: &Value) {
        let answer = self.control("PATCH", "settings", changes).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub async fn plant(&self, fault: &Value) {
        let answer = self.control("POST", "faults", fault).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }

    /// How often the planted faults have bitten, in the order they were planted.
    pub async fn bitten(&self) -> Vec<u64> {
        let answer = self.control("GET", "faults", &Value::Null).await.json();
        answer["faults"].as_array().unwrap().iter().map(|planted| planted["bitten"].as_u64().unwrap()).collect()
    }

    /// The effects that really happened.
    pub async fn journal(&self) -> Vec<Value> {
        let text = self.control("GET", "journal", &Value::Null).await.text;
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every row of a paged listing.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let token = self.token("everything").await;
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.call_as(&token, "GET", &path, &Value::Null).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text);
            let body = answer.json();
            rows.extend(body["value"].as_array().unwrap().iter().cloned());
            next = body["@odata.nextLink"].as_str().map(ToOwned::to_owned);
        }
        rows
    }

    /// Everybody with licenses and their paths.
    pub async fn people(&self) -> Vec<Person> {
        let fields = "id,displayName,userPrincipalName,userType,usageLocation,assignedLicenses,licenseAssignmentStates";
        let rows = self.all(&format!("/v1.0/users?$top=999&$select={fields}")).await;
        rows.into_iter().map(Person).collect()
    }

    /// Ids of license types by part number.
    pub async fn skus(&self) -> BTreeMap<String, Value> {
        let rows = self.all("/v1.0/subscribedSkus").await;
        rows.into_iter().map(|row| (row["skuPartNumber"].as_str().unwrap().to_owned(), row)).collect()
    }

    pub async fn assign(&self, user: &str, add: &Value, remove: &Value) -> Answer {
        let body = json!({"addLicenses": add, "removeLicenses": remove});
        self.call("POST", &format!("/v1.0/users/{user}/assignLicense"), &body).await
    }

    /// Removes a license as the writer; whatever happens to the connection is the caller's business.
    pub async fn try_remove(&self, user: &str, sku: &str) -> Result<Answer, reqwest::Error> {
        let token = self.token("writer").await;
        let body = json!({"addLicenses": [], "removeLicenses": [sku]});
        self.call_as(&token, "POST", &format!("/v1.0/users/{user}/assignLicense"), &body).await
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits for the end of the process, up to ten seconds.
    pub fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the simulator does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As a power failure would end it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user object as a listing shows it.
#[derive(Clone, Debug)]
pub struct Person(pub Value);

impl Person {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    /// Paths to a license type: whether each is direct.
    pub fn paths(&self, sku: &Value) -> Vec<bool> {
        let states = self.0["licenseAssignmentStates"].as_array().unwrap();
        states
            .iter()
            .filter(|state| state["skuId"] == sku["skuId"])
            .map(|state| state["assignedByGroup"].is_null())
            .collect()
    }

    pub fn holds(&self, sku: &Value) -> bool {
        self.0["assignedLicenses"].as_array().unwrap().iter().any(|license| license["skuId"] == sku["skuId"])
    }
}

/// Somebody who holds a license type directly and in no other way.
pub fn direct_holder<'a>(people: &'a [Person], sku: &Value) -> &'a Person {
    people.iter().find(|person| person.paths(sku) == [true]).expect("the world has a direct holder")
}

/// Somebody who holds it through a group alone.
pub fn group_holder<'a>(people: &'a [Person], sku: &Value) -> &'a Person {
    people.iter().find(|person| person.paths(sku) == [false]).expect("the world has a group holder")
}

/// The id of a license type.
pub fn id_of(sku: &Value) -> &str {
    sku["skuId"].as_str().unwrap()
}

/// Everything a process that is not expected to become ready printed to standard error, and how it ended.
pub fn refused(flags: &[&str]) -> (ExitStatus, String) {
    let mut child = command(flags).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap(), text)
}
