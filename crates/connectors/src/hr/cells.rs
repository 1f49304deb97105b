//! The cells of a roster row. Each reads one thing or says what would be right.

use reseat_domain::employment::EmploymentStatus;
use reseat_domain::time::Day;

/// Words of the status column, in small letters.
const STATUS_WORDS: &[(EmploymentStatus, &[&str])] = &[
    (EmploymentStatus::Active, &["active", "employed"]),
    (EmploymentStatus::Inactive, &["inactive", "terminated", "left"]),
    (EmploymentStatus::OnLeave, &["on leave", "on_leave", "on-leave", "onleave", "leave", "leave of absence"]),
];

/// Longer than any mail address may be (RFC 5321).
const LONGEST_ADDRESS: usize = 254;

/// An address that mail can be sent to: one `@`, something on both sides, a dot in the domain.
pub(super) fn email(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the e-mail address is missing".to_owned());
    }
    let plain = text.len() <= LONGEST_ADDRESS
        && !text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control() || ",;<>\"()".contains(character));
    let parts: Vec<&str> = text.split('@').collect();
    let named = matches!(parts.as_slice(), [local, domain] if !local.is_empty() && is_domain(domain));
    if plain && named { Ok(text.to_owned()) } else { Err(format!("{:?} is no e-mail address", short(text))) }
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(|label| !label.is_empty())
}

/// A status word.
pub(super) fn status(text: &str) -> Result<EmploymentStatus, String> {
    let folded = text.trim().to_lowercase();
    let known = STATUS_WORDS.iter().find(|(_, words)| words.contains(&folded.as_str()));
    known.map(|(status, _)| *status).ok_or_else(|| {
        format!("the status {:?} is not known; active, inactive, terminated and on leave are", short(text.trim()))
    })
}

/// A day or nothing. Only `YYYY-MM-DD`: 03/04 has two readings (R11).
pub(super) fn day(what: &str, text: &str) -> Result<Option<Day>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // HR systems write 9999-12-31 for "no end" and 1900-01-01 for "not known"; neither is a day.
    let day = text.parse::<Day>().ok().filter(|day| (1901..=2200).contains(&day.year()));
    day.map(Some).ok_or_else(|| format!("the {what} {:?} is no day written as YYYY-MM-DD", short(text)))
}

/// A text, or nothing where there is none.
pub(super) fn text(cell: &str) -> Option<String> {
    let cell = cell.trim();
    (!cell.is_empty()).then(|| cell.to_owned())
}

/// First and last name from one cell: `Last, First` or `First Last`.
pub(super) fn split_name(name: &str) -> (Option<String>, Option<String>) {
    match name.split_once(',') {
        Some((last, first)) => (text(first), text(last)),
        None => match name.trim().rsplit_once(char::is_whitespace) {
            Some((first, last)) => (text(first), text(last)),
            None => (None, text(name)),
        },
    }
}

/// For a message.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_can_be_sent_to() {
        for good in ["ada@contoso.example", " Ada.King+x@mail.contoso.example ", "jürgen@bücher.example", "O'Hara@a.b"]
        {
            assert_eq!(email(good), Ok(good.trim().to_owned()));
        }
        for bad in [
            "",
            "  ",
            "ada",
            "@contoso.example",
            "ada@",
            "ada@contoso",
            "a@b@c.d",
            "a b@c.d",
            "a@.d",
            "a@c..d",
            "a@c.d;e@f.g",
            "Ada <a@b.c>",
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
        assert!(email(&format!("{}@contoso.example", "a".repeat(300))).is_err());
    }

    #[test]
    fn status_words_are_a_closed_list() {
        for (word, expected) in [
            ("Active", EmploymentStatus::Active),
            ("INACTIVE", EmploymentStatus::Inactive),
            (" terminated", EmploymentStatus::Inactive),
            ("On Leave", EmploymentStatus::OnLeave),
            ("leave", EmploymentStatus::OnLeave),
        ] {
            assert_eq!(status(word), Ok(expected));
        }
        for unknown in ["", "0", "A", "retired?", "aktiv", "active terminated"] {
            assert!(status(unknown).is_err_and(|reason| reason.contains("active, inactive")), "{unknown:?}");
        }
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!(day("end date", " 2026-03-04 "), Ok("2026-03-04".parse().ok()));
        assert_eq!(day("end date", ""), Ok(None));
        for bad in [
            "03/04/2026",
            "4.3.2026",
            "2026-13-01",
            "2026-02-30",
            "20260304",
            "2026-3-4",
            "soon",
            "9999-12-31",
            "1900-01-01",
            "46000",
        ] {
            let reason = day("end date", bad).expect_err("ambiguous or no day");
            assert!(reason.contains("YYYY-MM-DD"), "R11: {bad}");
        }
    }

    #[test]
    fn one_name_is_split_where_it_is_clear() {
        let split = |name: &str| {
            let (first, last) = split_name(name);
            (first.unwrap_or_default(), last.unwrap_or_default())
        };
        assert_eq!(split("Ada King"), ("Ada".into(), "King".into()));
        assert_eq!(split("King, Ada Byron"), ("Ada Byron".into(), "King".into()));
        assert_eq!(split("Ada Byron King"), ("Ada Byron".into(), "King".into()));
        assert_eq!(split("Ada"), (String::new(), "Ada".into()));
        assert_eq!(split(" "), (String::new(), String::new()));
    }
}
