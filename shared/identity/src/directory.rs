//! From a name and a secret to somebody.

use std::net::IpAddr;
use std::sync::Arc;

use berth_projects::Principal;
use berth_registry::{Clock, Credentials, Effect, Forbidden, Ids, StoreError, StoreErrorKind};
use tokio::sync::Semaphore;

use crate::cli_tokens::{CliTokens, is_cli_token};
use crate::external::{DirectoryError, External, PasswordDirectory};
use crate::failures::{Attempt, Failures};
use crate::groups::Groups;
use crate::onboard;
use crate::robots::{ROBOT_PREFIX, Robots};
use crate::secret::{MAX_PASSWORD_BYTES, SecretHash};
use crate::trust::TrustRules;
use crate::turns::Turns;
use crate::users::{ADMIN, Source, User, Users};
use crate::workloads::Workloads;

pub use enter::SignedIn;

mod cli_token;
mod enter;

/// How many passwords are checked at a time: each takes 19 MiB and a processor.
const CHECKS_AT_ONCE: usize = 2;

/// Everybody who can sign in. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(crate) users: Users,
    pub(crate) robots: Robots,
    cli_tokens: CliTokens,
    failures: Failures,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    checks: Arc<Semaphore>,
    turns: Turns,
    first_password: Option<Arc<str>>,
    #[cfg(test)]
    slow_checks: Arc<std::sync::atomic::AtomicUsize>,
    /// Whoever else knows people, and the groups that they can be in.
    people: Option<(Arc<dyn PasswordDirectory>, Groups)>,
    trust: TrustRules,
    workloads: Option<Workloads>,
}

/// The parts of a directory.
pub struct DirectoryParts {
    /// People, machines, and how often their passwords were wrong.
    pub read: Arc<dyn berth_records::RecordRead>,
    /// The same.
    pub write: Arc<dyn berth_records::RecordWrite>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Salts.
    pub ids: Arc<dyn Ids>,
    /// Makes the first administrator when it is first used, if there is none yet.
    pub first_password: Option<String>,
}

impl Directory {
    /// Everybody who is in these parts.
    pub fn new(parts: DirectoryParts) -> Self {
        let DirectoryParts { read, write, clock, ids, first_password } = parts;
        Self {
            users: Users::new(read.clone(), write.clone(), clock.clone(), ids.clone()),
            robots: Robots::new(read.clone(), write.clone(), clock.clone(), ids.clone()),
            trust: TrustRules::new(read.clone(), write.clone(), clock.clone()),
            workloads: None,
            cli_tokens: CliTokens::new(read.clone(), write.clone(), clock.clone(), ids.clone()),
            failures: Failures::new(read, write, clock.clone()),
            clock,
            ids,
            checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
            turns: Turns::default(),
            #[cfg(test)]
            slow_checks: Arc::default(),
            first_password: first_password.map(Arc::from),
            people: None,
        }
    }

    /// The same, and with everybody whom `people` knows. Users of our own come first.
    #[must_use]
    pub fn with_people(mut self, people: Arc<dyn PasswordDirectory>, groups: Groups) -> Self {
        self.people = Some((people, groups));
        self
    }

    /// Makes a user of somebody in LDAP before he signs in. `Ok(None)` if he cannot be one: somebody else has the name.
    pub async fn import(&self, external: External) -> Result<Option<User>, StoreError> {
        onboard::import(&self.users, external).await
    }

    /// People.
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// Machines.
    pub fn robots(&self) -> &Robots {
        &self.robots
    }

    /// What stands for people where there is no browser.
    pub fn cli_tokens(&self) -> &CliTokens {
        &self.cli_tokens
    }

    /// Who this is. [`Forbidden::Unauthenticated`] for a wrong secret and for a name that nobody has, after the same work;
    /// [`Forbidden::TooManyFailures`] after too many of them.
    pub async fn sign_in(
        &self,
        credentials: &Credentials,
        address: Option<IpAddr>,
    ) -> Result<Principal, Forbidden> {
        let attempt = Attempt { name: &credentials.user, address };
        let found = if credentials.user.starts_with(ROBOT_PREFIX) {
            self.robot(credentials, attempt).await?
        } else if is_cli_token(&credentials.password) {
            self.by_cli_token(credentials).await?
        } else {
            self.guessed(attempt, self.user(credentials)).await?
        };
        found.ok_or(Forbidden::Unauthenticated)
    }

