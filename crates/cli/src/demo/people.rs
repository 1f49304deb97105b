//! Who the demo's users are in the tenant: real, enabled people, so that nobody decides about their
//! own license.

use std::sync::Arc;

use anyhow::Context as _;
use reseat_connectors::DirectoryReader;
use reseat_connectors::graph::GraphReader;
use reseat_domain::directory::{Person, UserType};
use reseat_domain::ids::UserId;
use reseat_domain::time::Timestamp;
use reseat_engine::Purpose;
use reseat_engine::clock::{Clock, FixedClock};

use crate::config::Config;
use crate::exit::Complaint;

/// How many sign-ins are looked at one by one before anybody will do.
const LOOKED_AT: usize = 60;

/// Who signed in within so many days is at work.
const AT_WORK_DAYS: i64 = 21;

/// `count` people who look like colleagues at work on the simulated day `now`.
pub async fn choose(config: &Config, count: usize, now: Timestamp) -> anyhow::Result<Vec<UserId>> {
    let app = config.apps.get(&Purpose::Reader).context("a demo reads its tenant")?;
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now));
    let reader = app.credentials(Purpose::Reader, &clock)?;
    let reader = GraphReader::new(config.graph.cloud.clone(), config.tenant_id, reader, None)?;
    let (colleagues, others) = enabled(&reader, LOOKED_AT).await?;
    let mut chosen: Vec<UserId> = Vec::new();
    for user_id in colleagues.iter().take(LOOKED_AT) {
        if chosen.len() == count {
            break;
        }
        let found = reader.sign_in(*user_id).await.context("the simulated tenant cannot be read")?;
        let last = found.and_then(|(_, sign_in)| sign_in.last_successful);
        if last.is_some_and(|last| now.seconds_since(last) < AT_WORK_DAYS * 86_400) {
            chosen.push(*user_id);
        }
    }
    // A very small tenant has few colleagues at work; any enabled account will do then.
    for user_id in colleagues.into_iter().chain(others) {
        if chosen.len() < count && !chosen.contains(&user_id) {
            chosen.push(user_id);
        }
    }
    if chosen.len() < count {
        return Err(Complaint::usage(
            format!("this tenant has {} enabled accounts, and a demo needs {count}", chosen.len()),
            "Give it more people with --users N --fresh.",
        ));
    }
    Ok(chosen)
}

/// Enabled accounts in the order of the listing: at least `enough` colleagues, if there are so many,
/// and the others seen on the way.
async fn enabled(reader: &GraphReader, enough: usize) -> anyhow::Result<(Vec<UserId>, Vec<UserId>)> {
    let (mut colleagues, mut others) = (Vec::new(), Vec::new());
    let mut cursor = None;
    loop {
        let page = reader.people_page(cursor.as_ref()).await.context("the simulated tenant cannot be read")?;
        for person in page.items.iter().filter(|person| person.account_enabled) {
            if is_colleague(person) { &mut colleagues } else { &mut others }.push(person.user_id);
        }
        if colleagues.len() >= enough || page.next.is_none() {
            return Ok((colleagues, others));
        }
        cursor = page.next;
    }
}

fn is_colleague(person: &Person) -> bool {
    person.user_type == UserType::Member && person.manager.is_some() && person.department.is_some()
}
