//! People, their accounts, their licenses with every path: everybody now and then, what changed in
//! between; written aside, and swapped in whole.

use std::collections::BTreeSet;

use reseat_connectors::{ConnectorError, NameRange};
use reseat_domain::gate::{Hold, check_listing};
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, Progress};
use reseat_store::rounds::{self, RoundCounts};
use reseat_store::skus::{GroupName, upsert_groups};

use super::changes;
use super::people_state::PeopleState;
use super::reading::{Part, Round, read_aside};
use crate::crash::crash_point;
use crate::sync::{Outcome, Running, SyncError};

/// How often a listing whose page token ran out is begun again in one run (G45).
const RESTARTS: usize = 2;

/// A directory that fits on so few pages is not worth a second stream.
const WORTH_STREAMS: u64 = 2 * 999;

/// Where sign-in names are cut before any are known: letters that many names begin with lie between.
const LETTERS: [&str; 7] = ["c", "e", "j", "k", "m", "p", "s"];

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let mut state = PeopleState::load(running).await?;
    let mut told = None;
    if !running.asked
        && let Some(since) = state.usable_since(running).map(str::to_owned)
    {
        match changes::run(running, &mut state, &since).await {
            Ok(Some(outcome)) => return Ok(outcome),
            Ok(None) => told = Some("so much had changed that everybody was read"),
            Err(SyncError::Source(ConnectorError::RestartListing)) => {
                told = Some("the token for what changed had run out, so everybody was read");
            }
            Err(error) => return Err(error),
        }
    }
    let mut outcome = read_everybody(running, told.is_some()).await?;
    if let Some(told) = told {
        outcome.text = format!("{}; {told}", outcome.text);
    }
    Ok(outcome)
}

async fn read_everybody(running: &Running<'_>, instead_of_changes: bool) -> Result<Outcome, SyncError> {
    let read_at = running.engine.now();
    // Asked before the listing, so that what changes while it is read comes with the next changes.
    let since = match running.alive(running.engine.reader()?.changes_from_now()).await? {
        Ok(cursor) => Some(cursor.as_str().to_owned()),
        Err(error) => {
            tracing::info!(error = %error, "what changes cannot be followed; everybody is read each time");
            None
        }
    };
    let (round, streams) = read_streams(running).await?;
    let names = group_names(running, &round.groups).await?;
    let gone = round.not_read(running).await?;
    let state = PeopleState { full_at: Some(read_at.as_micros()), since, ..PeopleState::default() };
    let (counts, state) = publish(running, &Publication { read_at, gone: &gone, names: &names, state }).await?;
    crash_point("people_published");
    let mut outcome =
        Outcome { text: format!("Read {} people with {} seats", state.people, state.seats), ..Outcome::default() };
    outcome.counts.insert("people".to_owned(), state.people.into());
    outcome.counts.insert("seats".to_owned(), state.seats.into());
    outcome.counts.insert("written".to_owned(), counts.people_aside.into());
    outcome.counts.insert("gone".to_owned(), gone.len().into());
    outcome.counts.insert("streams".to_owned(), streams.into());
    if instead_of_changes {
        outcome.counts.insert("instead_of_changes".to_owned(), true.into());
    }
    Ok(outcome)
}

/// Reads everybody aside: in several streams where that is worth it and adds up, else in one. Gives
/// in how many parts it was read.
async fn read_streams(running: &Running<'_>) -> Result<(Round, usize), SyncError> {
    let (mut parts, counted) = plan(running).await?;
    for attempt in 0..=RESTARTS {
        let count = parts.len();
        let total = counted.and_then(|count| i64::try_from(count).ok());
        match read_aside(running, parts, total).await {
            Ok(round) if count == 1 || adds_up(running, &round, counted).await? => return Ok((round, count)),
            Ok(round) => {
                tracing::warn!(people = round.people(), "the streams do not add up; everybody is read in one");
            }
            // Where the source does not give parts it says so in many ways; one listing tells the rest.
            Err(SyncError::Source(ConnectorError::Malformed(_) | ConnectorError::NotFound)) if count > 1 => {}
            Err(SyncError::Source(ConnectorError::RestartListing)) if attempt < RESTARTS => {}
            Err(error) => return Err(error),
        }
        parts = vec![Part::Names(NameRange::EVERYBODY)];
    }
    Err(ConnectorError::RestartListing.into())
}

