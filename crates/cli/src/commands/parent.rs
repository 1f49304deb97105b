//! A child of a demo ends when its parent does, however the parent ended.

use std::time::Duration;

/// The variable a parent gives its own process id in.
pub const PARENT_PID: &str = "RESEAT_PARENT_PID";

/// Returns once the parent that started us is gone; never for a process nobody watches over.
pub async fn gone() {
    let parent = std::env::var(PARENT_PID).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let Some(parent) = parent else { return std::future::pending().await };
    // An orphan is given to another process at once, so its parent's id changes.
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
