//! Worlds, their size and their life, and the process itself.

use crate::support::{Simulator, refused};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PAGE: &str = "/v1.0/users?$top=400&$select=id,displayName,userPrincipalName,accountEnabled,department,createdDateTime,assignedLicenses,licenseAssignmentStates,signInActivity&$expand=manager";

/// A page without the addresses of the run.
async fn page(sim: &Simulator) -> String {
    let body = sim.get(PAGE).await.json();
    body["value"].to_string()
}

#[tokio::test]
async fn the_same_seed_makes_the_same_world_byte_for_byte() {
    let (one, two) =
        (Simulator::start(&["--users", "400", "--seed", "9"]), Simulator::start(&["--users", "400", "--seed", "9"]));
    let other = Simulator::start(&["--users", "400", "--seed", "10"]);
    let found = page(&one).await;
    assert!(found.len() > 100_000);
    assert_eq!(found, page(&two).await);
    assert_ne!(found, page(&other).await);
    assert_eq!(one.ready["tenant_id"], two.ready["tenant_id"]);
    assert_eq!(one.app("reader"), (two.app("reader").0, two.app("reader").1, one.app("reader").2), "the same secrets");
    let roster = async |sim: &Simulator| sim.control("GET", "roster", &Value::Null).await.text;
    assert_eq!(roster(&one).await, roster(&two).await);
}

/// How many people hold a license type directly, through groups, both.
fn tally(people: &[crate::support::Person], sku: &Value) -> (usize, usize, usize) {
    let mut tally = (0, 0, 0);
    for person in people {
        let paths = person.paths(sku);
        match (paths.contains(&true), paths.contains(&false)) {
            (true, false) => tally.0 += 1,
            (false, true) => tally.1 += 1,
            (true, true) => tally.2 += 1,
            (false, false) => {}
        }
    }
    tally
}

#[tokio::test]
async fn contoso_has_what_a_demonstration_needs() {
    let sim = Simulator::start(&[]);
    assert_eq!(sim.ready["users"], 2000);
    let (people, skus) = (sim.people().await, sim.skus().await);
    let seats: usize = people.iter().map(|person| person.0["assignedLicenses"].as_array().unwrap().len()).sum();
    assert_eq!(sim.ready["seats"], seats);
    let consumed: u64 = skus.values().map(|sku| sku["consumedUnits"].as_u64().unwrap()).sum();
    assert_eq!(consumed as usize, seats, "the pools agree with the people");
    assert!(tally(&people, &skus["POWER_BI_PRO"]).0 >= 100);
    let e3 = tally(&people, &skus["SPE_E3"]);
    assert!(e3.0 > 100 && e3.1 > 100 && e3.2 > 10, "{e3:?}");
    let off = |person: &&crate::support::Person| {
        person.0["assignedLicenses"]
            .as_array()
            .unwrap()
            .iter()
            .any(|license| license["disabledPlans"] != serde_json::json!([]))
    };
    assert!(people.iter().filter(off).count() > 50, "some people have plans switched off");
    let visio = &skus["VISIOCLIENT"];
    assert_eq!(visio["consumedUnits"], visio["prepaidUnits"]["enabled"], "one pool is exhausted");
    let exchange = &skus["EXCHANGESTANDARD"];
    assert!(exchange["consumedUnits"].as_i64() > exchange["prepaidUnits"]["enabled"].as_i64(), "one is over-consumed");
}

#[tokio::test]
async fn a_smaller_contoso_still_has_every_kind_of_path() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    assert!(tally(&people, &skus["POWER_BI_PRO"]).0 >= 20);
    let e3 = tally(&people, &skus["SPE_E3"]);
    assert!(e3.0 >= 20 && e3.1 >= 20 && e3.2 >= 1, "{e3:?}");
}

#[tokio::test]
async fn named_worlds_have_their_size_and_an_unknown_one_is_refused() {
    assert_eq!(Simulator::start(&["--world", "small_office"]).ready["users"], 40);
    let sim = Simulator::start(&["--world", "group_licensed"]);
    let (people, skus) = (sim.people().await, sim.skus().await);
    let e3 = tally(&people, &skus["SPE_E3"]);
    assert!(e3.1 > 4 * e3.0, "most get theirs through a group: {e3:?}");
    let (status, text) = refused(&["--world", "atlantis"]);
    assert!(!status.success() && text.contains("small_office"), "{text}");
}

#[tokio::test]
async fn nothing_on_the_wire_tells_how_a_person_was_generated() {
    let sim = Simulator::usual();
    let mut everything = page(&sim).await;
    everything.push_str(&sim.control("GET", "roster", &Value::Null).await.text);
    let id = sim.people().await[16].id().to_owned();
    everything.push_str(&sim.control("GET", &format!("users/{id}"), &Value::Null).await.text);
    everything.push_str(&sim.get(&format!("/v1.0/users/{id}")).await.text);
    for label in [
        "NeverUsed",
        "never_used",
        "Leaver",
        "FailedOnly",
        "NonInteractiveOnly",
        "NoReportRow",
        "NotInRoster",
        "\"kind\"",
        "Departing",
    ] {
        assert!(!everything.contains(label), "{label} is told");
    }
}

/// Days since the last successful sign-in, by person, as a client computes them.
async fn idle_days(sim: &Simulator) -> HashMap<String, i64> {
    let now: jiff::Timestamp =
        sim.control("GET", "clock", &Value::Null).await.json()["now"].as_str().unwrap().parse().unwrap();
    let people = sim.all("/v1.0/users?$top=500&$select=id,signInActivity").await;
    let days = |person: &Value| {
        let last: jiff::Timestamp = person["signInActivity"]["lastSuccessfulSignInDateTime"].as_str()?.parse().ok()?;
        Some((person["id"].as_str()?.to_owned(), (now.as_second() - last.as_second()) / 86_400))
    };
    people.iter().filter_map(days).collect()
}

#[tokio::test]
async fn people_at_work_stay_at_work_as_the_clock_moves() {
    let sim = Simulator::usual();
    let before = idle_days(&sim).await;
    sim.advance(30.0 * 86_400.0).await;
    let after = idle_days(&sim).await;
    let working: Vec<&String> = before.iter().filter(|(_, days)| **days < 5).map(|(id, _)| id).collect();
    assert!(working.len() > 150, "{}", working.len());
    let stopped = working.iter().filter(|id| after[**id] > 20).count();
    // A few leave in these weeks, and a few use their tools every few weeks only.
    assert!(stopped * 20 <= working.len(), "{stopped} of {} stopped", working.len());
    let idle: Vec<&String> = before.iter().filter(|(_, days)| **days > 90).map(|(id, _)| id).collect();
    assert!(idle.len() > 10 && idle.iter().all(|id| after[*id] == before[*id] + 30), "who was gone stays gone");
}

#[tokio::test]
async fn a_termination_signal_ends_it_in_order() {
    for name in ["-TERM", "-INT"] {
        let mut sim = Simulator::start(&["--users", "40"]);
        sim.signal(name);
        assert_eq!(sim.end().code(), Some(0), "{name}");
    }
}

#[tokio::test]
async fn it_ends_with_its_parent_when_told_to() {
    let binary = env!("CARGO_BIN_EXE_reseat-graph-sim");
    // The shell starts the simulator and waits for it; then the shell is killed.
    let script = format!("{binary} --json --users 40 --with-parent & wait");
    let mut shell = Command::new("sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["http_url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    shell.kill().unwrap();
    shell.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < until, "it outlives its parent");
        std::thread::sleep(Duration::from_millis(50));
    }
}
