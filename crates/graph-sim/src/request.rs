//! A request and a reply as plain values, so that `$batch` runs its parts through the very same code.

use serde_json::Value;
use std::collections::HashMap;

/// The content type of Graph's JSON.
pub const JSON: &str =
    "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8";

/// What a client asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// As sent, still percent-encoded.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    /// Scheme and host the client used, for links back to us.
    pub base: String,
    pub in_batch: bool,
    pub request_id: String,
}

/// What happens to the connection instead of, or after, the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    #[default]
    Whole,
    /// The connection is reset before the first byte.
    Reset,
    /// The answer ends in the middle, the connection with it.
    Cut,
}

/// What the client gets.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub wire: Wire,
    pub delay_ms: u64,
    /// Who asked, and what it cost: for the log of requests.
    pub app_id: Option<String>,
    pub units: u32,
}

impl Request {
    /// Splits a target (`/path?query`) into path and query.
    pub fn set_target(&mut self, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        path.clone_into(&mut self.path);
        self.query = parse_form(query);
    }

    /// Path segments, decoded; `users('x')` becomes two.
    pub fn segments(&self) -> Vec<String> {
        let mut segments = Vec::new();
        for part in self.path.split('/').filter(|part| !part.is_empty()) {
            let part = decode(part, false);
            match part.split_once("('") {
                Some((name, key)) if matches!(name, "users" | "groups" | "subscribedSkus") => {
                    segments.push(name.to_owned());
                    segments.push(key.trim_end_matches("')").to_owned());
                }
                _ => segments.push(part),
            }
        }
        segments
    }

    /// A query option; OData names may come with or without `$`.
    pub fn option(&self, name: &str) -> Option<&str> {
        let bare = name.trim_start_matches('$');
        self.query
            .iter()
            .find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(bare))
            .map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Whether the client asked for advanced queries.
    pub fn is_eventual(&self) -> bool {
        self.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The properties of `$select`, if any.
    pub fn selected(&self) -> Option<Vec<String>> {
        let list: Vec<String> = self
            .option("$select")?
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        (!list.is_empty()).then_some(list)
    }
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::with_type(status, JSON, body.to_string().into_bytes())
    }

    pub fn with_type(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body, ..Self::default() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Promises the whole body and keeps only its beginning.
    pub fn cut_to(&mut self, keep: usize) {
        self.headers.push(("content-length".to_owned(), self.body.len().to_string()));
        self.body.truncate(keep);
        self.wire = Wire::Cut;
    }

    pub fn and_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Reads `application/x-www-form-urlencoded`.
pub fn parse_form(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// Undoes percent encoding; `plus` also turns `+` into a blank.
pub fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (b'+', _) if plus => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes a query value.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
