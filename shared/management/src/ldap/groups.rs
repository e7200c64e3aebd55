//! `GET /ldap/groups/search`: groups whose names are like the text, or the one with a distinguished name. 404 if there is none, as in Harbor.

use berth_ldap::Dn;
use serde_json::{Value, json};

use super::directory;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let (name, dn) = (call.asked.query("groupname").unwrap_or_default(), call.asked.query("groupdn"));
    let directory = directory(call.world()).await?;
    let found = match dn {
        Some(dn) => {
            let wrong = || {
                Failure::bad_request(
                    "groupdn must be a distinguished name, such as cn=team,dc=example,dc=org",
                )
            };
            directory.group(&Dn::parse(dn).ok_or_else(wrong)?).await?.into_iter().collect()
        }
        None => directory.groups(name).await?,
    };
    if found.is_empty() {
        return Err(Failure::not_found(format!("group name:{name}, group DN:{}", dn.unwrap_or_default())));
    }
    let views: Vec<Value> = found
        .iter()
        .map(|group| json!({ "group_name": group.name, "ldap_group_dn": group.dn.to_string() }))
        .collect();
    Ok(Answer::of(&views))
}
