//! What changed among people since the last publication: who is named is read afresh, because a list
//! of changes tells neither every property nor through what a license is held (9#6). Nobody is
//! concluded to be gone for not being named.

use std::collections::BTreeSet;

use reseat_connectors::{Ahead, ConnectorError, Cursor, MOST_BY_ID};
use reseat_domain::ids::UserId;

use super::people::{Publication, group_names, publish, tell};
use super::people_state::PeopleState;
use super::reading::{Part, read_aside};
use crate::crash::crash_point;
use crate::sync::{Outcome, Running, SyncError};

/// More pages than this are no list of changes (G47).
const MOST_PAGES: usize = 20_000;

/// So few people are read by their ids whatever everybody would cost.
const ALWAYS_BY_ID: usize = 20 * MOST_BY_ID;

/// Who was named.
#[derive(Debug, Default)]
struct Named {
    all: BTreeSet<UserId>,
    removed: BTreeSet<UserId>,
}

/// Publishes what changed. `None` when reading everybody costs less.
///
/// # Errors
/// [`ConnectorError::RestartListing`] when the token ran out (G48).
pub(super) async fn run(
    running: &Running<'_>,
    state: &mut PeopleState,
    since: &str,
) -> Result<Option<Outcome>, SyncError> {
    let read_at = running.engine.now();
    tell(running, "Reading what changed among people".to_owned()).await?;
    let (named, later) = collect(running, since).await?;
    if named.all.len() > ALWAYS_BY_ID && costs_more(named.all.len(), state.people) {
        return Ok(None);
    }
    let ids: Vec<UserId> = named.all.iter().copied().collect();
    let parts: Vec<Part> = ids.chunks(MOST_BY_ID).map(|ids| Part::People(ids.to_vec())).collect();
    let total = i64::try_from(ids.len()).ok();
    let round = read_aside(running, parts, total).await?;
    // Gone is who was called removed and does not answer either: a replayed removal of somebody who
    // was restored takes nobody out, and a replica that lags does not either (G49).
    let gone: Vec<UserId> = named.removed.iter().copied().filter(|id| !round.has(*id)).collect();
    let names = group_names(running, &round.groups).await?;
    state.since = Some(later.as_str().to_owned());
    let publication = Publication { read_at, gone: &gone, names: &names, state: state.clone() };
    let (counts, _) = publish(running, &publication).await?;
    crash_point("people_published");
    let text = format!(
        "Read what changed: {} people, {} of them written, {} gone",
        named.all.len(),
        counts.people_aside,
        gone.len()
    );
    let mut outcome = Outcome { text, ..Outcome::default() };
    outcome.counts.insert("people".to_owned(), counts.people_after.into());
    outcome.counts.insert("seats".to_owned(), counts.seats_after.into());
    outcome.counts.insert("changed".to_owned(), named.all.len().into());
    outcome.counts.insert("written".to_owned(), counts.people_aside.into());
    outcome.counts.insert("gone".to_owned(), gone.len().into());
    Ok(Some(outcome))
}

/// Whether reading so many by their ids takes more requests than reading everybody.
fn costs_more(named: usize, people: i64) -> bool {
    named.div_ceil(MOST_BY_ID) > usize::try_from(people).unwrap_or(0).div_ceil(999)
}

/// Follows the list of changes to its end; gives who was named and where to go on later.
async fn collect(running: &Running<'_>, since: &str) -> Result<(Named, Cursor), SyncError> {
    let mut named = Named::default();
    let mut cursor = Cursor::from_stored(since);
    for _ in 0..MOST_PAGES {
        let page = running.alive(running.engine.reader()?.changes_page(&cursor)).await??;
        named.all.extend(page.changed.iter().chain(&page.removed));
        named.removed.extend(page.removed);
        match page.ahead {
            Ahead::Page(next) if next == cursor => return Err(ConnectorError::RestartListing.into()),
            Ahead::Page(next) => cursor = next,
            Ahead::Later(later) => return Ok((named, later)),
        }
    }
    Err(ConnectorError::RestartListing.into())
}
