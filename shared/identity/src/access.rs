//! Tokens and permits by the rules of projects: the registry's two questions, answered.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use berth_projects::{
    Action, CreateProject, Metadata, NewProject, Principal, ProjectName, Projects, Resource, Rights,
    system_allows,
};
use berth_protocol::RepositoryName;
use berth_registry::{
    Agreed, Authorizer, Caller, Clock, Credentials, Exchanged, Forbidden, Grant, Holder, Ids,
    RepositoryAction, SignIn, StoreError, Token, TokenRequest, Visit,
};

use crate::robots::ROBOT_PREFIX;
use crate::token::{Access, Claims, Scope, Tokens};
use crate::{Directory, SignedIn};

/// One token names no more repositories than this; a client asks for one or two.
const MAX_REPOSITORIES: usize = 32;

/// Who may do what in the registry.
pub struct ProjectAccess {
    directory: Directory,
    projects: Projects,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    settings: AccessSettings,
}

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessSettings {
    /// How long a token lives.
    pub token_ttl_secs: u64,
    /// Whether a push by somebody who may make projects makes the one that is missing.
    pub create_on_push: bool,
}

impl ProjectAccess {
    /// Access by these people and these projects.
    pub fn new(
        directory: Directory,
        projects: Projects,
        tokens: Tokens,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: AccessSettings,
    ) -> Self {
        Self { directory, projects, tokens, clock, ids, settings }
    }

    async fn access(&self, principal: &Principal, scopes: &[String]) -> Result<Vec<Access>, Forbidden> {
        let mut wanted: Vec<(RepositoryName, Vec<RepositoryAction>)> = Vec::new();
        let mut access = Vec::new();
        for scope in scopes {
            match Scope::parse(scope) {
                Scope::Repository(name, actions) => merge(&mut wanted, name, &actions),
                Scope::Catalog if access.is_empty() => {
                    access.push(Access::catalog(system_allows(principal, Resource::Catalog, Action::Read)));
                }
                Scope::Catalog | Scope::Unknown => {}
            }
        }
        if wanted.len() > MAX_REPOSITORIES {
            let message = format!("a token is good for at most {MAX_REPOSITORIES} repositories");
            return Err(Forbidden::Denied(message));
        }
        let mut known = HashMap::new();
        for (repository, actions) in wanted {
            let rights = self.rights(&mut known, principal, &repository, &actions).await?;
            access.push(Access::of(&grant(rights.as_ref(), repository, &actions)));
        }
        Ok(access)
    }

    /// The rights in the repository's project, looked up once for each project.
    async fn rights(
        &self,
        known: &mut HashMap<ProjectName, Option<Rights>>,
        principal: &Principal,
        repository: &RepositoryName,
        actions: &[RepositoryAction],
    ) -> Result<Option<Rights>, StoreError> {
        let Some(name) = ProjectName::of(repository) else { return Ok(None) };
        if let Some(rights) = known.get(&name) {
            return Ok(rights.clone());
        }
        let mut rights = self.projects.rights(principal, &name).await?;
        if rights.is_none() && actions.contains(&RepositoryAction::Push) && self.may_create(principal) {
            let new = NewProject { name: name.clone(), metadata: Metadata::default() };
            if let CreateProject::Created(_) | CreateProject::Taken =
                self.projects.create(principal, new).await?
            {
                rights = self.projects.rights(principal, &name).await?;
            }
        }
        known.insert(name, rights.clone());
        Ok(rights)
    }

    fn may_create(&self, principal: &Principal) -> bool {
        self.settings.create_on_push && system_allows(principal, Resource::Project, Action::Create)
    }
}

#[async_trait]
impl SignIn for ProjectAccess {
    async fn caller(&self, authorization: Option<&str>, visit: &Visit) -> Result<Caller, Forbidden> {
        let Some(authorization) = authorization else { return Ok(Caller::Anonymous) };
        if let Some((scheme, token)) = authorization.split_once(' ')
            && scheme.eq_ignore_ascii_case("bearer")
        {
            let claims = self.tokens.verify(token.trim(), &visit.host, self.clock.now_secs());
            return claims.map(|claims| Caller::Holder(claims.holder())).ok_or(Forbidden::Unauthenticated);
        }
        let credentials = Credentials::from_basic(authorization).ok_or(Forbidden::Unauthenticated)?;
        let SignedIn { principal, .. } = self.directory.enter(&credentials, visit).await?;
        // A workload has whatever name its client wanted; who it is, is the robot.
        let name = principal.name().map_or(credentials.user, str::to_owned);
        Ok(Caller::User { name })
    }

    async fn token(&self, request: TokenRequest, visit: &Visit) -> Result<Token, Forbidden> {
        let SignedIn { principal, expires_at_secs } = match &request.credentials {
            Some(credentials) => self.directory.enter(credentials, visit).await?,
            None => SignedIn { principal: Principal::Anonymous, expires_at_secs: None },
        };
        let access = self.access(&principal, &request.scopes).await?;
        let now_secs = self.clock.now_secs();
        let left_secs = expires_at_secs.map_or(u64::MAX, |end_secs| end_secs.saturating_sub(now_secs));
        let ttl_secs = self.settings.token_ttl_secs.min(left_secs);
        let claims = Claims {
            iss: crate::token::ISSUER.to_owned(),
            sub: principal.name().unwrap_or_default().to_owned(),
            aud: visit.host.clone(),
            exp: now_secs + ttl_secs,
            nbf: now_secs,
            iat: now_secs,
            jti: self.ids.next(),
            access,
        };
        let text = self.tokens.sign(&claims).ok_or(Forbidden::Unauthenticated)?;
        Ok(Token { text, ttl_secs, issued_at_secs: now_secs })
    }

