//! Prints `docs/state-machine.md`.
#![expect(clippy::print_stdout, reason = "printing is what this example is for")]

fn main() {
    print!("{}", reseat_domain::candidate::state_machine_page());
}
