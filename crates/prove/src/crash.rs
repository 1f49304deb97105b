//! Killed with SIGKILL at every step, once each, then started again: afterwards the journal of the
//! tenant shows every approved removal once, nothing else, and the trail holds (I1, I2, I3, I7).

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use anyhow::{Context as _, Result, bail, ensure};
use reseat_domain::candidate::StateName;
use reseat_engine::commands::verify_trail;
use reseat_engine::crash::POINTS;
use reseat_engine::sealing::Sealer;
use reseat_store::read::candidates::{CandidateFilter, list_candidates};
use reseat_store::{Store, dialect};
use reseat_testkit::{Sim, SimOptions, judge};

use crate::drive::EPOCH;
use crate::history::{self, Limits};
use crate::scenario::{USERS, Work, part};
use crate::tally::{Given, Tally};
use crate::worker::{self, Job};

/// How many kills run beside each other.
const BESIDE: usize = 2;

/// How often a worker that nobody kills may be started until it reaches the end.
const STARTS: usize = 3;

/// At which pass of which point a process is killed: `name:pass`.
type Kill = String;

/// One kill, or several one after the other, on one database.
#[derive(Debug, Clone)]
struct Case {
    kills: Vec<Kill>,
    postgres: Option<String>,
}

/// Lists the points the scenario passes, then kills at them.
///
/// # Errors
/// When the scenario does not get to its end even without a kill.
pub async fn prove(given: Given) -> Result<Tally> {
    history::clear("crash", given)?;
    let seed = given.seed;
    let passes = list_passes(seed).await.context("the scenario without a kill")?;
    let missing: Vec<&str> = POINTS.iter().copied().filter(|point| !passes.contains_key(*point)).collect();
    ensure!(missing.is_empty(), "the scenario does not pass {missing:?}");
    let cases = choose(&passes, seed, given.quick);
    let mut tally = Tally::default();
    tally.cases = cases.len();
    for group in cases.chunks(BESIDE) {
        let running: Vec<_> = group.iter().cloned().map(|case| tokio::spawn(run_case(given, case))).collect();
        for (case, result) in group.iter().zip(running) {
            match result.await? {
                Ok(true) => tally.bitten += 1,
                Ok(false) => tally.fail(format!("{case:?}: was not killed there")),
                Err(error) => tally.fail(format!("{case:?}: {error:#}")),
            }
        }
    }
    Ok(tally)
}

/// How often each point is passed in a run that nobody kills.
async fn list_passes(seed: u64) -> Result<BTreeMap<String, u32>> {
    let folder = tempfile::tempdir()?;
    let sim = start_sim(seed)?;
    let log = folder.path().join("points");
    let work = Work { ready: sim.ready.clone(), store_url: sqlite(folder.path()) };
    let status = start_worker(&work, None, Some(&log)).await?;
    ensure!(status.success(), "the worker failed: {status}");
    check(&sim, &work).await?;
    let mut passes = BTreeMap::new();
    for line in std::fs::read_to_string(&log)?.lines() {
        let (name, pass) = line.rsplit_once(':').context("a line is name:pass")?;
        passes.insert(name.to_owned(), pass.parse()?);
    }
    Ok(passes)
}

/// Every point at its first and last pass; not quick, at every pass, some killed again on the way,
/// and on PostgreSQL too where there is one.
fn choose(passes: &BTreeMap<String, u32>, seed: u64, quick: bool) -> Vec<Case> {
    let mut kills: BTreeSet<(String, u32)> = BTreeSet::new();
    for (name, last) in passes {
        if quick {
            kills.extend([(name.clone(), 1)]);
        } else {
            kills.extend((1..=*last).map(|pass| (name.clone(), pass)));
        }
    }
    let kills: Vec<Kill> = kills.into_iter().map(|(name, pass)| format!("{name}:{pass}")).collect();
    let alone = |kill: &Kill| Case { kills: vec![kill.clone()], postgres: None };
    let mut cases: Vec<Case> = kills.iter().map(alone).collect();
    if quick {
        return cases;
    }
    let firsts: Vec<Kill> = passes.keys().map(|name| format!("{name}:1")).collect();
    // Killed again at the first step that the second start passes of another point.
    for (at, kill) in firsts.iter().enumerate() {
        let step = usize::try_from(seed % 7).unwrap_or(0) + 1;
        let again = firsts[(at + step) % firsts.len()].clone();
        cases.push(Case { kills: vec![kill.clone(), again], postgres: None });
    }
    if let Some(url) = std::env::var("TEST_PG_URL").ok().filter(|url| !url.is_empty()) {
        cases.extend(firsts.iter().map(|kill| Case { kills: vec![kill.clone()], postgres: Some(url.clone()) }));
    }
    cases
}

