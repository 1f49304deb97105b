//! Prints the OpenAPI document, for `make gen`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(&reseat_api::openapi::document()).map_err(std::io::Error::other)?;
    writeln!(std::io::stdout(), "{text}")
}
