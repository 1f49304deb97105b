//! Planted faults: each of the 24 kinds does what its name says.

use crate::support::{Answer, Person, Simulator, direct_holder, id_of};
use serde_json::{Value, json};
use std::time::Instant;

/// A simulator and somebody who holds Power BI Pro directly.
struct Scene {
    sim: Simulator,
    user: String,
    sku: String,
}

impl Scene {
    async fn new() -> Self {
        let sim = Simulator::usual();
        sim.settings(&json!({"read_lag_ms": 0})).await;
        let (people, skus) = (sim.people().await, sim.skus().await);
        let bi = &skus["POWER_BI_PRO"];
        let user = direct_holder(&people, bi).id().to_owned();
        Self { sku: id_of(bi).to_owned(), user, sim }
    }

    /// Plants one bite for license writes.
    async fn on_write(fault: &str, seed: u64) -> Self {
        let scene = Self::new().await;
        scene
            .sim
            .plant(&json!({"fault": fault, "method": "POST", "path_contains": "assignLicense", "seed": seed}))
            .await;
        scene
    }

    async fn remove(&self) -> Result<Answer, reqwest::Error> {
        self.sim.try_remove(&self.user, &self.sku).await
    }

    async fn removals(&self) -> usize {
        self.sim.journal().await.iter().filter(|effect| effect["kind"] == "license_removed").count()
    }

    /// Whether a read shows the license.
    async fn shown(&self) -> bool {
        let path = format!("/v1.0/users/{}?$select=assignedLicenses", self.user);
        let body = self.sim.get(&path).await.json();
        Person(body).holds(&json!({"skuId": self.sku}))
    }

    async fn bitten(&self) {
        assert_eq!(self.sim.bitten().await, [1]);
    }
}

#[tokio::test]
async fn a_429_tells_when_to_come_back_and_nothing_happened() {
    let scene = Scene::on_write("429-with-retry-after", 3).await;
    let answer = scene.remove().await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (429, "TooManyRequests"));
    assert!((1..=3).contains(&answer.header("retry-after").parse().unwrap()));
    assert_eq!(scene.removals().await, 0);
    assert_eq!(scene.remove().await.unwrap().status, 200, "the fault has bitten its once");
    scene.bitten().await;
    let stats = scene.sim.control("GET", "stats", &Value::Null).await.json();
    assert_eq!(stats["throttled"], 1);
}

#[tokio::test]
async fn a_429_may_come_without_a_time_and_a_storm_many_times() {
    let scene = Scene::on_write("429-without-retry-after", 1).await;
    let answer = scene.remove().await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, ""));
    let storm = Scene::new().await;
    storm.sim.plant(&json!({"fault": "429-storm", "path_contains": "/users", "skip": 1, "times": 4})).await;
    let token = storm.sim.token("reader").await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(storm.sim.call_as(&token, "GET", "/v1.0/users?$top=1", &Value::Null).await.unwrap().status);
    }
    assert_eq!(seen, [200, 429, 429, 429, 429, 200]);
}

#[tokio::test]
async fn a_429_or_a_5xx_may_hide_that_it_was_done() {
    for (fault, expected) in [("429-after-effect", 429..430), ("5xx-after-effect", 500..505)] {
        let scene = Scene::on_write(fault, 2).await;
        let answer = scene.remove().await.unwrap();
        assert!(expected.contains(&answer.status), "{fault}: {}", answer.status);
        assert_eq!(scene.removals().await, 1, "{fault}: the effect is in the journal");
        assert!(!scene.shown().await);
        let again = scene.remove().await.unwrap();
        assert_eq!((again.status, again.message().as_str()), (400, "User does not have a corresponding license."));
        scene.bitten().await;
    }
}

#[tokio::test]
async fn a_5xx_before_the_effect_did_nothing_and_comes_in_four_kinds() {
    let mut seen = std::collections::BTreeSet::new();
    let scene = Scene::new().await;
    for seed in 0..24 {
        scene.sim.plant(&json!({"fault": "5xx-before-effect", "path_contains": "assignLicense", "seed": seed})).await;
        seen.insert(scene.remove().await.unwrap().status);
    }
    assert_eq!(seen, [500, 502, 503, 504].into());
    assert_eq!(scene.removals().await, 0);
}

#[tokio::test]
async fn a_reset_leaves_no_answer_whether_or_not_it_was_done() {
    let scene = Scene::on_write("reset-before-first-byte", 1).await;
    let error = scene.remove().await.expect_err("no answer comes");
    assert!(error.is_request() || error.is_body(), "{error:?}");
    assert_eq!(scene.removals().await, 0);
    scene.bitten().await;
    let scene = Scene::on_write("reset-after-effect", 1).await;
    scene.remove().await.expect_err("no answer comes");
    assert_eq!(scene.removals().await, 1);
    scene.bitten().await;
}

