//! What a proof is given, and what it counts.

use std::collections::BTreeMap;

/// The seed, and how much of it.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// What every choice follows from.
    pub seed: u64,
    /// A small part, for every change.
    pub quick: bool,
}

impl Given {
    /// One of two sizes.
    pub const fn size(self, quick: usize, full: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

/// Chance from a seed (`SplitMix64`): small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one use of a seed; another `salt` gives other throws.
    pub const fn new(seed: u64, salt: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(salt))
    }

    /// The next throw.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).expect("less than a usize")
    }
}

/// What a proof did and found. It holds when nothing failed and everything that had to be reached was.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many cases were tried.
    pub cases: usize,
    /// In how many of them the planted trouble bit.
    pub bitten: usize,
    failures: Vec<String>,
    reached: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// A proof that did not get anywhere.
    pub fn failed(why: &str) -> Self {
        Self { failures: vec![why.to_owned()], ..Self::default() }
    }

    /// Something does not hold.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.failures.push(why.into());
    }

    /// Does not hold unless it is so.
    pub fn expect(&mut self, holds: bool, why: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(why());
        }
    }

    /// Counts how often an interesting branch was reached; one that is counted with 0 alone fails the
    /// proof, because nothing was tried there.
    pub fn reach(&mut self, what: &'static str, times: usize) {
        *self.reached.entry(what).or_default() += times;
    }

    /// Takes over what a part of the proof counted.
    pub fn take(&mut self, part: Self) {
        self.cases += part.cases;
        self.bitten += part.bitten;
        self.failures.extend(part.failures);
        for (what, times) in part.reached {
            self.reach(what, times);
        }
    }

    /// Prints the counters of what was reached.
    pub fn print_reached(&self, name: &str) {
        for (what, times) in &self.reached {
            eprintln!("{name}: {what}: {times}");
        }
    }

    /// What does not hold, what was never reached last.
    pub fn failures(&self) -> Vec<String> {
        let never = self.reached.iter().filter(|(_, times)| **times == 0);
        let never = never.map(|(what, _)| format!("never reached, so nothing is proven about it: {what}"));
        self.failures.iter().cloned().chain(never).collect()
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.cases > 0 && self.failures().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_without_a_case_or_with_an_unreached_branch_does_not_hold() {
        let mut tally = Tally::default();
        assert!(!tally.holds(), "nothing was tried");
        tally.cases = 1;
        assert!(tally.holds());
        tally.reach("a fault that bites", 0);
        assert!(!tally.holds());
        tally.reach("a fault that bites", 1);
        assert!(tally.holds());
        tally.fail("something");
        assert!(!tally.holds());
    }

    #[test]
    fn the_same_seed_throws_the_same() {
        let throws = |seed| -> Vec<usize> {
            let mut dice = Dice::new(seed, 3);
            (0..50).map(|_| dice.below(7)).collect()
        };
        assert_eq!(throws(9), throws(9));
        assert_ne!(throws(9), throws(10));
        assert_eq!(Dice::new(1, 1).below(0), 0);
    }
}
