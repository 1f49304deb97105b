//! Signs of use: the active-user report first, because it is one request for the whole tenant, then
//! sign-in dates in their own slow lane, which can be interrupted and goes on where it was.

use reseat_connectors::ConnectorError;
use reseat_store::integration;

use super::{reports, sign_ins};
use crate::sync::{Outcome, Running, SyncError};

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    // A run that rested in the slow lane has its report already.
    if let Some(mut outcome) = sign_ins::found_before(running).await? {
        sign_ins::read_sign_ins(running, &mut outcome).await?;
        return Ok(outcome);
    }
    let mut outcome = Outcome::default();
    let report = reports::read_reports(running, &mut outcome).await;
    // The report's trouble must not keep the sign-in dates from being read.
    let sign_ins = sign_ins::read_sign_ins(running, &mut outcome).await;
    report?;
    sign_ins?;
    Ok(outcome)
}

/// Whether a failure means that this tenant or connection cannot deliver the source at all.
pub(super) fn is_missing_capability(error: &ConnectorError) -> bool {
    matches!(error, ConnectorError::MissingPermission { .. } | ConnectorError::NotFound | ConnectorError::Premium)
}

pub(super) async fn set_problem(running: &Running<'_>, source: &'static str, problem: &str) -> Result<(), SyncError> {
    let engine = running.engine;
    let mut tx = engine.store().write().await?;
    integration::set_source_problem(&mut tx, engine.tenant_id(), source, Some(problem)).await?;
    integration::request_detection(&mut tx, engine.tenant_id()).await?;
    tx.commit().await?;
    Ok(())
}
