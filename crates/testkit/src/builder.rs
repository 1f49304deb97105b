//! What a world is made of, and how it comes about.

use std::sync::Arc;
use std::time::Duration;

use reseat_connectors::HrSource;
use reseat_connectors::graph::{Cloud, Credentials, Patience, Secret};
use reseat_domain::budget::BudgetLimits;
use reseat_domain::ids::TenantId;
use reseat_engine::clock::FixedClock;
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_engine::{ConfiguredConnection, Engine, EngineParts, GraphAt, Purpose, Settings};
use reseat_store::Store;

use crate::backend::Backend;
use crate::cast::Cast;
use crate::roster::RosterDesk;
use crate::sim::{Ready, Sim, SimOptions};
use crate::world::World;

/// The same code as the product's, with short waits, and budgets that do not matter unless a story is
/// about them.
pub fn quick_settings() -> Settings {
    Settings {
        settle_seconds: 3,
        read_spacing_seconds: 2,
        observe_days: 0,
        sign_in_requests_per_minute: 6_000,
        budget: BudgetLimits {
            first_run: 5,
            per_run: 1_000,
            per_run_percent: 100,
            per_day: 1_000,
            per_day_percent: 100,
            per_30_days_percent: 100,
            run_interval_seconds: 60,
        },
        ..Settings::default()
    }
}

/// What a world is made of.
pub struct Builder {
    backend: Backend,
    options: SimOptions,
    settings: Settings,
    with_roster: bool,
    with_cast: bool,
    synced: bool,
    attach: Option<(Ready, String)>,
    epoch: Option<String>,
    server_id: String,
    configured: Vec<Purpose>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            backend: Backend::Sqlite,
            options: SimOptions { users: 150, seed: 1, world: "contoso".to_owned() },
            settings: quick_settings(),
            with_roster: true,
            with_cast: true,
            synced: true,
            attach: None,
            epoch: None,
            server_id: "story".to_owned(),
            configured: vec![Purpose::Reader, Purpose::Writer],
        }
    }

    /// On this database.
    #[must_use]
    pub fn on(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// With this many user objects.
    #[must_use]
    pub fn users(mut self, users: u64) -> Self {
        self.options.users = users;
        self
    }

    /// Made from this seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// The simulator's world of this name.
    #[must_use]
    pub fn named(mut self, world: &str) -> Self {
        self.options.world = world.to_owned();
        self
    }

    /// Generated for this day (`2026-03-04`) instead of today: the same on every day it is run.
    #[must_use]
    pub fn epoch(mut self, day: &str) -> Self {
        self.epoch = Some(day.to_owned());
        self
    }

    /// As the server of this name, where several work on one database.
    #[must_use]
    pub fn server(mut self, name: &str) -> Self {
        self.server_id = name.to_owned();
        self
    }

    /// With only these connections given by the configuration; others are entered in the story.
    #[must_use]
    pub fn configured(mut self, purposes: &[Purpose]) -> Self {
        self.configured = purposes.to_vec();
        self
    }

    /// With other settings.
    #[must_use]
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Without an HR roster.
    #[must_use]
    pub fn without_roster(mut self) -> Self {
        self.with_roster = false;
        self
    }

    /// Before anybody has an account; the cast gives no commands then.
    #[must_use]
    pub fn without_cast(mut self) -> Self {
        self.with_cast = false;
        self
    }

    /// With nothing read yet.
    #[must_use]
    pub fn unsynced(mut self) -> Self {
        self.synced = false;
        self
    }

    /// Over a simulator and a database that are there already: the same world after a crash.
    #[must_use]
    pub fn attached(mut self, ready: Ready, store_url: &str) -> Self {
        self.attach = Some((ready, store_url.to_owned()));
        self
    }

    /// Starts everything.
    pub async fn build(self) -> World {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (sim, store_url, database) = match &self.attach {
            Some((ready, store_url)) => (Sim::attach(ready.clone()), store_url.clone(), None),
            None => {
                let sim = match &self.epoch {
                    None => Sim::start(&self.options),
                    Some(epoch) => Sim::start_on(&self.options, epoch, None),
                };
                let sim = sim.expect("the simulator starts");
                let (store_url, name) = self.backend.make(folder.path()).await;
                (sim, store_url, name)
            }
        };
        let clock = Arc::new(FixedClock::new(sim.now().await));
        let roster = Arc::new(RosterDesk::default());
        if self.with_roster {
            roster.put(sim.roster().await);
        }
        let hr = self.with_roster.then(|| Arc::clone(&roster) as Arc<dyn HrSource>);
        let freeze_file = folder.path().join("freeze");
        let setup = Setup {
            settings: self.settings,
            store_url,
            hr,
            freeze_file,
            server_id: self.server_id,
            configured: self.configured,
        };
        let engine = setup.start_engine(&sim.ready, &clock).await;
        let cast = if self.with_cast { Cast::gather(&engine).await } else { Cast::absent() };
        let world = World {
            sim,
            clock,
            cast,
            roster,
            engine: Some(engine),
            setup,
            backend: self.backend,
            database,
            unjudged: self.attach.is_none(),
            _folder: folder,
        };
        if self.synced {
            world.sync().await;
        }
        world
    }
}

/// What an engine is started with, again and again.
pub(crate) struct Setup {
    settings: Settings,
    pub store_url: String,
    hr: Option<Arc<dyn HrSource>>,
    pub freeze_file: std::path::PathBuf,
    pub server_id: String,
    pub configured: Vec<Purpose>,
}

impl Setup {
    pub async fn start_engine(&self, ready: &Ready, clock: &Arc<FixedClock>) -> Engine {
        self.start_as(&self.server_id, ready, clock).await
    }

    pub async fn start_as(&self, server_id: &str, ready: &Ready, clock: &Arc<FixedClock>) -> Engine {
        let store = Store::open(&self.store_url).await.expect("the database opens");
        store.migrate().await.expect("the database can be migrated");
        let cloud = Cloud::custom(&ready.graph_url, &ready.authority_url).expect("loopback addresses are fine");
        let tenant_id: TenantId = ready.tenant_id.parse().expect("the tenant has an id");
        let configured = |purpose: Purpose| {
            let app = ready.app(purpose.as_str());
            let credentials = Credentials::secret(app.client_id.clone(), Secret::new(app.client_secret.clone()));
            ConfiguredConnection { purpose, credentials, expires_at: None }
        };
        // Stories plant faults that waiting would not cure.
        let patience = Patience { tries: 3, first_wait: Duration::from_millis(5), total: Duration::from_secs(3) };
        let parts = EngineParts {
            store,
            clock: Arc::clone(clock) as Arc<dyn reseat_engine::clock::Clock>,
            entropy: Arc::new(SystemEntropy),
            sealer: Sealer::from_key([7; 32]),
            tenant_id,
            tenant_name: "Contoso".to_owned(),
            graph: GraphAt { cloud, ca_file: None, patience: Some(patience) },
            configured: self.configured.iter().copied().map(configured).collect(),
            hr: self.hr.clone(),
            settings: self.settings.clone(),
            server_id: server_id.to_owned(),
            freeze_file: Some(self.freeze_file.clone()),
        };
        Engine::start(parts).await.expect("the engine starts")
    }
}
