//! Sinks for what the product sends: mail and notices, kept for whoever looks.

use crate::clock::millis_text;
use crate::cloud::Cloud;
use crate::commands::Command;
use crate::errors::GraphError;
use crate::people::Kind;
use crate::request::Reply;
use crate::routes::users::must_find;
use crate::sim::Call;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const MOST_RECIPIENTS: usize = 500;

/// The mailbox that sends, if it has one.
fn sender(call: &Call<'_>, key: &str) -> Result<(u64, String), GraphError> {
    let world = call.sim.read_world();
    let index = must_find(&world, key)
        .map_err(|_| GraphError::new(404, "ErrorInvalidUser", format!("The requested user '{key}' is invalid.")))?;
    let person = world.population.person(index);
    match person.mail() {
        Some(address) if person.kind != Kind::Guest => Ok((index, address)),
        _ => Err(GraphError::new(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )),
    }
}

/// About what `sendMail` takes with attachments (7.1).
const LARGEST_MESSAGE: usize = 4 << 20;
const MOST_NOTIFIED: usize = 100;

/// Refuses a mailbox the app was not given, where the tenant restricts that.
fn check_mailbox(call: &Call<'_>, index: u64) -> Result<(), GraphError> {
    let world = call.sim.read_world();
    match &world.settings.only_sender {
        Some(only) if !only.eq_ignore_ascii_case(&world.user_id(index).to_string()) => Err(GraphError::new(
            403,
            "ErrorAccessDenied",
            "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
        )),
        _ => Ok(()),
    }
}

fn addresses(message: &Value, field: &str) -> Vec<String> {
    let list = message.get(field).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|recipient| {
        recipient.pointer("/emailAddress/address").and_then(Value::as_str).map(ToOwned::to_owned)
    })
    .collect()
}

fn bad(code: &'static str, text: impl Into<String>) -> GraphError {
    GraphError::new(400, code, text)
}

/// A parameter of an action. Their names have no case: Microsoft's SDKs write `Message`, its documentation `message`.
fn parameter<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Reads the JSON form of a message.
fn from_json(body: &Value) -> Result<Value, GraphError> {
    let message = parameter(body, "message")
        .filter(|message| message.is_object())
        .ok_or_else(|| bad("ErrorInvalidRequest", "The message is missing."))?;
    let (to, cc, bcc) =
        (addresses(message, "toRecipients"), addresses(message, "ccRecipients"), addresses(message, "bccRecipients"));
    let everybody: Vec<&String> = to.iter().chain(&cc).chain(&bcc).collect();
    if everybody.is_empty() {
        return Err(bad(
            "ErrorInvalidRecipients",
            "At least one recipient isn't valid., A message can't be sent because it contains no recipients.",
        ));
    }
    if everybody.len() > MOST_RECIPIENTS {
        return Err(bad("ErrorExceededMaxRecipientLimit", "The message has too many recipients."));
    }
    if everybody.iter().any(|address| !address.contains('@') || address.contains(char::is_whitespace)) {
        return Err(bad("ErrorInvalidRecipients", "At least one recipient isn't valid."));
    }
    let headers = message.get("internetMessageHeaders").and_then(Value::as_array).cloned().unwrap_or_default();
    let named_x = |header: &Value| {
        header.get("name").and_then(Value::as_str).is_some_and(|name| name.to_ascii_lowercase().starts_with("x-"))
    };
    if !headers.iter().all(named_x) {
        return Err(bad(
            "InvalidInternetMessageHeader",
            "The internet message header name should start with 'x-' or 'X-'.",
        ));
    }
    Ok(json!({
        "to": to, "cc": cc, "bcc": bcc, "reply_to": addresses(message, "replyTo"), "subject": message.get("subject"),
        "content_type": message.pointer("/body/contentType"), "content": message.pointer("/body/content"), "headers": headers,
        "importance": message.get("importance"), "attachments": message.get("attachments").and_then(Value::as_array).map_or(0, Vec::len),
    }))
}

