//! The data folder of a demo: its ports, sizes and secrets survive a restart; nobody else reads them.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::demo::DemoArgs;
use crate::exit::Complaint;
use crate::secret::{new_master_key, random_text};
use reseat_domain::role::Role;

const DEFAULT_WORLD: &str = "contoso";
const DEFAULT_SEED: u64 = 1;

/// Where the console is looked for first.
pub const USUAL_LISTEN: &str = "127.0.0.1:8420";

/// What a demo remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Exactly how many user objects; the world's own number without it.
    pub users: Option<u64>,
    /// What the world is made from.
    pub seed: u64,
    /// Which world.
    pub world: String,
    /// The database.
    pub store: String,
    /// Where the console listens.
    pub listen: Option<SocketAddr>,
    /// Where the simulator listens.
    pub simulator: Option<(SocketAddr, SocketAddr)>,
    /// The people who use the product.
    pub accounts: Vec<KeptAccount>,
    /// Whether prices were entered.
    pub priced: bool,
}

/// One of the people who use the product.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptAccount {
    /// The name to sign in with.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Who it is in the tenant.
    pub user_id: Option<reseat_domain::ids::UserId>,
    /// The password.
    pub password: String,
    /// A bearer token of the account.
    pub api_token: Option<String>,
}

/// A demo's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder of an earlier demo, or makes one.
    pub fn open(args: &DemoArgs) -> anyhow::Result<(Self, Kept)> {
        let found = Self { path: args.data.clone() };
        if args.fresh {
            found.remove()?;
        }
        make_private(&found.path)?;
        let path = found.path.canonicalize().with_context(|| format!("cannot open {}", found.path.display()))?;
        let folder = Self { path };
        let kept = match folder.read()? {
            Some(kept) => {
                check_same_world(&kept, args)?;
                Kept { listen: chosen_listen(args, &kept), ..kept }
            }
            None => folder.begin(args)?,
        };
        folder.keep(&kept)?;
        Ok((folder, kept))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The configuration file of the server.
    pub fn config_file(&self) -> PathBuf {
        self.file("config.toml")
    }

    /// Writes down what is remembered.
    pub fn keep(&self, kept: &Kept) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(kept).context("what a demo remembers is JSON")?;
        write_private(&self.file("demo.json"), &text)
    }

    fn read(&self) -> anyhow::Result<Option<Kept>> {
        let path = self.file("demo.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            Complaint::failed(format!("{} cannot be read: {error}", path.display()), "Begin again with --fresh.")
        })
    }

    fn begin(&self, args: &DemoArgs) -> anyhow::Result<Kept> {
        let strange = std::fs::read_dir(&self.path)?.next().is_some();
        if strange {
            return Err(not_ours(&self.path));
        }
        write_private(&self.file("master.key"), &new_master_key())?;
        let accounts = Role::ALL.iter().map(|&role| KeptAccount {
            name: role.as_str().replace('_', "-"),
            role,
            user_id: None,
            password: random_text::<12>(),
            api_token: None,
        });
        Ok(Kept {
            users: args.users,
            seed: args.seed.unwrap_or(DEFAULT_SEED),
            world: args.world.clone().unwrap_or_else(|| DEFAULT_WORLD.to_owned()),
            store: args.store.clone().unwrap_or_else(|| format!("sqlite:{}", self.file("reseat.sqlite").display())),
            listen: args.listen,
            simulator: None,
            accounts: accounts.collect(),
            priced: false,
        })
    }

    /// Removes an earlier demo; never a folder that is something else.
    fn remove(&self) -> anyhow::Result<()> {
        let empty = match std::fs::read_dir(&self.path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("cannot look into {}", self.path.display())),
        };
        if empty {
            return Ok(());
        }
        if !(self.file("demo.json").is_file() && self.file("master.key").is_file()) {
            return Err(not_ours(&self.path));
        }
        if std::fs::symlink_metadata(&self.path)?.is_symlink() {
            return Err(not_ours(&self.path));
        }
        std::fs::remove_dir_all(&self.path).with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

/// The address that was asked for; "any free port" means the one it has already.
fn chosen_listen(args: &DemoArgs, kept: &Kept) -> Option<SocketAddr> {
    match args.listen {
        Some(listen) if listen.port() != 0 => Some(listen),
        Some(_) | None => kept.listen.or(args.listen),
    }
}

fn not_ours(path: &Path) -> anyhow::Error {
    Complaint::usage(
        format!("{} is not the data folder of a demo, so it is left alone", path.display()),
        "Give another folder with --data DIR.",
    )
}

/// The world of a folder cannot change under its people.
fn check_same_world(kept: &Kept, args: &DemoArgs) -> anyhow::Result<()> {
    let differs = args.users.is_some_and(|users| kept.users != Some(users))
        || args.seed.is_some_and(|seed| kept.seed != seed)
        || args.world.as_ref().is_some_and(|world| kept.world != *world)
        || args.store.as_ref().is_some_and(|store| kept.store != *store);
    if !differs {
        return Ok(());
    }
    let users = kept.users.map_or_else(String::new, |users| format!(" --users {users}"));
    Err(Complaint::usage(
        format!("this demo was made with{users} --seed {} --world {}", kept.seed, kept.world),
        "Leave these flags out to go on with it, or begin again with --fresh.",
    ))
}

/// A folder that only its owner enters.
fn make_private(path: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("cannot make the data folder {}", path.display()))
}

/// Writes a file that only its owner reads, whole or not at all.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let next = path.with_extension("next");
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&next)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&next, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Only {
        #[command(flatten)]
        demo: DemoArgs,
    }

    fn args(folder: &Path, more: &[&str]) -> DemoArgs {
        let data = folder.display().to_string();
        let all = ["demo", "--data", &data].into_iter().chain(more.iter().copied());
        Only::parse_from(all).demo
    }

    #[test]
    fn a_second_start_keeps_its_secrets_and_fresh_makes_new_ones() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("demo");
        let (_, first) = Folder::open(&args(&folder, &["--users", "40"])).expect("made");
        let (opened, second) = Folder::open(&args(&folder, &[])).expect("opened");
        assert_eq!(first.accounts[0].password, second.accounts[0].password);
        assert_eq!(second.users, Some(40));
        let mode = |name: &str| {
            std::os::unix::fs::PermissionsExt::mode(&opened.file(name).metadata().expect("there").permissions()) & 0o777
        };
        assert_eq!((mode("demo.json"), mode("master.key")), (0o600, 0o600));
        let (_, third) = Folder::open(&args(&folder, &["--fresh"])).expect("made anew");
        assert_ne!(first.accounts[0].password, third.accounts[0].password);
    }

    #[test]
    fn a_demo_never_changes_its_world_unasked_and_never_removes_what_is_not_its_own() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("demo");
        Folder::open(&args(&folder, &["--seed", "7"])).expect("made");
        let error = Folder::open(&args(&folder, &["--seed", "8"])).expect_err("another world");
        assert!(error.to_string().contains("--seed 7"), "{error}");
        let other = place.path().join("photos");
        std::fs::create_dir(&other).expect("made");
        std::fs::write(other.join("one.jpg"), "x").expect("written");
        for more in [&["--fresh"][..], &[]] {
            assert!(Folder::open(&args(&other, more)).is_err());
        }
        assert!(other.join("one.jpg").exists());
    }
}
