//! The world of a story.

use std::sync::Arc;
use std::time::Duration;

use reseat_connectors::HrSource;
use reseat_connectors::graph::{Cloud, Credentials, GraphReader, GraphWriter, Patience, Secret};
use reseat_domain::budget::BudgetLimits;
use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::Via;
use reseat_domain::ids::{CandidateId, SeatKey, TenantId};
use reseat_domain::role::Role;
use reseat_domain::time::Timestamp;
use reseat_engine::clock::FixedClock;
use reseat_engine::commands::{self, ActionInput};
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_engine::{
    Caller, CommandError, ConnectionInfo, Engine, EngineError, EngineParts, Settings, Task, TickReport,
};
use reseat_store::read::candidates::{CandidateDetail, find_candidate};
use reseat_store::read::seats::{SeatFilter, SeatItem, list_seats};
use reseat_store::{Store, candidates, dialect};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::cast::{Cast, someone};
use crate::judge::{Judgement, judge};
use crate::roster::RosterDesk;
use crate::sim::{Ready, Sim, SimOptions};

/// How many passes a drain may take; more means that something turns in circles.
const MOST_PASSES: usize = 3_000;

/// After how many passes in a row in which nothing was done a drain ends.
const MOST_IDLE_PASSES: usize = 150;

/// How far ahead a drain follows what is due.
const HORIZON_SECONDS: i64 = 3 * 3_600;

