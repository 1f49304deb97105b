//! What people read first.

use crate::harness::{reseat, run};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["serve"],
    &["migrate"],
    &["scan"],
    &["audit"],
    &["audit", "verify"],
    &["doctor"],
    &["connections"],
    &["connections", "set"],
    &["candidates"],
    &["candidates", "list"],
    &["candidates", "start"],
    &["candidates", "keep"],
    &["backup"],
    &["backup", "restore"],
    &["store", "copy"],
    &["restore"],
    &["sync"],
    &["plan"],
    &["apply"],
    &["roster", "import"],
    &["rules", "list"],
    &["freeze"],
    &["thaw"],
];

#[test]
fn every_command_explains_itself() {
    let mut all = String::new();
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        // A terminal of any width must not change what is compared.
        let output = run(reseat(&arguments).env("COLUMNS", "110"));
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{command:?}");
        all.push_str(&format!("$ reseat {}\n{}\n", arguments.join(" "), output.stdout));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_version_is_the_package_s() {
    let output = run(&mut reseat(&["--version"]));
    assert_eq!(output.stdout, format!("reseat {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(output.code, 0);
}

#[test]
fn what_does_not_work_yet_is_not_offered() {
    let help = run(&mut reseat(&["--help"])).stdout;
    for later in ["campaigns", "keys", "catalog"] {
        assert!(!help.contains(&format!("\n  {later} ")), "{later} is offered");
        assert_eq!(run(&mut reseat(&[later])).code, 2);
    }
}
