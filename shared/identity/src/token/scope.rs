//! What a token is asked for: `repository:team/app:pull,push` (Docker token scope grammar).

use berth_protocol::RepositoryName;
use berth_registry::RepositoryAction;

/// One wish. What is not known gives no access, and is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Actions on a repository.
    Repository(RepositoryName, Vec<RepositoryAction>),
    /// Reading the list of all repositories.
    Catalog,
    /// Something else.
    Unknown,
}

impl Scope {
    /// The name may hold a colon, as in `host:port/name`; the type may have a class in parentheses.
    pub(crate) fn parse(text: &str) -> Self {
        let Some((kind, rest)) = text.split_once(':') else { return Self::Unknown };
        let Some((name, actions)) = rest.rsplit_once(':') else { return Self::Unknown };
        let kind = kind.split_once('(').map_or(kind, |(kind, _)| kind);
        match kind {
            "repository" => match name.parse() {
                Ok(name) => Self::Repository(name, repository_actions(actions)),
                Err(_) => Self::Unknown,
            },
            "registry" if name == "catalog" && actions == "*" => Self::Catalog,
            _ => Self::Unknown,
        }
    }
}

/// `*` stands for all.
fn repository_actions(text: &str) -> Vec<RepositoryAction> {
    let has = |word: &str| text.split(',').any(|action| action.trim() == word);
    RepositoryAction::ALL.into_iter().filter(|action| has(action.as_str()) || has("*")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_as_clients_send_them() {
        use RepositoryAction::{Delete, Pull, Push};
        let repository = |name: &str, actions: &[RepositoryAction]| {
            Scope::Repository(name.parse().unwrap(), actions.to_vec())
        };
        for (text, expected) in [
            ("repository:team/app:pull", repository("team/app", &[Pull])),
            ("repository:team/app:push,pull", repository("team/app", &[Pull, Push])),
            ("repository(plugin):team/app:pull", repository("team/app", &[Pull])),
            ("repository:team/app:*", repository("team/app", &[Pull, Push, Delete])),
            ("repository:team/app:", repository("team/app", &[])),
            ("repository:team/app:fly,pull", repository("team/app", &[Pull])),
            ("registry:catalog:*", Scope::Catalog),
            ("registry:catalog:pull", Scope::Unknown),
            ("repository:Team/App:pull", Scope::Unknown),
            ("repository:../x:pull", Scope::Unknown),
            ("repository:host:5000/app:pull", Scope::Unknown),
            ("repository:app", Scope::Unknown),
            ("galaxy:far:pull", Scope::Unknown),
            ("", Scope::Unknown),
            (":::", Scope::Unknown),
        ] {
            assert_eq!(Scope::parse(text), expected, "{text}");
        }
    }
}