/// The same code as the product's, with short waits, and budgets that do not matter unless a story is
/// about them.
pub fn quick_settings() -> Settings {
    Settings {
        settle_seconds: 3,
        read_spacing_seconds: 2,
        observe_days: 0,
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
}

impl Builder {
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
                let sim = Sim::start(&self.options).expect("the simulator starts");
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
        let setup = Setup { settings: self.settings, store_url, hr, freeze_file };
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
struct Setup {
    settings: Settings,
    store_url: String,
    hr: Option<Arc<dyn HrSource>>,
    freeze_file: std::path::PathBuf,
}

impl Setup {
    async fn start_engine(&self, ready: &Ready, clock: &Arc<FixedClock>) -> Engine {
        let store = Store::open(&self.store_url).await.expect("the database opens");
        store.migrate().await.expect("the database can be migrated");
        let cloud = Cloud::custom(&ready.graph_url, &ready.authority_url).expect("loopback addresses are fine");
        let tenant_id: TenantId = ready.tenant_id.parse().expect("the tenant has an id");
        let credentials = |purpose: &str| {
            let app = ready.app(purpose);
            Credentials { client_id: app.client_id.clone(), secret: Secret::new(app.client_secret.clone()) }
        };
        // Stories plant faults that waiting would not cure.
        let patience = Patience { tries: 3, first_wait: Duration::from_millis(5), total: Duration::from_secs(3) };
        let reader = GraphReader::new(cloud.clone(), tenant_id, credentials("reader"), None)
            .expect("a reader can be made")
            .with_patience(patience);
        let writer = GraphWriter::new(cloud, tenant_id, credentials("writer"), None).expect("a writer can be made");
        let connection = |purpose: &str| ConnectionInfo {
            purpose: purpose.to_owned(),
            kind: "client_secret".to_owned(),
            client_id: ready.app(purpose).client_id.clone(),
            graph_url: ready.graph_url.clone(),
            authority_url: ready.authority_url.clone(),
        };
        let parts = EngineParts {
            store,
            clock: Arc::clone(clock) as Arc<dyn reseat_engine::clock::Clock>,
            entropy: Arc::new(SystemEntropy),
            sealer: Sealer::from_key([7; 32]),
            tenant_id,
            tenant_name: "Contoso".to_owned(),
            reader: Arc::new(reader),
            writer: Arc::new(writer),
            hr: self.hr.clone(),
            connections: vec![connection("reader"), connection("writer")],
            settings: self.settings.clone(),
            server_id: "story".to_owned(),
            freeze_file: Some(self.freeze_file.clone()),
        };
        Engine::start(parts).await.expect("the engine starts")
    }
}

/// What one step of a world was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A stage did something.
    Worked,
    /// Nothing was to be done now, and the clock moved on.
    Waited,
    /// Nothing is due for hours.
    Quiet,
}

/// A tenant, an engine over it, and people who give commands. Ends with [`World::finish`].
pub struct World {
    /// The simulated tenant.
    pub sim: Sim,
    /// Stands still until it is moved, together with the tenant's.
    pub clock: Arc<FixedClock>,
    /// Who gives commands.
    pub cast: Cast,
    /// What HR hands out.
    pub roster: Arc<RosterDesk>,
    /// None only while it is restarted.
    engine: Option<Engine>,
    setup: Setup,
    backend: Backend,
    database: Option<String>,
    /// Whether this story has to be judged at its end.
    unjudged: bool,
    _folder: TempDir,
}

impl World {
    /// A world of 150 user objects with a roster, synced, on SQLite, unless told otherwise.
    pub fn builder() -> Builder {
        Builder {
            backend: Backend::Sqlite,
            options: SimOptions { users: 150, seed: 1, world: "contoso".to_owned() },
            settings: quick_settings(),
            with_roster: true,
            with_cast: true,
            synced: true,
            attach: None,
        }
    }

    /// The engine under test.
    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("a world has an engine")
    }

    /// The tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.engine().tenant_id()
    }

    /// Somebody else of that name, with an account that holds these roles.
    pub async fn someone(&self, name: &str, roles: &[Role]) -> Caller {
        someone(self.engine(), name, roles).await
    }

    /// The file that freezes from the host.
    pub fn freeze_file(&self) -> &std::path::Path {
        &self.setup.freeze_file
    }

    /// Moves both clocks on.
    pub async fn advance(&self, seconds: i64) {
        #[expect(clippy::cast_precision_loss, reason = "a story lasts years at most")]
        let now = self.sim.advance(seconds as f64).await;
        self.clock.set(now);
    }

    async fn advance_to(&self, moment: Timestamp) {
        let micros = moment.as_micros() - self.engine().now().as_micros();
        // The tenant's clock has milliseconds.
        self.clock.set(self.sim.advance((micros / 1_000 + 1) as f64 / 1_000.0).await);
    }

    /// One pass over every stage.
    ///
    /// # Errors
    /// What the stage says.
    pub async fn tick(&self) -> Result<TickReport, EngineError> {
        self.engine().tick().await
    }

    /// Reads everything now and judges every seat.
    pub async fn sync(&self) {
        if !self.cast.is_absent() {
            commands::sync_now(self.engine(), &self.cast.admin, None).await.expect("a sync can be asked for");
        }
        self.tick().await.expect("a pass over a healthy world");
    }

    /// Reads one source now; gives the status, error and remedy of the run.
    pub async fn sync_task(&self, task: Task) -> (String, Option<String>, Option<String>) {
        let runs = commands::sync_now(self.engine(), &self.cast.admin, Some(task)).await.expect("the task can run");
        self.tick().await.expect("a source that fails ends its run, not the pass");
        let mut tx = self.engine().store().read().await.expect("the database answers");
        let run =
            reseat_store::read::syncs::find_run(&mut tx, self.tenant_id(), runs[0]).await.expect("runs can be read");
        let run = run.expect("the run is there");
        (run.status, run.error, run.remedy)
    }

    /// Ticks and moves the clock until nothing is due for hours.
    pub async fn drain(&self) {
        let mut idle = 0;
        for _ in 0..MOST_PASSES {
            match self.step().await {
                Step::Worked => idle = 0,
                // Something holds back what is due: a freeze, a budget, a tenant that does not answer.
                Step::Waited if idle < MOST_IDLE_PASSES => idle += 1,
                Step::Waited | Step::Quiet => return,
            }
        }
        panic!("not quiet after {MOST_PASSES} passes");
    }

    /// One pass, or, when there was nothing to do, one move of the clock to what is due next. A
    /// tenant that does not answer is waited for; anything else that fails ends the story.
    pub async fn step(&self) -> Step {
        match self.tick().await {
            Ok(report) if report.did_something() => return Step::Worked,
            Ok(_) | Err(EngineError::Connector(_)) => {}
            Err(error) => panic!("a pass failed: {error}"),
        }
        let now = self.engine().now();
        match self.next_candidate_due().await {
            None => return Step::Quiet,
            Some(due) if due.seconds_since(now) > HORIZON_SECONDS => return Step::Quiet,
            Some(due) if due > now => self.advance_to(due).await,
            Some(_) => self.advance(1).await,
        }
        Step::Waited
    }

    async fn next_candidate_due(&self) -> Option<Timestamp> {
        let mut tx = self.engine().store().read().await.expect("the database answers");
        candidates::next_due(&mut tx, self.tenant_id()).await.expect("candidates can be read")
    }

    /// Every seat with this kind of finding.
    pub async fn seats(&self, kind: FindingKind) -> Vec<SeatItem> {
        let filter = SeatFilter { kind: Some(kind), ..SeatFilter::default() };
        self.list_seats(&filter).await
    }

    /// Every seat.
    pub async fn all_seats(&self) -> Vec<SeatItem> {
        self.list_seats(&SeatFilter::default()).await
    }

    async fn list_seats(&self, filter: &SeatFilter) -> Vec<SeatItem> {
        let mut tx = self.engine().store().read().await.expect("the database answers");
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page =
                list_seats(&mut tx, self.tenant_id(), filter, after.as_ref(), 200).await.expect("seats can be read");
            found.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return found,
            }
        }
    }

    /// Idle seats held directly and in no other way, one a person, in a stable order.
    pub async fn idle_seats(&self) -> Vec<SeatKey> {
        let mut seats: Vec<SeatKey> = Vec::new();
        for item in self.seats(FindingKind::Idle).await {
            let direct = matches!(item.paths.as_slice(), [only] if only.path.via == Via::Direct);
            if direct && !seats.iter().any(|seat| seat.user_id == item.key().user_id) {
                seats.push(item.key());
            }
        }
        seats.sort();
        assert!(!seats.is_empty(), "this world has no idle seat that is held directly");
        seats
    }

    /// Opens a candidate for a seat.
    pub async fn open(&self, seat: SeatKey) -> CandidateId {
        let opened = commands::open(self.engine(), &self.cast.manager, &[seat]).await.expect("a manager may open");
        opened.into_iter().next().expect("one answer a seat").result.expect("the seat is found")
    }

    /// Takes an action.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn act(&self, caller: &Caller, id: CandidateId, action: Action) -> Result<(), CommandError> {
        let input = ActionInput { reason: Some("told in a story".to_owned()), ..ActionInput::default() };
        self.act_with(caller, id, action, &input).await
    }

    /// Takes an action with what comes with it.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn act_with(
        &self,
        caller: &Caller,
        id: CandidateId,
        action: Action,
        input: &ActionInput,
    ) -> Result<(), CommandError> {
        commands::act(self.engine(), caller, id, action, input).await.map(|_| ())
    }

    /// Opens and proposes a seat.
    pub async fn propose(&self, seat: SeatKey) -> CandidateId {
        let id = self.open(seat).await;
        self.act(&self.cast.manager, id, Action::Start).await.expect("a manager may start");
        id
    }

    /// Opens, proposes and approves a seat.
    pub async fn reclaim(&self, seat: SeatKey) -> CandidateId {
        let id = self.propose(seat).await;
        self.act(&self.cast.approver, id, Action::Approve).await.expect("an approver may approve");
        id
    }

    /// Everything about a candidate.
    pub async fn candidate(&self, id: CandidateId) -> CandidateDetail {
        let mut tx = self.engine().store().read().await.expect("the database answers");
        let found = find_candidate(&mut tx, self.tenant_id(), id).await.expect("a candidate can be read");
        found.expect("the candidate is there")
    }

    /// Where a candidate stands.
    pub async fn state(&self, id: CandidateId) -> CandidateState {
        self.candidate(id).await.item.state
    }

    /// Where a candidate stands, as a word.
    pub async fn state_name(&self, id: CandidateId) -> StateName {
        self.state(id).await.name()
    }

    /// How often our writer removed a direct license of this seat.
    pub async fn removals_of(&self, seat: SeatKey) -> usize {
        self.effects_of(seat, "license_removed").await
    }

    /// How often our writer gave this seat back.
    pub async fn restores_of(&self, seat: SeatKey) -> usize {
        self.effects_of(seat, "license_added").await
    }

    async fn effects_of(&self, seat: SeatKey, kind: &str) -> usize {
        let writer = self.sim.ready.app("writer").client_id.clone();
        let (user_id, sku_id) = (seat.user_id.to_string(), seat.sku_id.to_string());
        let journal = self.sim.journal().await;
        let ours = journal.iter().filter(|effect| effect.app_id.as_deref() == Some(writer.as_str()));
        ours.filter(|effect| {
            effect.kind == kind && effect.user_id == user_id && effect.sku_id.as_deref() == Some(sku_id.as_str())
        })
        .count()
    }

    /// Stops the engine as a clean shutdown would, and starts another one over the same database.
    pub async fn restart(&mut self) {
        self.engine().store().close().await;
        // The lock on the data folder goes with the old engine.
        self.engine = None;
        self.engine = Some(self.setup.start_engine(&self.sim.ready, &self.clock).await);
    }

    /// What the journal says about this world.
    pub async fn judge(&self) -> Judgement {
        judge(&self.sim, self.engine().store(), self.tenant_id()).await
    }

    /// The end of a story that damages its own trail on purpose.
    pub async fn abandon(mut self) {
        self.unjudged = false;
        self.close().await;
    }

    async fn close(&self) {
        self.engine().store().close().await;
        if let (Backend::Postgres { admin_url }, Some(name)) = (&self.backend, &self.database) {
            dialect::drop_database(admin_url, name).await.expect("PostgreSQL drops the database");
        }
    }

    /// The end of every story: nothing unapproved, nothing double, and a trail that holds.
    pub async fn finish(mut self) -> Judgement {
        self.unjudged = false;
        let judgement = self.judge().await;
        assert!(judgement.is_clean(), "{judgement:#?}");
        let sealer = Sealer::from_key([7; 32]);
        let report = commands::verify_trail(self.engine().store(), Some(&sealer)).await.expect("the trail can be read");
        assert_eq!(report.broken, None);
        assert!(report.logs.iter().all(|log| log.entries > 0), "both logs tell something: {report:?}");
        self.close().await;
        judgement
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.unjudged && !std::thread::panicking() {
            panic!("a story ends with finish(), so that it is judged");
        }
    }
}
