//! `GET /systeminfo`: what this registry says about itself; more to whoever has signed in.

use berth_audit::calendar;
use serde_json::json;

use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    let configured = call.configuration().get().await?;
    let settings = call.settings();
    let mut info = json!({
        "auth_mode": configured.auth_mode().as_str(),
        "primary_auth_mode": configured.is_primary_auth_mode(),
        "self_registration": false,
        "harbor_version": settings.harbor_version,
        "banner_message": configured.banner_message(),
    });
    if !call.is_anonymous() {
        let url = settings.external_url.as_str();
        info["external_url"] = json!(url);
        info["registry_url"] = json!(url.split_once("://").map_or(url, |(_, host)| host));
        info["project_creation_restriction"] = json!(configured.project_creation().as_str());
        info["has_ca_root"] = json!(false);
        info["read_only"] = json!(false);
        info["notification_enable"] = json!(false);
        info["registry_storage_provider_name"] = json!("s3");
        info["current_time"] = json!(calendar::rfc3339(call.now_secs()));
    }
    Ok(Answer::of(&info))
}
