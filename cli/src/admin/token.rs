//! `berth admin token`: what stands for a user where there is no browser.

use clap::Args;
use serde_json::{Value, json};

use super::api::{Api, number};
use super::name::Name;
use super::show::{Column, Show, day, text};
use super::user::find;
use crate::error::Error;

const COLUMNS: &[Column] = &[
    ("NAME", |token| text(token, "name")),
    ("CREATED", |token| day(token, "creation_time")),
    ("EXPIRES", |token| day(token, "expiration_time")),
    ("LAST USED", |token| day(token, "last_used_time")),
];
const WITH_TOKEN: &[Column] = &[
    ("NAME", |token| text(token, "name")),
    ("TOKEN", |token| text(token, "token")),
    ("EXPIRES", |token| day(token, "expiration_time")),
];

#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// List your CLI tokens, or those of another user.
    List(Whose),
    /// Make a CLI token for yourself and print it, which is shown this once. It takes your password: a token makes no tokens.
    Create {
        /// What you call it.
        name: Name,
        /// For how many days, 365 at most.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
        /// Print the token and nothing else.
        #[arg(long, short, conflicts_with = "json")]
        quiet: bool,
    },
    /// Delete a CLI token, one of yours or of another user.
    Delete {
        name: Name,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Debug, Args)]
pub(super) struct Whose {
    /// Whose [default: yours].
    #[arg(long, value_name = "NAME")]
    user: Option<Name>,
}

impl Whose {
    async fn id(&self, api: &Api) -> Result<String, Error> {
        number(&self.user(api).await?, "user_id")
    }

    async fn user(&self, api: &Api) -> Result<Value, Error> {
        match &self.user {
            Some(name) => find(api, name).await,
            None => api.get(&["users", "current"]).await,
        }
    }
}

impl Token {
    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::List(whose) => {
                let id = whose.id(api).await?;
                show.list(&api.list(&["users", &id, "cli-tokens"], &[]).await?, COLUMNS)
            }
            Self::Create { name, days, quiet } => {
                let id = Whose { user: None }.id(api).await?;
                let body = json!({ "name": &*name, "duration": days });
                let token = api.post(&["users", &id, "cli-tokens"], &body).await?;
                show.secret(quiet, &text(&token, "token"), &token, WITH_TOKEN)
            }
            Self::Delete { name, whose } => {
                let id = whose.id(api).await?;
                api.delete(&["users", &id, "cli-tokens", &name]).await?;
                show.done(&format!("CLI token {name} is deleted"))
            }
        }
    }
}
