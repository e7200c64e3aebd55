//! `berth admin user`.

use clap::ArgAction;
use serde_json::{Value, json};

use super::api::{Api, absent, number};
use super::name::Name;
use super::new_password::NewPassword;
use super::show::{Column, Show, day, text, yes_no};
use crate::error::Error;
use crate::output::note;

const COLUMNS: &[Column] = &[
    ("NAME", |user| text(user, "username")),
    ("EMAIL", |user| text(user, "email")),
    ("FULL NAME", |user| text(user, "realname")),
    ("ADMIN", |user| yes_no(&user["sysadmin_flag"])),
    ("CREATED", |user| day(user, "creation_time")),
];

/// The administrator with whom a registry begins.
const FIRST: &str = "admin";

#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// List all users.
    List,
    /// Make a user. The password is asked for, or read from standard input if that is no terminal.
    Create {
        name: Name,
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// The name for people to read [default: the user's name].
        #[arg(long, value_name = "TEXT")]
        full_name: Option<String>,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Say whether a user administers the whole registry.
    Admin {
        name: Name,
        #[arg(action = ArgAction::Set, value_name = "true|false")]
        is_admin: bool,
    },
    /// Give a user another password, or yourself.
    Password {
        name: Name,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Delete a user.
    Delete { name: Name },
}

impl User {
    /// Whether a password is read from standard input, if that is no terminal.
    pub(super) fn reads_stdin(&self) -> bool {
        match self {
            Self::Create { password, .. } | Self::Password { password, .. } => password.reads_stdin(),
            Self::List | Self::Admin { .. } | Self::Delete { .. } => false,
        }
    }

    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::List => show.list(&api.list(&["users"], &[]).await?, COLUMNS),
            Self::Create { name, email, full_name, password } => {
                let secret = password.get()?;
                let full_name = full_name.as_deref().unwrap_or(&name);
                let body =
                    json!({ "username": &*name, "email": email, "realname": full_name, "password": secret });
                api.post(&["users"], &body).await?;
                password.show(show, find(api, &name).await?, COLUMNS, &secret)
            }
            Self::Admin { name, is_admin } => {
                let path = ["users", &id_of(api, &name).await?, "sysadmin"];
                api.put(&path, &json!({ "sysadmin_flag": is_admin })).await?;
                show.one(&find(api, &name).await?, COLUMNS)
            }
            Self::Password { name, password } => change_password(api, show, &name, password).await,
            Self::Delete { name } => {
                api.delete(&["users", &id_of(api, &name).await?]).await?;
                show.done(&format!("user {name} is deleted"))
            }
        }
    }
}

async fn change_password(api: &Api, show: Show, name: &str, password: NewPassword) -> Result<(), Error> {
    let user = find(api, name).await?;
    let id = number(&user, "user_id")?;
    let secret = password.get()?;
    let mut body = json!({ "new_password": secret });
    // Nobody changes his own without proving that he knows it.
    let own = api.password_of(name);
    if let Some(own) = own {
        body["old_password"] = own.into();
    }
    api.put(&["users", &id, "password"], &body).await?;
    if own.is_some() {
        note("your own password has changed: sign in again with `berth login`");
    }
    password.show(show, user, COLUMNS, &secret)
}

async fn id_of(api: &Api, name: &str) -> Result<String, Error> {
    number(&find(api, name).await?, "user_id")
}

/// The user of this name. Everybody finds himself, administrators all.
pub(super) async fn find(api: &Api, name: &str) -> Result<Value, Error> {
    if api.username() == Some(name) {
        return api.get(&["users", "current"]).await;
    }
    let query = format!("username={name}");
    let query = if is_plain(name) { vec![("q", query.as_str())] } else { Vec::new() };
    let users = api.list(&["users"], &query).await?;
    if let Some(user) = users.into_iter().find(|user| user["username"] == name) {
        return Ok(user);
    }
    // The first user is in no list.
    if name == FIRST {
        let user = api.get(&["users", "1"]).await?;
        if user["username"] == name {
            return Ok(user);
        }
    }
    Err(absent(&format!("user {name}")))
}

/// Whether a name means itself in the API's query language, which knows lists, ranges, patterns and numbers.
fn is_plain(name: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.@".contains(character);
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_in_a_query_are_known() {
        for (name, expected) in [
            ("ann", true),
            ("ann.b-c_d@e2", true),
            ("123", false),
            ("~ann", false),
            ("[a]", false),
            ("a b", false),
            ("a,b", false),
            ("", false),
        ] {
            assert_eq!(is_plain(name), expected, "{name}");
        }
    }
}
