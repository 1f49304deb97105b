//! Whether what was read can be believed. A round that collapsed, a roster that flipped or belongs
//! to somebody else, is held back whole with its reason; what was published before stays.

/// Why a round is held back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hold {
    /// Nothing in it (R1, R2).
    #[error("{what} is empty; the last good one stays in use")]
    Empty {
        /// What was read.
        what: &'static str,
    },
    /// Far fewer rows than before (G50, R3).
    #[error(
        "{what} shrank from {before} to {now} rows, by more than {limit_percent} percent; the last good one stays in use"
    )]
    Collapsed {
        /// What was read.
        what: &'static str,
        /// Rows before.
        before: u64,
        /// Rows now.
        now: u64,
        /// The limit passed.
        limit_percent: u64,
    },
    /// Too many people changed status at once (R6).
    #[error(
        "{flipped} of {known} people changed from employed to not employed at once, more than {limit_percent} percent; the last good roster stays in use"
    )]
    Flipped {
        /// How many.
        flipped: u64,
        /// Of how many known.
        known: u64,
        /// The limit passed.
        limit_percent: u64,
    },
    /// Nearly nobody is employed (R6 on a first import).
    #[error(
        "{inactive} of {rows} people are marked inactive, more than {limit_percent} percent; a roster like that is not believed"
    )]
    NearlyEverybodyLeft {
        /// How many.
        inactive: u64,
        /// Of how many rows.
        rows: u64,
        /// The limit passed.
        limit_percent: u64,
    },
    /// The rows match hardly anybody in the directory (R9).
    #[error(
        "only {matched} of {rows} rows match somebody in the directory, less than {limit_percent} percent; is this the roster of another company?"
    )]
    AnotherCompany {
        /// How many match.
        matched: u64,
        /// Of how many rows.
        rows: u64,
        /// The limit not reached.
        limit_percent: u64,
    },
    /// Too many rows could not be read.
    #[error("{bad} of {rows} rows could not be read, more than {limit_percent} percent; nothing of it is used")]
    TooManyBadRows {
        /// How many.
        bad: u64,
        /// Of how many.
        rows: u64,
        /// The limit passed.
        limit_percent: u64,
    },
    /// The report covers too few of the people it should (U3).
    #[error(
        "the usage report has rows for {matched} of {expected} people, less than {limit_percent} percent; it looks cut off and is not used"
    )]
    ReportIncomplete {
        /// How many people have a row.
        matched: u64,
        /// How many should.
        expected: u64,
        /// The limit not reached.
        limit_percent: u64,
    },
}

/// Whether a listing that had `before` rows may be replaced by one that has `now` (G50: ten
/// percent, but a handful of people may always leave a small tenant).
///
/// # Errors
/// [`Hold`] when it collapsed or is empty.
pub fn check_listing(what: &'static str, before: u64, now: u64) -> Result<(), Hold> {
    if now == 0 {
        return Err(Hold::Empty { what });
    }
    let limit_percent = 10;
    if before > now && before - now > 5 && (before - now) * 100 > before * limit_percent {
        return Err(Hold::Collapsed { what, before, now, limit_percent });
    }
    Ok(())
}

/// What a roster holds, counted against what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RosterCounts {
    /// Rows that could be read.
    pub rows: u64,
    /// Rows that could not.
    pub bad: u64,
    /// Rows marked inactive.
    pub inactive: u64,
    /// Rows that match somebody in the directory.
    pub matched: u64,
    /// Rows of the roster in use now.
    pub before: u64,
    /// People employed in the roster in use now and inactive in this one.
    pub flipped: u64,
}

