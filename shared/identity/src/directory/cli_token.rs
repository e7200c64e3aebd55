//! Signing in with a CLI token as the password.

use berth_projects::Principal;
use berth_registry::{Credentials, StoreError};

use super::Directory;
use crate::SecretHash;
use crate::users::{Source, User};

impl Directory {
    /// The user whose token the password is. Tokens cannot be guessed, so nobody is kept out for trying, and no slow hash is worked
    /// out. Rights are those of the user now, whoever vouches for him.
    pub(super) async fn by_cli_token(
        &self,
        credentials: &Credentials,
    ) -> Result<Option<Principal>, StoreError> {
        let user = self.users.get(&credentials.user).await?;
        // No user has the number 0: a name of nobody takes as long.
        let id = user.as_ref().map_or(0, |user| user.id);
        let name = self.cli_tokens.find(id, &credentials.password).await?;
        let (Some(user), Some(name)) = (user, name) else { return Ok(None) };
        self.cli_tokens.note_use(user.id, &name).await?;
        Ok(Some(user.principal()))
    }

    /// What a password of this user is held against: his own; or, for people of an `OpenID` Connect provider, who have none, the CLI
    /// secret that they chose.
    pub(super) async fn known_secret(&self, user: Option<&User>) -> Result<Option<SecretHash>, StoreError> {
        match user {
            Some(user) if user.source == Source::Oidc => self.cli_tokens.cli_secret(user.id).await,
            Some(user) => Ok(user.password.clone()),
            None => Ok(None),
        }
    }
}
