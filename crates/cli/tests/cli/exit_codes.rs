//! How commands end: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 needs a person, 5 broken.

use serde_json::{Value, json};

use crate::harness::{Output, Person, Started, demo, reseat, run};

#[test]
fn a_wrong_call_is_usage_and_a_silent_server_is_a_failure() {
    assert_eq!(run(&mut reseat(&["candidates"])).code, 2);
    assert_eq!(run(&mut reseat(&["freeze"])).code, 2, "without a reason");
    let output = run(&mut reseat(&["freeze", "--reason", "x"]));
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("RESEAT_URL"), "{}", output.stderr);
    assert_eq!(run(&mut reseat(&["candidates", "list"])).code, 2, "without a server");
    let output = run(&mut reseat(&["candidates", "list", "--url", "http://127.0.0.1:1", "--token", "rst_x"]));
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("does not answer"), "{}", output.stderr);
}

fn act(demo: &Started, role: &str, arguments: &[&str]) -> Output {
    let person = Person::of(&demo.ready, role);
    let mut command = reseat(arguments);
    command.env("RESEAT_URL", demo.text("api_url")).env("RESEAT_TOKEN", person.token());
    run(&mut command)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{value} has no {name}"))
}

fn in_days(days: i64) -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    now.saturating_add(jiff::Span::new().days(days)).to_string()
}

/// One demo, every way through REST: each person does with the command line what the roles permit.
#[tokio::test]
async fn people_decide_through_the_command_line_and_rules_refuse_with_their_own_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo(&folder.path().join("demo"), &["--users", "120"]);
    let manager = Person::of(&demo.ready, "license_manager");
    let seats = manager.list("/seats?kind=idle").await;
    let via = |seat: &&Value, word: &str| {
        seat["paths"].as_array().is_some_and(|paths| paths.iter().all(|path| path["via"] == word))
    };
    let direct: Vec<&Value> = seats.iter().filter(|seat| via(seat, "direct")).collect();
    let seat = text(direct[0], "seat_id");

    let listed = act(&demo, "license_manager", &["candidates", "list", "--json"]);
    assert_eq!((listed.code, listed.json()), (0, json!([])));
    let started = act(&demo, "license_manager", &["candidates", "start", seat, "--json"]);
    assert_eq!(started.code, 0, "{}", started.stderr);
    let candidate = started.json();
    assert_eq!(candidate["state"], "awaiting_approval");
    let id = text(&candidate, "candidate_id");

    let refused = act(&demo, "license_manager", &["candidates", "approve", id]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("Approver"), "{}", refused.stderr);
    let no_reason = act(&demo, "approver", &["candidates", "keep", id]);
    assert_eq!(no_reason.code, 2, "{}", no_reason.stderr);
    let kept = act(
        &demo,
        "approver",
        &["candidates", "keep", id, "--reason", "on a project", "--until", &in_days(60), "--json"],
    );
    assert_eq!((kept.code, kept.json()["state"].clone()), (0, json!("closed_skipped")), "{}", kept.stderr);
    let shown = act(&demo, "auditor", &["candidates", "show", id]);
    assert!(shown.stdout.contains("Kept. (on a project)"), "{}", shown.stdout);

    if let Some(grouped) = seats.iter().find(|seat| via(seat, "group")) {
        let stuck = act(&demo, "license_manager", &["candidates", "start", text(grouped, "seat_id"), "--json"]);
        assert_eq!(stuck.code, 4, "{}", stuck.stderr);
        assert_eq!(stuck.json()["attention"]["cause"], "held_through_group");
    }

    let second = act(&demo, "license_manager", &["candidates", "start", text(direct[1], "seat_id"), "--json"]);
    let second = text(&second.json(), "candidate_id").to_owned();
    let plan = folder.path().join("plan.json").display().to_string();
    let drafted = act(&demo, "license_manager", &["plan", "-o", &plan, &second]);
    assert_eq!(drafted.code, 0, "{}", drafted.stderr);
    let early = act(&demo, "license_manager", &["apply", &plan]);
    assert_eq!(early.code, 3, "nobody approved it: {}", early.stderr);

    let frozen = act(&demo, "auditor", &["freeze", "--reason", "the auditor wants to look"]);
    assert_eq!(frozen.code, 0, "{}", frozen.stderr);
    assert_eq!(act(&demo, "license_manager", &["thaw"]).code, 4, "a second person has to confirm");
    assert_eq!(act(&demo, "license_manager", &["thaw"]).code, 3, "the same person asks twice");
    assert_eq!(act(&demo, "approver", &["thaw"]).code, 0);

    let roster = folder.path().join("roster.csv");
    let mut rows = std::fs::read_to_string(folder.path().join("demo/roster.csv")).expect("the demo's roster");
    rows.push_str("9999,not an address,A,B,,,active,2020-01-01,\n");
    std::fs::write(&roster, rows).expect("written");
    let imported = act(&demo, "admin", &["roster", "import", &roster.display().to_string(), "--json"]);
    assert_eq!(imported.code, 4, "{}", imported.stderr);
    assert_eq!(imported.json()["quarantined"].as_array().map(Vec::len), Some(1));

    assert_eq!(act(&demo, "license_manager", &["sync", "license_information"]).code, 0);
    let rules = act(&demo, "license_manager", &["rules", "list"]);
    assert!(rules.stdout.contains("Unused seats"), "{}", rules.stdout);
    let stranger = run(&mut reseat(&["rules", "list", "--url", demo.text("api_url"), "--token", "rst_nobody"]));
    assert_eq!(stranger.code, 1, "{}", stranger.stderr);
    assert_eq!(demo.stop(), 0);
}