/// Whether a roster may replace the one in use.
///
/// # Errors
/// [`Hold`] says what is wrong with it.
pub fn check_roster(counts: &RosterCounts) -> Result<(), Hold> {
    let RosterCounts { rows, bad, inactive, matched, before, flipped } = *counts;
    let all = rows + bad;
    if all == 0 {
        return Err(Hold::Empty { what: "the HR roster" });
    }
    if bad > 3 && bad * 100 > all * 5 || rows == 0 {
        return Err(Hold::TooManyBadRows { bad, rows: all, limit_percent: 5 });
    }
    if before > 0 {
        check_listing("the HR roster", before, rows)?;
    }
    if matched * 100 < rows * 80 {
        return Err(Hold::AnotherCompany { matched, rows, limit_percent: 80 });
    }
    if before > 0 && flipped > 5 && flipped * 100 > before * 5 {
        return Err(Hold::Flipped { flipped, known: before, limit_percent: 5 });
    }
    if inactive * 100 > rows * 50 && inactive > 5 {
        return Err(Hold::NearlyEverybodyLeft { inactive, rows, limit_percent: 50 });
    }
    Ok(())
}

/// Whether a usage report may be used: rows for at least 98 percent of the people that the last
/// good one covered, and half of the licensed people in any case (U3).
///
/// # Errors
/// [`Hold`] says that it looks cut off.
pub fn check_report(rows_matched: u64, covered_before: u64, licensed_people: u64) -> Result<(), Hold> {
    if rows_matched == 0 {
        return Err(Hold::Empty { what: "the usage report" });
    }
    let incomplete =
        |expected, limit_percent| Hold::ReportIncomplete { matched: rows_matched, expected, limit_percent };
    if covered_before > 50 && rows_matched * 100 < covered_before * 98 {
        return Err(incomplete(covered_before, 98));
    }
    if licensed_people > 10 && rows_matched * 100 < licensed_people * 50 {
        return Err(incomplete(licensed_people, 50));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collapsed_or_empty_listing_is_held() {
        assert!(matches!(check_listing("people", 100, 0), Err(Hold::Empty { .. })));
        assert!(matches!(check_listing("people", 2_000, 1_700), Err(Hold::Collapsed { .. })));
        assert_eq!(check_listing("people", 2_000, 1_801), Ok(()));
        assert_eq!(check_listing("people", 10, 6), Ok(()), "a small tenant may lose a handful");
        assert_eq!(check_listing("people", 0, 5), Ok(()));
    }

    #[test]
    fn mistaken_rosters_are_held_with_their_reason() {
        let good = RosterCounts { rows: 1_000, matched: 990, before: 1_000, ..RosterCounts::default() };
        assert_eq!(check_roster(&good), Ok(()));
        assert!(matches!(check_roster(&RosterCounts::default()), Err(Hold::Empty { .. })), "R1, R2");
        assert!(
            matches!(check_roster(&RosterCounts { rows: 500, matched: 500, ..good }), Err(Hold::Collapsed { .. })),
            "R3"
        );
        assert!(
            matches!(check_roster(&RosterCounts { flipped: 51, inactive: 60, ..good }), Err(Hold::Flipped { .. })),
            "R6"
        );
        assert!(matches!(
            check_roster(&RosterCounts { inactive: 900, before: 0, ..good }),
            Err(Hold::NearlyEverybodyLeft { .. })
        ));
        assert!(matches!(check_roster(&RosterCounts { matched: 100, ..good }), Err(Hold::AnotherCompany { .. })), "R9");
        assert!(matches!(check_roster(&RosterCounts { bad: 200, ..good }), Err(Hold::TooManyBadRows { .. })), "R7");
    }

    #[test]
    fn a_cut_off_report_is_not_used() {
        assert_eq!(check_report(1_000, 1_000, 1_050), Ok(()));
        assert!(matches!(check_report(979, 1_000, 1_050), Err(Hold::ReportIncomplete { limit_percent: 98, .. })));
        assert!(matches!(check_report(400, 0, 1_000), Err(Hold::ReportIncomplete { limit_percent: 50, .. })));
        assert!(matches!(check_report(0, 0, 1_000), Err(Hold::Empty { .. })));
    }
}