/// Reads the MIME form: base64 of a whole message.
fn from_mime(body: &[u8]) -> Result<Value, GraphError> {
    let packed: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = STANDARD
        .decode(packed)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|_| bad("ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."))?;
    let (head, content) =
        text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((text.as_str(), ""));
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |name: &str| {
        let found =
            head.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let list = |name: &str| {
        header(name)
            .map(|value| value.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    Ok(
        json!({"to": list("To"), "cc": list("Cc"), "bcc": list("Bcc"), "reply_to": list("Reply-To"), "subject": header("Subject"),
        "content_type": header("Content-Type"), "content": content, "headers": [], "importance": null, "attachments": 0}),
    )
}

fn keep(call: &Call<'_>, index: u64, mut message: Value, from: &str, channel: &str) -> Result<(), GraphError> {
    message["at"] = Value::from(millis_text(call.now));
    message["from"] = Value::from(from);
    message["channel"] = Value::from(channel);
    message["request_id"] = Value::from(call.request.request_id.clone());
    call.sim.change(|_| Ok(Command::Mail { user: index, message, actor: call.actor() }))
}

/// `POST /users/{id}/sendMail`: accepted, not delivered.
pub fn send(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    call.caller
        .needs(&["Mail.Send"])
        .map_err(|_| GraphError::new(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))?;
    let (index, from) = sender(call, key)?;
    check_mailbox(call, index)?;
    if call.caller.user.is_some_and(|user| user != index) {
        return Err(GraphError::new(
            403,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.",
        ));
    }
    if call.request.body.len() > LARGEST_MESSAGE {
        return Err(GraphError::new(413, "RequestEntityTooLarge", "The request exceeds the maximum allowed size."));
    }
    let is_mime = call.request.header("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    let message = if is_mime {
        from_mime(&call.request.body)?
    } else {
        from_json(&call.request.json().ok_or_else(|| bad("BadRequest", "Unable to read JSON request payload."))?)?
    };
    keep(call, index, message, &from, "mail")?;
    Ok(Reply::empty(202))
}

/// `POST /users/{id}/teamwork/sendActivityNotification`.
pub fn notify(call: &Call<'_>, key: &str) -> Result<Reply, GraphError> {
    let body = notice(call)?;
    note(call, key, &body)?;
    Ok(Reply::empty(204))
}

/// Reads and checks a notice.
fn notice(call: &Call<'_>) -> Result<Value, GraphError> {
    call.caller.needs(&["TeamsActivity.Send", "TeamsActivity.Send.User"])?;
    if call.sim.read_world().settings.cloud == Cloud::China {
        return Err(bad("BadRequest", "Resource not found for the segment 'sendActivityNotification'."));
    }
    let body = call.request.json().ok_or_else(|| bad("BadRequest", "Unable to read JSON request payload."))?;
    for field in ["topic", "activityType", "previewText"] {
        if body.get(field).is_none() {
            return Err(bad("BadRequest", format!("The {field} of the notification is missing.")));
        }
    }
    let topic = |name: &str| body.pointer(&format!("/topic/{name}")).and_then(Value::as_str).unwrap_or_default();
    if topic("source") == "text" && topic("webUrl").is_empty() {
        return Err(bad("BadRequest", "The webUrl of the topic is required when its source is text."));
    }
    Ok(body)
}

/// `POST /teamwork/sendActivityNotificationToRecipients`.
pub fn notify_many(call: &Call<'_>) -> Result<Reply, GraphError> {
    let body = notice(call)?;
    let ids: Vec<String> = body
        .get("recipients")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|recipient| recipient.get("userId").and_then(Value::as_str).map(ToOwned::to_owned))
        .collect();
    if ids.is_empty() || ids.len() > MOST_NOTIFIED {
        return Err(bad("BadRequest", "The notification must have between 1 and 100 recipients."));
    }
    for id in &ids {
        note(call, id, &body)?;
    }
    Ok(Reply::empty(202))
}

/// Keeps a notice to one person.
fn note(call: &Call<'_>, key: &str, body: &Value) -> Result<(), GraphError> {
    let (index, upn) = {
        let world = call.sim.read_world();
        let index = must_find(&world, key)?;
        (index, world.population.person(index).upn)
    };
    let message = json!({"to": [upn], "cc": [], "bcc": [], "reply_to": [], "subject": body.pointer("/topic/value"), "content_type": "text",
        "content": body.pointer("/previewText/content").and_then(Value::as_str).map(|text| text.chars().take(150).collect::<String>()), "headers": [], "importance": null, "attachments": 0, "activity_type": body["activityType"], "chain_id": body.get("chainId")});
    keep(call, index, message, "Teams", "teams")
}
