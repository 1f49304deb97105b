//! A secret that cannot be printed by accident.

use std::fmt;

/// A client secret. It is shown nowhere: not by `Debug`, not by `Display`, not in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret from where it was kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one request that needs it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The application (client) id of the app registration.
    pub client_id: String,
    /// Its secret.
    pub secret: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let credentials = Credentials { client_id: "an app".to_owned(), secret: Secret::new("hunter2") };
        let printed = format!("{credentials:?} {credentials:#?}");
        assert!(printed.contains("an app") && !printed.contains("hunter2"), "{printed}");
    }
}
