//! The world of a story.

use std::sync::Arc;

use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::Via;
use reseat_domain::ids::{CandidateId, SeatKey, TenantId};
use reseat_domain::role::Role;
use reseat_domain::time::Timestamp;
use reseat_engine::clock::FixedClock;
use reseat_engine::commands::{self, ActionInput};
use reseat_engine::sealing::Sealer;
use reseat_engine::{Caller, CommandError, Engine, EngineError, Task, TickReport};
use reseat_store::read::candidates::{CandidateDetail, find_candidate};
use reseat_store::read::seats::{SeatFilter, SeatItem, list_seats};
use reseat_store::{candidates, dialect};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::builder::{Builder, Setup};
use crate::cast::{Cast, someone};
use crate::judge::{Judgement, judge};
use crate::roster::RosterDesk;
use crate::sim::Sim;

/// How many passes a drain may take; more means that something turns in circles.
const MOST_PASSES: usize = 3_000;

/// After how many passes in a row in which nothing was done a drain ends.
const MOST_IDLE_PASSES: usize = 150;

/// How far ahead a drain follows what is due.
const HORIZON_SECONDS: i64 = 3 * 3_600;

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
    pub(crate) engine: Option<Engine>,
    pub(crate) setup: Setup,
    pub(crate) backend: Backend,
    pub(crate) database: Option<String>,
    /// Whether this story has to be judged at its end.
    pub(crate) unjudged: bool,
    pub(crate) _folder: TempDir,
}

impl World {
    /// A world of 150 user objects with a roster, synced, on SQLite, unless told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
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

    /// Where the database is.
    pub fn store_url(&self) -> &str {
        &self.setup.store_url
    }

    /// Another server over the same database, with the same clock. Only PostgreSQL lets several in.
    pub async fn another_server(&self, name: &str) -> Engine {
        self.setup.start_as(name, &self.sim.ready, &self.clock).await
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
        self.stop().await;
        self.engine = Some(self.setup.start_engine(&self.sim.ready, &self.clock).await);
    }

    /// Stops the engine as a clean shutdown would, and leaves it stopped: others may work on the
    /// database until [`World::restart`].
    pub async fn stop(&mut self) {
        // The lock on the data folder goes with the engine.
        if let Some(engine) = self.engine.take() {
            engine.store().close().await;
        }
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
