//! `POST /usergroups`.

use berth_identity::groups::{CreateGroup, GroupKind, NewGroup};
use serde::Deserialize;

use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupBody {
    pub(super) group_name: String,
    group_type: u64,
    ldap_group_dn: String,
}

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: GroupBody = call.asked.json()?;
    let kind = match body.group_type {
        1 => GroupKind::Ldap { dn: body.ldap_group_dn },
        2 => GroupKind::Http,
        3 => GroupKind::Oidc,
        other => {
            let message = format!("group_type must be 1 (LDAP), 2 (HTTP) or 3 (OIDC), not {other}");
            return Err(Failure::bad_request(message));
        }
    };
    let new = NewGroup { name: body.group_name, kind };
    new.check().map_err(Failure::bad_request)?;
    match call.world().groups.create(new).await? {
        CreateGroup::Created(group) => Ok(Answer::created(&call.asked, group.id).about(group.name)),
        CreateGroup::Taken => Err(Failure::conflict("there is such a group already")),
    }
}
