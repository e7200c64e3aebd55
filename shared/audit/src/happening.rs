//! What the OCI API and the token service did, in Harbor's words.

use berth_protocol::{Reference, RepositoryName, Tag};
use berth_registry::{Deed, Happening, RepositoryAction, Target, Witness};

use crate::{AuditLog, Detail, Event, ProjectRef};

impl Witness for AuditLog {
    /// The line is written before this returns; the entry follows (see [`AuditLog::note`]).
    fn note(&self, happening: Happening) {
        Self::note(self, Event::from(happening));
    }
}

impl From<Happening> for Event {
    fn from(happening: Happening) -> Self {
        let succeeded = happening.succeeded();
        let username = happening.username.unwrap_or_default();
        let what = What::of(happening.deed, &username);
        let outcome = if succeeded { String::new() } else { format!(": {}", happening.status) };
        let description = match what.resource_type {
            "user" => format!("{} {}{outcome}", what.operation, what.resource),
            kind => format!("{} {kind} {}{}{outcome}", what.operation, what.resource, what.more),
        };
        Self {
            username,
            address: happening.address,
            operation: what.operation.to_owned(),
            resource_type: what.resource_type.to_owned(),
            resource: what.resource,
            project: what.project,
            succeeded,
            description,
            detail: Detail {
                request_id: Some(happening.request_id),
                status: Some(happening.status),
                digest: what.digest,
                user_agent: happening.user_agent,
            },
        }
    }
}

/// A deed in Harbor's words.
struct What {
    operation: &'static str,
    resource_type: &'static str,
    resource: String,
    project: Option<ProjectRef>,
    digest: Option<String>,
    /// What the description says besides.
    more: String,
}

impl What {
    fn of(deed: Deed, username: &str) -> Self {
        let Deed::In { repository, project, action, target } = deed else {
            let (resource, more) = (username.to_owned(), String::new());
            return Self {
                operation: "login",
                resource_type: "user",
                resource,
                project: None,
                digest: None,
                more,
            };
        };
        let operation = match action {
            RepositoryAction::Pull => "pull",
            RepositoryAction::Push => "create",
            RepositoryAction::Delete => "delete",
        };
        let project =
            project.filter(|id| *id != 0).map(|id| ProjectRef { id, name: project_name(&repository) });
        let (resource_type, resource, digest, more) = described(&repository, action, target);
        Self { operation, resource_type, resource, project, digest, more }
    }
}

/// The kind of the thing, its name, its content, and what there is to say besides.
fn described(
    repository: &RepositoryName,
    action: RepositoryAction,
    target: Target,
) -> (&'static str, String, Option<String>, String) {
    match target {
        Target::Any => ("artifact", repository.to_string(), None, String::new()),
        Target::Blob(digest) => {
            ("blob", format!("{repository}@{digest}"), Some(digest.to_string()), String::new())
        }
        Target::Manifest { reference, tags, digest } => {
            // A tag alone is deleted by its name; the manifest stays.
            let is_tag = matches!(reference, Reference::Tag(_)) && action == RepositoryAction::Delete;
            let (resource, digest) = match reference {
                Reference::Tag(tag) => (format!("{repository}:{tag}"), digest),
                Reference::Digest(asked) => (format!("{repository}@{asked}"), Some(digest.unwrap_or(asked))),
            };
            let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
            let more = if tags.is_empty() { String::new() } else { format!(", tagged {}", tags.join(", ")) };
            (if is_tag { "tag" } else { "artifact" }, resource, digest.map(|digest| digest.to_string()), more)
        }
    }
}

/// The first part of a repository's name is its project.
fn project_name(repository: &RepositoryName) -> String {
    repository.as_str().split('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use berth_protocol::Digest;

    use super::*;

    fn event(action: RepositoryAction, status: u16, target: Target) -> Event {
        let deed = Deed::In { repository: "team/app".parse().unwrap(), project: Some(7), action, target };
        Event::from(Happening {
            deed,
            username: Some("alice".to_owned()),
            address: None,
            user_agent: None,
            request_id: "r".to_owned(),
            status,
        })
    }

    fn manifest(reference: &str, tags: &[&str], digest: Option<Digest>) -> Target {
        let reference = reference.parse().unwrap();
        let tags = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
        Target::Manifest { reference, tags, digest }
    }

    #[test]
    fn deeds_have_harbors_words() {
        use RepositoryAction::{Delete, Pull, Push};
        let digest = Digest::sha256(b"m");
        let by_digest = digest.to_string();
        for (action, status, target, expected) in [
            (Pull, 200, manifest("1", &[], Some(digest.clone())), "pull artifact team/app:1"),
            (Pull, 200, manifest(&by_digest, &[], None), &format!("pull artifact team/app@{digest}")),
            (
                Push,
                201,
                manifest("1", &["2", "3"], Some(digest.clone())),
                "create artifact team/app:1, tagged 2, 3",
            ),
            (Push, 403, Target::Any, "create artifact team/app: 403"),
            (Delete, 202, manifest("1", &[], None), "delete tag team/app:1"),
            (Delete, 202, manifest(&by_digest, &[], None), &format!("delete artifact team/app@{digest}")),
            (Delete, 405, Target::Blob(digest.clone()), &format!("delete blob team/app@{digest}: 405")),
        ] {
            let event = event(action, status, target);
            assert_eq!(event.description, expected);
            assert_eq!(event.succeeded, status < 400, "{expected}");
            assert_eq!(event.project, Some(ProjectRef { id: 7, name: "team".to_owned() }));
            let words = format!("{} {} {}", event.operation, event.resource_type, event.resource);
            assert!(expected.starts_with(&words), "{words}");
        }
    }

    #[test]
    fn the_content_is_named_where_it_is_known() {
        let digest = Digest::sha256(b"m");
        let pulled = event(RepositoryAction::Pull, 200, manifest("1", &[], Some(digest.clone())));
        assert_eq!(pulled.detail.digest, Some(digest.to_string()));
        let refused = event(RepositoryAction::Pull, 403, manifest("1", &[], None));
        assert_eq!(refused.detail.digest, None);
    }

    #[test]
    fn a_project_that_nobody_knows_is_none() {
        let deed = Deed::In {
            repository: "team/app".parse().unwrap(),
            project: Some(0),
            action: RepositoryAction::Pull,
            target: Target::Any,
        };
        let what = What::of(deed, "");
        assert_eq!(what.project, None);
    }
}
