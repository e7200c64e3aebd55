//! `berth admin project`.

use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::api::Api;
use super::name::Name;
use super::show::{Column, Show, day, text, yes_no};
use crate::error::Error;

const COLUMNS: &[Column] = &[
    ("NAME", |project| text(project, "name")),
    ("PUBLIC", |project| yes_no(&project["metadata"]["public"])),
    ("REPOSITORIES", |project| text(project, "repo_count")),
    ("OWNER", |project| text(project, "owner_name")),
    ("CREATED", |project| day(project, "creation_time")),
];

#[derive(Debug, clap::Subcommand)]
pub(super) enum Project {
    /// List the projects that you may see.
    List,
    /// Make a project.
    Create {
        /// Lower case letters, digits, and `.`, `_`, `-` between them.
        name: Name,
        /// Let everybody pull from it.
        #[arg(long)]
        public: bool,
    },
    /// Show a project and its settings.
    Show { name: Name },
    /// Change settings of a project, such as `public=true` or `auto_scan=true`.
    Set {
        name: Name,
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<Setting>,
    },
    /// Delete a project that has no repositories.
    Delete { name: Name },
}

/// `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    key: String,
    value: String,
}

impl Project {
    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::List => show.list(&api.list(&["projects"], &[]).await?, COLUMNS),
            Self::Create { name, public } => {
                let metadata = json!({ "public": public.to_string() });
                api.post(&["projects"], &json!({ "project_name": &*name, "metadata": metadata })).await?;
                show_one(api, show, &name).await
            }
            Self::Show { name } => show_one(api, show, &name).await,
            Self::Set { name, settings } => {
                let given =
                    settings.iter().map(|setting| (setting.key.clone(), setting.value.clone().into()));
                let metadata: Map<String, Value> = given.collect();
                api.put(&["projects", &name], &json!({ "metadata": metadata })).await?;
                let project = api.get(&["projects", &name]).await?;
                match settings.iter().find(|setting| !setting.is_set(&project)) {
                    None => show.properties(&project, &properties(&project)),
                    Some(setting) => Err(setting.ignored()),
                }
            }
            Self::Delete { name } => {
                api.delete(&["projects", &name]).await?;
                show.done(&format!("project {name} is deleted"))
            }
        }
    }
}

async fn show_one(api: &Api, show: Show, name: &str) -> Result<(), Error> {
    let project = api.get(&["projects", name]).await?;
    show.properties(&project, &properties(&project))
}

fn properties(project: &Value) -> Vec<(String, String)> {
    let fields = ["name", "project_id", "owner_name", "repo_count", "creation_time", "update_time"];
    let fields = fields.into_iter().map(|field| (field.to_owned(), text(project, field)));
    let settings =
        project["metadata"].as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    fields.chain(settings.map(|(key, _)| (key.clone(), text(&project["metadata"], key)))).collect()
}

impl Setting {
    /// Whether the project has it now. The API passes over settings that it does not know.
    fn is_set(&self, project: &Value) -> bool {
        let plain = |text: &str| match text.to_ascii_lowercase().as_str() {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_owned(),
        };
        plain(&self.value) == plain(&text(&project["metadata"], &self.key))
    }

    fn ignored(&self) -> Error {
        let message =
            format!("the registry has not set {}: it is unknown, or not for this project", self.key);
        Error::Api { code: "IGNORED".to_owned(), message }
    }
}

impl FromStr for Setting {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                Ok(Self { key: key.to_owned(), value: value.to_owned() })
            }
            _ => Err("write KEY=VALUE, as in public=true"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_keys_and_values() {
        let setting = |key: &str, value: &str| Ok(Setting { key: key.to_owned(), value: value.to_owned() });
        assert_eq!("public=true".parse(), setting("public", "true"));
        assert_eq!("pattern=a=b".parse(), setting("pattern", "a=b"));
        assert_eq!("pattern=".parse(), setting("pattern", ""));
        for text in ["", "public", "=true"] {
            assert!(text.parse::<Setting>().is_err(), "{text}");
        }
    }

    #[test]
    fn settings_that_were_passed_over_are_noticed() {
        let project =
            json!({ "metadata": { "public": "true", "severity": "high", "max_upstream_conn": "-1" } });
        for (text, expected) in [
            ("public=true", true),
            ("public=1", true),
            ("severity=High", true),
            ("max_upstream_conn=-1", true),
            ("public=false", false),
            ("publik=true", false),
            ("max_upstream_conn=5", false),
        ] {
            assert_eq!(text.parse::<Setting>().unwrap().is_set(&project), expected, "{text}");
        }
    }

    #[test]
    fn settings_are_shown_with_the_project() {
        let project =
            json!({ "name": "team", "project_id": 7, "metadata": { "public": "true", "severity": null } });
        let shown = properties(&project);
        assert!(shown.contains(&("project_id".to_owned(), "7".to_owned())));
        assert_eq!(shown.last(), Some(&("public".to_owned(), "true".to_owned())));
    }
}
