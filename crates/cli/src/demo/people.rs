//! Who the demo's users are in the tenant: real, enabled people, so that nobody decides about their
//! own license.

use anyhow::Context as _;
use reseat_connectors::DirectoryReader;
use reseat_connectors::graph::GraphReader;
use reseat_domain::directory::{Person, UserType};
use reseat_domain::ids::UserId;

use crate::config::Config;
use crate::exit::Complaint;

/// The first `count` people who look like colleagues at work.
pub async fn choose(config: &Config, count: usize) -> anyhow::Result<Vec<UserId>> {
    let reader = config.reader.clone().context("a demo reads its tenant")?;
    let reader = GraphReader::new(config.graph.cloud.clone(), config.tenant_id, reader, None)?;
    let mut chosen: Vec<UserId> = Vec::new();
    let mut others: Vec<UserId> = Vec::new();
    let mut cursor = None;
    loop {
        let page = reader.people_page(cursor.as_ref()).await.context("the simulated tenant cannot be read")?;
        for person in page.items.iter().filter(|person| person.account_enabled) {
            let list = if is_colleague(person) { &mut chosen } else { &mut others };
            list.push(person.user_id);
        }
        if chosen.len() >= count || page.next.is_none() {
            break;
        }
        cursor = page.next;
    }
    // A very small tenant has few colleagues; any enabled account will do then.
    chosen.extend(others);
    chosen.truncate(count);
    if chosen.len() < count {
        return Err(Complaint::usage(
            format!("this tenant has {} enabled accounts, and a demo needs {count}", chosen.len()),
            "Give it more people with --users N --fresh.",
        ));
    }
    Ok(chosen)
}

fn is_colleague(person: &Person) -> bool {
    person.user_type == UserType::Member && person.manager.is_some() && person.department.is_some()
}