    async fn exchange(&self, proof: Credentials, visit: &Visit) -> Result<Exchanged, Forbidden> {
        self.directory.exchange(&proof, visit).await
    }

    fn key_set(&self) -> String {
        self.tokens.key_set()
    }
}

#[async_trait]
impl Authorizer for ProjectAccess {
    /// Without a read for the holder of a token; with three or more for Basic credentials.
    async fn check(
        &self,
        caller: &Caller,
        repository: &RepositoryName,
        action: RepositoryAction,
    ) -> Result<Agreed, Forbidden> {
        match caller {
            Caller::Anonymous => Err(Forbidden::Unauthenticated),
            Caller::Holder(holder) => held(holder, repository, action),
            Caller::User { name } => {
                let principal = self.directory.principal(name).await?.ok_or(Forbidden::Unauthenticated)?;
                let rights = self.rights(&mut HashMap::new(), &principal, repository, &[action]).await?;
                let grant = grant(rights.as_ref(), repository.clone(), &[action]);
                decide(&grant, Some(name), action)
            }
        }
    }

    async fn check_catalog(&self, caller: &Caller) -> Result<(), Forbidden> {
        let is_allowed = match caller {
            Caller::Anonymous => return Err(Forbidden::Unauthenticated),
            Caller::Holder(holder) => match (holder.catalog, &holder.name) {
                // As for a repository: whoever signs in may be allowed to.
                (Some(false), None) => return Err(Forbidden::Unauthenticated),
                (asked, _) => asked.ok_or(Forbidden::InsufficientScope)?,
            },
            Caller::User { name } => {
                let principal = self.directory.principal(name).await?.ok_or(Forbidden::Unauthenticated)?;
                system_allows(&principal, Resource::Catalog, Action::Read)
            }
        };
        let message = "only system administrators, and robots with the right to read the catalog, list all repositories";
        if is_allowed { Ok(()) } else { Err(Forbidden::Denied(message.to_owned())) }
    }
}

fn merge(
    wanted: &mut Vec<(RepositoryName, Vec<RepositoryAction>)>,
    name: RepositoryName,
    actions: &[RepositoryAction],
) {
    let index = wanted.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
        wanted.push((name, Vec::new()));
        wanted.len() - 1
    });
    let known = &mut wanted[index].1;
    known.extend(actions);
    known.sort_unstable_by_key(|action| action.as_str());
    known.dedup();
}

/// What of `actions` these rights allow: requested and allowed, never more.
fn grant(rights: Option<&Rights>, repository: RepositoryName, actions: &[RepositoryAction]) -> Grant {
    let allows = |action: Action| rights.is_some_and(|rights| rights.allow(Resource::Repository, action));
    let (allowed, refused): (Vec<_>, Vec<_>) = actions.iter().partition(|action| {
        allows(match action {
            RepositoryAction::Pull => Action::Pull,
            RepositoryAction::Push => Action::Push,
            RepositoryAction::Delete => Action::Delete,
        })
    });
    let may_revive = allowed.contains(&RepositoryAction::Push) && allows(Action::Delete);
    let role = rights.and_then(|rights| rights.roles().first().map(ToString::to_string));
    // Whoever may not see a project does not learn its number.
    let project = rights.filter(|rights| rights.may_see()).map_or(0, |rights| rights.project().id);
    Grant { repository, project, allowed, refused, may_revive, role }
}

fn held(holder: &Holder, repository: &RepositoryName, action: RepositoryAction) -> Result<Agreed, Forbidden> {
    let grant = holder.grants.iter().find(|grant| grant.repository == *repository);
    decide(grant.ok_or(Forbidden::InsufficientScope)?, holder.name.as_deref(), action)
}

/// What goes with the permit, or what somebody is told who may not do this. Nobody learns whether a repository exists that he may not
/// pull from.
fn decide(grant: &Grant, name: Option<&str>, action: RepositoryAction) -> Result<Agreed, Forbidden> {
    if grant.allowed.contains(&action) {
        return Ok(Agreed { project: Some(grant.project), may_revive: grant.may_revive });
    }
    if !grant.refused.contains(&action) {
        return Err(Forbidden::InsufficientScope);
    }
    let Some(name) = name else { return Err(Forbidden::Unauthenticated) };
    let repository = &grant.repository;
    if name.starts_with(ROBOT_PREFIX) {
        return Err(Forbidden::Denied(format!(
            "{name} may not {action} {repository}, or there is no such project: the robot needs the permission to \
             {action} repositories there"
        )));
    }
    let needed = match action {
        RepositoryAction::Pull => "limited guest",
        RepositoryAction::Push => "developer",
        RepositoryAction::Delete => "maintainer",
    };
    Err(Forbidden::Denied(match &grant.role {
        Some(role) => format!(
            "{name} is a {role} and may not {action} {repository}: this needs at least the role {needed}, which a \
             project admin gives"
        ),
        None => format!(
            "{name} may not {action} {repository}, or there is no such project: this needs at least the role {needed}, \
             which a project admin gives"
        ),
    }))
}

#[cfg(test)]
mod tests;
