//! The session's cookie: `__Host-` and Secure on https, a plain name on loopback http, where a Secure
//! cookie would never come back.

use http::{HeaderMap, HeaderValue, header};

/// What the cookie is called.
pub const fn name(https: bool) -> &'static str {
    if https { "__Host-reseat_session" } else { "reseat_session" }
}

/// The session's token, if the request carries one.
pub fn read(headers: &HeaderMap, https: bool) -> Option<&str> {
    let wanted = name(https);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == wanted && !value.is_empty()).then_some(value)
        })
}

/// Sets the cookie; the browser forgets it when it is closed, the server after the session's own time.
pub fn set(token: &str, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}", name(https));
    HeaderValue::try_from(text).expect("a token is plain ASCII")
}

/// Takes the cookie away.
pub fn clear(https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}", name(https));
    HeaderValue::try_from(text).expect("the name is plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_under_its_own_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; reseat_session=abc"));
        assert_eq!(read(&headers, false), Some("abc"));
        assert_eq!(read(&headers, true), None, "a plain cookie is none on https");
    }

    #[test]
    fn on_https_the_cookie_is_bound_to_the_host_and_secure() {
        let text = set("abc", true);
        let text = text.to_str().expect("ascii");
        assert!(text.starts_with("__Host-reseat_session=abc;") && text.contains("Secure") && text.contains("HttpOnly"));
        assert!(!set("abc", false).to_str().expect("ascii").contains("Secure"));
    }
}
