//! `reseat-prove`: what we claim, tried by machine. One line a proof; the exit code says whether all
//! of them hold.

#[cfg(feature = "prove")]
mod crash;
#[cfg(feature = "prove")]
mod scenario;

use clap::Parser;

/// Runs the named proofs, or all there are.
#[derive(Debug, Parser)]
#[command(name = "reseat-prove")]
struct Arguments {
    /// Which proofs: crash, or all
    names: Vec<String>,
    /// What the worlds are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Every point once or twice instead of every time it is passed
    #[arg(long)]
    quick: bool,
    /// Runs the scenario as the process that is killed; the argument says over what
    #[arg(long, hide = true)]
    worker: Option<String>,
}

/// How one proof ended.
#[cfg(feature = "prove")]
struct Proof {
    pass: bool,
    cases: usize,
    bitten: usize,
}

#[cfg(feature = "prove")]
const NAMES: &[&str] = &["crash"];

#[cfg(not(feature = "prove"))]
fn main() -> std::process::ExitCode {
    let _ = Arguments::parse();
    eprintln!("this binary was built without its crash points; build it with the feature `prove`");
    std::process::ExitCode::FAILURE
}

#[cfg(feature = "prove")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    use std::process::ExitCode;
    let arguments = Arguments::parse();
    if let Some(work) = &arguments.worker {
        return scenario::work(work).await;
    }
    let all = arguments.names.is_empty() || arguments.names.iter().any(|name| name == "all");
    let unknown: Vec<&String> =
        arguments.names.iter().filter(|name| *name != "all" && !NAMES.contains(&name.as_str())).collect();
    if !unknown.is_empty() {
        for name in unknown {
            println!("PROOF {name} unknown");
        }
        return ExitCode::from(2);
    }
    let mut held = true;
    for name in NAMES.iter().filter(|name| all || arguments.names.iter().any(|wanted| wanted == *name)) {
        held &= run(name, &arguments).await;
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "prove")]
async fn run(name: &str, arguments: &Arguments) -> bool {
    let watch = reseat_engine::clock::Stopwatch::start();
    let result = match name {
        "crash" => crash::prove(arguments.seed, arguments.quick).await,
        other => Err(anyhow::anyhow!("there is no proof {other}")),
    };
    let proof = result.unwrap_or_else(|error| {
        eprintln!("{name}: {error:#}");
        Proof { pass: false, cases: 0, bitten: 0 }
    });
    let verdict = if proof.pass { "pass" } else { "fail" };
    let (seed, cases, bitten, seconds) = (arguments.seed, proof.cases, proof.bitten, watch.elapsed().as_secs());
    println!("PROOF {name} {verdict} seed={seed} cases={cases} bitten={bitten} secs={seconds}");
    proof.pass
}
