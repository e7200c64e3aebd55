//! Harbor's tag `user`.

mod cli_token;
mod create;
mod current;
mod delete;
mod get;
mod list;
mod password;
mod permissions;
mod profile;
mod search;
mod sysadmin;

use berth_audit::calendar;
use berth_identity::users::User;
use berth_projects::{Action, Resource};
use serde::Serialize;

use crate::access::{Call, OfUser};
use crate::failure::Failure;
use crate::route::{Route, Verb, run};

const TAG: &str = "user";
const ONE: &str = "/users/{user_id}";
const CLI_TOKENS: &str = "/users/{user_id}/cli-tokens";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/users", "listUsers", TAG)
        .about("All users but the first administrator")
        .listing()
        .system(Resource::User, Action::List, run!(list::answer)),
    Route::new(Verb::Post, "/users", "createUser", TAG)
        .about("Make a user")
        .audited("create", "user")
        .system(Resource::User, Action::Create, run!(create::answer)),
    Route::new(Verb::Get, "/users/current", "getCurrentUserInfo", TAG)
        .about("Who one is")
        .signed_in(run!(current::answer)),
    Route::new(Verb::Get, "/users/current/permissions", "getCurrentUserPermissions", TAG)
        .about("What one may do")
        .signed_in(run!(permissions::answer)),
    Route::new(Verb::Get, "/users/search", "searchUsers", TAG)
        .about("Users by a part of their names")
        .signed_in(run!(search::answer)),
    Route::new(Verb::Get, ONE, "getUser", TAG).about("A user").self_or(Action::Read, run!(get::answer)),
    Route::new(Verb::Put, ONE, "updateUserProfile", TAG)
        .about("Change what a user says about himself")
        .audited("update", "user")
        .self_or(Action::Update, run!(profile::answer)),
    Route::new(Verb::Delete, ONE, "deleteUser", TAG)
        .about("Remove a user")
        .audited("delete", "user")
        .user(Action::Delete, run!(delete::answer)),
    Route::new(Verb::Put, "/users/{user_id}/sysadmin", "setUserSysAdmin", TAG)
        .about("Make a user a system administrator, or no longer one")
        .audited("update", "user")
        .user(Action::Update, run!(sysadmin::answer)),
    Route::new(Verb::Put, "/users/{user_id}/password", "updateUserPassword", TAG)
        .about("Change a password")
        .audited("update", "user")
        .self_or(Action::Update, run!(password::answer)),
    Route::new(Verb::Put, "/users/{user_id}/cli_secret", "setCliSecret", TAG)
        .about("Set the secret that stands for a user of another system")
        .audited("update", "user")
        .self_or(Action::Update, run!(cli_token::secret::answer)),
    Route::new(Verb::Get, CLI_TOKENS, "listCliTokens", TAG)
        .about("What stands for a user where there is no browser")
        .self_or(Action::Read, run!(cli_token::list::answer)),
    Route::new(Verb::Post, CLI_TOKENS, "createCliToken", TAG)
        .about("Make something that stands for oneself where there is no browser")
        .audited("create", "cli-token")
        .self_or(Action::Update, run!(cli_token::create::answer)),
    Route::new(Verb::Delete, "/users/{user_id}/cli-tokens/{token_name}", "deleteCliToken", TAG)
        .about("Remove what stands for a user where there is no browser")
        .audited("delete", "cli-token")
        .self_or(Action::Update, run!(cli_token::delete::answer)),
];

/// A user as he is shown. What he proves himself with has no field here.
#[derive(Debug, Serialize)]
struct UserView<'a> {
    user_id: u64,
    username: &'a str,
    email: &'a str,
    realname: &'a str,
    comment: &'a str,
    sysadmin_flag: bool,
    /// Whether another system made him an administrator.
    admin_role_in_auth: bool,
    creation_time: String,
    update_time: String,
}

impl<'a> UserView<'a> {
    fn of(user: &'a User) -> Self {
        Self {
            user_id: user.id,
            username: &user.username,
            email: user.email.as_deref().unwrap_or_default(),
            realname: &user.full_name,
            comment: &user.comment,
            sysadmin_flag: user.is_admin,
            admin_role_in_auth: user.is_admin_elsewhere,
            creation_time: calendar::rfc3339(user.created_at_secs),
            update_time: calendar::rfc3339(user.updated_at_secs),
        }
    }
}

/// The user in the path.
async fn find(call: &Call<OfUser>) -> Result<User, Failure> {
    let id = call.user_id();
    let user = call.world().directory.users().get_by_id(id).await?;
    user.ok_or_else(|| Failure::not_found(format!("user {id} not found")))
}

/// The user in the path, for a change. A robot that manages users must not touch an administrator: it would have his rights.
async fn find_to_change(call: &Call<OfUser>) -> Result<User, Failure> {
    let user = find(call).await?;
    if user.is_administrator() && !call.is_self() && !call.principal().is_admin() {
        return Err(Failure::denied("only a system administrator changes a system administrator"));
    }
    Ok(user)
}
