//! Whether an answer is what the document says: every member described, every described member there,
//! each of its kind.

use std::sync::OnceLock;

use http::Method;
use serde_json::Value;

use super::Answer;

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(crate::openapi::document()).expect("the document is plain JSON"))
}

/// Holds an answer against the document. Addresses that the document does not have are none of its
/// concern.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = find(method, &format!("/api/v1{path}")) else { return };
    let described = &operation["responses"][answer.status.to_string()];
    assert!(
        described.is_object(),
        "{method} {path} answers {}, which is not described: {}",
        answer.status,
        answer.text
    );
    let Some(content) = described["content"].as_object() else {
        assert!(answer.text.is_empty(), "{method} {path}: a body where none is described: {}", answer.text);
        return;
    };
    let kind = answer.header("content-type");
    let schema = &content.get(kind).unwrap_or_else(|| panic!("{method} {path}: {kind} is not described"))["schema"];
    let mut found = Vec::new();
    compare("", schema, &answer.body, &mut found);
    assert!(found.is_empty(), "{method} {path} {}: {found:#?}\n{:#}", answer.status, answer.body);
}

fn find(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = document()["paths"].as_object()?;
    let fits = |template: &str| {
        let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len() && template.iter().zip(path).all(|(a, b)| a.starts_with('{') || *a == b)
    };
    // A literal address goes before one with placeholders, as in the router.
    let template =
        paths.keys().filter(|template| fits(template)).min_by_key(|template| template.matches('{').count())?;
    paths[template].get(method.as_str().to_lowercase())
}

fn resolve(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(name) => resolve(&document()["components"]["schemas"][name.rsplit('/').next().unwrap_or_default()]),
        None => schema,
    }
}

/// The members of an object and of everything it takes in.
fn members(schema: &'static Value) -> (Vec<(&'static String, &'static Value)>, Vec<&'static str>) {
    let schema = resolve(schema);
    let mut all: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    let mut required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let (more, needed) = members(part);
        all.extend(more);
        required.extend(needed);
    }
    (all, required)
}

fn compare(place: &str, schema: &'static Value, value: &Value, found: &mut Vec<String>) {
    let schema = resolve(schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &'static Value| {
            let mut wrong = Vec::new();
            compare(place, choice, value, &mut wrong);
            wrong
        };
        let mut tried: Vec<Vec<String>> = choices.iter().map(fits).collect();
        tried.sort_by_key(Vec::len);
        found.extend(tried.into_iter().next().unwrap_or_default());
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        found.push(format!("{place}: {kind}, not {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{place}: {value} is not in the list"));
    }
    if let Some(items) = value.as_array() {
        for (at, item) in items.iter().enumerate() {
            compare(&format!("{place}[{at}]"), &schema["items"], item, found);
        }
    }
    let Some(object) = value.as_object() else { return };
    let (all, required) = members(schema);
    for name in required.into_iter().filter(|name| !object.contains_key(*name)) {
        found.push(format!("{place}.{name}: described and not there"));
    }
    for (name, item) in object {
        let inner = format!("{place}.{name}");
        match all.iter().find(|(described, _)| *described == name) {
            Some((_, described)) => compare(&inner, described, item, found),
            None if schema["additionalProperties"].is_object() => {
                compare(&inner, &schema["additionalProperties"], item, found);
            }
            None if all.is_empty() => {}
            None => found.push(format!("{inner}: there and not described")),
        }
    }
}

#[test]
fn an_answer_that_is_not_as_described_is_found() {
    let described = &document()["components"]["schemas"]["StateNode"];
    let wrong = |value: Value| {
        let mut found = Vec::new();
        compare("", described, &value, &mut found);
        found
    };
    assert!(wrong(serde_json::json!({ "state": "ready", "label": "Ready" })).is_empty());
    assert_eq!(wrong(serde_json::json!({ "state": "reddy", "label": "Ready" })).len(), 1);
    assert_eq!(wrong(serde_json::json!({ "state": "ready" })).len(), 1);
    assert_eq!(wrong(serde_json::json!({ "state": "ready", "label": 1, "more": 2 })).len(), 2);
}
