//! What the audit log is told, before the answer is given.

use berth_audit::{Event, ProjectRef};
use berth_projects::Principal;
use http::StatusCode;

use crate::answer::Outcome;
use crate::request::Asked;
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
        };
        Some(Self { operation, resource_type, event })
    }

    /// Notes that it was refused to somebody who is known.
    pub(crate) async fn refused(self, world: &World, status: StatusCode) {
        if status == StatusCode::FORBIDDEN {
            let description = format!("{} {}: not allowed", self.operation, self.resource_type);
            write(world, Event { description, ..self.event }).await;
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
                    description: description
                        .unwrap_or_else(|| format!("{operation} {resource_type} {resource}")),
                    resource,
                    project: answer.project.clone().or(project),
                    succeeded: true,
                    ..event
                }
            }
            Err(failure) => Event {
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

/// The change is made and cannot be taken back: if the entry cannot be kept where entries are, it is kept where failures are.
async fn write(world: &World, event: Event) {
    if let Err(error) = world.audit.record(event.clone()).await {
        let entry = serde_json::to_string(&event).unwrap_or_default();
        tracing::error!(entry, cause = chain(&error), "an audit entry is here alone");
    }
}

/// An error with all its causes, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
