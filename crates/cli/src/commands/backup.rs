//! `reseat backup`: a sealed copy of the database while the server works, and the way back.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use reseat_engine::backup_file::{self, BackupError, Manifest};
use reseat_engine::commands::verify_trail;
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_store::{Store, copy};
use serde_json::json;

use crate::commands::log;
use crate::config::{Config, HostArgs};
use crate::exit::{Complaint, Exit};
use crate::secret::{HOW_TO_MAKE_A_KEY, Secret, master_key};
use crate::wiring::{sealer, without_password};

/// Which database, and where to.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  reseat backup --config reseat.toml --out monday.backup\n  \
reseat backup restore monday.backup --data drill --master-key-file master.key\n\n\
The server may run meanwhile. The file opens only with the master key, which is not in it: keep a copy of\n\
the key elsewhere. What the configuration file holds is not in it either."
)]
pub struct BackupArgs {
    #[command(subcommand)]
    restore: Option<BackupCommand>,
    #[command(flatten)]
    host: HostArgs,
    /// The file to write
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What else can be done with a backup.
#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Open a backup into a data folder, check it whole, and change nothing else: a drill, or the real thing
    #[command(
        after_help = "Example:\n  reseat backup restore monday.backup --data drill --master-key-file master.key\n\n\
The folder must not hold a database yet. The content is compared with the digest taken when the backup was made,\n\
and the trail is verified. For PostgreSQL, copy the restored file on: reseat store copy --from sqlite:… --to postgres://…"
    )]
    Restore(RestoreArgs),
}

/// Which backup, and where to.
#[derive(Debug, clap::Args)]
struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// The data folder that gets the database
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the master key; without it RESEAT_MASTER_KEY_FILE, RESEAT_MASTER_KEY, or the folder's config.toml
    #[arg(long, value_name = "FILE")]
    master_key_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(args: &BackupArgs) -> anyhow::Result<Exit> {
    log::start();
    match (&args.restore, &args.out) {
        (Some(BackupCommand::Restore(restore)), _) => run_restore(restore).await,
        (None, Some(out)) => make(args, out).await,
        (None, None) => Err(Complaint::usage("the file to write is not named", "Give it with --out FILE.")),
    }
}

async fn make(args: &BackupArgs, out: &Path) -> anyhow::Result<Exit> {
    let config = Config::load(&args.host)?;
    let sealer = sealer(&config)?;
    if out.exists() {
        return Err(Complaint::failed(format!("{} exists already", out.display()), "Name a new file."));
    }
    let store = Store::open_for_reading(&config.store).await?;
    // Beside the target, so that it has room and is on the disk the backup goes to.
    let plain = Scratch::beside(out);
    copy::snapshot_into(&store, &plain.0).await.context("the database could not be copied")?;
    store.close().await;
    let manifest = describe(&plain.0).await?;
    let partly = Scratch(out.with_extension("part"));
    let mut content = BufReader::new(File::open(&plain.0)?);
    let mut file = File::create_new(&partly.0).with_context(|| format!("cannot write {}", partly.0.display()))?;
    backup_file::seal(&manifest, &mut content, &mut file, &sealer, &SystemEntropy).map_err(|error| complain(&error))?;
    file.sync_all()?;
    std::fs::rename(&partly.0, out).with_context(|| format!("cannot write {}", out.display()))?;
    tell(&manifest, args.json, &format!("{} holds {}", out.display(), without_password(&config.store)), None);
    Ok(Exit::Done)
}

async fn describe(file: &Path) -> anyhow::Result<Manifest> {
    let store = Store::open_for_reading(&format!("sqlite:{}", file.display())).await?;
    let contents = copy::contents(&store).await?;
    let mut tx = store.read().await?;
    let schema = copy::schema_version(&mut tx).await?;
    drop(tx);
    store.close().await;
    Ok(Manifest {
        made_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        tables: contents.tables,
        digest: contents.digest,
    })
}

