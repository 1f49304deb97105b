//! Password hashes: argon2id with 64 MiB, 3 passes, 1 lane, at most two at once, so that a flood of
//! sign-ins cannot take the machine's memory.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::problem::Problem;

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const AT_ONCE: usize = 2;

/// The shortest password taken.
pub const SHORTEST: usize = 12;
/// The longest, so that hashing has a bound.
const LONGEST: usize = 256;

/// Hashes and checks passwords.
pub struct Passwords {
    turns: Semaphore,
    /// Checked for names that do not exist, so that an answer takes as long as for one that does.
    decoy: OnceLock<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), decoy: OnceLock::new() }
    }
}

impl Passwords {
    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Problem`] naming the field when it is too short or too long.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, Problem> {
        check(password)?;
        let password = password.to_owned();
        self.in_turn(move || hash(&password, salt)).await
    }

    /// Whether a password is the one of `known`; takes as long when nothing is known.
    ///
    /// # Errors
    /// [`Problem`] when the machine is shutting down.
    pub async fn verify(&self, password: &str, known: Option<String>) -> Result<bool, Problem> {
        let exists = known.is_some();
        let known = known.unwrap_or_else(|| self.decoy.get_or_init(|| hash("nobody's password", [0; 16])).clone());
        let password = password.to_owned();
        let right = self.in_turn(move || verify(&password, &known)).await?;
        Ok(right && exists)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::unavailable("The server is shutting down."))
    }
}

/// Refuses what no password can be.
fn check(password: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    if (SHORTEST..=LONGEST).contains(&length) {
        return Ok(());
    }
    Err(Problem::invalid("password", format!("A password has {SHORTEST} to {LONGEST} characters, not {length}.")))
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the cost is within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password at once, for whoever seeds accounts.
pub fn hash(password: &str, salt: [u8; 16]) -> String {
    hasher().hash_password_with_salt(password.as_bytes(), &salt).expect("argon2 takes short texts").to_string()
}

fn verify(password: &str, known: &str) -> bool {
    let Ok(known) = PasswordHash::new(known) else { return false };
    hasher().verify_password(password.as_bytes(), &known).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_only_its_own_hash_and_nobody_is_never_let_in() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery", [7; 16]).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse battery", Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.verify("correct horse batterY", Some(hash)).await.expect("checked"));
        assert!(!passwords.verify("nobody's password", None).await.expect("checked"), "the decoy lets nobody in");
        assert!(!passwords.verify("anything at all", Some("broken".to_owned())).await.expect("checked"));
    }

    #[tokio::test]
    async fn a_short_password_is_refused_by_its_field() {
        let problem = Passwords::default().hash("short", [0; 16]).await.expect_err("refused");
        assert_eq!(problem.to_json()["field"], "password");
    }
}
