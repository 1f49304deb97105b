//! What `Cargo.lock` may hold, on every platform.

use std::collections::BTreeMap;

const MUST_BE_ONE: &[&str] = &["axum", "hyper", "jiff", "libsqlite3-sys", "reqwest", "rustls", "sqlx", "tokio", "uuid"];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

struct Locked<'a> {
    name: &'a str,
    version: &'a str,
    source: Option<&'a str>,
}

fn locked(lock: &str) -> Vec<Locked<'_>> {
    let field = |block: &'_ str, key: &str| -> Option<(usize, usize)> {
        let start = block.find(&format!("\n{key} = \""))? + key.len() + 5;
        Some((start, start + block[start..].find('"')?))
    };
    lock.split("[[package]]")
        .skip(1)
        .map(|block| {
            let get = |key| field(block, key).map(|(from, to)| &block[from..to]);
            Locked {
                name: get("name").unwrap_or_default(),
                version: get("version").unwrap_or_default(),
                source: get("source"),
            }
        })
        .collect()
}

pub fn single_versions(lock: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in locked(lock) {
        versions.entry(package.name).or_default().push(package.version);
    }
    MUST_BE_ONE
        .iter()
        .filter_map(|name| versions.get(name).filter(|found| found.len() > 1).map(|found| (name, found)))
        .map(|(name, found)| format!("{name} is locked {} times: {}", found.len(), found.join(", ")))
        .collect()
}

pub fn registry_only(lock: &str) -> Vec<String> {
    locked(lock)
        .iter()
        .filter(|package| match package.source {
            Some(source) => source != REGISTRY,
            None => !package.name.starts_with("reseat-"),
        })
        .map(|package| format!("{} comes from {}", package.name, package.source.unwrap_or("a folder")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: &str = r#"
version = 4

[[package]]
name = "reqwest"
version = "0.12.9"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "reqwest"
version = "0.13.5"
source = "git+https://example.test/reqwest#abc"

[[package]]
name = "reseat-domain"
version = "0.1.0"

[[package]]
name = "stray"
version = "0.1.0"
"#;

    #[test]
    fn a_second_http_client_is_found() {
        assert_eq!(single_versions(PLANTED), ["reqwest is locked 2 times: 0.12.9, 0.13.5"]);
    }

    #[test]
    fn a_crate_from_git_or_from_a_folder_is_found() {
        assert_eq!(
            registry_only(PLANTED),
            ["reqwest comes from git+https://example.test/reqwest#abc", "stray comes from a folder"]
        );
    }
}
