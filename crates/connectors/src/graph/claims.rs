//! What a token says, as far as it can be read, and what Graph asks a new one to say. Signatures are
//! Graph's to check.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reseat_domain::permission::{Access, Grants};
use serde_json::{Map, Value};
use uuid::Uuid;

/// No challenge is longer; a longer one is somebody's joke.
const LONGEST_CHALLENGE: usize = 8 * 1024;

/// The claims of a token that can be read.
#[derive(Debug, Clone)]
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// The claims, `None` for a token that is opaque.
    pub(super) fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&bytes).ok().map(Self)
    }

    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn list(&self, name: &str) -> Option<BTreeSet<String>> {
        let values = self.0.get(name)?.as_array()?;
        Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The permissions it carries. A token without any is what an app without consent gets
    /// (graph-facts 1.2): it carries none, and that is known. `asked` decides where the token does not.
    pub(super) fn grants(&self, asked: Access) -> Grants {
        let scopes = self.text("scp").map(|scopes| scopes.split_whitespace().map(str::to_owned).collect());
        let (access, permissions) = match (scopes, self.list("roles")) {
            (Some(scopes), _) => (Access::Delegated, scopes),
            (None, Some(roles)) => (Access::Application, roles),
            (None, None) => (asked, BTreeSet::new()),
        };
        let roles = self.list("wids").map(|ids| ids.iter().filter_map(|id| Uuid::parse_str(id).ok()).collect());
        Grants::Token { access, permissions, roles }
    }
}

/// The claims that an answer wants in the next token (continuous access evaluation, graph-facts 1.7).
pub(super) fn challenge(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    values.find_map(challenge_in)
}

fn challenge_in(header: &str) -> Option<String> {
    let (before, after) = header.split_once("claims=\"")?;
    if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let encoded = after.split('"').next().filter(|text| text.len() <= LONGEST_CHALLENGE)?;
    // Seen in both alphabets of base64, with padding and without.
    let plain = encoded.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let text = String::from_utf8(STANDARD_NO_PAD.decode(plain).ok()?).ok()?;
    serde_json::from_str::<Map<String, Value>>(&text).ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn claims_are_read_from_a_token_and_only_from_one() {
        let claims = Claims::read(&token(r#"{"tid":"a-tenant","aud":"x"}"#)).expect("a token");
        assert_eq!(claims.text("tid"), Some("a-tenant"));
        for opaque in ["opaque", "EwBwA8l6BAAU", "a.b", "a.!!.c", "", "a.W10.c"] {
            assert!(Claims::read(opaque).is_none(), "{opaque}");
        }
    }

    #[test]
    fn the_rights_of_an_app_of_a_person_and_of_nobody_are_told_apart() {
        let grants = |claims: &str| Claims::read(&token(claims)).expect("a token").grants(Access::Application);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(
            grants(r#"{"roles":["Reports.Read.All","User.Read.All"]}"#),
            Grants::Token {
                access: Access::Application,
                permissions: names(&["Reports.Read.All", "User.Read.All"]),
                roles: None
            }
        );
        let role = Uuid::from_u128(0x4a5d_8f65_41da_4de4_8968_e035_b653_39cf);
        assert_eq!(
            grants(r#"{"scp":"User.Read.All openid","wids":["4a5d8f65-41da-4de4-8968-e035b65339cf","odd"]}"#),
            Grants::Token {
                access: Access::Delegated,
                permissions: names(&["User.Read.All", "openid"]),
                roles: Some(BTreeSet::from([role])),
            }
        );
        let none = Grants::Token { access: Access::Application, permissions: BTreeSet::new(), roles: None };
        assert_eq!(grants(r#"{"tid":"t"}"#), none, "1.2: a token without rights is still a token");
    }

    #[test]
    fn a_challenge_is_read_in_every_alphabet_and_nonsense_is_not() {
        let wanted = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651??>>"}}}"#;
        for encoded in [STANDARD.encode(wanted), STANDARD_NO_PAD.encode(wanted), URL_SAFE_NO_PAD.encode(wanted)] {
            let header = format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{encoded}\"");
            assert_eq!(challenge_in(&header).as_deref(), Some(wanted));
        }
        let list = STANDARD.encode("[1]");
        for nonsense in [
            "Bearer realm=\"\"".to_owned(),
            "Bearer claims=\"!!\"".to_owned(),
            format!("Bearer claims=\"{list}\""),
            format!("Bearer xclaims=\"{}\"", STANDARD.encode(wanted)),
            format!("Bearer claims=\"{}\"", STANDARD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(9_000)))),
        ] {
            assert_eq!(challenge_in(&nonsense), None, "{nonsense}");
        }
    }
}
