//! The page that tells an administrator what to grant says what the program checks.

use std::path::Path;

use reseat_domain::permission::{Access, Work};

/// The rows of the table, as the words of its cells; a blank first cell repeats the task above.
fn rows(page: &str) -> Vec<Vec<String>> {
    let (_, table) = page.split_once("## 5. What each task needs").expect("the section is there");
    let (table, _) = table.split_once("\n## ").expect("another one follows");
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_page_names_the_least_permission_and_the_roles_of_every_capability() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/connecting-a-tenant.md");
    let rows = rows(&std::fs::read_to_string(page).expect("the page can be read"));
    let mut named = 0;
    for work in Work::ALL {
        for need in work.needs() {
            let capability = need.capability;
            let row = rows.iter().find(|row| row[1] == capability.words());
            let row = row.unwrap_or_else(|| panic!("{work} needs a row for {}", capability.words()));
            let least = capability.least(Access::Application).expect("an app can have it");
            assert_eq!(row[2], format!("`{least}`"), "{capability}");
            assert_eq!(row[3].starts_with("stops") || row[3] == "not done", need.required, "{capability}");
            assert_eq!(row[4] == "not possible for a person", capability.least(Access::Delegated).is_none());
            assert_eq!(row[4] == "—", capability.roles().is_empty() && capability.least(Access::Delegated).is_some());
            named += 1;
        }
    }
    // People and license types serve License Differentiation too, without rows of their own.
    assert_eq!(named, rows.len() + 2, "no row stands there for nothing");
}
