//! Page tokens: opaque, bound to the listing, and mortal.

use crate::clock::Millis;
use crate::errors::GraphError;
use crate::faults::Fault;
use crate::request::encode;
use crate::sim::Call;
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where a listing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub next: u64,
    pub made: Millis,
    /// Free for the listing, such as a change number.
    pub mark: u64,
}

/// Makes an opaque token.
pub fn token(kind: &str, position: Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("RFNwdA|{kind}|{}|{}|{}|m", position.next, position.made, position.mark))
}

/// Reads a token of this kind.
pub fn read_token(kind: &str, token: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let parts: Vec<&str> = text.split('|').collect();
    match parts.as_slice() {
        ["RFNwdA", found, next, made, mark, "m"] if *found == kind => {
            Some(Position { next: next.parse().ok()?, made: made.parse().ok()?, mark: mark.parse().ok()? })
        }
        _ => None,
    }
}

/// The position a listing starts from, with the faults and lifetimes of page tokens applied.
pub fn start(call: &Call<'_>, world: &World, kind: &str) -> Result<Position, GraphError> {
    let expired = || {
        GraphError::new(
            if world.settings.expired_page_410 { 410 } else { 400 },
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.",
        )
    };
    let Some(text) = call.request.option("$skiptoken") else {
        return Ok(Position { next: 0, made: call.now, mark: 0 });
    };
    let position = read_token(kind, text).ok_or_else(|| GraphError::bad_request("Invalid $skiptoken."))?;
    let hours = world.settings.page_token_hours;
    if call.now - position.made > hours * 3_600_000 {
        return Err(expired());
    }
    match call.bite {
        // Odd draws expire the token; even ones answer the page again and again.
        Some(bite) if bite.fault == Fault::NextLinkExpiredOrLooping && bite.draw & 1 == 1 => Err(expired()),
        _ => Ok(position),
    }
}

/// The link to the next page: the same request with a new token, on the host the client used.
pub fn next_link(call: &Call<'_>, kind: &str, position: Position) -> String {
    let looping = call.bite.is_some_and(|bite| bite.fault == Fault::NextLinkExpiredOrLooping && bite.draw & 1 == 0);
    let token = match call.request.option("$skiptoken") {
        Some(same) if looping => same.to_owned(),
        _ => token(kind, position),
    };
    link(call, &[("$skiptoken", token.as_str())])
}

/// This request's address with its page and delta tokens replaced.
pub fn link(call: &Call<'_>, replaced: &[(&str, &str)]) -> String {
    let mut pairs: Vec<String> = Vec::new();
    for (key, value) in &call.request.query {
        let bare = key.trim_start_matches('$').to_ascii_lowercase();
        if bare != "skiptoken" && bare != "deltatoken" {
            let key = key.strip_prefix('$').map_or_else(|| encode(key), |name| format!("${}", encode(name)));
            pairs.push(format!("{key}={}", encode(value)));
        }
    }
    pairs.extend(replaced.iter().map(|(key, value)| format!("{key}={value}")));
    format!("{}{}?{}", call.request.base, call.request.path, pairs.join("&"))
}
