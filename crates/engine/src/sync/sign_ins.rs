//! Sign-in dates: a slow lane of its own. It works in slices: as many requests as are permitted now,
//! then it rests and gives way, and goes on where it was, after a restart too. Those who may be idle
//! are read first, everybody after them.

use reseat_connectors::{ConnectorError, Cursor, Page};
use reseat_domain::activity::SignIn;
use reseat_domain::ids::UserId;
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, Progress};
use reseat_store::{rounds, rules};
use serde::{Deserialize, Serialize};

use super::activity::{is_missing_capability, set_problem};
use crate::crash::crash_point;
use crate::sync::{NO_PREMIUM, Outcome, Running, SyncError};

/// How often a lane whose page token ran out is begun again in one run (G45, G47).
const RESTARTS: u32 = 2;

/// How many people a page of sign-in dates has.
const PEOPLE_A_PAGE: i64 = 500;

/// Whose last sign-in lies so many days back may be idle, as long as no rule says otherwise.
const IDLE_DAYS: u32 = 90;

/// Whom the lane reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stretch {
    /// Those whose last sign-in lies far back.
    LikelyIdle,
    /// Everybody.
    Everybody,
}

/// Where the slow lane stands: all it needs to go on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Lane {
    /// `None` before it began.
    stretch: Option<Stretch>,
    /// The next page of this stretch.
    cursor: Option<String>,
    /// People read in this stretch.
    done: i64,
    /// How many there are to read, as far as is known.
    total: Option<i64>,
    /// People read when seats were judged last.
    judged_at: i64,
    /// The last sign-in before which somebody may be idle.
    before: Option<Timestamp>,
    /// The pages that followed each other, as numbers, to notice a circle (G47).
    followed: Vec<u64>,
    /// How often it had to begin again.
    restarts: u32,
    /// What the run had found before it came here, and the run itself.
    run: Option<String>,
    found: serde_json::Map<String, serde_json::Value>,
    text: String,
    /// When the last requests went out, microseconds.
    sent: Vec<i64>,
}

/// Whether this run is in the lane already: what comes before it was read. Gives that back.
pub(super) async fn found_before(running: &Running<'_>) -> Result<Option<Outcome>, SyncError> {
    let lane = Lane::load(running).await?;
    let here = lane.run.as_deref() == Some(running.run_id.to_string().as_str());
    Ok(here.then_some(Outcome { text: lane.text, counts: lane.found, resume_at: None }))
}