async fn run_restore(args: &RestoreArgs) -> anyhow::Result<Exit> {
    let sealer = Sealer::from_key(master_key(&key_for(args)?)?);
    let target = args.data.join("reseat.sqlite");
    if target.exists() {
        return Err(Complaint::refused(
            format!("{} exists already, and nothing is written over it", target.display()),
            "Name an empty folder, or move that database away first.",
        ));
    }
    std::fs::create_dir_all(&args.data).with_context(|| format!("cannot make {}", args.data.display()))?;
    let mut backup =
        BufReader::new(File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?);
    let partly = Scratch(args.data.join("reseat.restoring"));
    let mut file = File::create_new(&partly.0).with_context(|| format!("cannot write {}", partly.0.display()))?;
    let manifest = backup_file::open(&mut backup, &mut file, &sealer).map_err(|error| complain(&error))?;
    file.sync_all()?;
    let store = Store::open_for_reading(&format!("sqlite:{}", partly.0.display())).await?;
    let contents = copy::contents(&store).await?;
    let trail = verify_trail(&store, Some(&sealer)).await?;
    store.close().await;
    if contents.digest != manifest.digest {
        return Err(Complaint::failed("what the backup holds is not what was backed up", "Use another backup."));
    }
    if let Some(bad) = &trail.broken {
        eprintln!("reseat: the trail in the backup does not hold: entry {} of log {}: {}", bad.seq, bad.log, bad.why);
        return Ok(Exit::Broken);
    }
    std::fs::rename(&partly.0, &target)?;
    let entries = trail.logs.iter().map(|log| log.entries).sum();
    tell(&manifest, args.json, &format!("{} is restored and checked", target.display()), Some(entries));
    Ok(Exit::Done)
}

/// The master key from where it was named first.
fn key_for(args: &RestoreArgs) -> anyhow::Result<Secret> {
    if let Some(file) = &args.master_key_file {
        return Secret::from_file(file);
    }
    if let Ok(key) = std::env::var("RESEAT_MASTER_KEY") {
        return Ok(Secret::new(key));
    }
    if let Ok(file) = std::env::var("RESEAT_MASTER_KEY_FILE") {
        return Secret::from_file(Path::new(&file));
    }
    let config = args.data.join("config.toml");
    let key = if config.is_file() {
        Config::load(&HostArgs { config: Some(config), ..HostArgs::default() })?.master_key
    } else {
        None
    };
    key.ok_or_else(|| {
        Complaint::usage("the backup opens only with the master key, which is not named", HOW_TO_MAKE_A_KEY)
    })
}

fn complain(error: &BackupError) -> anyhow::Error {
    let remedy = match error {
        BackupError::NotABackup => "Name a file that `reseat backup --out` wrote.",
        BackupError::Sealed(_) => "Name the key with --master-key-file; it is the one in use when the backup was made.",
        BackupError::Damaged => "Use another backup; nothing of this one was kept.",
        BackupError::Io(_) => "Is the disk full, or the file not readable?",
    };
    Complaint::failed(error.to_string(), remedy)
}

fn tell(manifest: &Manifest, as_json: bool, sentence: &str, trail_entries: Option<u64>) {
    let rows: u64 = manifest.tables.iter().map(|(_, rows)| rows).sum();
    if as_json {
        let Manifest { made_at, version, schema, digest, .. } = manifest;
        println!(
            "{}",
            json!({ "made_at": made_at, "version": version, "schema": schema, "rows": rows, "digest": digest,
                    "trail_entries": trail_entries, "tables": manifest.tables.iter().cloned().collect::<std::collections::BTreeMap<_, _>>() })
        );
        return;
    }
    println!("{sentence}: {rows} rows in {} tables, made {}", manifest.tables.len(), manifest.made_at);
    println!("Digest {}", manifest.digest);
    if let Some(entries) = trail_entries {
        println!("The trail holds: {entries} entries");
    }
}

/// A file that is gone again when it is not renamed in time.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(file: &Path) -> Self {
        Self(file.with_extension(format!("{}.plain", uuid::Uuid::new_v4().simple())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            // It may never have been made, or have its final name by now.
            let _ = std::fs::remove_file(name);
        }
        let _ = std::fs::remove_file(self.0.with_extension("lock"));
    }
}
