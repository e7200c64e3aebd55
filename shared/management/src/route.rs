//! The table of routes: what there is, and who may do it.

use berth_audit::ProjectRef;
use berth_projects::{Action, Resource};
use futures::future::BoxFuture;
use http::Method;

use crate::access::{
    Anyone, Call, Gate, InProject, InSystem, Leave, OfLabel, OfRobot, OfUser, Scene, SignedIn, Undecided,
};
use crate::answer::Outcome;
use crate::failure::Failure;

/// Runs a handler.
pub(crate) type Run<L> = fn(Call<L>) -> BoxFuture<'static, Outcome>;

/// Turns the path of an async function into what a route holds.
macro_rules! run {
    ($($path:ident)::+) => { |call| Box::pin($($path)::+(call)) };
}
/// The same for a function that has nothing to wait for. It looks at the call, and answers or refuses.
macro_rules! run_now {
    ($($path:ident)::+) => {
        |call| Box::pin(std::future::ready(crate::answer::Outcome::from($($path)::+(&call))))
    };
}
pub(crate) use {run, run_now};

/// The methods that routes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn is(self, method: &Method) -> bool {
        method.as_str() == self.as_str()
    }

    /// Whether it leaves everything as it is (RFC 9110, section 9.2.1).
    pub(crate) const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// What somebody must be or have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing.
    Anyone,
    /// A name.
    SignedIn,
    /// A right that the request says where it must hold: in the system, or in a project.
    Named(Resource, Action),
    /// A right in the system.
    System(Resource, Action),
    /// A right in the project that the path names.
    Project(Resource, Action),
    /// A right on robots, in the system or in the project that the robot in the path belongs to.
    Robot(Action),
    /// A right on labels, in the system or in the project that the label in the path belongs to.
    Label(Action),
    /// A right on users in the system; or to be the user in the path.
    SelfOr(Action),
    /// A right on users in the system, whoever the user in the path is.
    User(Action),
    /// Nobody has it.
    Nobody,
}

/// What is run for whoever has what is needed.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Anyone(Run<Anyone>),
    SignedIn(Run<SignedIn>),
    Named(Run<Undecided>),
    System(Run<InSystem>),
    Project(Run<InProject>),
    Robot(Run<OfRobot>),
    Label(Run<OfLabel>),
    User(Run<OfUser>),
    /// Harbor has it; this registry does not have it yet.
    NotYet(&'static str),
    /// There is nothing of the kind here, and an empty list says so truly.
    Empty,
    /// Nothing was ever set: 200 without a body, which clients take for that.
    Unset,
    /// There is none: 404.
    None(&'static str),
}

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// Below `/api/v2.0`, unless it begins with `/api/` or `/c/`.
    pub(crate) path: &'static str,
    /// Harbor's name for it.
    pub(crate) operation: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) need: Need,
    pub(crate) handler: Handler,
    /// What the audit log calls it: what is done to what.
    pub(crate) audit: Option<(&'static str, &'static str)>,
    /// Whether it is a listing with `q`, `sort` and pages.
    pub(crate) is_listing: bool,
}

const NOBODY: Handler = Handler::NotYet("nothing");

impl Route {
    /// An operation without a handler, which nobody may do.
    pub(crate) const fn new(
        verb: Verb,
        path: &'static str,
        operation: &'static str,
        tag: &'static str,
    ) -> Self {
        let (need, handler) = (Need::Nobody, NOBODY);
        Self { verb, path, operation, tag, summary: "", need, handler, audit: None, is_listing: false }
    }

