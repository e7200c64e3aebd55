//! Making users.

use berth_records::{Expect, Written, put};
use berth_registry::StoreError;

use super::{ADMIN, Source, User, Users, keys};
use crate::SecretHash;

const MAX_USERNAME_CHARS: usize = 255;
const MAX_EMAIL_BYTES: usize = 255;

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What he signs in with.
    pub username: String,
    /// His mail address.
    pub email: Option<String>,
    /// His name for people to read.
    pub full_name: String,
    /// Whatever somebody wants to remember about him.
    pub comment: String,
    /// His password, if it is kept here.
    pub password: Option<SecretHash>,
    /// Whether he administers the whole system.
    pub is_admin: bool,
    /// Whether the system that vouches for him makes him one.
    pub is_admin_elsewhere: bool,
    /// Who vouches for him.
    pub source: Source,
    /// What the other system calls him.
    pub subject: Option<String>,
    /// The numbers of his groups.
    pub groups: Vec<u64>,
}

/// What became of a new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateUser {
    /// He is there.
    Created(User),
    /// Somebody has the name or the mail address, or is known by the same subject.
    Taken,
}

/// Why there can be no such user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUser {
    /// The name.
    #[error(
        "username must have 1 to 255 characters and none of , ~ # $ % / : \" ' < > or control characters"
    )]
    Username,
    /// The mail address.
    #[error("email is not a mail address")]
    Email,
}

impl NewUser {
    /// Somebody with this name and nothing else.
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            email: None,
            full_name: String::new(),
            comment: String::new(),
            password: None,
            is_admin: false,
            is_admin_elsewhere: false,
            source: Source::Local,
            subject: None,
            groups: Vec::new(),
        }
    }

    /// Whether there can be such a user.
    pub fn check(&self) -> Result<(), InvalidUser> {
        if !is_username(&self.username) {
            return Err(InvalidUser::Username);
        }
        if self.email.as_deref().is_some_and(|email| !is_email(email)) {
            return Err(InvalidUser::Email);
        }
        Ok(())
    }
}

impl Users {
    /// Makes a user, who must have passed [`NewUser::check`].
    pub async fn create(&self, new: NewUser) -> Result<CreateUser, StoreError> {
        let now_secs = self.clock.now_secs();
        let user = User {
            id: self.write.add(&keys::counter(), 1, None).await?,
            username: new.username,
            email: new.email,
            full_name: new.full_name,
            comment: new.comment,
            password: new.password,
            is_admin: new.is_admin,
            is_admin_elsewhere: new.is_admin_elsewhere,
            epoch: 0,
            source: new.source,
            subject: new.subject,
            groups: new.groups,
            created_at_secs: now_secs,
            updated_at_secs: now_secs,
        };
        let mut changes = vec![
            put(keys::user(&user.username), &user, Expect::Absent),
            put(keys::id(user.id), &user.username, Expect::Absent),
        ];
        if let Some(email) = &user.email {
            changes.push(put(keys::email(email), &user.username, Expect::Absent));
        }
        if let Some(subject) = user.oidc_subject() {
            changes.push(put(keys::subject(subject), &user.username, Expect::Absent));
        }
        Ok(match self.write.write(changes).await? {
            Written::Written => CreateUser::Created(user),
            Written::Conflict => CreateUser::Taken,
        })
    }

    /// Makes the first user, if there is none of his name. Whether he was made.
    pub async fn create_admin(&self, password: SecretHash) -> Result<bool, StoreError> {
        if self.get(ADMIN).await?.is_some() {
            return Ok(false);
        }
        let admin = NewUser {
            full_name: "system admin".to_owned(),
            password: Some(password),
            is_admin: true,
            ..NewUser::named(ADMIN)
        };
        Ok(matches!(self.create(admin).await?, CreateUser::Created(_)))
    }
}

/// What Harbor refuses, and what would be ambiguous in Basic credentials, in robots' names or in a key.
pub(super) fn is_username(text: &str) -> bool {
    let is_bad = |character: char| ",~#$%/:\"'<>".contains(character) || character.is_control();
    let length = text.chars().count();
    (1..=MAX_USERNAME_CHARS).contains(&length)
        && text.len() <= 512
        && !text.contains(is_bad)
        && text.trim() == text
}

fn is_email(text: &str) -> bool {
    let has_parts = text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
    has_parts
        && text.len() <= MAX_EMAIL_BYTES
        && text.matches('@').count() == 1
        && !text.contains(|character: char| {
            character.is_whitespace() || character.is_control() || "#<>\",".contains(character)
        })
}
