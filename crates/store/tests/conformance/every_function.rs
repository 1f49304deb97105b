//! No function of the store is without a story that runs it on both databases.

use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The names of a file's public async functions.
fn functions(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("pub async fn "))
        .map(|rest| rest.split(['(', '<']).next().unwrap_or(rest))
}

/// How stories call a function of this file. Files of `integration` and `rounds` are one module to
/// the outside; methods of the store have no module.
fn call(file: &Path, name: &str) -> String {
    let parts: Vec<String> = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pool"] if name.starts_with("open") => format!("Store::{name}("),
        ["pool"] => format!(".{name}("),
        ["integration" | "rounds", _] => format!("{}::{name}(", parts[0]),
        ["read", module] => format!("read::{module}::{name}("),
        ["installation", module] | [module] => format!("{module}::{name}("),
        _ => panic!("a file of the store in an unknown place: {}", file.display()),
    }
}

/// Whether a text holds a call, and not one of a module of the same name below `read`.
fn calls(text: &str, call: &str) -> bool {
    text.match_indices(call).any(|(at, _)| call.starts_with("read::") || !text[..at].ends_with("read::"))
}

#[test]
fn every_function_of_the_store_has_a_story() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stories = String::new();
    for file in rust_files(&root.join("tests")) {
        stories.push_str(&std::fs::read_to_string(file).expect("a source"));
    }
    let source = root.join("src");
    let (mut seen, mut missing) = (0, Vec::new());
    for file in rust_files(&source) {
        let text = std::fs::read_to_string(&file).expect("a source");
        for name in functions(&text) {
            seen += 1;
            let call = call(file.strip_prefix(&source).expect("below src"), name);
            if !calls(&stories, &call) {
                missing.push(call);
            }
        }
    }
    assert!(seen > 120, "only {seen} functions found: the search is broken");
    assert!(missing.is_empty(), "no story calls {missing:#?}");
}

#[test]
fn a_call_below_read_is_no_call_of_its_namesake() {
    assert!(calls("x => findings::find_finding(tx)", "findings::find_finding("));
    assert!(!calls("x => read::findings::find_finding(tx)", "findings::find_finding("));
    assert!(calls("x => read::findings::find_finding(tx)", "read::findings::find_finding("));
}
