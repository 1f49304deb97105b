//! Reading people in several streams at once, straight into the store: while one page is written the
//! next ones are read, and only so many of them wait in memory.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use reseat_connectors::{ConnectorError, DirectoryReader, NameRange};
use reseat_domain::directory::Person;
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, Progress};
use reseat_store::rounds;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::crash::crash_point;
use crate::error::EngineError;
use crate::sync::{Running, SyncError};

/// How many pages are written in one transaction at most.
const PAGES_A_WRITE: usize = 4;

/// How many people are looked up at a time when it is found out who is gone.
const IDS_A_LOOK: i64 = 5_000;

/// Something that can be read by itself.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Everybody with a name in a range.
    Names(NameRange),
    /// These people.
    People(Vec<UserId>),
}

/// What was read of a round.
pub(super) struct Round {
    /// Everybody who came, sixteen bytes each; once each after [`Round::settle`].
    seen: Vec<u128>,
    /// The groups that seats come through.
    pub groups: BTreeSet<GroupId>,
    changed: usize,
    read: i64,
    total: Option<i64>,
    told_at: Option<Timestamp>,
}

type Pages = mpsc::Sender<Result<Vec<Person>, ConnectorError>>;

/// Reads all parts aside and gives what was read. Everything or nothing: a part that fails fails all.
pub(super) async fn read_aside(
    running: &Running<'_>,
    parts: Vec<Part>,
    total: Option<i64>,
) -> Result<Round, SyncError> {
    let engine = running.engine;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    rounds::clear_people_aside(&mut tx, engine.tenant_id()).await?;
    tx.commit().await?;

    let (count, streams) = (parts.len(), engine.settings().people_streams.clamp(1, parts.len().max(1)));
    let queue = Arc::new(Mutex::new(VecDeque::from(parts)));
    let (sender, mut pages) = mpsc::channel(streams);
    let mut streaming = JoinSet::new();
    for _ in 0..streams {
        streaming.spawn(stream(engine.reader()?, Arc::clone(&queue), sender.clone()));
    }
    drop(sender);
    let mut round = Round { seen: Vec::new(), groups: BTreeSet::new(), changed: 0, read: 0, total, told_at: None };
    let mut waiting = Vec::new();
    while running.alive(pages.recv_many(&mut waiting, PAGES_A_WRITE)).await? > 0 {
        let mut people = BTreeMap::new();
        for page in waiting.drain(..) {
            // Somebody listed twice counts once, the later page wins (G49).
            people.extend(page?.into_iter().map(|person| (person.user_id, person)));
        }
        round.take(running, people).await?;
    }
    let mut finished = 0;
    while let Some(stream) = streaming.join_next().await {
        finished += stream.map_err(|error| EngineError::Inconsistent(format!("a stream of people broke: {error}")))?;
    }
    if finished < count {
        return Err(EngineError::Inconsistent("a stream of people ended before its end".to_owned()).into());
    }
    round.settle();
    Ok(round)
}

/// One stream: takes part after part until none is left or one fails. Gives how many it finished.
async fn stream(reader: Arc<dyn DirectoryReader>, queue: Arc<Mutex<VecDeque<Part>>>, pages: Pages) -> usize {
    let mut finished = 0;
    loop {
        let part = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(part) = part else { return finished };
        match read_part(reader.as_ref(), &part, &pages).await {
            Ok(true) => finished += 1,
            // Nobody takes the pages any more.
            Ok(false) => return finished,
            Err(error) => {
                // The receiver may be gone as well; then another part failed first.
                let _ = pages.send(Err(error)).await;
                return finished;
            }
        }
    }
}

async fn read_part(reader: &dyn DirectoryReader, part: &Part, pages: &Pages) -> Result<bool, ConnectorError> {
    let range = match part {
        Part::Names(range) => range,
        Part::People(ids) => return Ok(pages.send(Ok(reader.people_by_id(ids).await?)).await.is_ok()),
    };
    let mut cursor = None;
    let mut followed = HashSet::new();
    loop {
        let page = reader.people_page_within(range, cursor.as_ref()).await?;
        if pages.send(Ok(page.items)).await.is_err() {
            return Ok(false);
        }
        let Some(next) = page.next else { return Ok(true) };
        let mut hasher = DefaultHasher::new();
        next.as_str().hash(&mut hasher);
        if !followed.insert(hasher.finish()) {
            // The same page again and again (G47): what was read so far is not a listing.
            return Err(ConnectorError::RestartListing);
        }
        cursor = Some(next);
    }
}

impl Round {
    /// How many people were read.
    pub(super) fn people(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Whether this person was read.
    pub(super) fn has(&self, user_id: UserId) -> bool {
        self.seen.binary_search(&user_id.as_uuid().as_u128()).is_ok()
    }

    /// Keeps what these people changed; who did not change is not written.
    async fn take(&mut self, running: &Running<'_>, people: BTreeMap<UserId, Person>) -> Result<(), SyncError> {
        let engine = running.engine;
        let (tenant_id, now) = (engine.tenant_id(), engine.now());
        self.read += i64::try_from(people.len()).unwrap_or(0);
        self.seen.extend(people.keys().map(|id| id.as_uuid().as_u128()));
        for seat in people.values().flat_map(|person| &person.seats) {
            self.groups.extend(seat.groups());
        }
        let ids: Vec<UserId> = people.keys().copied().collect();
        let mut tx = engine.store().read().await?;
        let known = rounds::list_row_hashes(&mut tx, tenant_id, &ids).await?;
        // An earlier page may have had somebody differently.
        let aside = if self.changed > 0 { rounds::list_aside(&mut tx, tenant_id, &ids).await? } else { HashSet::new() };
        drop(tx);
        let changed: Vec<Person> = people
            .into_values()
            .filter(|person| {
                aside.contains(&person.user_id) || known.get(&person.user_id) != Some(&rounds::row_hash(person))
            })
            .collect();
        self.changed += changed.len();
        if !changed.is_empty() || self.told_at.is_none_or(|at| now.seconds_since(at) >= 1) {
            self.told_at = Some(now);
            let text = format!("Read {} people", self.read);
            let progress = Progress { done: self.read, total: self.total, unit: "people", text };
            let mut tx = engine.store().write().await?;
            // What lies aside may be another server's by now.
            running.keep_lease(&mut tx).await?;
            rounds::put_people_aside(&mut tx, tenant_id, &changed).await?;
            integration::set_progress(&mut tx, tenant_id, running.run_id, &progress).await?;
            tx.commit().await?;
        }
        crash_point("people_page");
        Ok(())
    }

    /// Puts who was read in order, each once.
    fn settle(&mut self) {
        self.seen.sort_unstable();
        self.seen.dedup();
    }

    /// Who is in use and was not read. Means something only after everybody was read.
    pub(super) async fn not_read(&self, running: &Running<'_>) -> Result<Vec<UserId>, SyncError> {
        let engine = running.engine;
        let mut gone = Vec::new();
        let mut after = None;
        loop {
            let mut tx = engine.store().read().await?;
            let known = rounds::list_user_ids(&mut tx, engine.tenant_id(), after, IDS_A_LOOK).await?;
            drop(tx);
            let Some(last) = known.last() else { return Ok(gone) };
            after = Some(*last);
            gone.extend(known.iter().filter(|id| !self.has(**id)));
        }
    }
}