#[tokio::test]
async fn a_reset_is_a_reset_on_the_socket() {
    use std::io::{Read as _, Write as _};
    let scene = Scene::new().await;
    scene.sim.plant(&json!({"fault": "reset-before-first-byte", "path_contains": "/organization"})).await;
    let address = scene.sim.text("http_url").trim_start_matches("http://").to_owned();
    let outcome = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(stream, "GET /v1.0/organization HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).map(|_| text)
    });
    let error = outcome.await.unwrap().expect_err("an end in order would be no reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off_or_only_looks_whole() {
    let (mut broken, mut cut_short) = (0, 0);
    let scene = Scene::new().await;
    let token = scene.sim.token("reader").await;
    for seed in 0..12 {
        scene.sim.plant(&json!({"fault": "truncated-answer", "path_contains": "/subscribedSkus", "seed": seed})).await;
        match scene.sim.call_as(&token, "GET", "/v1.0/subscribedSkus", &Value::Null).await {
            Err(error) => {
                assert!(error.is_body() || error.is_decode() || error.is_request(), "{error:?}");
                broken += 1;
            }
            Ok(answer) => {
                assert_eq!(answer.status, 200);
                assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "the JSON is not whole");
                cut_short += 1;
            }
        }
    }
    assert!(broken > 0 && cut_short > 0, "{broken} broken, {cut_short} cut short");
}

#[tokio::test]
async fn a_truncated_download_loses_people() {
    let scene = Scene::new().await;
    let report = "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')";
    let pull = async || {
        let address = scene.sim.get(report).await.header("location").to_owned();
        scene.sim.ask(scene.sim.request("GET", &address)).await
    };
    let whole = pull().await.unwrap().text.len();
    let mut shorter = 0;
    for seed in 0..8 {
        scene.sim.plant(&json!({"fault": "truncated-answer", "path_contains": "/data/download", "seed": seed})).await;
        shorter += usize::from(pull().await.is_ok_and(|answer| answer.text.len() < whole));
    }
    assert!(shorter > 0, "some downloads look complete and are not");
    assert_eq!(scene.sim.bitten().await, [1; 8]);
    // Planted for the report's own call, which only redirects, the fault reaches the download.
    let mut spoiled = 0;
    for seed in 0..8 {
        let fault = json!({"fault": "truncated-answer", "path_contains": "getOffice365ActiveUserDetail", "seed": seed});
        scene.sim.plant(&fault).await;
        spoiled += usize::from(pull().await.map_or(true, |answer| answer.text.len() < whole));
    }
    assert_eq!(spoiled, 8);
}

#[tokio::test]
async fn a_dead_token_is_refused_until_a_new_one_is_minted() {
    let scene = Scene::new().await;
    let token = scene.sim.token("reader").await;
    scene.sim.plant(&json!({"fault": "token-expired"})).await;
    let ask =
        async |token: &str| scene.sim.call_as(token, "GET", "/v1.0/organization", &Value::Null).await.unwrap().status;
    assert_eq!(ask(&token).await, 401);
    assert_eq!(ask(&token).await, 401, "an expired token stays expired");
    assert_eq!(ask(&scene.sim.token("reader").await).await, 200);
    scene.bitten().await;
}

#[tokio::test]
async fn a_revoked_app_gets_no_new_token() {
    let scene = Scene::new().await;
    let token = scene.sim.token("reader").await;
    scene.sim.plant(&json!({"fault": "token-revoked", "times": 2})).await;
    assert_eq!(scene.sim.call_as(&token, "GET", "/v1.0/organization", &Value::Null).await.unwrap().status, 401);
    let (client_id, secret, _) = scene.sim.app("reader");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = scene.sim.token_answer(scene.sim.text("tenant_id"), &form).await;
    assert_eq!((answer.status, &answer.json()["error_codes"]), (401, &json!([7_000_222])));
}

#[tokio::test]
async fn one_account_may_be_forbidden_and_a_proxy_may_answer() {
    let scene = Scene::on_write("403-on-one", 1).await;
    let answer = scene.remove().await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (403, "Authorization_RequestDenied"));
    let scene = Scene::on_write("html-from-proxy", 1).await;
    let answer = scene.remove().await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html"));
    assert_eq!(scene.removals().await, 0, "a 200 that did nothing");
}

#[tokio::test]
async fn a_slow_answer_takes_its_time() {
    let scene = Scene::new().await;
    let token = scene.sim.token("reader").await;
    scene.sim.plant(&json!({"fault": "slow", "path_contains": "/organization", "delay_ms": 700})).await;
    let started = Instant::now();
    let answer = scene.sim.call_as(&token, "GET", "/v1.0/organization", &Value::Null).await.unwrap();
    assert!(answer.status == 200 && started.elapsed().as_millis() >= 700);
}

#[tokio::test]
async fn a_stale_read_shows_the_past_and_a_flickering_one_both() {
    let scene = Scene::new().await;
    assert_eq!(scene.remove().await.unwrap().status, 200);
    assert!(!scene.shown().await);
    scene.sim.plant(&json!({"fault": "stale-read", "times": 2})).await;
    assert_eq!([scene.shown().await, scene.shown().await, scene.shown().await], [true, true, false]);
    scene.sim.control("DELETE", "faults", &Value::Null).await;
    scene.sim.plant(&json!({"fault": "flickering-read", "times": 16, "seed": 5})).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..16 {
        seen.insert(scene.shown().await);
    }
    assert_eq!(seen.len(), 2, "now this, now that");
    assert!(!scene.shown().await);
}

