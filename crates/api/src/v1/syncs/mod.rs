//! Runs of integration tasks.

use reseat_store::integration::RunRow;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::scalar::{Moment, TaskName};

pub mod create;
pub mod list;
pub mod read;

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatus {
    /// Asked for.
    Queued,
    /// Going on.
    Running,
    /// Published.
    Succeeded,
    /// Nothing published.
    Failed,
    /// Read in full and not believed; nothing published.
    Held,
}

/// A run of an integration task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sync {
    /// Its id.
    pub sync_id: String,
    /// Which task.
    pub task: TaskName,
    /// The task's shown name.
    pub label: String,
    /// How far it came.
    pub status: SyncStatus,
    /// When it was asked for.
    pub queued_at: Moment,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// How far it is.
    pub progress: Progress,
    /// What came in, by kind.
    pub counts: BTreeMap<String, i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How far a run is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Progress {
    /// Units done.
    pub done: i64,
    /// Units in all, if known.
    pub total: Option<i64>,
    /// What the units are.
    pub unit: String,
    /// One sentence.
    pub text: String,
}

/// Runs, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SyncList {
    /// This page.
    pub items: Vec<Sync>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A stored task word. What is none is a fault of the database, not of the request.
///
/// # Errors
/// [`Problem`] 503.
pub fn task_of(word: &str) -> Result<TaskName, Problem> {
    word.parse().map(TaskName).map_err(|error| unknown_word(&error))
}

fn unknown_word(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "the database holds a word this version does not know");
    Problem::unavailable("A stored value cannot be read.")
}

impl TryFrom<RunRow> for Sync {
    type Error = Problem;

    fn try_from(row: RunRow) -> Result<Self, Problem> {
        let task = task_of(&row.task)?;
        Ok(Self {
            sync_id: row.id,
            task,
            label: task.0.label().to_owned(),
            status: serde_json::from_value(row.status.into()).map_err(|error| unknown_word(&error))?,
            queued_at: Moment::from_micros(row.queued_at),
            started_at: row.started_at.map(Moment::from_micros),
            finished_at: row.finished_at.map(Moment::from_micros),
            progress: Progress {
                done: row.progress_done,
                total: row.progress_total,
                unit: row.progress_unit,
                text: row.progress_text,
            },
            counts: serde_json::from_str(&row.counts).map_err(|error| unknown_word(&error))?,
            error: row.error,
            remedy: row.remedy,
        })
    }
}
