//! Every story runs on SQLite, and on PostgreSQL too when `TEST_PG_URL` says where one is.

use std::sync::atomic::{AtomicU32, Ordering};

use reseat_store::dialect;

/// Which database a world gets.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A file in the world's own folder.
    Sqlite,
    /// A database of its own on this server.
    Postgres {
        /// Where new databases are made.
        admin_url: String,
    },
}

impl Backend {
    /// The server of `TEST_PG_URL`, if there is one.
    pub fn postgres() -> Option<Self> {
        std::env::var("TEST_PG_URL").ok().filter(|url| !url.is_empty()).map(|admin_url| Self::Postgres { admin_url })
    }

    /// An empty database: its address, and its name on the server.
    pub(crate) async fn make(&self, folder: &std::path::Path) -> (String, Option<String>) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        match self {
            Self::Sqlite => (format!("sqlite:{}", folder.join("reseat.sqlite").display()), None),
            Self::Postgres { admin_url } => {
                let count = COUNT.fetch_add(1, Ordering::SeqCst);
                let name = format!("world_{}_{count}", std::process::id());
                dialect::drop_database(admin_url, &name).await.expect("PostgreSQL answers");
                let url = dialect::create_database(admin_url, &name).await.expect("PostgreSQL makes a database");
                (url, Some(name))
            }
        }
    }
}

/// Runs a story on each database there is.
pub async fn on_each_store<F, Told>(story: F)
where
    F: Fn(Backend) -> Told,
    Told: Future<Output = ()>,
{
    story(Backend::Sqlite).await;
    if let Some(postgres) = Backend::postgres() {
        // Shown only when the story fails.
        println!("the same story on PostgreSQL");
        story(postgres).await;
    }
}
