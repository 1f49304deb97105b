//! Keeps another site from changing anything in the name of whoever is signed in: the browser says
//! where a request comes from, and a session's changes carry a token that no other site can read.

use http::{HeaderMap, Method, header};

use crate::problem::Problem;

/// The header that carries a session's token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Whether a request may change something.
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses a change that a browser sends from another site. Programs send neither header and are
/// checked by their token alone.
///
/// # Errors
/// [`Problem`] 403.
pub fn check_origin(headers: &HeaderMap, public_url: &str) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return Err(refused());
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return Ok(()) };
    let ours = public_url.trim_end_matches('/');
    // Behind a forwarded port the browser's own address is as good as the configured one.
    let here = text(header::HOST.as_str()).is_some_and(|host| authority(origin) == Some(host));
    if origin == ours || here { Ok(()) } else { Err(refused()) }
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

/// Refuses a session's change without the session's own token.
///
/// # Errors
/// [`Problem`] 403.
pub fn check_token(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let given = headers.get(CSRF_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
    if same(given, expected.as_bytes()) { Ok(()) } else { Err(refused()) }
}

/// Compares without telling by its time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn refused() -> Problem {
    Problem::forbidden("This change did not come from the console's own pages.")
        .remedy("Reload the page and try again; programs use an API token.")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_change_from_another_site_is_refused() {
        let ours = "https://reseat.example";
        let check = |pairs: &[(&'static str, &'static str)]| check_origin(&headers(pairs), ours);
        assert!(check(&[]).is_ok(), "a program");
        assert!(check(&[("sec-fetch-site", "same-origin"), ("origin", "https://reseat.example")]).is_ok());
        assert!(check(&[("origin", "http://127.0.0.1:9000"), ("host", "127.0.0.1:9000")]).is_ok());
        for bad in [
            [("sec-fetch-site", "cross-site"), ("host", "reseat.example")],
            [("sec-fetch-site", "same-site"), ("host", "reseat.example")],
            [("origin", "https://evil.example"), ("host", "reseat.example")],
            [("origin", "null"), ("host", "reseat.example")],
        ] {
            assert!(check(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_the_sessions_own_token_is_taken() {
        assert!(check_token(&headers(&[("x-csrf-token", "abc")]), "abc").is_ok());
        assert!(check_token(&headers(&[("x-csrf-token", "abd")]), "abc").is_err());
        assert!(check_token(&headers(&[]), "abc").is_err());
    }
}
