//! A configuration that is wrong stops the start with its place and what to do about it.

use std::path::Path;

use crate::harness::{Output, reseat, run};

const TENANT: &str = "[tenant]\nid = \"11111111-1111-4111-8111-111111111111\"\n";

fn serve(folder: &Path, config: &str, variables: &[(&str, &str)]) -> Output {
    let file = folder.join("reseat.toml");
    std::fs::write(&file, config).expect("written");
    let file = file.display().to_string();
    run(reseat(&["serve", "--config", &file, "--listen", "127.0.0.1:0"]).envs(variables.iter().copied()))
}

#[test]
fn a_misspelled_key_names_its_line() {
    // C11: a typo must never be a limit that is not there.
    let folder = tempfile::tempdir().expect("a folder");
    let output = serve(folder.path(), &format!("{TENANT}[settings.budget]\nmax_removals = 5\n"), &[]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("reseat.toml, line 4: unknown field `max_removals`"), "{}", output.stderr);
    assert!(output.stderr.contains("Correct that line"), "{}", output.stderr);
}

#[test]
fn a_budget_without_sense_is_refused() {
    // C8: negative and above the ceiling; 0 for the first run would be a plan that never begins.
    let folder = tempfile::tempdir().expect("a folder");
    for (line, said) in [
        ("per_day = -1", "line 4"),
        ("per_day_percent = 101", "per_day_percent must be between 0 and 100, not 101"),
        ("first_run = 0", "first_run must be between 1 and 5, not 0"),
        ("per_day = \"unlimited\"", "line 4"),
    ] {
        let output = serve(folder.path(), &format!("{TENANT}[settings.budget]\n{line}\n"), &[]);
        assert_eq!(output.code, 2, "{line}");
        assert!(output.stderr.contains(said), "{line}: {}", output.stderr);
    }
}

#[test]
fn without_a_master_key_nothing_is_opened_and_it_says_how_to_make_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = serve(folder.path(), &format!("store = \"sqlite:r.sqlite\"\n{TENANT}"), &[]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("there is no master key"), "{}", output.stderr);
    assert!(output.stderr.contains("openssl rand -base64 32"), "{}", output.stderr);
    assert!(!folder.path().join("r.sqlite").exists(), "nothing was opened");
    let output = serve(folder.path(), TENANT, &[("RESEAT_MASTER_KEY", "c2hvcnQ=")]);
    assert!(output.stderr.contains("not 32 bytes"), "{}", output.stderr);
}

#[test]
fn a_secret_in_the_environment_is_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = "canary-of-a-client-secret";
    let key = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    let config = format!(
        "{TENANT}[graph]\ngraph_url = \"http://127.0.0.1:9\"\nauthority_url = \"http://127.0.0.1:9\"\n\
         [demo]\nsim_url = \"http://127.0.0.1:9\"\n[connections.reader]\nclient_id = \"app\"\n[settings]\nsettle_seconds = -1\n"
    );
    let output = serve(folder.path(), &config, &[("RESEAT_READER_SECRET", secret), ("RESEAT_MASTER_KEY", key)]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains(secret) && !text.contains(key), "{text}");
    }
}

#[test]
fn a_demo_refuses_to_listen_beyond_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo").display().to_string();
    let output = run(&mut reseat(&["demo", "--data", &data, "--listen", "0.0.0.0:8420"]));
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("this machine only"), "{}", output.stderr);
    assert!(!Path::new(&data).exists());
}
