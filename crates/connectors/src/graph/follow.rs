//! Sending one request once, and following the links that answers give: a token goes to Graph and to
//! nobody else.

use bytes::{Bytes, BytesMut};
use reqwest::{RequestBuilder, Url};

use crate::directory::Cursor;
use crate::error::ConnectorError;

use super::answer::Answer;
use super::cloud::{Cloud, chain, is_loopback};

/// The largest body that is read. A page of 999 people is 2 MB, the report of a million 400 MB.
const LARGEST_BODY: usize = 512 * 1024 * 1024;

/// A request that got no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// The connection was never open: nothing was sent (G10).
    NotConnected(String),
    /// It was open; what arrived on the other side is not known.
    Broken(String),
}

/// Sends a request once and reads the whole answer.
pub(super) async fn send(request: RequestBuilder) -> Result<Answer, Lost> {
    let lost = |error: reqwest::Error| {
        // A request that could not even be built was not sent either.
        if error.is_connect() || error.is_builder() {
            Lost::NotConnected(chain(&error))
        } else if error.is_timeout() {
            Lost::Broken("no answer in time".to_owned())
        } else {
            Lost::Broken(chain(&error))
        }
    };
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    // From here on an answer has begun, so no failure may count as "not connected".
    let broken = |error: reqwest::Error| Lost::Broken(chain(&error));
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(Lost::Broken("the answer is larger than any that is expected".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: Bytes::from(body) })
}

/// The address a listing goes on at, if it lies on the configured Graph.
///
/// # Errors
/// [`ConnectorError::Malformed`] when it points anywhere else.
pub(super) fn next_page(cloud: &Cloud, cursor: &Cursor) -> Result<Url, ConnectorError> {
    let elsewhere = || ConnectorError::Malformed("the next page lies outside Microsoft Graph".to_owned());
    let url = Url::parse(cursor.as_str()).map_err(|_| elsewhere())?;
    let root = cloud.graph("v1.0/");
    let same_host = url.origin() == root.origin() && url.username().is_empty() && url.password().is_none();
    if same_host && url.path().starts_with(root.path()) { Ok(url) } else { Err(elsewhere()) }
}

/// Where a report is to be downloaded: another host, over https, or on this machine if Graph is too.
///
/// # Errors
/// [`ConnectorError::Malformed`] when the address is not acceptable.
pub(super) fn download(cloud: &Cloud, location: &str) -> Result<Url, ConnectorError> {
    let unacceptable = || ConnectorError::Malformed("the report's download address is not https".to_owned());
    let url = cloud.graph_url().join(location).map_err(|_| unacceptable())?;
    let local = url.scheme() == "http" && is_loopback(&url) && is_loopback(cloud.graph_url());
    if url.scheme() == "https" || local { Ok(url) } else { Err(unacceptable()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_elsewhere_is_not_followed() {
        let cloud = Cloud::custom("https://graph.example:444", "https://login.example").expect("a cloud");
        let follow = |link: &str| next_page(&cloud, &Cursor::from_stored(link));
        let good = "https://graph.example:444/v1.0/users?$top=999&$skiptoken=RFNw%2Bd";
        assert_eq!(follow(good).expect("on the host").as_str(), good, "followed as it is");
        for bad in [
            "https://graph.example.evil:444/v1.0/users",
            "https://graph.example/v1.0/users",
            "http://graph.example:444/v1.0/users",
            "https://graph.example:444@evil.example/v1.0/users",
            "https://a@graph.example:444/v1.0/users",
            "https://graph.example:444/beta/users",
            "/v1.0/users?$skiptoken=a",
            "",
        ] {
            assert!(matches!(follow(bad), Err(ConnectorError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn a_report_is_downloaded_over_https_or_on_this_machine() {
        let away = Cloud::global();
        assert!(download(&away, "https://reports.office.com/data/download/x").is_ok());
        for bad in ["http://reports.office.com/x", "http://127.0.0.1/x", "file:///etc/passwd"] {
            assert!(download(&away, bad).is_err(), "{bad}");
        }
        let here = Cloud::custom("http://127.0.0.1:1", "http://127.0.0.1:1").expect("a cloud");
        assert!(download(&here, "http://127.0.0.1:2/x").is_ok());
        assert!(download(&here, "http://example.com/x").is_err());
    }
}
