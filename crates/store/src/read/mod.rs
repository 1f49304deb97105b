//! What pages and lists show: rows made for reading, in the order in which people want them, paged
//! by a cursor that is the place of the last row.
//!
//! Every list gives at most `limit` rows and the cursor of the next page, if there is one.

mod query;

pub mod applications;
pub mod audit;
pub mod candidates;
pub mod findings;
pub mod overview;
pub mod people;
pub mod plans;
pub mod prices;
pub mod rules;
pub mod seats;
pub mod skus;
pub mod syncs;

use reseat_domain::candidate::StateName;
use reseat_domain::catalog;
use reseat_domain::ids::{CandidateId, SkuId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::FromRow;

use crate::error::{StoreError, parse, parse_opt};

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T, C> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last one.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of rows that were read with one more than `limit`.
    fn cut<R>(
        mut rows: Vec<R>,
        limit: i64,
        place: impl Fn(&R) -> Result<C, StoreError>,
        into: impl Fn(R) -> Result<T, StoreError>,
    ) -> Result<Self, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(place).transpose()? } else { None };
        Ok(Self { items: rows.into_iter().map(into).collect::<Result<_, _>>()?, next })
    }
}

/// A cursor as the opaque text a client hands back.
pub fn cursor_to_text<C: Serialize>(cursor: &C) -> String {
    reseat_domain::plan::hex(crate::error::to_json(cursor).as_bytes())
}

/// The cursor of a text, or `None` when it is none of this list's.
pub fn cursor_from_text<C: DeserializeOwned>(text: &str) -> Option<C> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect();
    serde_json::from_slice(&bytes?).ok()
}

/// A person in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRef {
    /// Entra object id.
    pub user_id: UserId,
    /// Shown name; the id of a person who is no longer in the directory.
    pub display_name: String,
    /// Sign-in name; empty for a person who is gone.
    pub user_principal_name: String,
    /// Department, if the directory has one.
    pub department: Option<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
}

#[derive(FromRow)]
struct PersonCols {
    person_id: String,
    display_name: Option<String>,
    user_principal_name: Option<String>,
    department: Option<String>,
    account_enabled: Option<bool>,
}

/// The columns of [`PersonCols`] of a table `p` that may have no row, beside the id in `{0}`.
const PERSON: &str = "p.display_name, p.user_principal_name, p.department, p.account_enabled";

impl PersonCols {
    fn into_ref(self) -> Result<PersonRef, StoreError> {
        Ok(PersonRef {
            user_id: parse("people", "user_id", &self.person_id)?,
            display_name: self.display_name.unwrap_or(self.person_id),
            user_principal_name: self.user_principal_name.unwrap_or_default(),
            department: self.department,
            account_enabled: self.account_enabled.unwrap_or(false),
        })
    }
}

/// A sku in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuRef {
    /// Its id.
    pub sku_id: SkuId,
    /// Friendly name.
    pub name: String,
    /// Microsoft's part number; the id where the tenant no longer lists the sku.
    pub part_number: String,
}

#[derive(FromRow)]
struct SkuCols {
    held_sku_id: String,
    sku_name: Option<String>,
    part_number: Option<String>,
}

/// The columns of [`SkuCols`] of a table `k` that may have no row, beside the id.
const SKU: &str = "k.name as sku_name, k.part_number";

impl SkuCols {
    fn into_ref(self) -> Result<SkuRef, StoreError> {
        let sku_id: SkuId = parse("skus", "sku_id", &self.held_sku_id)?;
        let part_number = self.part_number.unwrap_or(self.held_sku_id);
        let name = self
            .sku_name
            .or_else(|| catalog::product_name(sku_id).map(str::to_owned))
            .unwrap_or_else(|| part_number.clone());
        Ok(SkuRef { sku_id, name, part_number })
    }
}

/// A candidate in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRef {
    /// Its id.
    pub candidate_id: CandidateId,
    /// The number people say.
    pub number: i64,
    /// Where it stands.
    pub state: StateName,
}

#[derive(FromRow)]
struct CandidateCols {
    candidate_id: Option<String>,
    candidate_number: Option<i64>,
    candidate_state: Option<String>,
}

/// The columns of [`CandidateCols`] of a table `c` that may have no row.
const CANDIDATE: &str = "c.id as candidate_id, c.number as candidate_number, c.state as candidate_state";

impl CandidateCols {
    fn into_ref(self) -> Result<Option<CandidateRef>, StoreError> {
        let (Some(id), Some(number), Some(state)) = (self.candidate_id, self.candidate_number, self.candidate_state)
        else {
            return Ok(None);
        };
        Ok(Some(CandidateRef {
            candidate_id: parse("candidates", "id", &id)?,
            number,
            state: parse("candidates", "state", &state)?,
        }))
    }
}

/// Parses an optional stored id or word; shorter here than at each place.
fn optional<T: std::str::FromStr>(
    table: &'static str,
    column: &'static str,
    value: &Option<String>,
) -> Result<Option<T>, StoreError> {
    parse_opt(table, column, value.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nothing_else_is_one() {
        let text = cursor_to_text(&(7_i64, "ada"));
        assert_eq!(cursor_from_text::<(i64, String)>(&text), Some((7, "ada".to_owned())));
        assert_eq!(cursor_from_text::<(i64, String)>("zz"), None);
        assert_eq!(cursor_from_text::<(i64, String)>("7b7d"), None);
        assert_eq!(cursor_from_text::<(i64, String)>("é"), None);
    }
}
