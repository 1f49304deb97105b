//! The OpenAPI document, made from the routes themselves. What is the same everywhere (who is refused
//! and how, headers of commands and edits) is added here once, so that no route can forget it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use axum::response::{IntoResponse as _, Response};

use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    Response as Answer, ResponseBuilder, Tag,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{PROBLEM_JSON, ProblemBody, ProblemCode};
use crate::routes::{Access, Repeat, Route};
use crate::v1;

/// Under which address version 1 is served.
pub const V1: &str = "/api/v1";

/// The document of version 1.
pub fn document() -> OpenApi {
    let mut document = head();
    let mut sent = BTreeSet::new();
    for route in v1::table() {
        let Route { access, repeat, router: (schemas, paths, _) } = route;
        for (path, mut item) in paths.paths {
            for (method, operation) in operations(&mut item) {
                complete(operation, &method, &path, access, repeat);
                sent.extend(names_in_body(operation));
            }
            let address = format!("{V1}{path}");
            match document.paths.paths.get_mut(&address) {
                Some(other) => other.merge_operations(item),
                None => {
                    document.paths.paths.insert(address, item);
                }
            }
        }
        components(&mut document).schemas.extend(schemas);
    }
    let all = components(&mut document);
    all.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    all.schemas.insert(ProblemCode::name().into(), ProblemCode::schema());
    let answered = all.schemas.iter_mut().filter(|(name, _)| name.as_str() != "Problem" && !sent.contains(*name));
    for (_, schema) in answered {
        require_all(schema);
    }
    document
}

fn head() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Reseat")
        .version("1")
        .description(Some(
            "Takes back Microsoft 365 licenses nobody uses, safely, and proves what it did. Within version 1 fields \
             and values may be added; nothing is removed or renamed.",
        ))
        .license(Some(license))
        .build();
    let tags = [
        ("session", "Signing in."),
        ("accounts", "Accounts and tokens."),
        ("overview", "The whole picture."),
        ("applications", "Tenants and their integration."),
        ("connections", "The ways into a tenant."),
        ("syncs", "Reading the tenant and the roster."),
        ("skus", "License types and prices."),
        ("seats", "Seats."),
        ("people", "People."),
        ("findings", "What the rule says about each seat."),
        ("candidates", "What is taken back, from proposal to proof."),
        ("plans", "The exact writes."),
        ("freeze", "The stop."),
        ("rules", "Reclamation rules."),
        ("audit", "The trail."),
        ("demo", "Only when the server follows a demo's clock."),
    ];
    let tags = tags.map(|(name, about)| {
        let mut tag = Tag::new(name);
        tag.description = Some(about.to_owned());
        tag
    });
    let mut components = Components::new();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API token, `rst_…`, acting as its owner."))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(
        "__Host-reseat_session",
        "The console's session (`reseat_session` on loopback http). Changes also need `X-CSRF-Token`.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    OpenApiBuilder::new().info(info).tags(Some(tags)).components(Some(components)).build()
}

fn components(document: &mut OpenApi) -> &mut Components {
    document.components.get_or_insert_with(Components::new)
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let slots = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ];
    slots.into_iter().filter_map(|(method, slot)| Some((method, slot.as_mut()?))).collect()
}

/// Adds what every route of its kind has in common.
fn complete(operation: &mut Operation, method: &HttpMethod, path: &str, access: Access, repeat: Repeat) {
    match access {
        Access::Public => operation.security = Some(vec![SecurityRequirement::default()]),
        Access::SignedIn | Access::Needs(_) => {
            let none: [&str; 0] = [];
            operation.security =
                Some(vec![SecurityRequirement::new("bearer", none), SecurityRequirement::new("session", none)]);
            refuse(operation, "401", "Nobody is signed in.");
        }
    }
    match access {
        Access::Public | Access::SignedIn => {
            refuse(operation, "403", "Refused: the roles or the origin do not permit it.");
        }
        Access::Needs(permission) => {
            refuse(operation, "403", &format!("The roles do not permit it: needs `{permission}`."));
        }
    }
    if path.contains('{') || path.starts_with("/demo/") {
        refuse(operation, "404", "There is no such thing, or it is another tenant's.");
    }
    refuse(operation, "422", "A value is wrong; `field` says which.");
    refuse(operation, "500", "A fault of this program; the log tells more under the request's id.");
    refuse(operation, "503", "Something this needs did not answer.");
    if operation.request_body.is_some() {
        refuse(operation, "413", "The body is too large.");
        refuse(operation, "415", "The body is not of the expected media type.");
    }
    if takes_if_match(operation) {
        refuse(operation, "412", "It was changed since it was read.");
        refuse(operation, "428", "`If-Match` is missing.");
    }
    if repeat == Repeat::Answered {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    if *method != HttpMethod::Get {
        refuse(operation, "409", "Not possible where things stand, or somebody was faster.");
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            as_problem(response);
        }
    }
}

