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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reseat_testkit::World;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use crate::ApiParts;

    #[tokio::test]
    async fn the_server_answers_on_its_listener_compressed_for_who_can_read_it_and_ends_when_it_is_told() {
        let world = World::builder().users(20).unsynced().build().await;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let parts = ApiParts::new(world.engine().clone(), format!("http://{address}"), Arc::new(|| Ok(())));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(super::serve(listener, parts, async move {
            let _ = stopped.await;
        }));
        for (accept, expected) in [("identity", "application/json"), ("gzip", "content-encoding: gzip")] {
            let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
            let request = format!(
                "GET /api/v1/openapi.json HTTP/1.1\r\nhost: {address}\r\naccept-encoding: {accept}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.expect("it reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("it answers");
            let head = String::from_utf8_lossy(&answer[..answer.len().min(2_000)]).into_owned();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert!(head.contains(expected), "{head}");
        }
        stop.send(()).expect("it still runs");
        server.await.expect("no panic").expect("it ends well");
        world.abandon().await;
    }
}
