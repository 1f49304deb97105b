//! A tenant as an asset manager sees it: connections, tasks, sources.

use reseat_domain::ids::TenantId;

use super::query::Query;
use super::syncs::list_runs;
use crate::error::StoreError;
use crate::integration::{
    ConnectionRow, RunRow, SourceRow, TaskRow, TenantRow, find_tenant, list_connections, list_sources, list_tasks,
};
use crate::pool::Tx;

/// A tenant with all that reads and writes it.
#[derive(Debug, Clone)]
pub struct Application {
    /// The tenant.
    pub tenant: TenantRow,
    /// People in its directory.
    pub people: i64,
    /// Seats they hold.
    pub seats: i64,
    /// Ways in.
    pub connections: Vec<ConnectionRow>,
    /// Integration tasks, each with its newest run.
    pub tasks: Vec<TaskItem>,
    /// What was published.
    pub sources: Vec<SourceRow>,
}

/// An integration task and its newest run.
#[derive(Debug, Clone)]
pub struct TaskItem {
    /// The task.
    pub task: TaskRow,
    /// Its newest run, ended or not.
    pub last_run: Option<RunRow>,
}

/// A tenant as an application, or `None` before it was set up.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_application(tx: &mut Tx, tenant_id: TenantId) -> Result<Option<Application>, StoreError> {
    let Some(tenant) = find_tenant(tx, tenant_id).await? else { return Ok(None) };
    let (people, seats) = count_people_and_seats(tx, tenant_id).await?;
    let mut tasks = Vec::new();
    for task in list_tasks(tx, tenant_id).await? {
        let last_run = list_runs(tx, tenant_id, Some(&task.task), None, 1).await?.items.into_iter().next();
        tasks.push(TaskItem { task, last_run });
    }
    Ok(Some(Application {
        tenant,
        people,
        seats,
        connections: list_connections(tx, tenant_id).await?,
        tasks,
        sources: list_sources(tx, tenant_id).await?,
    }))
}

async fn count_people_and_seats(tx: &mut Tx, tenant_id: TenantId) -> Result<(i64, i64), StoreError> {
    let mut query = Query::new("select");
    query.push(
        " (select count(*) from people where tenant_id = ?), (select count(*) from seats where tenant_id = ?)",
        [tenant_id.to_string().into(), tenant_id.to_string().into()],
    );
    Ok(query.fetch_one(tx).await?.unwrap_or((0, 0)))
}
