//! National clouds: one authority host and one Graph host each, and tokens no other cloud accepts.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A cloud of Microsoft's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    #[default]
    Global,
    UsGovL4,
    UsGovL5,
    China,
}

/// What a host name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// An address of this machine: everything.
    Ours,
    /// The identity platform of some clouds; two of them share one.
    Authority(&'static [Cloud]),
    Graph(Cloud),
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGovL4, Self::UsGovL5, Self::China];

    /// The host of the identity platform.
    pub fn authority(self) -> &'static str {
        match self {
            Self::Global => "login.microsoftonline.com",
            Self::UsGovL4 | Self::UsGovL5 => "login.microsoftonline.us",
            Self::China => "login.partner.microsoftonline.cn",
        }
    }

    /// The host of Graph.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Global => "graph.microsoft.com",
            Self::UsGovL4 => "graph.microsoft.us",
            Self::UsGovL5 => "dod-graph.microsoft.us",
            Self::China => "microsoftgraph.chinacloudapi.cn",
        }
    }

    /// `iss` of access tokens.
    pub fn issuer(self, tenant: Uuid) -> String {
        let host = match self {
            Self::Global => "sts.windows.net",
            Self::UsGovL4 => "sts.microsoftonline.us",
            Self::UsGovL5 => "sts-dod.microsoftonline.us",
            Self::China => "sts.chinacloudapi.cn",
        };
        format!("https://{host}/{tenant}/")
    }

    /// What the host of a request stands for. Whoever points Microsoft's names here meets one cloud behind each.
    pub fn door(host: &str) -> Door {
        let name = host
            .rsplit_once(':')
            .map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host });
        match name.to_ascii_lowercase().as_str() {
            "login.microsoftonline.com" | "login.microsoft.com" | "login.windows.net" | "sts.windows.net" => {
                Door::Authority(&[Self::Global])
            }
            "login.microsoftonline.us" => Door::Authority(&[Self::UsGovL4, Self::UsGovL5]),
            "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => Door::Authority(&[Self::China]),
            other => Self::ALL.into_iter().find(|cloud| cloud.graph() == other).map_or(Door::Ours, Door::Graph),
        }
    }
}

/// Scheme and path cut off an address.
pub fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) => name,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_names_lead_to_one_cloud_and_every_other_name_is_ours() {
        assert_eq!(Cloud::door("graph.microsoft.us"), Door::Graph(Cloud::UsGovL4));
        assert_eq!(Cloud::door("graph.microsoft.com:443"), Door::Graph(Cloud::Global));
        assert_eq!(Cloud::door("login.chinacloudapi.cn"), Door::Authority(&[Cloud::China]));
        assert_eq!(Cloud::door("127.0.0.1:8080"), Door::Ours);
        assert!(is_loopback("[::1]:8080") && is_loopback("127.0.0.1:1") && !is_loopback("graph.microsoft.us"));
    }
}
