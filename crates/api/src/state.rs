//! What every handler can reach.

use std::sync::Arc;

use reseat_engine::Engine;
use reseat_engine::clock::Clock;

use crate::auth::attempts::Attempts;
use crate::auth::password::Passwords;
use crate::metrics::Metrics;
use crate::parts::{DemoControl, Ready};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Inner>);

pub struct Inner {
    pub engine: Engine,
    /// What time it is for the people who sign in. Not the demo's: moving that on by a day must sign nobody out.
    pub clock: Arc<dyn Clock>,
    pub public_url: String,
    pub demo: Option<Arc<dyn DemoControl>>,
    pub passwords: Passwords,
    pub attempts: Attempts,
    pub ready: Ready,
    pub metrics: Metrics,
}

impl ApiState {
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Whether people reach us over https.
    pub fn is_https(&self) -> bool {
        self.0.public_url.starts_with("https://")
    }
}

impl std::ops::Deref for ApiState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
