//! What the text of our sources may not say. Comments and strings do not count.

use std::path::Path;

/// One file: its path from the root, with forward slashes, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Where the system's clocks may be read. Everything else takes the time as a parameter.
const CLOCKS: &[&str] = &[
    "crates/cli/",
    "crates/connectors/src/graph/monotonic.rs",
    "crates/engine/src/clock.rs",
    // The outermost edge: a program of its own that hands its clock in.
    "crates/connectors/examples/foreign.rs",
    "crates/graph-sim/src/clock.rs",
    "crates/prove/",
    "crates/testkit/",
];

const CLOCK_READS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "Local::now",
    "OffsetDateTime::now",
];

const EFFECTS: &[&str] = &[
    "async fn",
    "async move",
    ".await",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "thread_rng",
    "now_v7",
    "new_v4",
    "getrandom",
];

/// Every file below `crates/` with this extension.
pub fn files(root: &Path, extension: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let short = path.strip_prefix(root).expect("it lies below the root");
                found.push(File {
                    path: short.to_string_lossy().replace('\\', "/"),
                    text: std::fs::read_to_string(&path).expect("sources are text"),
                });
            }
        }
    }
    assert!(!found.is_empty(), "no .{extension} file found: the walk is broken");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

pub fn shared_lints(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml") && !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| format!("{} does not take the shared lints", file.path))
        .collect()
}

pub fn clocks(files: &[File]) -> Vec<String> {
    let fenced = files.iter().filter(|file| !CLOCKS.iter().any(|free| file.path.starts_with(free)));
    search(fenced, CLOCK_READS, "reads a clock; take the time as a parameter")
}

pub fn no_unsafe(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in code(&file.text).lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.into_iter().any(|word| word == "unsafe") {
                complaints.push(format!("{}:{} is unsafe", file.path, number + 1));
            }
        }
    }
    complaints
}

pub fn domain_has_no_effects(files: &[File]) -> Vec<String> {
    search(files.iter().filter(|file| file.path.starts_with("crates/domain/src/")), EFFECTS, "has an effect")
}

/// A new state or event must break the build where it matters, so no arm may catch the rest.
pub fn no_wildcards(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in
        files.iter().filter(|file| file.path.starts_with("crates/domain/src/candidate/") && !is_test(&file.path))
    {
        for (number, line) in product(&file.text).lines().enumerate() {
            let Some((pattern, _)) = line.split_once("=>") else { continue };
            let catches_all = pattern.split(['(', ')', ',', '|', ' ']).all(|part| part.is_empty() || part == "_");
            if catches_all && pattern.contains('_') {
                complaints.push(format!("{}:{} catches every other case", file.path, number + 1));
            }
        }
    }
    complaints
}

fn search<'a>(files: impl Iterator<Item = &'a File>, words: &[&str], why: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.filter(|file| !is_test(&file.path)) {
        for (number, line) in product(&file.text).lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{} {why}: {word}", file.path, number + 1));
            }
        }
    }
    complaints
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The code without its tests, which by custom stand last.
fn product(text: &str) -> String {
    let code = code(text);
    let tests = ["#[cfg(test)]\nmod ", "#[cfg(test)]\npub mod ", "#[cfg(test)]\npub(crate) mod "];
    let inline = tests.iter().filter_map(|start| code.find(start)).find(|at| {
        // `mod tests;` is another file and ends nothing here.
        let rest = &code[*at..];
        rest.find('{').unwrap_or(usize::MAX) < rest.find(';').unwrap_or(usize::MAX)
    });
    code[..inline.unwrap_or(code.len())].to_owned()
}

