//! How a connection does, as its work shows: written beside the run it was seen in.

use reseat_connectors::ConnectorError;
use reseat_domain::permission::Work;
use reseat_store::integration::{self, ConnectionRow};
use reseat_store::{StoreError, Tx};

use crate::connections::rights::{look_at, of_whom};
use crate::connections::{Purpose, rights};
use crate::engine::Engine;
use crate::error::EngineError;

/// Records what a reading run says about the reader: it works, or it cannot sign in (F43). What is wrong with one
/// source alone says nothing about the connection.
pub(crate) async fn note_reading(
    engine: &Engine,
    tx: &mut Tx,
    outcome: Result<(), &ConnectorError>,
) -> Result<(), StoreError> {
    let (tenant_id, word, now) = (engine.tenant_id(), Purpose::Reader.as_str(), engine.now());
    let Some(row) = integration::find_connection(tx, tenant_id, word).await? else { return Ok(()) };
    match outcome {
        Ok(()) if row.status == "working" => Ok(()),
        Ok(()) => integration::set_connection_status(tx, tenant_id, word, "working", now).await,
        Err(error @ (ConnectorError::SignIn { .. } | ConnectorError::WrongTenant { .. })) => {
            let problem = of_whom(&row, &error.to_string());
            let remedy = error.remedy().unwrap_or_default();
            integration::set_connection_problem(tx, tenant_id, word, "failing", (&problem, &remedy), now).await
        }
        Err(
            ConnectorError::Throttled { .. }
            | ConnectorError::MissingPermission { .. }
            | ConnectorError::Premium
            | ConnectorError::NotFound
            | ConnectorError::RestartListing
            | ConnectorError::Transient(_)
            | ConnectorError::Malformed(_)
            | ConnectorError::Configuration(_)
            | ConnectorError::File(_),
        ) => Ok(()),
    }
}

/// Why a write that Microsoft refused, or that could not be sent, is not about the one person: the app lost its right,
/// or cannot sign in. Looks at the writer; `None` when nothing is wrong with it, or nothing can be known.
pub(crate) async fn writer_trouble(engine: &Engine) -> Result<Option<String>, EngineError> {
    let mut tx = engine.store().read().await?;
    let row: Option<ConnectionRow> =
        integration::find_connection(&mut tx, engine.tenant_id(), Purpose::Writer.as_str()).await?;
    drop(tx);
    let Some(row) = row else { return Ok(None) };
    let checked = look_at(engine, Purpose::Writer, &row).await?;
    if checked.problem.is_none() && checked.judged(&[Work::Reclamation]).is_none() {
        return Ok(None);
    }
    let mut tx = engine.store().read().await?;
    let row = integration::find_connection(&mut tx, engine.tenant_id(), Purpose::Writer.as_str()).await?;
    Ok(row.filter(rights::is_wanting).and_then(|row| row.problem))
}
