use super::*;

#[test]
fn placeholder_compiles() {
    assert_eq!(Work::ALL.len(), 8);
}
