//! Accounts, sessions, tokens, settings.