/// Describes a refusal, unless the route describes it better itself.
fn refuse(operation: &mut Operation, status: &str, description: &str) {
    operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
}

fn as_problem(response: &mut Answer) {
    let schema = RefOr::Ref(Ref::from_schema_name(ProblemBody::name()));
    response.content.clear();
    response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(ContentBuilder::new().schema(Some(schema)).build()));
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("A repeat with the same key and the same request gets the first one's answer, for a day."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200)).build()))
        .build()
}

fn takes_if_match(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "If-Match",
        RefOr::Ref(_) => false,
    })
}

/// The schemas a request may carry: their optional members may be left out.
fn names_in_body(operation: &Operation) -> Vec<String> {
    let Some(body) = &operation.request_body else { return Vec::new() };
    let text = serde_json::to_string(body).expect("a request body is plain JSON");
    text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// An answer always carries every member, null where there is nothing.
fn require_all(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => object.required = object.properties.keys().cloned().collect(),
        Schema::AllOf(parts) => parts.items.iter_mut().for_each(require_all),
        // The rest have no members of their own.
        _ => {}
    }
}

/// The document as JSON; made once.
pub(crate) async fn serve() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| serde_json::to_string(&document()).expect("the document is plain JSON"));
    ([(http::header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    fn operations_of(document: &Value) -> Vec<(String, &Value)> {
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                all.push((format!("{method} {path}"), operation));
            }
        }
        all
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_resolves_and_every_schema_is_used() {
        let document = serde_json::to_value(document()).expect("json");
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        for reference in &found {
            let name = reference.strip_prefix("#/components/schemas/").expect("only schemas are referred to");
            assert!(schemas.contains_key(name), "{reference} leads nowhere");
        }
        for name in schemas.keys() {
            assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is not used");
        }
    }

    #[test]
    fn no_two_shapes_share_a_name() {
        let mut shapes: BTreeMap<String, Value> = BTreeMap::new();
        for Route { router: (schemas, ..), .. } in v1::table() {
            for (name, schema) in schemas {
                let schema = serde_json::to_value(schema).expect("json");
                let known = shapes.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*known, schema, "two different shapes are called {name}");
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_describes_every_answer_refusals_too() {
        let document = serde_json::to_value(document()).expect("json");
        let mut names = BTreeSet::new();
        for (place, operation) in operations_of(&document) {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{place}: {name} is taken");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{place} has no summary");
            assert!(operation["security"].is_array(), "{place} does not say who may");
            let answers = operation["responses"].as_object().expect("answers");
            // A browser that comes back from Microsoft is sent on.
            assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{place} has no good answer");
            assert!(answers.keys().any(|status| status.starts_with('4')), "{place} has no refusal");
            for (status, answer) in answers {
                assert!(answer["description"].as_str().is_some_and(|text| text.len() > 3), "{place} {status}");
                let is_problem = answer["content"].get(PROBLEM_JSON).is_some();
                assert_eq!(is_problem, status.as_str() >= "400", "{place} {status}");
            }
        }
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    }

    #[test]
    fn the_committed_document_is_the_one_the_routes_make() {
        let committed = include_str!("../../../openapi/v1.json");
        let made = serde_json::to_string_pretty(&document()).expect("json") + "\n";
        assert!(committed == made, "openapi/v1.json is stale: run `make gen` and commit it");
    }
}
