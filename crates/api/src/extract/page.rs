//! How much of a list, and from where.

use reseat_store::read::{cursor_from_text, cursor_to_text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::Problem;

/// How many items a page may have: 1 to 200. Out of range is refused, never clamped, so that nobody
/// mistakes a part for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    const MOST: u32 = 200;
    const DEFAULT: u32 = 50;
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            limit @ 1..=Self::MOST => Ok(Self(limit)),
            other => Err(serde::de::Error::custom(format!("must be between 1 and {}, not {other}", Self::MOST))),
        }
    }
}

/// The page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many.
    pub limit: i64,
    /// After what; `None` from the beginning.
    pub cursor: Option<String>,
}

impl Page {
    /// From the two parameters every list takes.
    pub fn new(limit: Option<Limit>, cursor: Option<String>) -> Self {
        Self { limit: i64::from(limit.map_or(Limit::DEFAULT, |limit| limit.0)), cursor }
    }
}

impl Page {
    /// The place to go on from.
    ///
    /// # Errors
    /// [`Problem`] 422 when the cursor is none of this list's.
    pub fn place<C: DeserializeOwned>(&self) -> Result<Option<C>, Problem> {
        self.cursor.as_deref().map(|text| cursor_from_text(text).ok_or_else(bad_cursor)).transpose()
    }

    /// Cuts the page out of a list that is short enough to be read whole. `key` names an item uniquely.
    ///
    /// # Errors
    /// [`Problem`] 422 when the cursor is none of this list's.
    pub fn cut<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<(Vec<T>, Option<String>), Problem> {
        let start = match self.place::<String>()? {
            None => 0,
            Some(after) => items.iter().position(|item| key(item) == after).ok_or_else(bad_cursor)? + 1,
        };
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let more = items.len() > start + limit;
        let page: Vec<T> = items.into_iter().skip(start).take(limit).collect();
        let next = page.last().filter(|_| more).map(|last| cursor_to_text(&key(last)));
        Ok((page, next))
    }
}

/// The cursor of the next page, as text.
pub fn next_cursor<C: Serialize>(next: Option<C>) -> Option<String> {
    next.map(|place| cursor_to_text(&place))
}

fn bad_cursor() -> Problem {
    Problem::invalid("cursor", "This cursor belongs to another list, or what it names is gone.")
        .remedy("Begin again without a cursor.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_cut_into_pages_that_miss_and_repeat_nothing() {
        let items: Vec<u32> = (0..7).collect();
        let mut page = Page { limit: 3, cursor: None };
        let mut seen = Vec::new();
        loop {
            let (part, next) = page.cut(items.clone(), ToString::to_string).expect("a page");
            seen.extend(part);
            if next.is_none() {
                break;
            }
            page.cursor = next;
        }
        assert_eq!(seen, items);
        page.cursor = Some("nonsense".to_owned());
        assert!(page.cut(items, ToString::to_string).is_err());
    }
}
