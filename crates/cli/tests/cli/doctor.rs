//! The doctor on the host, beside a running server, and connections set from the command line.

use serde_json::{Value, json};

use crate::harness::{Person, demo, http, reseat, run};

async fn patch_app(sim_url: &str, purpose: &str, changes: &Value) {
    let answer = http().patch(format!("{sim_url}/_sim/apps/{purpose}")).json(changes).send().await;
    assert!(answer.expect("the simulator answers").status().is_success());
}

#[tokio::test]
async fn the_doctor_looks_beside_a_running_server_and_its_exit_code_says_whether_a_person_is_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "60"]);
    let data = data.display().to_string();
    let sim_url = demo.text("sim_url").to_owned();
    let doctor = || run(&mut reseat(&["doctor", "--data", &data, "--json"]));
    let well = doctor();
    let report = well.json();
    assert_eq!((well.code, &report["healthy"]), (0, &json!(true)), "{report:#}");

    patch_app(&sim_url, "reader", &json!({ "permissions": ["User.Read.All", "LicenseAssignment.Read.All"] })).await;
    let ill = doctor();
    assert_eq!(ill.code, 4, "{}", ill.stderr);
    let found = ill.json()["findings"].to_string();
    assert!(found.contains("Application Access is stopped: the permission Reports.Read.All is missing"), "{found}");
    let told = run(&mut reseat(&["doctor", "--data", &data]));
    assert!(told.stdout.contains("Does not work") && told.stdout.contains("Reports.Read.All"), "{}", told.stdout);

    let missing = run(&mut reseat(&["doctor", "--data", &data, "--store", "sqlite:/nowhere/reseat.sqlite"]));
    assert_eq!(missing.code, 1, "{}", missing.stderr);
}

#[tokio::test]
async fn a_connection_is_set_from_a_file_or_standard_input_and_never_as_an_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let demo = demo(&data, &["--users", "60"]);
    let admin = Person::of(&demo.ready, "admin");
    let url = demo.text("console_url").to_owned();
    let secret = data.join("reader.secret").display().to_string();
    let acting = |arguments: &[&str]| {
        let mut command = reseat(arguments);
        command.env("RESEAT_URL", &url).env("RESEAT_TOKEN", admin.token());
        run(&mut command)
    };
    let client_id = "11111111-1111-4111-8111-111111111111";
    let set = acting(&["connections", "set", "mailer", "--client-id", client_id, "--secret-file", &secret, "--json"]);
    assert_eq!(set.code, 0, "{}", set.stderr);
    assert_eq!(set.json()["origin"], "console");
    let refused = acting(&["connections", "set", "reader", "--client-id", client_id, "--secret-file", &secret]);
    assert_eq!(refused.code, 3, "the file gives the reader: {}", refused.stderr);
    let checked = acting(&["connections", "check", "mailer", "--json"]);
    assert_eq!(checked.code, 4, "no app has this id: {}", checked.stderr);
    let listed = acting(&["connections", "list", "--json"]);
    assert_eq!(listed.json().as_array().map(Vec::len), Some(3));
    assert_eq!(acting(&["connections", "remove", "mailer"]).code, 0);
    assert_eq!(acting(&["connections", "set", "mailer", "--client-id", client_id]).code, 2);
}
