//! A scan needs no database and no server, and keeps whom it knows nothing about.

use serde_json::{Value, json};

use crate::harness::{Output, Started, http, reseat, run, simulated_tenant};

fn scan(tenant: &Started, more: &[&str]) -> Output {
    let mut command =
        reseat(&["scan", "--tenant-id", tenant.text("tenant_id"), "--client-id", tenant.text("client_id")]);
    command.args(["--graph-url", tenant.text("graph_url"), "--authority-url", tenant.text("authority_url")]);
    command.args(more).env("RESEAT_CLIENT_SECRET", tenant.text("client_secret"));
    run(&mut command)
}

fn count(value: &Value, name: &str) -> usize {
    value[name].as_array().map_or(0, Vec::len)
}

#[test]
fn a_tenant_is_scanned_for_programs_and_for_people() {
    let tenant = simulated_tenant(&["--users", "150", "--seed", "11"]);
    let output = scan(&tenant, &["--format", "json", "--price", "SPE_E3=39.00USD/month"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let result = output.json();
    assert_eq!(result["users"], tenant.ready["users"]);
    assert_eq!(result["seats"], tenant.ready["seats"]);
    assert!(count(&result, "findings") > 0);
    for finding in result["findings"].as_array().expect("a list") {
        let said = finding["justification"].as_str().expect("a reason");
        assert!(["disabled_account", "never_used", "inactive"].contains(&said), "no roster took part: {said}");
        let evidence = finding["evidence"].as_array().expect("a list");
        assert!(!evidence.is_empty() && evidence.iter().all(|item| item["status"] == "idle"), "{finding}");
    }
    assert!(result["recoverable_spend"]["USD"].is_string(), "{}", result["recoverable_spend"]);
    let table = scan(&tenant, &[]);
    assert_eq!(table.code, 0);
    assert!(table.stdout.contains("150 people hold"), "{}", table.stdout);
    assert!(table.stdout.contains("no prices"), "{}", table.stdout);
    assert!(!table.stderr.contains(tenant.text("client_secret")));
}

#[test]
fn the_same_tenant_is_scanned_over_https_with_its_own_certificate_authority() {
    let tenant = simulated_tenant(&["--users", "40", "--seed", "11"]);
    let mut command =
        reseat(&["scan", "--tenant-id", tenant.text("tenant_id"), "--client-id", tenant.text("client_id")]);
    command.args(["--graph-url", tenant.text("https_url"), "--authority-url", tenant.text("https_url")]);
    command.args(["--format", "json"]).env("RESEAT_CLIENT_SECRET", tenant.text("client_secret"));
    let refused = run(&mut command);
    assert_eq!(refused.code, 1, "an unknown authority is not trusted: {}", refused.stderr);
    let output = run(command.args(["--ca-file", tenant.text("ca_file")]));
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(output.json()["users"], 40);
}

#[tokio::test]
async fn a_source_that_is_missing_adds_no_finding_and_a_list_that_is_missing_ends_the_scan() {
    let tenant = simulated_tenant(&["--users", "150", "--seed", "11"]);
    let whole = scan(&tenant, &["--format", "json"]).json();
    let settings = format!("{}/_sim/settings", tenant.text("http_url"));
    let set = async |value: Value| {
        let answer = http().patch(&settings).json(&value).send().await.expect("the simulator answers");
        assert!(answer.status().is_success());
    };
    set(json!({ "conceal_names": true })).await;
    let concealed = scan(&tenant, &["--format", "json"]);
    assert_eq!(concealed.code, 0, "a missing signal is no failure: {}", concealed.stderr);
    let concealed = concealed.json();
    assert!(count(&concealed, "findings") < count(&whole, "findings"));
    assert!(count(&concealed, "insufficient_evidence") > count(&whole, "insufficient_evidence"));
    assert_eq!(concealed["problems"][0]["source"], "usage_report");
    set(json!({ "conceal_names": false })).await;

    let wrong = run(scan_command(&tenant).env("RESEAT_CLIENT_SECRET", "not-the-secret"));
    assert_eq!(wrong.code, 1, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("could not be read in full"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("not-the-secret"));
    let unset = run(scan_command(&tenant).env_remove("RESEAT_CLIENT_SECRET"));
    assert_eq!(unset.code, 2);
}

fn scan_command(tenant: &Started) -> std::process::Command {
    let mut command =
        reseat(&["scan", "--tenant-id", tenant.text("tenant_id"), "--client-id", tenant.text("client_id")]);
    command.args(["--graph-url", tenant.text("graph_url"), "--authority-url", tenant.text("authority_url")]);
    command
}
