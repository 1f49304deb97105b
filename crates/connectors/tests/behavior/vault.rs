//! Where the tests keep refresh tokens, by the contract of the trait: the newest and the one it came
//! from.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use reseat_connectors::ConnectorError;
use reseat_connectors::graph::{RefreshTokens, Secret, SignedIn};

#[derive(Default)]
pub struct Vault {
    kept: Mutex<Vec<Secret>>,
    /// How often a token was replaced.
    rotations: Mutex<usize>,
    broken: bool,
}

impl Vault {
    pub fn with(tokens: &[&Secret]) -> Arc<Self> {
        Arc::new(Self { kept: Mutex::new(tokens.iter().map(|token| (*token).clone()).collect()), ..Self::default() })
    }

    /// One that reads and cannot store.
    pub fn broken(token: &Secret) -> Arc<Self> {
        Arc::new(Self { kept: Mutex::new(vec![token.clone()]), broken: true, ..Self::default() })
    }

    pub fn kept(&self) -> Vec<Secret> {
        self.kept.lock().expect("no test panics while it holds this").clone()
    }

    pub fn rotations(&self) -> usize {
        *self.rotations.lock().expect("no test panics while it holds this")
    }

    pub fn sign_in(self: &Arc<Self>) -> SignedIn {
        SignedIn { refresh_tokens: Arc::<Self>::clone(self), client_proof: None }
    }
}

#[async_trait]
impl RefreshTokens for Vault {
    async fn current(&self) -> Result<Vec<Secret>, ConnectorError> {
        Ok(self.kept())
    }

    async fn rotated(&self, used: &Secret, new: Secret) -> Result<(), ConnectorError> {
        if self.broken {
            return Err(ConnectorError::Configuration("the vault is full".to_owned()));
        }
        *self.rotations.lock().expect("no test panics while it holds this") += 1;
        *self.kept.lock().expect("no test panics while it holds this") = vec![new, used.clone()];
        Ok(())
    }
}
