//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A crate from outside, the rooms that may name it, and the rooms that may name it for tests only.
struct Fence {
    names: &'static [&'static str],
    rooms: &'static [&'static str],
    tests: &'static [&'static str],
}

const FENCES: &[Fence] = &[
    Fence {
        names: &["sqlx", "sqlx-core", "sqlx-sqlite", "sqlx-postgres", "libsqlite3-sys", "rusqlite", "tokio-postgres"],
        rooms: &["reseat-store"],
        tests: &[],
    },
    Fence {
        names: &["axum", "axum-core", "axum-extra", "axum-server", "utoipa-axum", "hyper"],
        rooms: &["reseat-api", "reseat-graph-sim", "reseat-testkit", "reseat-prove"],
        tests: &[],
    },
    Fence {
        names: &["reqwest", "ureq", "isahc", "curl"],
        rooms: &["reseat-connectors", "reseat-cli", "reseat-testkit", "reseat-prove"],
        tests: &["reseat-graph-sim"],
    },
];

/// The rooms each room may stand on.
const STANDS_ON: &[(&str, &[&str])] = &[
    ("reseat-domain", &[]),
    ("reseat-store", &["reseat-domain"]),
    ("reseat-connectors", &["reseat-domain"]),
    ("reseat-graph-sim", &[]),
    ("reseat-engine", &["reseat-domain", "reseat-store", "reseat-connectors"]),
    ("reseat-api", &["reseat-domain", "reseat-store", "reseat-engine"]),
    ("reseat-cli", &["reseat-domain", "reseat-store", "reseat-connectors", "reseat-engine", "reseat-api"]),
    ("reseat-testkit", &["reseat-domain", "reseat-store", "reseat-connectors", "reseat-engine", "reseat-api"]),
    (
        "reseat-prove",
        &["reseat-domain", "reseat-store", "reseat-connectors", "reseat-engine", "reseat-api", "reseat-testkit"],
    ),
];

/// These may not use the testkit even in tests: the domain needs no world, and the simulator is judged by others.
const WITHOUT_TESTKIT: &[&str] = &["reseat-domain", "reseat-graph-sim"];

/// Anything that brings a runtime, a network or a database.
const RUNTIMES: &[&str] = &[
    "async-std",
    "async-trait",
    "axum",
    "chrono",
    "futures",
    "futures-core",
    "hyper",
    "mio",
    "reqwest",
    "smol",
    "sqlx",
    "time",
    "tokio",
];

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn ours(metadata: &Value) -> impl Iterator<Item = &Value> {
    let members: BTreeSet<&str> = list(metadata, "workspace_members").iter().filter_map(Value::as_str).collect();
    list(metadata, "packages").iter().filter(move |package| members.contains(text(package, "id")))
}

pub fn outside_crates(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in ours(metadata) {
        let room = text(package, "name");
        for dependency in list(package, "dependencies") {
            let name = text(dependency, "name");
            let for_tests = text(dependency, "kind") == "dev";
            for fence in FENCES.iter().filter(|fence| fence.names.contains(&name)) {
                let welcome = fence.rooms.contains(&room) || (for_tests && fence.tests.contains(&room));
                if !welcome {
                    complaints.push(format!("{room} names {name}; only {} may", fence.rooms.join(", ")));
                }
            }
        }
    }
    complaints
}

pub fn direction(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let rooms: BTreeSet<&str> = ours(metadata).map(|package| text(package, "name")).collect();
    for package in ours(metadata) {
        let room = text(package, "name");
        let Some((_, allowed)) = STANDS_ON.iter().find(|(name, _)| *name == room) else {
            complaints.push(format!("{room} is a new room; say in this test what it stands on"));
            continue;
        };
        for dependency in list(package, "dependencies") {
            let name = text(dependency, "name");
            if !rooms.contains(name) || allowed.contains(&name) {
                continue;
            }
            let testkit = name == "reseat-testkit" && text(dependency, "kind") == "dev";
            if !testkit || WITHOUT_TESTKIT.contains(&room) {
                complaints.push(format!("{room} stands on {name}, against the direction"));
            }
        }
    }
    complaints
}

