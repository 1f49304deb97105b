//! The list of proofs, and running some of them.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::tally::{Given, Tally};
use crate::{budget, cluster, crash, freeze, graph_faults, mistakes, model, monotony, undo};

/// A proof by its name.
struct Entry {
    name: &'static str,
    /// Runs when no proof is named.
    usual: bool,
}

const fn usual(name: &'static str) -> Entry {
    Entry { name, usual: true }
}

const PROOFS: &[Entry] = &[
    usual("crash"),
    usual("graph-faults"),
    usual("model"),
    usual("monotony"),
    usual("cluster"),
    usual("freeze"),
    usual("budget"),
    usual("mistakes"),
    usual("undo"),
];

async fn prove(name: &str, given: Given) -> Result<Tally> {
    match name {
        "crash" => crash::prove(given).await,
        "cluster" => cluster::prove(given).await,
        "freeze" => freeze::prove(given).await,
        "budget" => budget::prove(given).await,
        "mistakes" => mistakes::prove(given).await,
        "model" => model::prove(given).await,
        "monotony" => monotony::prove(given).await,
        "undo" => undo::prove(given).await,
        "graph-faults" => graph_faults::prove(given).await,
        other => bail!("there is no proof {other}"),
    }
}

/// Runs the named proofs, `all`, or the usual ones; a line each. 1 when one of them fails, 2 for a
/// name that is none.
pub async fn run(names: &[String], given: Given) -> ExitCode {
    let named = |entry: &Entry| names.iter().any(|name| name == entry.name);
    let mut known = true;
    for name in names.iter().filter(|name| *name != "all") {
        if !PROOFS.iter().any(|entry| entry.name == name) {
            println!("PROOF {name} unknown");
            known = false;
        }
    }
    if !known {
        return ExitCode::from(2);
    }
    let all = names.iter().any(|name| name == "all");
    let mut held = true;
    for entry in PROOFS.iter().filter(|entry| all || named(entry) || (names.is_empty() && entry.usual)) {
        held &= run_one(entry.name, given).await;
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run_one(name: &'static str, given: Given) -> bool {
    let watch = reseat_engine::clock::Stopwatch::start();
    // On a task of its own, so that a step that panics fails this proof and not the others.
    let tally = match tokio::spawn(prove(name, given)).await {
        Ok(Ok(tally)) => tally,
        Ok(Err(error)) => Tally::failed(&format!("{error:#}")),
        Err(error) => Tally::failed(&error.to_string()),
    };
    for failure in tally.failures() {
        eprintln!("{name}: {failure}");
    }
    let verdict = if tally.holds() { "pass" } else { "fail" };
    let (cases, bitten, seconds) = (tally.cases, tally.bitten, watch.elapsed().as_secs());
    println!("PROOF {name} {verdict} seed={} cases={cases} bitten={bitten} secs={seconds}", given.seed);
    tally.holds()
}
