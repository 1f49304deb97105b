//! `reseat serve`: database, engine and REST in one process, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use reseat_api::{ApiParts, DemoControl};
use reseat_domain::time::Timestamp;
use reseat_engine::Engine;
use reseat_engine::accounts::make_bootstrap_code;
use reseat_engine::clock::{Clock, SystemClock};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::commands::migrate::migrate;
use crate::commands::{log, parent};
use crate::config::{Config, HostArgs, warn_about_unknown};
use crate::demo::Follower;
use crate::exit::{Complaint, Exit};
use crate::wiring::{open_store, sealer, start_engine, without_password};

/// What is under way may take so long to end: answers, and the one request to Graph in flight.
const DRAIN: Duration = Duration::from_secs(25);

/// Where, and for which tenant.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  reseat serve --config reseat.toml
  reseat serve --config .reseat-demo/config.toml       goes on with a demo that was started with --no-restart

A configuration file:
  listen = \"127.0.0.1:8420\"
  public_url = \"https://reseat.example.com\"
  store = \"sqlite:data/reseat.sqlite\"                  or postgres://reseat@db/reseat
  master_key_file = \"master.key\"                       openssl rand -base64 32 > master.key
  [tenant]
  id = \"…\"
  name = \"Contoso\"
  [graph]
  cloud = \"global\"                                     or us_gov_l4, us_gov_l5, china
  [connections.reader]                                  or set up in the console, or with reseat connections set
  client_id = \"…\"
  certificate_file = \"reader.pem\"                      private key and certificate; or client_secret_file
  [connections.writer]                                  without it the tenant is only observed
  client_id = \"…\"
  client_secret_file = \"writer.secret\"
  secret_expires_on = \"2027-01-31\"                     warned of 30, 14, 7 and 1 days before
  [roster]
  file = \"/srv/hr/roster.csv\"
  [settings]
  observe_days = 14
  [settings.budget]
  per_day = 100

Variables such as RESEAT_STORE, RESEAT_MASTER_KEY or RESEAT_READER_SECRET stand above the file, flags above
both. A SQLite file is copied before it is migrated. SIGTERM lets what is under way end, within 25 seconds.")]
pub struct ServeArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Under which address people reach it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(args: &ServeArgs) -> anyhow::Result<Exit> {
    log::start();
    warn_about_unknown();
    // Before anything is begun: a signal that comes early then still ends it in order.
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let mut config = Config::load(&args.host)?;
    config.listen = args.listen.unwrap_or(config.listen);
    config.public_url = args.public_url.clone().or(config.public_url);
    // Said before anything is opened or changed.
    sealer(&config)?;
    let listener = listen(config.listen)?;
    let store = open_store(&config).await?;
    migrate(&store, &config).await?;
    let follower = match &config.sim_url {
        Some(sim_url) => Some(Arc::new(Follower::begin(sim_url, config.roster_file.clone()).await?)),
        None => None,
    };
    let clock: Arc<dyn Clock> = match &follower {
        Some(follower) => follower.clock(),
        None => Arc::new(SystemClock),
    };
    let engine = start_engine(&config, store.clone(), clock).await?;
    if !engine.has_reader() {
        eprintln!("No connection reads the tenant yet; set one up in the console, under Applications.");
    }
    let public_url = match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", listener.local_addr()?),
    };
    if let Some(code) = make_bootstrap_code(&engine).await? {
        eprintln!("Nobody can sign in yet. Open {public_url} and make the first administrator with this code,");
        eprintln!("which is valid for 15 minutes:  {code}");
    }
    let served = Served { engine, follower, public_url, listener };
    let result = served.until_told_to_stop(args.json, &config, signals).await;
    store.close().await;
    result
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        Complaint::failed(
            format!("cannot listen on {address}: {error}"),
            "Stop what listens there, or choose another port with --listen.",
        )
    })
}

struct Served {
    engine: Engine,
    follower: Option<Arc<Follower>>,
    public_url: String,
    listener: TcpListener,
}

impl Served {
    async fn until_told_to_stop(self, as_json: bool, config: &Config, signals: [Signal; 2]) -> anyhow::Result<Exit> {
        let (stop, stopped) = watch::channel(false);
        let loop_runs = Arc::new(AtomicBool::new(true));
        let mut parts = ApiParts::new(self.engine.clone(), self.public_url.clone(), ready_when(Arc::clone(&loop_runs)));
        if let (Some(follower), Some(sim_url)) = (&self.follower, &config.sim_url) {
            parts.demo = Some(Arc::new(DemoBar {
                follower: Arc::clone(follower),
                engine: self.engine.clone(),
                sim_url: sim_url.clone(),
            }));
        }
        let mut told = stopped.clone();
        let answering = tokio::spawn(reseat_api::serve(self.listener, parts, async move {
            // A sender that is gone means the same.
            let _ = told.wait_for(|stop| *stop).await;
        }));
        let engine = self.engine.clone();
        let mut stages = tokio::spawn(async move { engine.run(stopped).await });
        let following = self.follower.map(|follower| tokio::spawn(async move { follower.keep_following().await }));
        if as_json {
            let line = json!({
                "console_url": self.public_url,
                "api_url": format!("{}/api/v1", self.public_url),
                "store_url": without_password(&config.store),
                "pid": std::process::id(),
            });
            println!("{line}");
        } else {
            eprintln!("Reseat is at {}", self.public_url);
        }
        let ended_early = tokio::select! {
            () = told_to_stop(signals) => false,
            _ = &mut stages => true,
        };
        loop_runs.store(false, Ordering::SeqCst);
        // Nobody listens any more when the stages have ended by themselves.
        let _ = stop.send(true);
        tracing::info!("stopping: no new write starts, what is under way may end");
        let drained = tokio::time::timeout(DRAIN, async {
            if !ended_early {
                stages.await.context("the engine's loop")?;
            }
            answering.await.context("the REST interface")?.context("the REST interface")
        });
        let result = drained.await;
        if let Some(following) = following {
            following.abort();
        }
        match result {
            Ok(ended) => ended?,
            Err(_) => tracing::warn!(
                "not everything ended in time; what was under way is settled by evidence at the next start"
            ),
        }
        if ended_early {
            return Err(Complaint::failed("the engine's loop ended by itself", "Look into the log, then start again."));
        }
        Ok(Exit::Done)
    }
}

fn ready_when(loop_runs: Arc<AtomicBool>) -> reseat_api::Ready {
    Arc::new(
        move || {
            if loop_runs.load(Ordering::SeqCst) { Ok(()) } else { Err("the engine's loop does not run".to_owned()) }
        },
    )
}

/// A signal, or the end of the demo that started this server.
async fn told_to_stop([mut terminate, mut interrupt]: [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = parent::gone() => {}
    }
}

/// What the console's demo bar moves.
struct DemoBar {
    follower: Arc<Follower>,
    engine: Engine,
    sim_url: String,
}

#[async_trait]
impl DemoControl for DemoBar {
    fn mail_url(&self) -> String {
        format!("{}/_sim/mail", self.sim_url)
    }

    fn sim_url(&self) -> String {
        self.sim_url.clone()
    }

    async fn advance(&self, seconds: i64) -> Result<Timestamp, String> {
        let now = self.follower.advance(seconds).await.map_err(|error| format!("{error:#}"))?;
        self.engine.nudge();
        Ok(now)
    }
}
