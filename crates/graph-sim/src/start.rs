//! From flags to a simulator: the world, what the journal adds to it, and where its clock goes on.

use crate::apps::registrations;
use crate::cli::{Flags, Switch};
use crate::clock::{Clock, Millis, date_of, midnight, wall_now};
use crate::commands::Command;
use crate::faults::Faults;
use crate::journal::{Header, Journal, Recorded};
use crate::keys::Keys;
use crate::people::Population;
use crate::seed::{Seed, Topic};
use crate::settings::Settings;
use crate::sim::Sim;
use crate::throttle::Throttle;
use crate::world::World;
use crate::worlds::{WORLDS, named};
use anyhow::{Context, Result};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, RwLock};

/// Hour of the epoch at which a chosen day begins to run, in milliseconds.
const NOON: Millis = 12 * 3_600_000;

/// Where the listeners are, as the simulator has to know them.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    pub http: std::net::SocketAddr,
    pub https: std::net::SocketAddr,
    pub download_http: std::net::SocketAddr,
    pub download_https: std::net::SocketAddr,
}

/// The folder of keys and certificates: beside the journal to last, else a folder of this run's own.
pub fn key_folder(journal: Option<&Path>) -> Result<PathBuf> {
    let folder = match journal {
        Some(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push(".keys");
            PathBuf::from(name)
        }
        None => std::env::temp_dir().join(format!("reseat-graph-sim-{}-{}", std::process::id(), wall_now())),
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    // Clients are told absolute paths, whatever folder they run in.
    folder.canonicalize().context("the folder of keys")
}

fn open_journal(path: Option<&Path>) -> Result<(Journal, Recorded)> {
    match path {
        None => Ok((Journal::default(), Recorded::default())),
        Some(path) => Journal::open(path),
    }
}

/// The day the world is generated for.
fn epoch(flags: &Flags, recorded: &Recorded) -> Result<Date> {
    match (flags.epoch, &recorded.header) {
        (Some(date), _) => Ok(date),
        (None, Some(header)) => header.epoch.parse().context("the epoch in the journal"),
        (None, None) => Ok(date_of(wall_now() / 1000)),
    }
}

/// Where the clock starts: where it ended; else now if the epoch is today, so that clients on real time fit; else noon.
fn clock(flags: &Flags, recorded: &Recorded, epoch: Date) -> Result<Clock> {
    let rate_of = |command: &Command| if let Command::Clock { rate } = command { Some(*rate) } else { None };
    let last_rate = recorded.entries.iter().rev().find_map(|entry| rate_of(&entry.command));
    let rate = flags.clock_rate.or(last_rate).unwrap_or(1.0);
    anyhow::ensure!(rate.is_finite() && rate >= 0.0, "--clock-rate must be 0 or more");
    let fresh = if epoch == date_of(wall_now() / 1000) { wall_now() } else { midnight(epoch) * 1000 + NOON };
    Ok(Clock::starting_at(recorded.clock.unwrap_or(fresh), rate))
}

/// Builds the simulator and replays its journal.
pub fn simulator(flags: &Flags, folder: &Path, doors: &Doors) -> Result<Sim> {
    let named = named(&flags.world).with_context(|| {
        let names: Vec<&str> = WORLDS.iter().map(|world| world.name).collect();
        format!("there is no world {:?}; there are {}", flags.world, names.join(", "))
    })?;
    let (mut journal, recorded) = open_journal(flags.journal.as_deref())?;
    let epoch = epoch(flags, &recorded)?;
    let users = flags.users.unwrap_or(named.users);
    let header = Header { seed: flags.seed, world: flags.world.clone(), users, epoch: epoch.to_string() };
    journal.claim(recorded.header.as_ref(), &header)?;
    let seed = Seed(flags.seed);
    let apps = registrations(seed, flags.consent.as_deref())?;
    let keys = Keys::in_folder(folder, &apps)?;
    let clock = clock(flags, &recorded, epoch)?;
    let population = Population { seed, users, epoch: midnight(epoch) };
    let mut world = World::new(population, named.group_share, Settings::default());
    Sim::replay(&mut world, &recorded.entries);
    Ok(Sim {
        world: RwLock::new(world),
        clock: RwLock::new(clock),
        journal: Mutex::new(journal),
        apps,
        keys,
        faults: Mutex::new(Faults::default()),
        throttle: Mutex::new(Throttle::for_tenant(flags.throttle == Switch::On, users)),
        tenant_id: seed.guid(0, Topic::Tenant),
        world_name: flags.world.clone(),
        download_http: format!("http://{}", doors.download_http),
        download_https: format!("https://{}", doors.download_https),
        ports: [doors.http.port(), doors.https.port()],
        latency_ms: flags.latency_ms,
        grants: Mutex::new(HashMap::new()),
        downloads: Mutex::new(HashMap::new()),
        dead_tokens: Mutex::new(HashSet::new()),
        opaque: Mutex::new(HashMap::new()),
        cache: Mutex::default(),
        log: Mutex::default(),
        sign_in_requests: AtomicU64::new(0),
        license_writes: AtomicU64::new(0),
        graph_requests: AtomicU64::new(0),
    })
}
