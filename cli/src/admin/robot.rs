//! `berth admin robot`.

use serde_json::{Value, json};

use super::allow::{Right, permissions, rights_of};
use super::api::{Api, absent, number};
use super::date::date;
use super::name::Name;
use super::show::{Column, Show, text};
use crate::error::Error;

/// What the full names of robots begin with.
const PREFIX: &str = "robot$";
const NEVER: i64 = -1;

const COLUMNS: &[Column] = &[
    ("NAME", |robot| text(robot, "name")),
    ("STATE", |robot| if robot["disable"] == true { "disabled" } else { "enabled" }.to_owned()),
    ("EXPIRES", expiry),
    ("RIGHTS", rights_of),
];
const WITH_SECRET: &[Column] =
    &[("NAME", |robot| text(robot, "name")), ("SECRET", |robot| text(robot, "secret")), ("EXPIRES", expiry)];

#[derive(Debug, clap::Subcommand)]
pub(super) enum Robot {
    /// List the robots of the system, or those of a project.
    List {
        #[arg(long)]
        project: Option<Name>,
    },
    /// Make a robot and print its secret, which is shown this once.
    Create {
        /// What its full name ends with: `robot$NAME`, or `robot$PROJECT+NAME`.
        name: Name,
        /// The project that it belongs to; without it, it belongs to the system and reaches into all projects.
        #[arg(long)]
        project: Option<Name>,
        /// What it may do: RESOURCE:ACTION, or `pull` or `push` for those of repositories. Who pushes needs both.
        #[arg(long, required = true, value_name = "RIGHT", value_delimiter = ',')]
        allow: Vec<Right>,
        /// For how many days; `never` or -1 for one that does not expire.
        #[arg(long, default_value = "30", allow_negative_numbers = true, value_parser = days)]
        days: i64,
        /// What it is for.
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        description: String,
        #[command(flatten)]
        output: Output,
    },
    /// Give a robot a new secret in place of the old one, and print it.
    Renew {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        output: Output,
    },
    /// Keep a robot out for now.
    Disable(Which),
    /// Let a robot in again.
    Enable(Which),
    /// Delete a robot.
    Delete(Which),
}

/// A robot that is there.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// Its name, with or without `robot$`: NAME, or PROJECT+NAME for that of a project.
    name: Name,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Output {
    /// Print the secret and nothing else.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

impl Robot {
    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::List { project } => show.list(&list(api, project.as_deref()).await?, COLUMNS),
            Self::Create { name, project, allow, days, description, output } => {
                let body = json!({
                    "name": &*name,
                    "level": if project.is_some() { "project" } else { "system" },
                    "description": description,
                    "duration": days,
                    "disable": false,
                    "permissions": permissions(project.as_deref(), &allow),
                });
                let robot = api.post(&["robots"], &body).await?;
                show.secret(output.quiet, &text(&robot, "secret"), &robot, WITH_SECRET)
            }
            Self::Renew { which, output } => {
                let mut robot = find(api, &which.name).await?;
                // An empty secret asks for a new one.
                let path = ["robots", &number(&robot, "id")?];
                let renewed = api.patch(&path, &json!({ "secret": "" })).await?;
                set(&mut robot, "secret", renewed["secret"].clone());
                show.secret(output.quiet, &text(&renewed, "secret"), &robot, WITH_SECRET)
            }
            Self::Disable(which) => set_disabled(api, show, &which.name, true).await,
            Self::Enable(which) => set_disabled(api, show, &which.name, false).await,
            Self::Delete(which) => {
                let robot = find(api, &which.name).await?;
                api.delete(&["robots", &number(&robot, "id")?]).await?;
                show.done(&format!("robot {} is deleted", text(&robot, "name")))
            }
        }
    }
}

async fn set_disabled(api: &Api, show: Show, name: &str, is_disabled: bool) -> Result<(), Error> {
    let id = number(&find(api, name).await?, "id")?;
    // The API takes a robot as a whole.
    let mut robot = api.get(&["robots", &id]).await?;
    set(&mut robot, "disable", is_disabled.into());
    api.put(&["robots", &id], &robot).await?;
    show.one(&robot, COLUMNS)
}

/// The robots of a project, or those of the system.
async fn list(api: &Api, project: Option<&str>) -> Result<Vec<Value>, Error> {
    let Some(project) = project else { return api.list(&["robots"], &[]).await };
    let id = number(&api.get(&["projects", project]).await?, "project_id")?;
    api.list(&["robots"], &[("q", &format!("Level=project,ProjectID={id}"))]).await
}

async fn find(api: &Api, name: &str) -> Result<Value, Error> {
    let short = name.strip_prefix(PREFIX).unwrap_or(name);
    let project = short.split_once('+').map(|(project, _)| project);
    let robots = list(api, project).await?;
    let is_it = |robot: &Value| {
        let full = text(robot, "name");
        full == name || full.strip_prefix(PREFIX) == Some(short)
    };
    robots.into_iter().find(is_it).ok_or_else(|| absent(&format!("robot {name}")))
}

fn set(robot: &mut Value, field: &str, value: Value) {
    if let Some(fields) = robot.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn expiry(robot: &Value) -> String {
    match robot["expires_at"].as_i64() {
        None => String::new(),
        Some(secs) => u64::try_from(secs).map_or_else(|_| "never".to_owned(), date),
    }
}

fn days(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(NEVER) => Ok(NEVER),
        Ok(days) if days > 0 => Ok(days),
        _ if text == "never" => Ok(NEVER),
        _ => Err("write a number of days from 1 on, or never".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_expire_after_days_or_never() {
        for (text, expected) in [("1", Some(1)), ("365", Some(365)), ("-1", Some(-1)), ("never", Some(-1))] {
            assert_eq!(days(text).ok(), expected);
        }
        for text in ["0", "-2", "", "soon", "1.5"] {
            assert!(days(text).is_err(), "{text}");
        }
        for (expires_at, expected) in [(json!(-1), "never"), (json!(86_400), "1970-01-02"), (json!(null), "")]
        {
            assert_eq!(expiry(&json!({ "expires_at": expires_at })), expected);
        }
    }
}