    /// A check of a secret that somebody could guess: not after too many failures, of which this may be one.
    async fn guessed<T>(
        &self,
        attempt: Attempt<'_>,
        check: impl Future<Output = Result<Option<T>, StoreError>> + Send,
    ) -> Result<Option<T>, Forbidden> {
        let _turn = self.turns.wait(attempt.address).await;
        if let Some(retry_after_secs) = self.failures.wait_secs(attempt).await? {
            return Err(Forbidden::TooManyFailures { retry_after_secs });
        }
        let found = check.await?;
        if found.is_none() {
            self.failures.note(attempt).await?;
        }
        Ok(found)
    }

    /// Somebody who has signed in under this name before. `Ok(None)` if he is gone.
    pub async fn principal(&self, name: &str) -> Result<Option<Principal>, StoreError> {
        if name.starts_with(ROBOT_PREFIX) {
            let robot = self.robots.get(name).await?;
            let now_secs = self.clock.now_secs();
            return Ok(robot.filter(|robot| robot.is_active(now_secs)).map(|robot| robot.principal()));
        }
        Ok(self.users.get(name).await?.map(|user| user.principal()))
    }

    /// Hashes a password that somebody chose, where it keeps nobody waiting. `None` if it is too long.
    pub async fn hash_password(&self, password: &str) -> Option<SecretHash> {
        let (password, ids) = (password.to_owned(), Arc::clone(&self.ids));
        if password.len() > MAX_PASSWORD_BYTES {
            return None;
        }
        self.slowly(move || SecretHash::of_chosen(&password, &*ids)).await.flatten()
    }

    /// Secrets that were generated cannot be guessed, so nobody is kept out for trying: a job with an old one must not stop the others.
    async fn robot(
        &self,
        credentials: &Credentials,
        attempt: Attempt<'_>,
    ) -> Result<Option<Principal>, Forbidden> {
        let now_secs = self.clock.now_secs();
        let Some(robot) = self.robots.get(&credentials.user).await? else { return Ok(None) };
        if !robot.is_active(now_secs) {
            return Ok(None);
        }
        let principal = robot.principal();
        let (id, secret) = (robot.id, credentials.password.clone());
        let knows = if robot.secrets.iter().any(|known| known.hash.is_slow()) {
            let check = async {
                let knows = self.slowly(move || robot.knows(&secret, now_secs)).await;
                Ok(knows.filter(|knows| *knows))
            };
            self.guessed(attempt, check).await?.is_some()
        } else {
            robot.knows(&secret, now_secs)
        };
        if !knows {
            return Ok(None);
        }
        self.robots.note_use(id).await?;
        Ok(Some(principal))
    }

    async fn user(&self, credentials: &Credentials) -> Result<Option<Principal>, StoreError> {
        let user = self.users.get(&credentials.user).await?;
        if user.is_none() && credentials.user == ADMIN && self.is_first_password(&credentials.password) {
            return self.first_administrator(&credentials.password).await;
        }
        if let Some((people, groups)) = &self.people
            && user.as_ref().is_none_or(|user| user.source == Source::Ldap)
        {
            let external = people.person(&credentials.user, &credentials.password).await;
            if let Some(external) = external.map_err(unavailable)? {
                let user = onboard::from_ldap(&self.users, groups, external).await?;
                return Ok(user.map(|user| user.principal()));
            }
            // Nobody, or nobody was asked: it takes as long as a wrong password of a user of our own.
        }
        let password = credentials.password.clone();
        // Whoever has none is compared with something as well, so that it takes as long.
        let known = self.known_secret(user.as_ref()).await?;
        let is_there = known.is_some();
        let known = known.unwrap_or_else(SecretHash::of_nobody);
        let is_right = self.slowly(move || known.is_of(&password)).await.unwrap_or(false);
        Ok(user.filter(|_| is_right && is_there).map(|user| user.principal()))
    }

    fn is_first_password(&self, password: &str) -> bool {
        let first = self.first_password.as_deref();
        first.is_some_and(|first| crate::same_secret(first.as_bytes(), password.as_bytes()))
    }

    /// Nobody has signed in here before: the secret of the deployment becomes the first administrator's password.
    async fn first_administrator(&self, password: &str) -> Result<Option<Principal>, StoreError> {
        let Some(hash) = self.hash_password(password).await else { return Ok(None) };
        self.users.create_admin(hash).await?;
        Ok(self.users.get(ADMIN).await?.map(|user| user.principal()))
    }

    /// Does slow work beside the requests, a few at a time. `None` if the process is stopping.
    async fn slowly<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _turn = self.checks.acquire().await.ok()?;
        #[cfg(test)]
        self.slow_checks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tokio::task::spawn_blocking(work).await.ok()
    }
}

/// A directory that cannot be asked is like storage that cannot be read.
fn unavailable(error: DirectoryError) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        effect: Effect::DidNotHappen,
        operation: "PasswordDirectory",
        source: Some(error.into()),
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

#[cfg(test)]
mod tests;
