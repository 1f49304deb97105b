//! Our own extractors. They answer problem+json like everything else, name the wrong field, and
//! refuse what they do not know instead of guessing.

mod if_match;
mod json;
mod page;
mod path;
mod query;

pub use if_match::IfMatch;
pub use json::Json;
pub use page::{Limit, Page, next_cursor};
pub use path::Path;
pub use query::Query;