pub fn domain_is_pure(metadata: &Value) -> Vec<String> {
    let names: BTreeMap<&str, &str> =
        list(metadata, "packages").iter().map(|package| (text(package, "id"), text(package, "name"))).collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let Some(domain) = names.iter().find(|(_, name)| **name == "reseat-domain").map(|(id, _)| *id) else {
        return vec!["reseat-domain is missing".to_owned()];
    };
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::from([domain]);
    let mut todo = vec![domain];
    while let Some(id) = todo.pop() {
        let Some(node) = nodes.get(id) else { continue };
        for dependency in list(node, "deps") {
            // A dependency without kinds would be a change in cargo's format: count it rather than miss it.
            let kinds = list(dependency, "dep_kinds");
            if !kinds.is_empty() && kinds.iter().all(|kind| text(kind, "kind") == "dev") {
                continue;
            }
            let next = text(dependency, "pkg");
            if !seen.insert(next) {
                continue;
            }
            let name = names.get(next).copied().unwrap_or_default();
            if RUNTIMES.contains(&name) {
                let by = names.get(id).copied().unwrap_or_default();
                complaints.push(format!("reseat-domain reaches {name} through {by}"));
            }
            todo.push(next);
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> =
            dependencies.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        json!({"id": name, "name": name, "dependencies": dependencies})
    }

    fn workspace(packages: &[Value]) -> Value {
        let members: Vec<&Value> = packages.iter().map(|package| &package["id"]).collect();
        json!({"packages": packages, "workspace_members": members})
    }

    #[test]
    fn sqlx_outside_the_store_is_found() {
        let found = outside_crates(&workspace(&[
            package("reseat-store", &[("sqlx", None)]),
            package("reseat-engine", &[("sqlx", Some("dev"))]),
        ]));
        assert_eq!(found, ["reseat-engine names sqlx; only reseat-store may"]);
    }

    #[test]
    fn axum_in_the_command_line_is_found() {
        let found = outside_crates(&workspace(&[
            package("reseat-api", &[("axum", None)]),
            package("reseat-cli", &[("axum", None)]),
        ]));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn reqwest_in_the_simulator_is_for_tests_only() {
        assert!(
            outside_crates(&workspace(&[package("reseat-graph-sim", &[("reqwest", Some("dev"))])])).is_empty(),
            "a test of the simulator may be a client of it"
        );
        assert_eq!(outside_crates(&workspace(&[package("reseat-graph-sim", &[("reqwest", None)])])).len(), 1);
    }

    #[test]
    fn a_step_against_the_direction_is_found() {
        let found = direction(&workspace(&[
            package("reseat-store", &[("reseat-domain", None), ("reseat-engine", None)]),
            package("reseat-domain", &[]),
            package("reseat-engine", &[("reseat-testkit", Some("dev"))]),
            package("reseat-testkit", &[]),
        ]));
        assert_eq!(found, ["reseat-store stands on reseat-engine, against the direction"]);
    }

    #[test]
    fn a_simulator_that_knows_us_is_found() {
        let rooms = [
            package("reseat-graph-sim", &[("reseat-domain", None), ("reseat-testkit", Some("dev"))]),
            package("reseat-domain", &[]),
            package("reseat-testkit", &[]),
        ];
        assert_eq!(direction(&workspace(&rooms)).len(), 2);
    }

    #[test]
    fn a_room_nobody_described_is_found() {
        assert_eq!(direction(&workspace(&[package("reseat-utilities", &[])])).len(), 1);
    }

    #[test]
    fn a_runtime_reached_through_another_crate_is_found() {
        let edge = |to: &str, kind: Option<&str>| json!({"pkg": to, "dep_kinds": [{"kind": kind}]});
        let graph = |kind| {
            json!({
                "packages": [package("reseat-domain", &[]), package("helper", &[]), package("tokio", &[])],
                "resolve": {"nodes": [
                    {"id": "reseat-domain", "deps": [edge("helper", None)]},
                    {"id": "helper", "deps": [edge("tokio", kind)]},
                ]},
            })
        };
        assert_eq!(domain_is_pure(&graph(None)), ["reseat-domain reaches tokio through helper"]);
        assert!(domain_is_pure(&graph(Some("dev"))).is_empty(), "what a test uses does not reach the product");
    }
}
