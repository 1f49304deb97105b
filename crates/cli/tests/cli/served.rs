//! A server as it is set up by hand: configuration, first administrator, freeze on the host.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Started, http, reseat, run, send, simulated_tenant, until};

/// A configuration for a simulated tenant, as an administrator would write it.
fn configure(folder: &Path, tenant: &Started) -> String {
    let key = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    std::fs::write(folder.join("master.key"), format!("{key}\n")).expect("written");
    let apps = tenant.ready["apps"].as_array().expect("a list");
    let reader = apps.iter().find(|app| app["purpose"] == "reader").expect("a reader");
    std::fs::write(folder.join("reader.secret"), reader["client_secret"].as_str().expect("a text")).expect("written");
    let config = format!(
        "listen = \"127.0.0.1:0\"\nmaster_key_file = \"master.key\"\nstore = \"sqlite:reseat.sqlite\"\n\
         [tenant]\nid = \"{}\"\nname = \"Contoso\"\n[graph]\ngraph_url = \"{}\"\nauthority_url = \"{}\"\n\
         [connections.reader]\nclient_id = \"{}\"\nclient_secret_file = \"reader.secret\"\n",
        tenant.text("tenant_id"),
        tenant.text("graph_url"),
        tenant.text("authority_url"),
        reader["client_id"].as_str().expect("a text"),
    );
    let file = folder.join("reseat.toml");
    std::fs::write(&file, config).expect("written");
    file.display().to_string()
}

fn one_time_code(log: &Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    let line = text.lines().find(|line| line.contains("which is valid for 15 minutes:"))?;
    line.split_whitespace().last().map(str::to_owned)
}

#[tokio::test]
async fn a_first_administrator_is_made_with_the_code_that_the_server_prints_once() {
    let tenant = simulated_tenant(&["--users", "40"]);
    let folder = tempfile::tempdir().expect("a folder");
    let config = configure(folder.path(), &tenant);
    let migrated = run(&mut reseat(&["migrate", "--config", &config, "--json"]));
    assert_eq!(migrated.code, 0, "{}", migrated.stderr);
    assert_eq!(migrated.json()["backup"], Value::Null, "there was nothing to copy");

    let log = folder.path().join("server.log");
    let mut command = reseat(&["serve", "--config", &config, "--json"]);
    let server = Started::start(command.stderr(std::fs::File::create(&log).expect("a log")));
    assert_eq!(server.text("store_url"), format!("sqlite:{}", folder.path().join("reseat.sqlite").display()));
    let ready = http().get(format!("{}/readyz", server.text("console_url"))).send().await.expect("it answers");
    assert!(ready.status().is_success());
    let code = one_time_code(&log).expect("the code is printed");
    let setup = format!("{}/setup/bootstrap", server.text("api_url"));
    let make = async |code: &str| {
        let body =
            json!({ "code": code, "name": "root", "password": "correct horse battery", "single_operator": true });
        http().post(&setup).json(&body).send().await.expect("it answers").status()
    };
    assert!(make("AAAA-BBBB-CCCC-DDDD").await.is_client_error());
    assert!(make(&code).await.is_success());
    assert!(make(&code).await.is_client_error(), "once is once");

    // A second process is kept out of the data folder with a sentence that says so.
    let second = run(&mut reseat(&["serve", "--config", &config]));
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("another reseat process uses"), "{}", second.stderr);

    let frozen = run(&mut reseat(&["freeze", "--reason", "looking", "--config", &config, "--json"]));
    assert_eq!(frozen.code, 0, "{}", frozen.stderr);
    assert_eq!(frozen.json()["recorded"], false, "the running server has the database");
    let file = frozen.json()["freeze_file"].as_str().expect("a path").to_owned();
    assert_eq!(std::fs::read_to_string(&file).expect("it is there").trim(), "looking");
    assert_eq!(server.stop(), 0, "SIGTERM ends it in order");

    let recorded = run(&mut reseat(&["freeze", "--reason", "still looking", "--config", &config, "--json"]));
    assert_eq!((recorded.code, recorded.json()["recorded"].clone()), (0, json!(true)), "{}", recorded.stderr);
    let verified = run(&mut reseat(&["audit", "verify", "--config", &config]));
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(verified.stdout.contains("The trail holds."), "{}", verified.stdout);
}

#[tokio::test]
async fn a_database_made_with_another_key_is_not_written_to() {
    // C6: refuse to start rather than write with another key.
    let tenant = simulated_tenant(&["--users", "40"]);
    let folder = tempfile::tempdir().expect("a folder");
    let config = configure(folder.path(), &tenant);
    let server = Started::start(reseat(&["serve", "--config", &config, "--json"]).stderr(Stdio::null()));
    assert_eq!(server.stop(), 0);
    let other = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=";
    let refused = run(reseat(&["serve", "--config", &config]).env("RESEAT_MASTER_KEY", other));
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("is this the master key the database was made with?"), "{}", refused.stderr);
}

#[tokio::test]
async fn a_server_whose_watcher_is_gone_ends_by_itself() {
    let tenant = simulated_tenant(&["--users", "40"]);
    let folder = tempfile::tempdir().expect("a folder");
    let config = configure(folder.path(), &tenant);
    // A shell stands between: the server believes in it as its parent, and then it is gone.
    let line = "RESEAT_PARENT_PID=$$ \"$0\" serve --config \"$1\" --json >\"$2\" 2>/dev/null & wait";
    let ready = folder.path().join("ready.json");
    let program = env!("CARGO_BIN_EXE_reseat");
    let mut shell = std::process::Command::new("sh")
        .args(["-c", line, program, &config, &ready.display().to_string()])
        .stdin(Stdio::null())
        .spawn()
        .expect("a shell");
    let value: Value = until("the server is ready", Duration::from_secs(60), async || {
        serde_json::from_str(&std::fs::read_to_string(&ready).ok()?).ok()
    })
    .await;
    send("KILL", shell.id());
    shell.wait().expect("it ends");
    let url = format!("{}/healthz", value["console_url"].as_str().expect("an address"));
    until("the server ends", Duration::from_secs(30), async || http().get(&url).send().await.is_err().then_some(()))
        .await;
}
