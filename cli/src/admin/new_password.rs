//! The password that a user gets.

use serde_json::Value;

use super::show::{Column, Show, text};
use crate::error::Error;
use crate::password;

const COLUMNS: &[Column] =
    &[("NAME", |user| text(user, "username")), ("PASSWORD", |user| text(user, "password"))];

/// Where the password comes from. It is asked for on a terminal, and else read from standard input.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct NewPassword {
    /// Make a password up, and print it once.
    #[arg(long)]
    generate: bool,
    /// Print the password and nothing else.
    #[arg(long, short, requires = "generate", conflicts_with = "json")]
    quiet: bool,
}

impl NewPassword {
    pub(super) fn reads_stdin(self) -> bool {
        !self.generate
    }

    /// Makes it up or gets it.
    pub(super) fn get(self) -> Result<String, Error> {
        if self.generate { password::generate() } else { password::choose() }
    }

    /// Shows the user who has it now, with the password if only we know it.
    pub(super) fn show(
        self,
        show: Show,
        user: Value,
        columns: &[Column],
        password: &str,
    ) -> Result<(), Error> {
        if !self.generate {
            return show.one(&user, columns);
        }
        let mut user = user;
        if let Some(fields) = user.as_object_mut() {
            fields.insert("password".to_owned(), password.into());
        }
        show.secret(self.quiet, password, &user, COLUMNS)
    }
}
