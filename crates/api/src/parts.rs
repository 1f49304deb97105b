//! What the server is made of, as the command line puts it together.

use std::sync::Arc;

use async_trait::async_trait;
use reseat_domain::time::Timestamp;
use reseat_engine::Engine;
use reseat_engine::clock::{Clock, SystemClock};

/// What the demo lets people do with its simulated world.
#[async_trait]
pub trait DemoControl: Send + Sync {
    /// Where the mail that was sent can be read.
    fn mail_url(&self) -> String;
    /// The simulated tenant.
    fn sim_url(&self) -> String;
    /// Moves the world on and says what time it is then. The engine's clock has followed before this
    /// returns.
    ///
    /// # Errors
    /// One sentence for whoever asked.
    async fn advance(&self, seconds: i64) -> Result<Timestamp, String>;
}

/// Says why the server is not ready, if it is not: whether the engine's loop still runs is known only to
/// whoever started it.
pub type Ready = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the server is made of.
pub struct ApiParts {
    /// The engine of the tenant.
    pub engine: Engine,
    /// Under which address people reach us: `https://…` behind a proxy, or `http://127.0.0.1:…`.
    pub public_url: String,
    /// Set when the server follows a demo's clock.
    pub demo: Option<Arc<dyn DemoControl>>,
    /// Whether the engine's loop runs.
    pub ready: Ready,
    /// What time it is for sessions and tokens. The machine's clock even in a demo: moving the simulated world
    /// on by a day must sign nobody out.
    pub clock: Arc<dyn Clock>,
}

impl ApiParts {
    /// A server for `engine` at `public_url`, on the machine's clock, without a demo.
    pub fn new(engine: Engine, public_url: impl Into<String>, ready: Ready) -> Self {
        Self { engine, public_url: public_url.into(), demo: None, ready, clock: Arc::new(SystemClock) }
    }
}
