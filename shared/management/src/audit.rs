//! What the audit log is told, before the answer is given.

use std::net::IpAddr;

use berth_audit::{Detail, Event, ProjectRef};
use berth_projects::Principal;
use berth_registry::{MAX_USER_AGENT_CHARS, chain};
use http::header::USER_AGENT;
use http::{HeaderMap, StatusCode};

use crate::answer::Outcome;
use crate::request::{Asked, REQUEST_ID};
use crate::route::Route;
use crate::world::World;

/// A change that was asked for.
pub(crate) struct Attempt {
    operation: &'static str,
    resource_type: &'static str,
    event: Event,
}

impl Attempt {
    /// `None` for what changes nothing, and for nobody in particular: whoever has not signed in fills no log.
    pub(crate) fn of(route: &Route, principal: &Principal, asked: &Asked) -> Option<Self> {
        let (operation, resource_type) = route.audit?;
        let username = principal.name()?.to_owned();
        let parameters: Vec<&str> = asked.parameters.iter().map(|(_, value)| value.as_str()).collect();
        let event = Event {
            username,
            address: asked.address,
            operation: operation.to_owned(),
            resource_type: resource_type.to_owned(),
            resource: parameters.join("/"),
            project: None,
            succeeded: false,
            description: String::new(),
            detail: detail(&asked.headers, None),
        };
        Some(Self { operation, resource_type, event })
    }

    /// Notes that it was refused to somebody who is known.
    pub(crate) async fn refused(self, world: &World, status: StatusCode) {
        if status == StatusCode::FORBIDDEN {
            let description = format!("{} {}: not allowed", self.operation, self.resource_type);
            let detail = Detail { status: Some(status.as_u16()), ..self.event.detail };
            write(world, Event { description, detail, ..self.event }).await;
        }
    }

    /// Notes what became of it.
    pub(crate) async fn ended(self, world: &World, project: Option<ProjectRef>, outcome: &Outcome) {
        let Self { operation, resource_type, event } = self;
        let event = match outcome {
            Ok(answer) => {
                let resource = answer.resource.clone().unwrap_or(event.resource);
                let description = answer.description.clone();
                Event {
                    detail: Detail { status: Some(answer.status.as_u16()), ..event.detail },
                    description: description
                        .unwrap_or_else(|| format!("{operation} {resource_type} {resource}")),
                    resource,
                    project: answer.project.clone().or(project),
                    succeeded: true,
                    ..event
                }
            }
            Err(failure) => Event {
                detail: Detail { status: Some(failure.status.as_u16()), ..event.detail },
                description: format!(
                    "{operation} {resource_type}: {} {}",
                    failure.status.as_u16(),
                    failure.code
                ),
                project,
                ..event
            },
        };
        write(world, event).await;
    }
}

/// Notes that a name and a password were refused. That they were not refused says nothing: every request brings them.
pub(crate) fn refused_sign_in(
    world: &World,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    username: &str,
    status: StatusCode,
) {
    if [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS].contains(&status) {
        world.audit.note(sign_in(headers, address, username, status));
    }
}

/// Notes that a session of a browser began.
pub(crate) fn began_session(world: &World, headers: &HeaderMap, address: Option<IpAddr>, username: &str) {
    world.audit.note(sign_in(headers, address, username, StatusCode::OK));
}

fn sign_in(headers: &HeaderMap, address: Option<IpAddr>, username: &str, status: StatusCode) -> Event {
    let succeeded = status.is_success();
    let failure = if succeeded { String::new() } else { format!(": {}", status.as_u16()) };
    Event {
        username: username.to_owned(),
        address,
        operation: "login".to_owned(),
        resource_type: "user".to_owned(),
        resource: username.to_owned(),
        project: None,
        succeeded,
        description: format!("login {username}{failure}"),
        detail: detail(headers, Some(status)),
    }
}

fn detail(headers: &HeaderMap, status: Option<StatusCode>) -> Detail {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    Detail {
        request_id: text(REQUEST_ID).map(str::to_owned),
        status: status.map(|status| status.as_u16()),
        digest: None,
        user_agent: text(USER_AGENT).map(|text| text.chars().take(MAX_USER_AGENT_CHARS).collect()),
    }
}

/// The change is made and cannot be taken back: if the entry cannot be kept where entries are, its line is still there, and whoever
/// reads the lines keeps it.
async fn write(world: &World, event: Event) {
    if let Err(error) = world.audit.record(event.clone()).await {
        let entry = serde_json::to_string(&event).unwrap_or_default();
        tracing::error!(entry, cause = chain(&error), "an audit entry is in the log of lines alone");
    }
}
