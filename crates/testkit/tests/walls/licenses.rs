//! The licenses of everything we link.

use serde_json::Value;

/// The same list as in `deny.toml`; a test keeps them equal.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    packages
        .iter()
        .filter_map(|package| {
            let license = package["license"].as_str().unwrap_or_default();
            let name = package["name"].as_str().unwrap_or_default();
            (!allowed(license)).then(|| format!("{name} has the license {license:?}, which deny.toml does not list"))
        })
        .collect()
}

/// Whether some choice the expression leaves us is allowed.
fn allowed(expression: &str) -> bool {
    // The old form "MIT/Apache-2.0" means OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let verdict = either(&words, &mut at);
    verdict && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut verdict = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        let other = both(words, at);
        verdict = verdict || other;
    }
    verdict
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut verdict = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        let other = one(words, at);
        verdict = verdict && other;
    }
    verdict
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let verdict = either(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return verdict && closed;
    }
    let mut license = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        license = format!("{license} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    ALLOWED.contains(&license.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_license_nobody_allowed_is_found() {
        let planted = json!({"packages": [
            {"name": "good", "license": "MIT OR Apache-2.0"},
            {"name": "bad", "license": "AGPL-3.0-only"},
            {"name": "silent", "license": null},
        ]});
        assert_eq!(check(&planted).len(), 2);
    }

    #[test]
    fn expressions_are_read_as_written() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 WITH Classpath-exception-2.0", "(MIT", "MIT GPL-3.0"] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn deny_toml_lists_the_same_licenses() {
        let file = std::fs::read_to_string(crate::root().join("deny.toml")).expect("deny.toml is there");
        let start = file.find("allow = [").expect("a list of licenses") + 9;
        let end = start + file[start..].find(']').expect("the list ends");
        let listed: Vec<&str> = file[start..end]
            .split(',')
            .map(|item| item.trim().trim_matches('"'))
            .filter(|item| !item.is_empty())
            .collect();
        assert_eq!(listed, ALLOWED);
    }
}
