//! The walls between the rooms, checked over `cargo metadata`, `Cargo.lock` and the sources.
//!
//! Every rule is a function from data to a list of complaints, so that its own tests can plant a
//! breach and see it found.

mod dependencies;
mod licenses;
mod lock;
mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lies two folders below the root").to_owned()
}

/// The platform is named so that cargo never asks for crates of other platforms.
fn metadata() -> Value {
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &platform])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("cargo metadata prints JSON")
}

fn lock_file() -> String {
    std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed")
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_outside_crate_stays_in_its_rooms() {
    none(&dependencies::outside_crates(&metadata()));
}

#[test]
fn rooms_depend_in_one_direction() {
    none(&dependencies::direction(&metadata()));
}

#[test]
fn the_domain_reaches_no_runtime() {
    none(&dependencies::domain_is_pure(&metadata()));
}

#[test]
fn licenses_are_allowed() {
    none(&licenses::check(&metadata()));
}

#[test]
fn crates_that_must_be_one_are_one() {
    none(&lock::single_versions(&lock_file()));
}

#[test]
fn everything_comes_from_the_registry() {
    none(&lock::registry_only(&lock_file()));
}

#[test]
fn every_crate_takes_the_shared_lints() {
    none(&sources::shared_lints(&sources::files(&root(), "toml")));
}

#[test]
fn only_the_clocks_read_the_time() {
    none(&sources::clocks(&sources::files(&root(), "rs")));
}

#[test]
fn nothing_is_unsafe() {
    none(&sources::no_unsafe(&sources::files(&root(), "rs")));
}

#[test]
fn the_domain_neither_waits_nor_reads() {
    none(&sources::domain_has_no_effects(&sources::files(&root(), "rs")));
}

#[test]
fn the_candidate_machine_names_every_case() {
    none(&sources::no_wildcards(&sources::files(&root(), "rs")));
}