#[tokio::test]
async fn another_actor_may_be_there_first_or_right_after() {
    let scene = Scene::on_write("re-assigned-by-another", 1).await;
    assert_eq!(scene.remove().await.unwrap().status, 200);
    assert!(scene.shown().await, "G25: somebody gave it back");
    let journal = scene.sim.journal().await;
    assert_eq!(
        (&journal[0]["kind"], &journal[1]["kind"], &journal[1]["app_id"]),
        (&json!("license_removed"), &json!("license_added"), &Value::Null)
    );

    let scene = Scene::on_write("already-gone", 1).await;
    assert_eq!(scene.remove().await.unwrap().message(), "User does not have a corresponding license.");
    assert_eq!(scene.sim.journal().await[0]["app_id"], Value::Null, "G37: an administrator was faster");

    let scene = Scene::on_write("became-inherited", 1).await;
    let text = scene.remove().await.unwrap().message();
    assert_eq!(
        text,
        "User license is inherited from a group membership and it cannot be removed directly from the user."
    );

    let scene = Scene::new().await;
    scene.sim.plant(&json!({"fault": "plans-changed", "method": "GET"})).await;
    let path = format!("/v1.0/users/{}?$select=licenseAssignmentStates", scene.user);
    let read = scene.sim.get(&path).await.json();
    let states = read["licenseAssignmentStates"].as_array().unwrap();
    assert!(states.iter().any(|state| state["lastUpdatedDateTime"].as_str() >= Some("2026-03-04")), "G40: {states:?}");
    scene.bitten().await;
}

#[tokio::test]
async fn a_next_link_expires_or_leads_back_to_itself() {
    let scene = Scene::new().await;
    let link =
        scene.sim.get("/v1.0/users?$top=10&$select=id").await.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    let (mut expired, mut looping) = (0, 0);
    for seed in 0..10 {
        scene.sim.plant(&json!({"fault": "next-link-expired-or-looping", "seed": seed})).await;
        let answer = scene.sim.get(&link).await;
        if answer.status == 400 {
            assert_eq!(answer.code(), "Directory_ExpiredPageToken");
            expired += 1;
        } else {
            let next = answer.json()["@odata.nextLink"].as_str().unwrap().to_owned();
            let token = |link: &str| link.split("$skiptoken=").nth(1).unwrap().to_owned();
            assert_eq!(token(&next), token(&link));
            looping += 1;
        }
    }
    assert!(expired > 0 && looping > 0);
}

#[tokio::test]
async fn a_delta_link_expires_on_demand() {
    let scene = Scene::new().await;
    let link = scene.sim.get("/v1.0/users/delta?$deltatoken=latest").await.json()["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .to_owned();
    scene.sim.plant(&json!({"fault": "delta-expired"})).await;
    assert_eq!(scene.sim.get(&link).await.status, 410);
    assert_eq!(scene.sim.get(&link).await.status, 200);
    scene.sim.settings(&json!({"delta_expired_400": true})).await;
    scene.sim.plant(&json!({"fault": "delta-expired"})).await;
    assert_eq!(scene.sim.get(&link).await.code(), "syncStateNotFound");
}

#[tokio::test]
async fn a_batch_is_throttled_part_by_part_and_may_lose_its_ids() {
    let scene = Scene::new().await;
    let requests: Vec<Value> =
        (0..4).map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/organization"})).collect();
    let send = async || scene.sim.call("POST", "/v1.0/$batch", &json!({"requests": requests})).await;
    scene.sim.plant(&json!({"fault": "429-inside-batch", "times": 2})).await;
    let answer = send().await;
    assert_eq!(answer.status, 200, "the outer status means nothing (G4)");
    let body = answer.json();
    let refused: Vec<&Value> =
        body["responses"].as_array().unwrap().iter().filter(|part| part["status"] == 429).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused[0]["headers"]["Retry-After"].is_string());
    let mut wrong = 0;
    for seed in 0..3 {
        scene.sim.plant(&json!({"fault": "batch-ids-wrong", "seed": seed})).await;
        let body = send().await.json();
        let mut ids: Vec<&str> =
            body["responses"].as_array().unwrap().iter().map(|part| part["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        wrong += usize::from(ids != ["0", "1", "2", "3"]);
    }
    assert_eq!(wrong, 3);
}

#[tokio::test]
async fn the_list_names_24_kinds_and_an_unknown_one_is_refused() {
    let scene = Scene::new().await;
    let list = scene.sim.control("GET", "faults", &Value::Null).await.json();
    let kinds = list["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 24);
    for kind in kinds {
        scene.sim.plant(&json!({"fault": kind, "times": 0})).await;
    }
    assert_eq!(scene.sim.control("POST", "faults", &json!({"fault": "earthquake"})).await.status, 400);
    scene.sim.control("DELETE", "faults", &Value::Null).await;
    assert_eq!(scene.sim.bitten().await, Vec::<u64>::new());
}