pub(super) async fn read_sign_ins(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let mut lane = Lane::load(running).await?;
    engine.sign_in_pace().restore(&lane.sent, engine.now());
    lane.enter(running, outcome).await?;
    loop {
        let now = engine.now();
        if let Some(at) = engine.sign_in_pace().wait_until(now) {
            outcome.resume_at = Some(at);
            return lane.rest(running, at).await;
        }
        engine.sign_in_pace().note(now);
        let page = match running.alive(lane.read(running)).await? {
            Ok(page) => page,
            Err(ConnectorError::RestartListing) if lane.cursor.is_some() && lane.restarts < RESTARTS => {
                lane.begin_again("its page token had run out");
                continue;
            }
            // The source does not choose by date: everybody comes in their turn.
            Err(ConnectorError::Malformed(why)) if lane.stretch == Some(Stretch::LikelyIdle) => {
                tracing::info!(why, "sign-in dates cannot be chosen by date; everybody is read");
                lane.go_on_with(Stretch::Everybody);
                continue;
            }
            Err(ConnectorError::Premium) => {
                set_problem(running, "sign_ins", NO_PREMIUM).await?;
                outcome.counts.insert("sign_ins".to_owned(), 0.into());
                return Ok(());
            }
            Err(error) if is_missing_capability(&error) => {
                set_problem(running, "sign_ins", &error.to_string()).await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        };
        if !lane.advance(&page) {
            if lane.restarts >= RESTARTS {
                return Err(ConnectorError::RestartListing.into());
            }
            lane.begin_again("its pages went in a circle");
            continue;
        }
        lane.keep(running, &page, now).await?;
        crash_point("sign_ins_page");
        if lane.cursor.is_none() {
            match lane.stretch {
                Some(Stretch::LikelyIdle) => lane.go_on_with(Stretch::Everybody),
                Some(Stretch::Everybody) | None => return lane.finish(running, outcome, now).await,
            }
        }
    }
}

impl Lane {
    async fn load(running: &Running<'_>) -> Result<Self, SyncError> {
        let engine = running.engine;
        let mut tx = engine.store().read().await?;
        let sources = integration::list_sources(&mut tx, engine.tenant_id()).await?;
        let text = sources.iter().find(|row| row.source == "sign_ins").map_or("{}", |row| row.state.as_str());
        Ok(serde_json::from_str(text).unwrap_or_default())
    }

    /// Begins a sweep, or goes on with the one that was interrupted.
    async fn enter(&mut self, running: &Running<'_>, outcome: &Outcome) -> Result<(), SyncError> {
        let engine = running.engine;
        let run = running.run_id.to_string();
        if self.run.as_ref() != Some(&run) {
            // Another run, but the same sweep: what was read stays read.
            self.restarts = 0;
            self.run = Some(run);
        }
        self.found.clone_from(&outcome.counts);
        self.text.clone_from(&outcome.text);
        if self.stretch.is_some() || self.cursor.is_some() {
            self.stretch.get_or_insert(Stretch::Everybody);
            return Ok(());
        }
        let mut tx = engine.store().read().await?;
        let people = integration::list_sources(&mut tx, engine.tenant_id()).await?;
        let people = people.iter().find(|row| row.source == "people").map_or(0, |row| row.row_count);
        let rule = rules::find_active_rule(&mut tx, engine.tenant_id()).await?;
        let days = rule.map_or(IDLE_DAYS, |rule| u32::from(rule.threshold_days));
        drop(tx);
        self.total = Some(people);
        self.before = Some(engine.now().plus_days(-i64::from(days)));
        // Whoever is read within a minute need not be put in order.
        let within_a_minute = i64::from(engine.settings().sign_in_requests_per_minute).saturating_mul(PEOPLE_A_PAGE);
        self.go_on_with(if people > within_a_minute { Stretch::LikelyIdle } else { Stretch::Everybody });
        Ok(())
    }

    async fn read(&self, running: &Running<'_>) -> Result<Page<(UserId, SignIn)>, ConnectorError> {
        let reader = &running.engine.reader()?;
        let cursor = self.cursor.as_deref().map(Cursor::from_stored);
        match (self.stretch, self.before) {
            (Some(Stretch::LikelyIdle), Some(before)) => reader.sign_ins_page_before(before, cursor.as_ref()).await,
            (Some(Stretch::LikelyIdle | Stretch::Everybody) | None, _) => reader.sign_ins_page(cursor.as_ref()).await,
        }
    }

    fn go_on_with(&mut self, stretch: Stretch) {
        self.stretch = Some(stretch);
        self.cursor = None;
        self.followed.clear();
        self.done = 0;
        self.judged_at = 0;
    }

    /// The same stretch from its beginning. What was read of it stays; only its place is lost.
    fn begin_again(&mut self, why: &str) {
        self.restarts += 1;
        let stretch = self.stretch.unwrap_or(Stretch::Everybody);
        self.go_on_with(stretch);
        let told = format!("the sweep of sign-in dates began again, because {why}");
        self.text = if self.text.is_empty() { told } else { format!("{}; {told}", self.text) };
    }

    /// Takes a page's place in the lane; `false` when it leads back to one that was read.
    fn advance(&mut self, page: &Page<(UserId, SignIn)>) -> bool {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let next = page.next.as_ref().map(|next| next.as_str().to_owned());
        if let Some(next) = &next {
            let mut hasher = DefaultHasher::new();
            next.hash(&mut hasher);
            if self.followed.contains(&hasher.finish()) {
                return false;
            }
            self.followed.push(hasher.finish());
        }
        self.done += i64::try_from(page.items.len()).unwrap_or(0);
        self.cursor = next;
        true
    }

    /// Keeps a page with the lane's place behind it, and lets seats be judged as dates arrive.
    async fn keep(
        &mut self,
        running: &Running<'_>,
        page: &Page<(UserId, SignIn)>,
        read_at: Timestamp,
    ) -> Result<(), SyncError> {
        let engine = running.engine;
        let tenant_id = engine.tenant_id();
        let mut tx = engine.store().write().await?;
        running.keep_lease(&mut tx).await?;
        rounds::upsert_sign_ins(&mut tx, tenant_id, &page.items, read_at).await?;
        // Each time twice as many as the last time: soon for the first ones, seldom later.
        if self.done > 2 * self.judged_at {
            self.judged_at = self.done;
            integration::request_detection(&mut tx, tenant_id).await?;
        }
        self.store(running, &mut tx).await?;
        integration::set_progress(&mut tx, tenant_id, running.run_id, &self.progress("")).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn store(&mut self, running: &Running<'_>, tx: &mut reseat_store::Tx) -> Result<(), SyncError> {
        self.sent = running.engine.sign_in_pace().to_keep(running.engine.now());
        let text = serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned());
        integration::set_source_state(tx, running.engine.tenant_id(), "sign_ins", &text).await?;
        Ok(())
    }

    fn progress(&self, more: &str) -> Progress {
        let (total, text) = match self.stretch {
            Some(Stretch::LikelyIdle) => {
                (None, format!("Read the sign-in dates of {} people who may be idle{more}", self.done))
            }
            Some(Stretch::Everybody) | None => {
                (self.total, format!("Read the sign-in dates of {} people{more}", self.done))
            }
        };
        Progress { done: self.done, total, unit: "people", text }
    }

    /// No request is permitted before `at`.
    async fn rest(&mut self, running: &Running<'_>, at: Timestamp) -> Result<(), SyncError> {
        let engine = running.engine;
        let seconds = at.seconds_since(engine.now()).max(0) + 1;
        let mut tx = engine.store().write().await?;
        running.keep_lease(&mut tx).await?;
        let progress = self.progress(&format!("; the next request may go out in {seconds} seconds"));
        integration::set_progress(&mut tx, engine.tenant_id(), running.run_id, &progress).await?;
        self.store(running, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn finish(
        &mut self,
        running: &Running<'_>,
        outcome: &mut Outcome,
        read_at: Timestamp,
    ) -> Result<(), SyncError> {
        let engine = running.engine;
        let tenant_id = engine.tenant_id();
        let mut tx = engine.store().write().await?;
        running.keep_lease(&mut tx).await?;
        let rows = rounds::publish_sign_ins(&mut tx, tenant_id, engine.now()).await?;
        integration::publish_source(&mut tx, tenant_id, "sign_ins", read_at, rows, engine.now()).await?;
        let restarts = self.restarts;
        let text = std::mem::take(&mut self.text);
        *self = Self::default();
        self.store(running, &mut tx).await?;
        tx.commit().await?;
        outcome.counts.insert("sign_ins".to_owned(), rows.into());
        if restarts > 0 {
            outcome.counts.insert("sign_ins_began_again".to_owned(), restarts.into());
        }
        let read = format!("read the sign-in dates of {rows} people");
        outcome.text = if text.is_empty() { read } else { format!("{text}; {read}") };
        Ok(())
    }
}
