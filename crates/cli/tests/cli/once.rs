//! One whole loop without a browser, judged by the simulator's journal.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reseat_store::dialect;
use serde_json::{Value, json};

use crate::harness::{Output, http, once, run, until};

fn assert_whole(output: &Output) -> Value {
    assert_eq!(output.code, 0, "{}", output.stderr);
    let result = output.json();
    assert_eq!(result["unapproved_writes"], 0);
    assert_eq!(result["audit_ok"], true);
    let approved = result["approved"].as_u64().expect("a count");
    assert!(approved >= 2, "{result}");
    assert_eq!((&result["reclaimed"], &result["verified"]), (&json!(approved), &json!(approved)), "{result}");
    assert_eq!((&result["restored"], &result["kept"]), (&json!(1), &json!(1)), "{result}");
    for name in ["users", "seats", "idle_seats", "insufficient_evidence", "needs_person", "candidates"] {
        assert!(result[name].is_u64(), "{name}: {result}");
    }
    result
}

#[test]
fn a_whole_loop_on_sqlite_and_a_second_one_in_the_same_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let first = assert_whole(&run(&mut once(&data, &["--users", "120"])));
    assert_eq!(first["users"], 120);
    assert!(first["annual_savings"].as_object().is_some_and(|amounts| !amounts.is_empty()), "{first}");
    let second = assert_whole(&run(&mut once(&data, &[])));
    assert_eq!(second["users"], 120, "a second start keeps its world");
}

#[test]
fn another_seed_and_another_world_give_the_same_agreement() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = ["--users", "90", "--seed", "77", "--world", "small_office"];
    assert_whole(&run(&mut once(&folder.path().join("demo"), &other)));
}

#[tokio::test]
async fn a_whole_loop_on_postgresql() {
    let Some(admin) = std::env::var("TEST_PG_URL").ok().filter(|url| !url.is_empty()) else { return };
    let name = format!("cli_once_{}", std::process::id());
    dialect::drop_database(&admin, &name).await.expect("PostgreSQL answers");
    let url = dialect::create_database(&admin, &name).await.expect("PostgreSQL makes a database");
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&mut once(&folder.path().join("demo"), &["--users", "120", "--store", &url]));
    assert_whole(&output);
    // Another installation's database is left alone.
    let strange = run(&mut once(&folder.path().join("other"), &["--users", "120", "--store", &url]));
    assert_eq!(strange.code, 2, "{}", strange.stderr);
    assert!(strange.stderr.contains("never empties PostgreSQL"), "{}", strange.stderr);
    dialect::drop_database(&admin, &name).await.expect("it can be dropped");
}

/// Somebody with our writer's credential removes a seat that nobody approved, while the loop runs.
/// Our database knows nothing of it; the journal does, and so the loop must fail.
#[tokio::test]
async fn a_write_that_nobody_approved_fails_the_loop() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let mut command = once(&data, &["--users", "120"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let (root, tenant) =
        until("the simulator of the demo", Duration::from_secs(60), async || simulator_of(&data)).await;
    remove_a_used_seat(&data, &root, &tenant).await;
    let ended = child.wait_with_output().expect("it ends");
    let output = Output {
        stdout: String::from_utf8(ended.stdout).expect("text"),
        stderr: String::from_utf8(ended.stderr).expect("text"),
        code: ended.status.code().unwrap_or(-1),
    };
    assert_eq!(output.code, 5, "{}", output.stderr);
    assert_eq!(output.json()["unapproved_writes"], 1, "{}", output.stdout);
    assert!(output.stderr.contains("nobody approved"), "{}", output.stderr);
}

/// Graph's root and the tenant id, once the demo has written its configuration.
fn simulator_of(data: &Path) -> Option<(String, String)> {
    let text = std::fs::read_to_string(data.join("config.toml")).ok()?;
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{key} = ")))?;
        Some(line.split('"').nth(1)?.to_owned())
    };
    Some((value("graph_url")?, value("id")?))
}

async fn remove_a_used_seat(data: &Path, root: &str, tenant: &str) {
    let config = std::fs::read_to_string(data.join("config.toml")).expect("it is there");
    let after_writer = config.split("[connections.writer]").nth(1).expect("a writer");
    let client_id = after_writer.split('"').nth(1).expect("its client id");
    let secret = std::fs::read_to_string(data.join("writer.secret")).expect("its secret");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret.trim()),
        ("scope", &format!("{root}/.default")),
    ];
    let answer = http().post(format!("{root}/{tenant}/oauth2/v2.0/token")).form(&form).send().await.expect("a token");
    let token: Value = answer.json().await.expect("JSON");
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let users: Value = http()
        .get(format!("{root}/v1.0/users?$select=id,assignedLicenses,licenseAssignmentStates&$top=200"))
        .bearer_auth(&token)
        .send()
        .await
        .expect("people")
        .json()
        .await
        .expect("JSON");
    for user in users["value"].as_array().expect("a list") {
        let id = user["id"].as_str().expect("an id");
        let states = user["licenseAssignmentStates"].as_array().cloned().unwrap_or_default();
        let Some(direct) = states.iter().find(|state| state["assignedByGroup"].is_null()) else { continue };
        if !was_used_lately(root, id).await {
            continue;
        }
        let body = json!({ "addLicenses": [], "removeLicenses": [direct["skuId"]] });
        let url = format!("{root}/v1.0/users/{id}/assignLicense");
        let answer = http().post(url).bearer_auth(&token).json(&body).send().await.expect("an answer");
        if answer.status().is_success() {
            return;
        }
    }
    panic!("nobody in use holds a direct license");
}

/// A seat in use is never chosen by the loop itself, so its removal is nobody's approval.
async fn was_used_lately(root: &str, id: &str) -> bool {
    let truth: Value =
        http().get(format!("{root}/_sim/users/{id}")).send().await.expect("the truth").json().await.expect("JSON");
    let now: Value =
        http().get(format!("{root}/_sim/clock")).send().await.expect("the time").json().await.expect("JSON");
    let at = |value: &Value| value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    match (at(&truth["last_sign_in"]), at(&now["now"])) {
        (Some(last), Some(now)) => now.duration_since(last).as_hours() < 24 * 14,
        (None, _) | (_, None) => false,
    }
}
