//! `POST /ldap/ping`: whether a directory can be reached and takes the search DN. What the request does not say is as it is configured.

use berth_configuration::Configured;
use berth_ldap::{PingError, Settings, ping};
use serde_json::{Map, Value, json};

use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

const PASSWORD: &str = "ldap_search_password";

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let configured = call.world().configuration.get().await?;
    let asked = if call.asked.body.is_empty() { Map::new() } else { call.asked.json()? };
    let (success, message) = match ping(&settings(asked, &configured)?).await {
        Ok(()) => (true, String::new()),
        Err(error) => (false, format!("error: {}", told(&error))),
    };
    let answer = Answer::of(&json!({ "success": success, "message": message }));
    Ok(answer.about("ldap").saying(format!("ping ldap: {}", if success { "well" } else { "failed" })))
}

fn settings(asked: Map<String, Value>, configured: &Configured) -> Result<Settings, Failure> {
    let mut items = configured.ldap();
    items.remove(PASSWORD);
    for (name, value) in asked {
        let is_said = !value.is_null() && value != "";
        // The one name that is another one in the configuration.
        let name = if name == "ldap_connection_timeout" { "ldap_timeout".to_owned() } else { name };
        if is_said && name.starts_with("ldap_") {
            items.insert(name, value);
        }
    }
    let has_password = items.contains_key(PASSWORD);
    let settings: Settings = serde_json::from_value(Value::Object(items)).map_err(|_| {
        Failure::unprocessable("ldapconf in body has a value of another type than it must be")
    })?;
    let known = Settings::configured(configured);
    if has_password || !is_heard_by_the_same(&settings, &known) {
        return Ok(settings);
    }
    Ok(Settings { search_password: known.search_password, ..settings })
}

/// Clients do not know the password that is configured and leave it out. It is only ever sent where it belongs: whoever names another host or
/// another search DN, or takes more on trust, must bring one.
fn is_heard_by_the_same(asked: &Settings, known: &Settings) -> bool {
    asked.url == known.url
        && asked.search_dn == known.search_dn
        && asked.verify_cert == known.verify_cert
        && asked.start_tls == known.start_tls
        && asked.ca_certificates == known.ca_certificates
}

/// The error that says what to do about it.
fn told(error: &PingError) -> String {
    match error {
        PingError::Settings(error) => error.to_string(),
        PingError::Directory(error) => error.to_string(),
    }
}
