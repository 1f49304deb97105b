//! Tables for people and JSON for programs.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// A table with a header and no walls, as wide as the terminal.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}

/// A field as people read it; a dash where there is nothing.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(_) => amounts(value),
    }
}

/// Amounts by currency; never one sum over currencies.
pub fn amounts(value: &Value) -> String {
    let Some(map) = value.as_object().filter(|map| !map.is_empty()) else { return "—".to_owned() };
    map.iter().map(|(currency, amount)| format!("{} {currency}", text(amount))).collect::<Vec<_>>().join(", ")
}

/// Prints JSON, or what `people` makes of it.
pub fn print(json: bool, value: &Value, people: impl FnOnce(&Value) -> String) {
    if json {
        println!("{value}");
    } else {
        println!("{}", people(value).trim_end());
    }
}
