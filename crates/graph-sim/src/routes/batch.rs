//! `$batch`: each part goes through the same code as a request of its own.

use crate::errors::GraphError;
use crate::faults::Fault;
use crate::request::{Reply, Request, Wire};
use crate::sim::Call;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const MOST: usize = 20;

/// One part of a batch.
struct Part {
    id: String,
    needs: Vec<String>,
    request: Request,
}

fn malformed(text: impl Into<String>) -> GraphError {
    GraphError::new(400, "BadRequest", text)
}

fn parse_part(call: &Call<'_>, value: &Value) -> Result<Part, GraphError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let id = text("id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| malformed("Invalid batch payload format: a request has no id."))?;
    let url =
        text("url").ok_or_else(|| malformed(format!("Invalid batch payload format: request '{id}' has no url.")))?;
    let method = text("method")
        .ok_or_else(|| malformed(format!("Invalid batch payload format: request '{id}' has no method.")))?;
    let mut headers: HashMap<String, String> = HashMap::new();
    for (name, value) in value.get("headers").and_then(Value::as_object).into_iter().flatten() {
        headers.insert(name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned());
    }
    let body = match value.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(_) if !headers.contains_key("content-type") => {
            return Err(malformed(format!("Write request id : {id} does not contain Content-Type header or body.")));
        }
        Some(Value::String(text)) => STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes()),
        Some(other) => other.to_string().into_bytes(),
    };
    if let Some(token) = call.request.header("authorization") {
        headers.insert("authorization".to_owned(), token.to_owned());
    }
    let mut request = Request {
        method: method.to_ascii_uppercase(),
        headers,
        body,
        base: call.request.base.clone(),
        in_batch: true,
        request_id: Uuid::new_v4().to_string(),
        ..Request::default()
    };
    let version = if call.beta { "beta" } else { "v1.0" };
    // Microsoft's SDKs write whole addresses, version included; the documentation shows relative ones.
    match url.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, target)) => request.set_target(&format!("/{target}")),
        None => request.set_target(&format!("/{version}/{}", url.trim_start_matches('/'))),
    }
    let needs = value.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    let needs = needs.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    Ok(Part { id: id.to_owned(), needs, request })
}

fn parse(call: &Call<'_>) -> Result<Vec<Part>, GraphError> {
    let body = call.request.json().ok_or_else(|| malformed("Invalid batch payload format."))?;
    let list =
        body.get("requests").and_then(Value::as_array).ok_or_else(|| malformed("Invalid batch payload format."))?;
    if list.len() > MOST {
        return Err(malformed(format!("Number of batch request steps exceeds the maximum value of {MOST}.")));
    }
    let parts: Vec<Part> = list.iter().map(|value| parse_part(call, value)).collect::<Result<_, _>>()?;
    let mut seen: HashSet<String> = HashSet::new();
    for part in &parts {
        if part.needs.iter().any(|needed| !seen.contains(&needed.to_ascii_lowercase())) {
            return Err(malformed(format!("Request '{}' depends on a request that does not come before it.", part.id)));
        }
        if !seen.insert(part.id.to_ascii_lowercase()) {
            return Err(malformed(format!("Request Id {} has to be unique in a batch.", part.id)));
        }
    }
    Ok(parts)
}

fn response(id: &str, reply: &Reply) -> Value {
    let mut headers = Map::new();
    for (name, value) in &reply.headers {
        headers.insert(header_name(name), Value::from(value.clone()));
    }
    let mut response = json!({"id": id, "status": reply.status, "headers": headers});
    if !reply.body.is_empty() {
        response["body"] =
            serde_json::from_slice(&reply.body).unwrap_or_else(|_| Value::from(STANDARD.encode(&reply.body)));
    }
    response
}

/// `retry-after` as the service spells it: `Retry-After`.
fn header_name(name: &str) -> String {
    let capital = |word: &str| {
        word.chars()
            .enumerate()
            .map(|(at, letter)| if at == 0 { letter.to_ascii_uppercase() } else { letter })
            .collect::<String>()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

/// `POST /$batch`.
pub fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    if call.request.in_batch {
        return Err(malformed("A batch may not contain a batch."));
    }
    let parts = parse(call)?;
    let mut failed: HashSet<String> = HashSet::new();
    let mut responses: Vec<Value> = Vec::new();
    let (mut wire, mut delay_ms) = (Wire::Whole, 0);
    for part in parts {
        let id = part.id.to_ascii_lowercase();
        if part.needs.iter().any(|needed| failed.contains(&needed.to_ascii_lowercase())) {
            failed.insert(id);
            let body =
                json!({"error": {"code": "FailedDependency", "message": "A request this one depends on failed."}});
            responses.push(response(&part.id, &Reply::json(424, &body)));
            continue;
        }
        let reply = call.sim.handle(part.request);
        if reply.status >= 400 {
            failed.insert(id);
        }
        // A connection that breaks under one part breaks under the whole answer.
        if reply.wire != Wire::Whole {
            wire = reply.wire;
        }
        delay_ms = delay_ms.max(reply.delay_ms);
        responses.push(response(&part.id, &reply));
    }
    shuffle(call, &mut responses);
    if let Some(bite) = call.bite.filter(|bite| bite.fault == Fault::BatchIdsWrong) {
        spoil_ids(&mut responses, bite.draw);
    }
    let mut reply = Reply::json(200, &json!({"responses": responses}));
    if wire == Wire::Cut {
        reply.cut_to(reply.body.len() / 2);
    } else {
        reply.wire = wire;
    }
    reply.delay_ms = delay_ms;
    Ok(reply)
}

/// Answers come in any order; the request's id decides which.
fn shuffle(call: &Call<'_>, responses: &mut [Value]) {
    if responses.len() < 2 {
        return;
    }
    let by = call.request.request_id.bytes().map(usize::from).sum::<usize>() % responses.len();
    responses.rotate_left(by);
    if by % 2 == 1 {
        responses.reverse();
    }
}

/// A duplicate, a missing or an unknown id (G6).
fn spoil_ids(responses: &mut Vec<Value>, draw: u64) {
    match (draw % 3, responses.first().cloned()) {
        (_, None) => {}
        (0, Some(first)) => responses.push(first),
        (1, Some(_)) => {
            responses.remove(0);
        }
        (_, Some(_)) => responses[0]["id"] = Value::from("unknown-id"),
    }
}
