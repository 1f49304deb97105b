//! Whether a write may start at all, and what stands in its way.

use reseat_domain::time::Timestamp;
use reseat_domain::window::{is_open, next_opening};
use reseat_store::{StoreError, Tx, freezes, integration, write_settings};

use crate::connections::{Purpose, expiry, is_wanting};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::task::Task;
use crate::write_back::circuit;

/// Whether any new write may start at all: enabled, live, not frozen, not held.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn may_write(engine: &Engine, now: Timestamp) -> Result<bool, EngineError> {
    let mut tx = engine.store().read().await?;
    may_write_in(engine, &mut tx, now).await
}

/// Why nothing that is approved is written now, in one sentence; `None` when nothing stands in the
/// way. For the pages that show what waits.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn why_no_write(engine: &Engine, tx: &mut Tx) -> Result<Option<String>, EngineError> {
    held_back_in(engine, tx, engine.now()).await
}

pub(crate) async fn may_write_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<bool, EngineError> {
    Ok(held_back_in(engine, tx, now).await?.is_none())
}

async fn held_back_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, EngineError> {
    let tenant_id = engine.tenant_id();
    let Some(tenant) = integration::find_tenant(tx, tenant_id).await? else {
        return Ok(Some("this tenant is not set up yet".to_owned()));
    };
    if let Some(reason) = engine.freeze_file() {
        return Ok(Some(format!("writes are frozen by a file on the host: {reason}")));
    }
    if let Some(freeze) = freezes::find_freeze(tx, tenant_id).await? {
        return Ok(Some(format!("writes are frozen: {}", freeze.reason)));
    }
    if let Some(reason) = tenant.held_reason {
        return Ok(Some(format!("runs are held: {reason}")));
    }
    if let Some(why) = why_no_writer(engine, tx, now).await? {
        return Ok(Some(why));
    }
    if let Some(until) = tenant.observe_until.map(Timestamp::from_micros).filter(|until| *until > now) {
        return Ok(Some(format!("this tenant is only observed until {until}")));
    }
    if let Some(why) = circuit::held_back(engine, tx, now).await? {
        return Ok(Some(why));
    }
    if let Some(why) = outside_windows(engine, tx, now).await? {
        return Ok(Some(why));
    }
    let enabled = integration::list_tasks(tx, tenant_id)
        .await?
        .iter()
        .any(|row| row.task == Task::Reclamation.as_str() && row.enabled);
    Ok((!enabled).then(|| "the task reclamation is switched off".to_owned()))
}

/// What is wrong with the writer: there is none, it lost its right (X7, X8), or its secret has ended (C3). Nothing is
/// lost meanwhile; what is approved waits.
async fn why_no_writer(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, StoreError> {
    let row = integration::find_connection(tx, engine.tenant_id(), Purpose::Writer.as_str()).await?;
    if let Some(problem) = row.as_ref().filter(|row| is_wanting(row)).and_then(|row| row.problem.clone()) {
        return Ok(Some(problem));
    }
    if !engine.writer().is_configured() {
        return Ok(Some("no writer connection is configured".to_owned()));
    }
    let ended = row.and_then(|row| {
        let end = expiry(Purpose::Writer, &row.kind, Timestamp::from_micros(row.expires_at?), now)?;
        (end.level == 0).then_some(end.message)
    });
    Ok(ended)
}

/// When writes may start again by the tenant's change windows, `None` when they may now. A zone nobody knows keeps
/// every window shut.
async fn outside_windows(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, StoreError> {
    let settings = write_settings::find_write_settings(tx, engine.tenant_id()).await?;
    if settings.windows.is_empty() {
        return Ok(None);
    }
    let unknown = || Some(format!("the time zone {} is not known, so no change window opens", settings.time_zone));
    let Ok(zone) = jiff::tz::TimeZone::get(&settings.time_zone) else { return Ok(unknown()) };
    let Ok(moment) = jiff::Timestamp::from_microsecond(now.as_micros()) else { return Ok(unknown()) };
    let local = moment.to_zoned(zone.clone()).datetime();
    if is_open(&settings.windows, local) {
        return Ok(None);
    }
    let next = next_opening(&settings.windows, local).and_then(|next| zone.to_zoned(next).ok());
    Ok(Some(match next {
        Some(next) => format!(
            "outside the change windows; the next one opens at {} ({})",
            next.strftime("%Y-%m-%d %H:%M"),
            settings.time_zone
        ),
        None => "outside the change windows, and none opens again".to_owned(),
    }))
}
