//! Changing and removing users.

use berth_records::{Change, Expect, Written, put};
use berth_registry::StoreError;

use super::{Source, User, Users, keys};

/// How often a change begins again because others were at the same user.
const MAX_ATTEMPTS: usize = 8;

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateUser {
    /// It is made.
    Updated(User),
    /// There is no such user.
    Unknown,
    /// Somebody else has the mail address, or others kept changing the same user.
    Conflict,
}

impl Users {
    /// Lets `change` have the user; name and number stay as they are, and so does what an `OpenID` Connect provider knows him by. His
    /// sessions end if his password or his rights over the system change. It may be called several times, each time with the newest state.
    pub async fn update(
        &self,
        username: &str,
        change: impl Fn(&mut User) + Send + Sync,
    ) -> Result<UpdateUser, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.stored(username).await? else { return Ok(UpdateUser::Unknown) };
            let before = stored.value.clone();
            let mut user = stored.value.clone();
            change(&mut user);
            user.id = before.id;
            user.username.clone_from(&before.username);
            if before.source == Source::Oidc {
                user.subject.clone_from(&before.subject);
            }
            user.source = before.source;
            user.epoch = before.epoch.wrapping_add(ends_sessions(&before, &user).into());
            user.updated_at_secs = self.clock.now_secs();
            let mut changes = vec![put(keys::user(username), &user, stored.unchanged())];
            let lower = |email: &Option<String>| email.as_deref().map(str::to_lowercase);
            if lower(&before.email) != lower(&user.email) {
                changes.extend(before.email.as_deref().map(|email| Change::delete(keys::email(email))));
                changes.extend(
                    user.email
                        .as_deref()
                        .map(|email| put(keys::email(email), &user.username, Expect::Absent)),
                );
            }
            if self.write.write(changes).await? == Written::Written {
                return Ok(UpdateUser::Updated(user));
            }
        }
        Ok(UpdateUser::Conflict)
    }

    /// Removes a user, and the tokens that stand for him. His name may be given to somebody else, who gets another number and none of his rights. Whether he was there.
    pub async fn delete(&self, username: &str) -> Result<bool, StoreError> {
        let Some(stored) = self.stored(username).await? else { return Ok(false) };
        let mut changes =
            vec![Change::delete(keys::user(username)), Change::delete(keys::id(stored.value.id))];
        changes.push(Change::delete(crate::cli_tokens::key(stored.value.id)));
        changes.extend(stored.value.email.as_deref().map(|email| Change::delete(keys::email(email))));
        changes.extend(stored.value.oidc_subject().map(|subject| Change::delete(keys::subject(subject))));
        self.write.write(changes).await?;
        Ok(true)
    }

    /// A new password for a user, hashed by the caller.
    pub async fn set_password(
        &self,
        username: &str,
        password: crate::SecretHash,
    ) -> Result<UpdateUser, StoreError> {
        self.update(username, |user| user.password = Some(password.clone())).await
    }

    /// Where random salts come from.
    pub fn ids(&self) -> &dyn berth_registry::Ids {
        &*self.ids
    }
}

fn ends_sessions(before: &User, after: &User) -> bool {
    before.password != after.password || before.is_administrator() != after.is_administrator()
}
