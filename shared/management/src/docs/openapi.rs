//! The table of routes as an `OpenAPI` document.

use serde_json::{Map, Value, json};

use crate::route::{Handler, Need, Route};
use crate::router::routes;
use crate::settings::Settings;

/// The document.
pub(super) fn document(settings: &Settings) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let path = paths.entry(route.full_path()).or_insert_with(|| json!({}));
        path[route.verb.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Berth, by Harbor's API",
            "version": "2.0",
            "description": "Harbor's REST API v2.0. Operations with x-available: false answer 501; those with \
                x-berth-extension: true are Berth's own.",
            "x-harbor-version": settings.harbor_version,
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "basic": { "type": "http", "scheme": "basic" } },
            "schemas": { "Errors": errors() },
        },
        "security": [{ "basic": [] }, {}],
    })
}

fn errors() -> Value {
    let error = json!({
        "type": "object",
        "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
    });
    json!({ "type": "object", "properties": { "errors": { "type": "array", "items": error } } })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> =
        names(route).map(|name| parameter(name, "path", "string", "As it is in the path.")).collect();
    if route.path.contains("{project_name_or_id}") {
        let about = "Whether what stands for the project is its name, also if it looks like a number.";
        parameters.push(parameter("X-Is-Resource-Name", "header", "boolean", about));
    }
    if route.is_listing {
        for (name, kind, about) in [
            ("page", "integer", "From 1 on."),
            ("page_size", "integer", "At most 100; 10 if it is left out."),
            (
                "q",
                "string",
                "Conditions: k=v, k=~part, k=[least~most], k={one other}, with commas between them.",
            ),
            ("sort", "string", "Columns, with a minus for those from the last to the first."),
        ] {
            parameters.push(parameter(name, "query", kind, about));
        }
    }
    let mut operation = json!({
        "operationId": route.operation,
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": parameters,
        "responses": responses(route),
        "x-needs": need(route.need),
        "x-available": !matches!(route.handler, Handler::NotYet(_)),
    });
    if ["POST", "PUT", "PATCH"].contains(&route.verb.as_str()) {
        operation["requestBody"] =
            json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
    }
    if route.tag == crate::trust::TAG {
        operation["x-berth-extension"] = Value::Bool(true);
    }
    operation
}

fn names(route: &Route) -> impl Iterator<Item = &'static str> {
    let parts = route.path.split('/');
    parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str, place: &str, kind: &str, about: &str) -> Value {
    let is_required = place == "path";
    json!({
        "name": name, "in": place, "required": is_required, "description": about, "schema": { "type": kind },
    })
}

/// What somebody needs, in words.
fn need(need: Need) -> String {
    match need {
        Need::Anyone => "nothing".to_owned(),
        Need::SignedIn => "to have signed in".to_owned(),
        Need::Named(resource, action) => {
            format!("{resource}:{action}, in the system or in the project that the request names")
        }
        Need::System(resource, action) => format!("{resource}:{action} in the system"),
        Need::Project(resource, action) => format!("{resource}:{action} in the project"),
        Need::Robot(action) => format!("robot:{action} where the robot belongs"),
        Need::Label(action) => format!("label:{action} where the label belongs"),
        Need::SelfOr(action) => format!("user:{action} in the system, or to be that user"),
        Need::User(action) => format!("user:{action} in the system"),
        Need::Nobody => "what nobody has".to_owned(),
    }
}

fn responses(route: &Route) -> Value {
    let error = |text: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Errors" });
        json!({ "description": text, "content": { "application/json": { "schema": schema } } })
    };
    let mut responses = Map::new();
    if matches!(route.handler, Handler::NotYet(_)) {
        responses.insert("501".to_owned(), error("This registry does not have it yet."));
    } else {
        // Settings of a project are added with 200.
        let is_creation = matches!(route.audit, Some(("create", _)));
        let (status, text) =
            if is_creation { ("201", "It is there; see Location.") } else { ("200", "Done.") };
        responses.insert(status.to_owned(), json!({ "description": text }));
    }
    if route.need != Need::Anyone {
        responses
            .insert("401".to_owned(), error("Credentials are needed, or those that were sent are wrong."));
        responses.insert("403".to_owned(), error("It is not allowed."));
    }
    if names(route).next().is_some() {
        responses.insert("404".to_owned(), error("There is no such thing."));
    }
    if !route.verb.is_safe() {
        responses.insert("400".to_owned(), error("What was sent means nothing."));
    }
    if matches!(route.audit, Some(("create" | "update", _))) {
        responses.insert("409".to_owned(), error("There is one already, or others are changing it."));
    }
    responses.insert("500".to_owned(), error("Something is wrong with the server."));
    Value::Object(responses)
}