    pub(crate) const fn about(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    pub(crate) const fn listing(self) -> Self {
        Self { is_listing: true, ..self }
    }

    /// A change, which the audit log calls so.
    pub(crate) const fn audited(self, operation: &'static str, resource_type: &'static str) -> Self {
        Self { audit: Some((operation, resource_type)), ..self }
    }

    const fn serving(self, need: Need, handler: Handler) -> Self {
        Self { need, handler, ..self }
    }

    pub(crate) const fn anyone(self, run: Run<Anyone>) -> Self {
        self.serving(Need::Anyone, Handler::Anyone(run))
    }

    pub(crate) const fn signed_in(self, run: Run<SignedIn>) -> Self {
        self.serving(Need::SignedIn, Handler::SignedIn(run))
    }

    pub(crate) const fn named(self, resource: Resource, action: Action, run: Run<Undecided>) -> Self {
        self.serving(Need::Named(resource, action), Handler::Named(run))
    }

    pub(crate) const fn system(self, resource: Resource, action: Action, run: Run<InSystem>) -> Self {
        self.serving(Need::System(resource, action), Handler::System(run))
    }

    pub(crate) const fn project(self, resource: Resource, action: Action, run: Run<InProject>) -> Self {
        self.serving(Need::Project(resource, action), Handler::Project(run))
    }

    pub(crate) const fn robot(self, action: Action, run: Run<OfRobot>) -> Self {
        self.serving(Need::Robot(action), Handler::Robot(run))
    }

    pub(crate) const fn label(self, action: Action, run: Run<OfLabel>) -> Self {
        self.serving(Need::Label(action), Handler::Label(run))
    }

    pub(crate) const fn self_or(self, action: Action, run: Run<OfUser>) -> Self {
        self.serving(Need::SelfOr(action), Handler::User(run))
    }

    pub(crate) const fn user(self, action: Action, run: Run<OfUser>) -> Self {
        self.serving(Need::User(action), Handler::User(run))
    }

    /// What a later version has, for whoever will need this.
    pub(crate) const fn not_yet(self, need: Need, what: &'static str) -> Self {
        self.serving(need, Handler::NotYet(what))
    }

    /// Always an empty list.
    pub(crate) const fn empty(self, need: Need) -> Self {
        self.serving(need, Handler::Empty)
    }

    /// Never set.
    pub(crate) const fn unset(self, need: Need) -> Self {
        self.serving(need, Handler::Unset)
    }

    /// Never there.
    pub(crate) const fn none(self, need: Need, what: &'static str) -> Self {
        self.serving(need, Handler::None(what))
    }

    /// Whether the path is the whole path.
    pub(crate) fn is_whole(&self) -> bool {
        self.path.starts_with("/api/") || self.is_of_sign_in()
    }

    /// Whether it is for browsers that sign in or out.
    pub(crate) fn is_of_sign_in(&self) -> bool {
        self.path.starts_with("/c/")
    }

    /// The whole path.
    pub(crate) fn full_path(&self) -> String {
        if self.is_whole() { self.path.to_owned() } else { format!("/api/v2.0{}", self.path) }
    }

    /// Lets a request in and answers what is then to be run, with the project that it is about; or refuses it.
    pub(crate) async fn admit(&self, gate: Gate) -> Result<Admitted, Failure> {
        Ok(match (self.need, self.handler) {
            (Need::Anyone, Handler::Anyone(run)) => admitted(gate.anyone(), run),
            (Need::SignedIn, Handler::SignedIn(run)) => admitted(gate.signed_in()?, run),
            (Need::Named(..), Handler::Named(run)) => admitted(gate.undecided()?, run),
            (Need::System(resource, action), Handler::System(run)) => {
                admitted(gate.in_system(resource, action)?, run)
            }
            (Need::Project(resource, action), Handler::Project(run)) => {
                admitted(gate.in_project(resource, action).await?, run)
            }
            (Need::Robot(action), Handler::Robot(run)) => admitted(gate.of_robot(action).await?, run),
            (Need::Label(action), Handler::Label(run)) => admitted(gate.of_label(action).await?, run),
            (Need::SelfOr(action), Handler::User(run)) => admitted(gate.of_user(action, true)?, run),
            (Need::User(action), Handler::User(run)) => admitted(gate.of_user(action, false)?, run),
            (need, handler) => return without_handler(need, handler, gate).await,
        })
    }
}

/// What is to be run, and where.
pub(crate) struct Admitted {
    pub(crate) project: Option<ProjectRef>,
    pub(crate) run: BoxFuture<'static, Outcome>,
}

fn admitted<L: Leave + Scene>(call: Call<L>, run: Run<L>) -> Admitted {
    Admitted { project: call.project_ref(), run: run(call) }
}

/// Refuses whoever lacks what is needed, also for what is not there: who may do what does not depend on it.
async fn without_handler(need: Need, handler: Handler, gate: Gate) -> Result<Admitted, Failure> {
    let project = match need {
        Need::Anyone => None,
        Need::SignedIn | Need::Named(..) => gate.undecided()?.project_ref(),
        Need::System(resource, action) => gate.in_system(resource, action)?.project_ref(),
        Need::Project(resource, action) => gate.in_project(resource, action).await?.project_ref(),
        Need::Robot(action) => gate.of_robot(action).await?.project_ref(),
        Need::Label(action) => gate.of_label(action).await?.project_ref(),
        Need::SelfOr(action) => gate.of_user(action, true)?.project_ref(),
        Need::User(action) => gate.of_user(action, false)?.project_ref(),
        Need::Nobody => {
            gate.known()?;
            return Err(Failure::forbidden());
        }
    };
    Ok(Admitted { project, run: Box::pin(std::future::ready(crate::later::answer(handler))) })
}
