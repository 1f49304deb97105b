use super::*;

const LEAST: &str = "[tenant]\nid = \"11111111-1111-4111-8111-111111111111\"\n";

fn config(text: &str) -> anyhow::Result<Config> {
    let text = format!("{text}\n{LEAST}");
    let file = ConfigFile::parse(&text, Path::new("config.toml"))?;
    Config::merge(file, &Environment::default(), None, Path::new("/etc/reseat"))
}

fn complaint(text: &str) -> String {
    format!("{:#}", config(text).expect_err("it is wrong"))
}

#[test]
fn a_misspelled_key_stops_the_start_and_its_line_is_named() {
    let said = complaint("listen = \"127.0.0.1:1\"\n[settings.budget]\nmax_removals = 5\n");
    assert!(said.contains("config.toml, line 3"), "{said}");
    assert!(said.contains("max_removals"), "{said}");
}

#[test]
fn a_budget_without_sense_is_refused_and_an_empty_one_is_the_default() {
    assert!(complaint("[settings.budget]\nper_run = -1\n").contains("line 2"));
    assert!(complaint("[settings.budget]\nfirst_run = 0\n").contains("first_run must be between 1 and 5, not 0"));
    assert!(complaint("[settings.budget]\nper_day_percent = 101\n").contains("per_day_percent"));
    assert!(complaint("[settings.budget]\nper_run = \"\"\n").contains("line 2"));
    let empty = config("[settings.budget]\n").expect("it is whole");
    assert_eq!(empty.settings.budget, reseat_domain::budget::BudgetLimits::default());
}

#[test]
fn proof_by_reading_may_be_hurried_only_toward_a_simulator_on_this_machine() {
    assert!(complaint("[settings]\nsettle_seconds = 3\n").contains("settle_seconds must be at least 60"));
    let custom = "[graph]\ngraph_url = \"https://graph.test\"\nauthority_url = \"https://login.test\"\n";
    assert!(complaint(&format!("[settings]\nread_spacing_seconds = 2\n{custom}")).contains("read_spacing_seconds"));
    let loopback = "[graph]\ngraph_url = \"http://127.0.0.1:9\"\nauthority_url = \"http://127.0.0.1:9\"\n";
    let hurried =
        config(&format!("[settings]\nsettle_seconds = 3\nread_spacing_seconds = 2\n{loopback}")).expect("whole");
    assert_eq!(hurried.settings.settle_seconds, 3);
}

#[test]
fn a_simulated_clock_is_followed_only_beside_a_simulated_tenant() {
    assert!(complaint("[demo]\nsim_url = \"http://127.0.0.1:9\"\n").contains("[demo] sim_url"));
}

#[test]
fn a_request_never_outlives_its_lease() {
    assert!(complaint("[settings]\nlease_seconds = 30\nwrite_deadline_seconds = 30\n").contains("lease_seconds"));
}

#[test]
fn servers_are_https_or_this_machine() {
    for url in ["http://graph.test", "http://127.0.0.1.graph.test", "http://localhost@graph.test", "ftp://localhost"] {
        let text = format!("[graph]\ngraph_url = \"{url}\"\nauthority_url = \"https://login.test\"\n");
        assert!(complaint(&text).contains("graph_url"), "{url}");
    }
    for url in ["http://127.0.0.1:8080", "http://[::1]:9/", "http://localhost", "https://graph.test"] {
        let text = format!("[graph]\ngraph_url = \"{url}\"\nauthority_url = \"https://login.test\"\n");
        assert!(config(&text).is_ok(), "{url}");
    }
    assert!(complaint("[graph]\ngraph_url = \"https://graph.test\"\n").contains("both"));
    assert!(complaint("[graph]\ncloud = \"mars\"\n").contains("mars"));
}

#[test]
fn the_environment_stands_above_the_file_and_a_flag_above_both() {
    let file = ConfigFile::parse(&format!("store = \"sqlite:a.sqlite\"\n{LEAST}"), Path::new("c")).expect("whole");
    let over = Environment::read(|name| (name == "RESEAT_STORE").then(|| "sqlite:/b.sqlite".to_owned()));
    let base = Path::new("/etc/reseat");
    let store = |over: &Environment, flag: Option<&str>| {
        Config::merge(file.clone(), over, flag.map(str::to_owned), base).expect("whole").store
    };
    assert_eq!(store(&Environment::default(), None), "sqlite:/etc/reseat/a.sqlite");
    assert_eq!(store(&over, None), "sqlite:/b.sqlite");
    assert_eq!(store(&over, Some("postgres://u@h/d")), "postgres://u@h/d");
}

#[test]
fn a_connection_without_its_secret_is_refused_and_a_secret_is_not_shown() {
    assert!(complaint("[connections.writer]\nclient_id = \"x\"\n").contains("RESEAT_WRITER_SECRET"));
    let file =
        ConfigFile::parse(&format!("{LEAST}[connections.reader]\nclient_id = \"x\"\n"), Path::new("c")).expect("whole");
    let over = Environment::read(|name| (name == "RESEAT_READER_SECRET").then(|| "hunter2".to_owned()));
    let config = Config::merge(file, &over, None, Path::new(".")).expect("whole");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(
        config.apps.keys().collect::<Vec<_>>(),
        [&Purpose::Reader],
        "without a writer the tenant is only observed"
    );
}

#[test]
fn a_certificate_stands_in_place_of_a_secret_and_what_makes_no_sense_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.pem"), "-----BEGIN CERTIFICATE-----").expect("written");
    std::fs::write(folder.path().join("app.secret"), "hunter2\n").expect("written");
    let read = |text: &str| {
        let text = format!("[connections.writer]\nclient_id = \"x\"\n{text}\n{LEAST}");
        let file = ConfigFile::parse(&text, Path::new("c")).expect("it can be read");
        Config::merge(file, &Environment::default(), None, folder.path())
    };
    let said = |text: &str| format!("{:#}", read(text).expect_err("it is wrong"));
    let config = read("certificate_file = \"app.pem\"\ncertificate_algorithm = \"RS256\"").expect("whole");
    assert!(!format!("{config:?}").contains("BEGIN"), "a key is not shown");
    assert!(
        said("certificate_file = \"app.pem\"\nclient_secret_file = \"app.secret\"")
            .contains("a secret and a certificate")
    );
    assert!(said("certificate_file = \"app.pem\"\ncertificate_algorithm = \"none\"").contains("PS256"));
    assert!(said("certificate_file = \"app.pem\"\nsecret_expires_on = \"2027-01-31\"").contains("for a secret"));
    assert!(said("client_secret_file = \"app.secret\"\nsecret_expires_on = \"soon\"").contains("no day"));
    let config = read("client_secret_file = \"app.secret\"\nsecret_expires_on = \"2027-01-31\"").expect("whole");
    let end = config.apps[&Purpose::Writer].expires_at.map(|end| end.to_string());
    assert_eq!(end.as_deref(), Some("2027-02-01T00:00:00Z"), "the last day counts to its end");
}
