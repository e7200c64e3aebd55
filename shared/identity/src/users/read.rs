//! Reading users.

use berth_records::{Range, Stored, get, list};
use berth_registry::StoreError;

use super::create::is_username;
use super::{User, Users, keys};

impl Users {
    /// The user with this name.
    pub async fn get(&self, username: &str) -> Result<Option<User>, StoreError> {
        Ok(self.stored(username).await?.map(|stored| stored.value))
    }

    /// The user with this number. Two reads.
    pub async fn get_by_id(&self, id: u64) -> Result<Option<User>, StoreError> {
        let Some(username) = get::<String>(&*self.read, keys::id(id)).await? else { return Ok(None) };
        self.get(&username.value).await
    }

    /// The user whom an `OpenID` Connect provider knows by this: issuer and subject. Two reads.
    pub async fn get_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError> {
        let Some(username) = get::<String>(&*self.read, keys::subject(subject)).await? else {
            return Ok(None);
        };
        let user = self.get(&username.value).await?;
        Ok(user.filter(|user| user.oidc_subject() == Some(subject)))
    }

    /// At most `limit` users by name that begin with `prefix`, after `after`, and whether more follow.
    pub async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<User>, bool), StoreError> {
        let range = Range { prefix, after, ..Range::default() };
        let (found, more) = list(&*self.read, keys::USERS, range, limit).await?;
        Ok((found.into_iter().map(|stored: Stored<User>| stored.value).collect(), more))
    }

    pub(super) async fn stored(&self, username: &str) -> Result<Option<Stored<User>>, StoreError> {
        // Whatever somebody types as a name comes here.
        if is_username(username) { get(&*self.read, keys::user(username)).await } else { Ok(None) }
    }
}
