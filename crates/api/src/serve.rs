//! The listening server, so that no other room names axum.

use std::future::Future;
use std::time::Duration;

use crate::{ApiParts, router};

/// How long answers under way may take to end once the server is asked to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Answers on `listener` until `shutdown` is over, then lets the last answers end.
///
/// # Errors
/// [`std::io::Error`] when the listener cannot be used.
pub async fn serve(
    listener: std::net::TcpListener,
    parts: ApiParts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let graceful = async move {
        shutdown.await;
        // Whoever waits for it is gone only when the server ended by itself.
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, router(parts)).with_graceful_shutdown(graceful);
    tokio::select! {
        ended = serving => ended,
        () = async {
            if stopped.await.is_ok() {
                tokio::time::sleep(LAST_ANSWERS).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => Ok(()),
    }
}