/// The text with comments, strings and characters blanked and every line where it was.
fn code(text: &str) -> String {
    let from: Vec<char> = text.chars().collect();
    let mut to = String::with_capacity(text.len());
    let mut at = 0;
    while at < from.len() {
        let end = literal_or_comment(&from, at);
        if end == at {
            to.push(from[at]);
            at += 1;
        } else {
            to.extend(from[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    to
}

/// Where the comment or literal that begins here ends; `at` itself if none does.
fn literal_or_comment(text: &[char], at: usize) -> usize {
    let next = |offset: usize| text.get(at + offset).copied().unwrap_or('\0');
    let until = |from: usize, stop: &[char]| {
        (from..text.len()).find(|place| text[*place..].starts_with(stop)).map_or(text.len(), |place| place + stop.len())
    };
    match (text[at], next(1)) {
        ('/', '/') => (at..text.len()).find(|place| text[*place] == '\n').unwrap_or(text.len()),
        ('/', '*') => until(at + 2, &['*', '/']),
        ('"', _) => {
            let mut place = at + 1;
            while place < text.len() && text[place] != '"' {
                place += if text[place] == '\\' { 2 } else { 1 };
            }
            (place + 1).min(text.len())
        }
        ('r', '"' | '#')
            if at == 0 || !(text[at - 1].is_alphanumeric() || text[at - 1] == '_') || text[at - 1] == 'b' =>
        {
            let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
            if next(1 + hashes) != '"' {
                return at;
            }
            let mut stop = vec!['"'];
            stop.resize(1 + hashes, '#');
            until(at + 2 + hashes, &stop)
        }
        ('\'', '\\') => until(at + 3, &['\'']),
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_clock_read_outside_the_clocks_is_found() {
        let text = "fn f() {\n    let t = SystemTime::now();\n}\n";
        let found = clocks(&[
            file("crates/store/src/a.rs", text),
            file("crates/engine/src/clock.rs", text),
            file("crates/cli/src/main.rs", text),
            file("crates/store/tests/it/main.rs", text),
            file("crates/store/src/a/tests.rs", text),
        ]);
        assert_eq!(found, ["crates/store/src/a.rs:2 reads a clock; take the time as a parameter: SystemTime::now"]);
        for read in CLOCK_READS {
            assert_eq!(clocks(&[file("crates/api/src/a.rs", &format!("let t = {read}();"))]).len(), 1, "{read}");
        }
    }

    #[test]
    fn tests_at_the_end_of_a_file_may_read_a_clock() {
        let end = "fn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() { Instant::now(); }\n}\n";
        assert!(clocks(&[file("crates/api/src/a.rs", end)]).is_empty());
        let elsewhere = "#[cfg(test)]\nmod tests;\nfn g() { Instant::now(); }\n";
        assert_eq!(clocks(&[file("crates/api/src/a.rs", elsewhere)]).len(), 1);
    }

    #[test]
    fn unsafe_is_found_and_the_lint_named_after_it_is_not() {
        let found = no_unsafe(&[
            file("crates/a/src/lib.rs", "#![forbid(unsafe_code)]\n// unsafe\nlet s = \"unsafe\";"),
            file("crates/a/src/b.rs", "fn f() { unsafe { g() } }"),
        ]);
        assert_eq!(found, ["crates/a/src/b.rs:1 is unsafe"]);
    }

    #[test]
    fn effects_in_the_domain_are_found() {
        let found = domain_has_no_effects(&[
            file("crates/domain/src/a.rs", "pub async fn f() {}\nlet t = std::fs::read(p);"),
            file("crates/store/src/a.rs", "pub async fn f() {}"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn arms_that_catch_the_rest_are_found() {
        let place = "crates/domain/src/candidate/transition.rs";
        for bad in ["        _ => Err(e),", "(_, _) => 1,", "_ | _ => 1,", "_=>1,"] {
            assert_eq!(no_wildcards(&[file(place, bad)]).len(), 1, "{bad}");
        }
        for good in ["(State::Ready, _) => 1,", "State::Ready => 1,", "x_ => 1,", "// _ => 1"] {
            assert!(no_wildcards(&[file(place, good)]).is_empty(), "{good}");
        }
        assert!(no_wildcards(&[file("crates/domain/src/money.rs", "_ => 1,")]).is_empty());
    }

    #[test]
    fn a_crate_without_the_shared_lints_is_found() {
        let found = shared_lints(&[
            file("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
            file("crates/b/Cargo.toml", "[dependencies]\n"),
        ]);
        assert_eq!(found, ["crates/b/Cargo.toml does not take the shared lints"]);
    }

    #[test]
    fn comments_and_literals_are_blanked_and_lines_stay() {
        let text = "a(\"x \\\" y\", 'q', '\\'', r#\"raw \" x\"#); // c\n/* d\n */ b::<'static>()";
        let blank = code(text);
        assert_eq!(blank.lines().count(), text.lines().count());
        for gone in ["x", "y", "q", "raw", "c\n", "d"] {
            assert!(!blank.contains(gone), "{gone:?} in {blank:?}");
        }
        assert!(blank.contains("b::<'static>()"), "{blank:?}");
    }
}
