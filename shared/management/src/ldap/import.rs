//! `POST /ldap/users/import`: makes users of people in the directory before they sign in. 404 with those for whom that did not come about.

use berth_identity::External;
use berth_ldap::{Ldap, User};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::directory;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::world::World;

/// Each is asked for alone, within the time that a request may take.
const MAX_PEOPLE: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ImportBody {
    ldap_uid_list: Vec<String>,
}

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: ImportBody = call.asked.json()?;
    if body.ldap_uid_list.len() > MAX_PEOPLE {
        return Err(Failure::bad_request(format!("at most {MAX_PEOPLE} people are imported at a time")));
    }
    let (world, directory) = (call.world(), directory(call.world()).await?);
    let (mut made, mut failed): (Vec<&str>, Vec<Value>) = (Vec::new(), Vec::new());
    for uid in &body.ldap_uid_list {
        match import(world, &directory, uid).await? {
            Ok(()) => made.push(uid),
            Err(error) => failed.push(json!({ "uid": uid, "error": error })),
        }
    }
    let answer =
        if failed.is_empty() { Answer::ok() } else { Answer::new(StatusCode::NOT_FOUND).json(&failed) };
    Ok(answer.about("ldap").saying(format!("import users from ldap: {}", made.join(", "))))
}

/// Or why not.
async fn import(world: &World, directory: &Ldap, uid: &str) -> Result<Result<(), &'static str>, Failure> {
    if uid.trim().is_empty() {
        return Ok(Err("empty_uid"));
    }
    let Some(user) = directory.user(uid).await? else { return Ok(Err("unknown_user")) };
    let imported = world.directory.import(external(user)).await?;
    Ok(imported.map(drop).ok_or("the name or the mail address is somebody else's, or cannot be used here"))
}

/// Which groups he is in, and whether he is an administrator, is known when he signs in.
fn external(user: User) -> External {
    External {
        username: user.username,
        subject: user.dn.to_string(),
        email: user.email,
        full_name: user.full_name,
        groups: Vec::new(),
        is_admin: false,
    }
}
