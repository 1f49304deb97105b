//! Which Microsoft cloud: where to sign in, where Graph is, and what to ask a token for. One unit,
//! because a token of one cloud is worth nothing in another.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, Url, redirect, retry};

use crate::error::ConnectorError;

/// How long a connection may take to open. Shorter than any deadline of a write, so that a host
/// which does not answer is known not to have got anything.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The addresses of one cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    authority_url: Url,
    graph_url: Url,
    scope: String,
}

impl Cloud {
    /// The global cloud, which includes GCC.
    pub fn global() -> Self {
        Self::known("https://login.microsoftonline.com", "https://graph.microsoft.com")
    }

    /// US Government L4 (GCC High).
    pub fn us_gov_l4() -> Self {
        Self::known("https://login.microsoftonline.us", "https://graph.microsoft.us")
    }

    /// US Government L5 (DoD).
    pub fn us_gov_l5() -> Self {
        Self::known("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
    }

    /// China, operated by 21Vianet, with the sign-in host of Microsoft's newer page.
    pub fn china() -> Self {
        Self::known("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn")
    }

    /// China with the sign-in host of the older page: the two disagree (9#34).
    pub fn china_older_sign_in() -> Self {
        Self::known("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn")
    }

    /// The cloud of this word in a configuration.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "global" => Some(Self::global()),
            "us_gov_l4" => Some(Self::us_gov_l4()),
            "us_gov_l5" => Some(Self::us_gov_l5()),
            "china" => Some(Self::china()),
            "china_older_sign_in" => Some(Self::china_older_sign_in()),
            _ => None,
        }
    }

    /// Where an administrator of this cloud registers apps; `None` for addresses of one's own.
    pub fn portal_url(&self) -> Option<&'static str> {
        match self.authority_url.host_str()? {
            "login.microsoftonline.com" => Some("https://portal.azure.com"),
            "login.microsoftonline.us" => Some("https://portal.azure.us"),
            "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => Some("https://portal.azure.cn"),
            _ => None,
        }
    }

    /// Addresses of one's own: https, or http on this machine only.
    ///
    /// # Errors
    /// [`ConnectorError::Configuration`] names the address that is not acceptable.
    pub fn custom(graph_url: &str, authority_url: &str) -> Result<Self, ConnectorError> {
        let graph_url = root("graph_url", graph_url)?;
        let authority_url = root("authority_url", authority_url)?;
        let scope = format!("{}/.default", graph_url.as_str().trim_end_matches('/'));
        Ok(Self { authority_url, graph_url, scope })
    }

    fn known(authority_url: &str, graph_url: &str) -> Self {
        Self::custom(graph_url, authority_url).expect("the addresses above are https")
    }

    /// Where to sign in, without tenant.
    pub const fn authority_url(&self) -> &Url {
        &self.authority_url
    }

    /// Where Graph is, without version.
    pub const fn graph_url(&self) -> &Url {
        &self.graph_url
    }

    /// What a token is asked for.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// An address below Graph; `path_and_query` begins with the version.
    pub(super) fn graph(&self, path_and_query: &str) -> Url {
        below(&self.graph_url, path_and_query)
    }

    /// An address below the sign-in host.
    pub(super) fn authority(&self, path: &str) -> Url {
        below(&self.authority_url, path)
    }

    /// The HTTP client of one connection. Redirects are off: a token follows nobody. Connections are
    /// kept for reading only, so that a write never goes out on one that is just being closed.
    pub(super) fn http_client(&self, ca_file: Option<&Path>, keep_connections: bool) -> Result<Client, ConnectorError> {
        let mut builder = Client::builder()
            .user_agent(concat!("reseat/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .retry(retry::never());
        if !keep_connections {
            builder = builder.pool_max_idle_per_host(0);
        }
        let hosts = [&self.authority_url, &self.graph_url];
        if hosts.iter().any(|url| url.scheme() == "http") {
            // Only on this machine: no proxy of the environment may see secret or token.
            builder = builder.no_proxy();
        }
        if let Some(path) = ca_file {
            builder = builder.tls_certs_only(read_certificates(path)?);
        } else if hosts.iter().all(|url| url.scheme() == "http") {
            // Nothing is encrypted here, so a machine without root certificates will do.
            builder = builder.tls_certs_only([]);
        }
        builder
            .build()
            .map_err(|error| ConnectorError::Configuration(format!("cannot set up HTTPS: {}", chain(&error))))
    }
}

fn below(root: &Url, path_and_query: &str) -> Url {
    let text = format!("{}/{path_and_query}", root.as_str().trim_end_matches('/'));
    Url::parse(&text).expect("an address with a path of ours appended stays one")
}

fn root(name: &str, text: &str) -> Result<Url, ConnectorError> {
    let wrong = |why: &str| ConnectorError::Configuration(format!("{name} {why}: {text:?}"));
    let url = Url::parse(text.trim()).map_err(|_| wrong("is not an address"))?;
    if !url.has_host() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has to be the root of a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("may not contain a password"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(wrong("has to be https; http is for this machine only")),
        _ => Err(wrong("has to be https")),
    }
}

/// Whether an address can only mean this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, ConnectorError> {
    let wrong = |why: String| ConnectorError::Configuration(format!("the CA file {} {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).map_err(|error| wrong(format!("is not PEM: {}", chain(&error))))?;
    if certificates.is_empty() {
        return Err(wrong("holds no certificate".to_owned()));
    }
    Ok(certificates)
}

/// An error with its causes on one line, without the address: page tokens are nobody's business.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = source {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of section 1.1.
    fn row(word: &str, authority: &str, graph: &str, portal: &str) {
        let cloud = Cloud::named(word).expect("a known cloud");
        let token = cloud.authority("a-tenant/oauth2/v2.0/token");
        assert_eq!(token.as_str(), format!("https://{authority}/a-tenant/oauth2/v2.0/token"));
        assert_eq!(cloud.graph("v1.0/users?$top=1").as_str(), format!("https://{graph}/v1.0/users?$top=1"));
        assert_eq!(cloud.scope(), format!("https://{graph}/.default"), "a token of one cloud is worthless in another");
        assert_eq!(cloud.portal_url(), Some(portal));
    }

    #[test]
    fn section_1_1_the_global_cloud() {
        row("global", "login.microsoftonline.com", "graph.microsoft.com", "https://portal.azure.com");
    }

    #[test]
    fn section_1_1_us_government_l4() {
        row("us_gov_l4", "login.microsoftonline.us", "graph.microsoft.us", "https://portal.azure.us");
    }

    #[test]
    fn section_1_1_us_government_l5() {
        row("us_gov_l5", "login.microsoftonline.us", "dod-graph.microsoft.us", "https://portal.azure.us");
    }

    #[test]
    fn section_1_1_china_with_the_sign_in_host_of_the_newer_page() {
        let graph = "microsoftgraph.chinacloudapi.cn";
        row("china", "login.partner.microsoftonline.cn", graph, "https://portal.azure.cn");
    }

    #[test]
    fn section_1_1_china_with_the_sign_in_host_of_the_older_page() {
        let graph = "microsoftgraph.chinacloudapi.cn";
        row("china_older_sign_in", "login.chinacloudapi.cn", graph, "https://portal.azure.cn");
    }

    #[test]
    fn addresses_of_ones_own_are_a_unit_too_and_have_no_portal() {
        let cloud = Cloud::custom("https://graph.example:444", "https://login.example").expect("a cloud");
        assert_eq!(cloud.scope(), "https://graph.example:444/.default");
        assert_eq!(cloud.portal_url(), None);
        assert_eq!(Cloud::named("mars"), None);
    }

    #[test]
    fn http_is_for_this_machine_only() {
        for good in ["http://127.0.0.1:8000", "http://localhost:1/", "http://[::1]:9", "https://graph.example:8443/"] {
            assert!(Cloud::custom(good, "https://login.example").is_ok(), "{good}");
            assert!(Cloud::custom("https://graph.example", good).is_ok(), "{good}");
        }
        for bad in [
            "http://graph.example",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "graph.example",
            "https://user:word@graph.example",
            "https://graph.example/?a=b",
            "",
        ] {
            let refused = Cloud::custom(bad, "https://login.example");
            assert!(matches!(refused, Err(ConnectorError::Configuration(_))), "{bad}");
            assert!(Cloud::custom("https://graph.example", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        let file = std::env::temp_dir().join(format!("reseat-no-certificates-{}.pem", std::process::id()));
        std::fs::write(&file, "no certificate here\n").expect("the file can be written");
        let refused = Cloud::global().http_client(Some(&file), true);
        std::fs::remove_file(&file).expect("the file is there");
        assert!(matches!(refused, Err(ConnectorError::Configuration(_))), "{refused:?}");
        assert!(Cloud::global().http_client(Some(Path::new("/does/not/exist.pem")), true).is_err());
    }
}