/// Runs one case to its end; `false` when the first kill never came. A second kill may lie behind:
/// what the first run did is not done again.
async fn run_case(given: Given, case: Case) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let sim = start_sim(given.seed)?;
    let database = match &case.postgres {
        None => None,
        Some(admin_url) => {
            let name = format!("prove_{}_{}", std::process::id(), case.kills[0].replace(':', "_"));
            dialect::drop_database(admin_url, &name).await?;
            Some((admin_url, dialect::create_database(admin_url, &name).await?, name))
        }
    };
    let store_url = database.as_ref().map_or_else(|| sqlite(folder.path()), |(_, url, _)| url.clone());
    let work = Work { ready: sim.ready.clone(), store_url };
    let mut bitten = false;
    for (at, kill) in case.kills.iter().enumerate() {
        let status = start_worker(&work, Some(kill), None).await?;
        match status.signal() {
            Some(9) => bitten |= at == 0,
            Some(other) => bail!("the worker ended by signal {other}"),
            None => ensure!(status.success(), "the worker failed before it was killed: {status}"),
        }
    }
    run_to_the_end(&work).await?;
    check(&sim, &work).await?;
    keep_history(given, &case, &sim, &work).await?;
    if let Some((admin_url, _, name)) = database {
        dialect::drop_database(admin_url, &name).await?;
    }
    Ok(bitten)
}

async fn run_to_the_end(work: &Work) -> Result<()> {
    let mut last = None;
    for _ in 0..STARTS {
        let status = start_worker(work, None, None).await?;
        if status.success() {
            return Ok(());
        }
        last = Some(status);
    }
    bail!("the worker does not get to the end: {last:?}")
}

fn start_sim(seed: u64) -> Result<Sim> {
    Sim::start_on(&SimOptions { users: USERS, seed, world: "contoso".to_owned() }, EPOCH, None)
}

async fn keep_history(given: Given, case: &Case, sim: &Sim, work: &Work) -> Result<()> {
    let store = Store::open(&work.store_url).await?;
    let engine = if case.postgres.is_some() { "postgres" } else { "sqlite" };
    let name = format!("{engine}-{}", case.kills.join("+").replace(':', "-"));
    let tenant_id = work.ready.tenant_id.parse()?;
    history::keep("crash", given, &name, (sim, &store, tenant_id), Limits::default()).await?;
    store.close().await;
    Ok(())
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("reseat.sqlite").display())
}

async fn start_worker(work: &Work, kill: Option<&str>, log: Option<&Path>) -> Result<ExitStatus> {
    let mut command = worker::command(&Job::Scenario(work.clone()))?;
    if let Some(kill) = kill {
        command.env("RESEAT_CRASH_AT", kill);
    }
    if let Some(log) = log {
        command.env("RESEAT_CRASH_LOG", log);
    }
    Ok(command.status().await?)
}

/// The judgement: the journal against what was approved, the ends against what each part wants, and
/// the trail.
async fn check(sim: &Sim, work: &Work) -> Result<()> {
    let tenant_id = work.ready.tenant_id.parse()?;
    let store = Store::open(&work.store_url).await?;
    let judgement = judge(sim, &store, tenant_id).await;
    ensure!(judgement.is_clean() && judgement.forgotten.is_empty(), "{judgement:#?}");
    ensure!(
        (judgement.removals, judgement.restores) == (3, 1),
        "3 removals and 1 restore were approved, and the journal has {} and {}",
        judgement.removals,
        judgement.restores
    );
    let mut tx = store.read().await?;
    let items = list_candidates(&mut tx, tenant_id, &CandidateFilter::default(), None, 100).await?.items;
    drop(tx);
    let ends: BTreeMap<i64, StateName> = items.iter().map(|item| (item.number, item.state.name())).collect();
    let wanted = BTreeMap::from([
        (part::RESTORED, StateName::ClosedRestored),
        (part::LOST_ANSWER, StateName::ClosedComplete),
        (part::LAGGING, StateName::ClosedComplete),
        (part::KEPT, StateName::ClosedSkipped),
        (part::USED_AGAIN, StateName::ClosedCanceled),
        (part::GONE, StateName::ClosedCanceled),
    ]);
    ensure!(ends == wanted, "ended as {ends:?}, wanted {wanted:?}");
    let report = verify_trail(&store, Some(&Sealer::from_key([7; 32]))).await?;
    store.close().await;
    match report.broken {
        None => Ok(()),
        Some(broken) => bail!("the trail does not hold: {broken}"),
    }
}