/// In which parts everybody is read, and how many the source says there are.
async fn plan(running: &Running<'_>) -> Result<(Vec<Part>, Option<u64>), SyncError> {
    let engine = running.engine;
    let one = vec![Part::Names(NameRange::EVERYBODY)];
    let streams = engine.settings().people_streams;
    if streams < 2 {
        return Ok((one, None));
    }
    // Without a count nothing could show that the parts add up.
    let Ok(counted) = running.alive(engine.reader()?.count_people()).await? else { return Ok((one, None)) };
    if counted <= WORTH_STREAMS {
        return Ok((one, Some(counted)));
    }
    let mut tx = engine.store().read().await?;
    let known = rounds::count_round(&mut tx, engine.tenant_id()).await?.people;
    let marks = if u64::try_from(known).unwrap_or(0) >= counted / 2 {
        rounds::list_name_marks(&mut tx, engine.tenant_id(), i64::try_from(streams).unwrap_or(1)).await?
    } else {
        LETTERS.map(str::to_owned).to_vec()
    };
    Ok((NameRange::cut(&marks).into_iter().map(Part::Names).collect(), Some(counted)))
}

/// Whether the streams together are everybody: as many as the source counted, before or after.
async fn adds_up(running: &Running<'_>, round: &Round, before: Option<u64>) -> Result<bool, SyncError> {
    let after = running.alive(running.engine.reader()?.count_people()).await?;
    let (Some(before), Ok(after)) = (before, after) else { return Ok(false) };
    Ok((before.min(after)..=before.max(after)).contains(&round.people()))
}

/// A round that is ready to be swapped in.
pub(super) struct Publication<'a> {
    /// When reading it began.
    pub read_at: Timestamp,
    /// Who is gone.
    pub gone: &'a [UserId],
    /// The groups that seats come through.
    pub names: &'a [GroupName],
    /// What is kept with it. Without a number of people it is a whole round, and begins the count.
    pub state: PeopleState,
}

/// Swaps a round in, if it is believed. Gives the counts, and what was kept with it.
pub(super) async fn publish(
    running: &Running<'_>,
    publication: &Publication<'_>,
) -> Result<(RoundCounts, PeopleState), SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    // What lies aside may be another server's half-read listing by now.
    running.keep_lease(&mut tx).await?;
    rounds::put_gone_aside(&mut tx, tenant_id, publication.gone).await?;
    let counts = rounds::count_round(&mut tx, tenant_id).await?;
    let mut state = publication.state.clone();
    if let Err(hold) = believe(&counts, &state) {
        let reason = hold.to_string();
        rounds::clear_people_aside(&mut tx, tenant_id).await?;
        // The next run reads everybody.
        PeopleState::default().keep(running, &mut tx).await?;
        integration::set_held(&mut tx, tenant_id, Some((&reason, engine.now()))).await?;
        tx.commit().await?;
        return Err(hold.into());
    }
    if state.people == 0 {
        (state.people, state.seats) = (counts.people_after, counts.seats_after);
    }
    rounds::publish_people(&mut tx, tenant_id, engine.now()).await?;
    upsert_groups(&mut tx, tenant_id, publication.names).await?;
    integration::publish_source(&mut tx, tenant_id, "people", publication.read_at, counts.people_after, engine.now())
        .await?;
    state.keep(running, &mut tx).await?;
    integration::set_held(&mut tx, tenant_id, None).await?;
    tx.commit().await?;
    Ok((counts, state))
}

/// Whether so many may go at once: against what is in use, and against the last whole round, so that
/// a mass deletion does not pass in small steps (G50, 9#41).
fn believe(counts: &RoundCounts, state: &PeopleState) -> Result<(), Hold> {
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    let people_after = unsigned(counts.people_after);
    check_listing("the list of people", unsigned(counts.people.max(state.people)), people_after)?;
    let seats_before = counts.seats.max(state.seats);
    if seats_before == 0 {
        return Ok(());
    }
    check_listing("the list of seats", unsigned(seats_before), unsigned(counts.seats_after))
}

/// Names are for people only: a group that cannot be read keeps its id as its name.
pub(super) async fn group_names(running: &Running<'_>, ids: &BTreeSet<GroupId>) -> Result<Vec<GroupName>, SyncError> {
    let ids: Vec<GroupId> = ids.iter().copied().collect();
    match running.alive(running.engine.reader()?.groups(&ids)).await? {
        Ok(groups) => Ok(groups
            .into_iter()
            .map(|group| GroupName {
                group_id: group.group_id,
                display_name: group.display_name.clone(),
                kind: group.kind_words(),
            })
            .collect()),
        Err(error) => {
            tracing::info!(error = %error, "group names could not be read; ids are shown instead");
            Ok(Vec::new())
        }
    }
}

/// Tells what is read now, before the first page of it is there.
pub(super) async fn tell(running: &Running<'_>, text: String) -> Result<(), SyncError> {
    running.progress(Progress { done: 0, total: None, unit: "people", text }).await?;
    Ok(())
}
