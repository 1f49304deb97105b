//! The running process: listeners, the ready line, the clock's memory, and a graceful end.

use crate::cli::Flags;
use crate::server::{Answer, Bound, Face, serve_http, serve_https, tls};
use crate::sim::{Sim, locked};
use crate::start::{Doors, key_folder, simulator};
use anyhow::{Context, Result};
use axum_server::Handle;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::process::parent_id;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long open connections may finish.
const GRACE: Duration = Duration::from_secs(2);

/// Runs until a signal, or until the parent ends.
pub async fn run(flags: Flags) -> Result<()> {
    let parent = parent_id();
    let mut asked = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let (http, https) = (Bound::to(flags.listen)?, Bound::to(flags.listen_https)?);
    let (plain, secure) =
        (Bound::to(SocketAddr::new(flags.listen.ip(), 0))?, Bound::to(SocketAddr::new(flags.listen_https.ip(), 0))?);
    let doors = Doors {
        http: http.address,
        https: https.address,
        download_http: plain.address,
        download_https: secure.address,
    };
    let folder = key_folder(flags.journal.as_deref())?;
    let sim = {
        let (flags, folder) = (flags.clone(), folder.clone());
        tokio::task::spawn_blocking(move || simulator(&flags, &folder, &doors)).await?
    };
    // Keys of a run that never began are of no use to anybody.
    let sim = Arc::new(sim.inspect_err(|_| clear(&flags, &folder))?);
    let tls = tls(&sim.keys.tls_chain, &sim.keys.tls_key)?;
    let handle = Handle::new();
    let answer = |face, scheme, address| Answer::new(Arc::clone(&sim), face, scheme, address);
    let servers = [
        tokio::spawn(serve_http(http, answer(Face::Everything, "http", doors.http), handle.clone())),
        tokio::spawn(serve_https(https, answer(Face::Everything, "https", doors.https), tls.clone(), handle.clone())),
        tokio::spawn(serve_http(plain, answer(Face::Downloads, "http", doors.download_http), handle.clone())),
        tokio::spawn(serve_https(secure, answer(Face::Downloads, "https", doors.download_https), tls, handle.clone())),
    ];
    print_ready(&ready(&sim, &doors), flags.json)?;
    tokio::select! {
        _ = asked.recv() => {}
        _ = interrupted.recv() => {}
        () = remember_clock(&sim) => {}
        () = parent_ended(parent), if flags.with_parent => {}
    }
    handle.graceful_shutdown(Some(GRACE));
    for server in servers {
        server.await?.context("a listener ended early")?;
    }
    locked(&sim.journal).note_clock(sim.now());
    clear(&flags, &folder);
    Ok(())
}

/// Removes keys that no journal keeps.
fn clear(flags: &Flags, folder: &Path) {
    if flags.journal.is_none() {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Writes down every second where the clock is; never ends.
async fn remember_clock(sim: &Sim) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        locked(&sim.journal).note_clock(sim.now());
    }
}

/// Ends when this process got another parent.
async fn parent_ended(parent: u32) {
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    while parent_id() == parent {
        tick.tick().await;
    }
}

/// What scripts need to drive the simulator.
fn ready(sim: &Sim, doors: &Doors) -> Value {
    let (http, https) = (format!("http://{}", doors.http), format!("https://{}", doors.https));
    let apps: Vec<Value> = sim
        .apps
        .iter()
        .map(|app| {
            let certificate = sim.keys.certificates.iter().find(|certificate| certificate.client_id == app.client_id);
            json!({"purpose": app.purpose, "client_id": app.client_id, "client_secret": app.secret,
                "certificate_file": certificate.map(|certificate| &certificate.file)})
        })
        .collect();
    let everything = sim.apps.iter().find(|app| app.purpose == "everything");
    let world = sim.read_world();
    json!({
        "http_url": http, "https_url": https, "ca_file": sim.keys.ca_file, "graph_url": http, "authority_url": http,
        "tenant_id": sim.tenant_id, "apps": apps, "client_id": everything.map(|app| &app.client_id),
        "client_secret": everything.map(|app| &app.secret), "users": world.user_objects(), "seats": world.seats(),
    })
}

fn print_ready(ready: &Value, as_json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{ready}")?;
    } else {
        let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        writeln!(
            out,
            "Graph and identity platform: {} and {} (CA {})",
            text("http_url"),
            text("https_url"),
            text("ca_file")
        )?;
        writeln!(out, "tenant {}, {} user objects, {} seats", text("tenant_id"), ready["users"], ready["seats"])?;
        writeln!(out, "client {} with secret {}", text("client_id"), text("client_secret"))?;
    }
    out.flush().context("standard output is closed")
}
