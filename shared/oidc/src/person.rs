//! From claims to a person.

use std::collections::BTreeMap;

use berth_identity::External;
use serde_json::Value;

use crate::{OidcError, Settings};

type Claims = BTreeMap<String, Value>;

/// Where the name is looked for if no claim is named for it.
const NAME_CLAIMS: [&str; 3] = ["preferred_username", "email", "name"];
const MAX_NAME_CHARS: usize = 255;
/// The most groups that are looked at.
const MAX_GROUPS: usize = 1000;

/// Whether the claims say all that is wanted; otherwise the provider is asked for more.
pub(crate) fn is_complete(settings: &Settings, claims: &Claims) -> bool {
    let has_groups = settings.groups_claim.is_empty() || claims.contains_key(&settings.groups_claim);
    has_groups && claims.contains_key("email") && username(settings, claims).is_some()
}

/// Who it is. A name that is empty is one that must be asked for.
pub(crate) fn person(
    settings: &Settings,
    issuer: &str,
    subject: &str,
    claims: &Claims,
) -> Result<External, OidcError> {
    let groups = groups(settings, claims);
    let is_admin = !settings.admin_group.is_empty() && groups.contains(&settings.admin_group);
    let filter = settings.filter()?;
    let is_wanted = |group: &String| filter.as_ref().is_none_or(|filter| filter.is_match(group));
    // A provider that says so itself knows whether an address is somebody's.
    let is_verified = claims
        .get("email_verified")
        .is_none_or(|verified| verified.as_bool() == Some(true) || verified.as_str() == Some("true"));
    Ok(External {
        username: username(settings, claims).unwrap_or_default(),
        subject: format!("{issuer}|{subject}"),
        email: text(claims, "email").filter(|_| is_verified).map(str::to_owned),
        full_name: text(claims, "name").map(str::to_owned),
        groups: groups.into_iter().filter(is_wanted).collect(),
        is_admin,
    })
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The name, made fit to be one: lower case, with `_` for what no name has.
fn username(settings: &Settings, claims: &Claims) -> Option<String> {
    let given = if settings.user_claim.is_empty() {
        NAME_CLAIMS.iter().find_map(|claim| text(claims, claim))?
    } else {
        text(claims, &settings.user_claim)?
    };
    let fit = |character: char| {
        let is_bad =
            character.is_whitespace() || character.is_control() || ",~#$%/:\"'<>".contains(character);
        if is_bad { '_' } else { character }
    };
    Some(given.to_lowercase().chars().map(fit).take(MAX_NAME_CHARS).collect())
}

/// One group may come as a text. What is no text is passed over.
fn groups(settings: &Settings, claims: &Claims) -> Vec<String> {
    if settings.groups_claim.is_empty() {
        return Vec::new();
    }
    match claims.get(&settings.groups_claim) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => {
            list.iter().take(MAX_GROUPS).filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(settings: &Settings, claims: Value) -> External {
        let claims = serde_json::from_value(claims).unwrap();
        person(settings, "https://id.example", "1", &claims).unwrap()
    }

    #[test]
    fn the_name_is_the_first_that_there_is() {
        let any = Settings::default();
        let named = Settings { user_claim: "nick".to_owned(), ..Settings::default() };
        for (settings, claims, expected) in [
            (&any, json!({ "preferred_username": "Alice", "email": "a@x.org", "name": "A" }), "alice"),
            (&any, json!({ "preferred_username": " ", "email": "a@x.org" }), "a@x.org"),
            (&any, json!({ "name": "Alice Smith" }), "alice_smith"),
            (&any, json!({ "name": "robot$a/b" }), "robot_a_b"),
            (&any, json!({}), ""),
            (&named, json!({ "nick": "al", "preferred_username": "alice" }), "al"),
            (&named, json!({ "preferred_username": "alice" }), ""),
            (&named, json!({ "nick": ["al"] }), ""),
        ] {
            assert_eq!(of(settings, claims.clone()).username, expected, "{claims}");
        }
    }

    #[test]
    fn groups_are_filtered_and_make_administrators() {
        let settings = Settings {
            groups_claim: "groups".to_owned(),
            admin_group: "admins".to_owned(),
            group_filter: "^team-".to_owned(),
            ..Settings::default()
        };
        let person = of(&settings, json!({ "groups": ["team-a", "admins", "a-team-b", 7] }));
        assert_eq!((person.groups, person.is_admin), (vec!["team-a".to_owned()], true));
        let one = of(&settings, json!({ "groups": "team-a" }));
        assert_eq!((one.groups.len(), one.is_admin), (1, false));
        let none = of(&Settings { admin_group: String::new(), ..settings }, json!({ "groups": [""] }));
        assert_eq!((none.groups.len(), none.is_admin), (0, false));
    }

    #[test]
    fn an_address_that_is_not_verified_is_none() {
        let settings = Settings::default();
        for (verified, expected) in
            [(json!(true), true), (json!("true"), true), (json!(false), false), (json!("false"), false)]
        {
            let claims = json!({ "email": "a@x.org", "email_verified": verified });
            assert_eq!(of(&settings, claims).email.is_some(), expected, "{verified}");
        }
        let person = of(&settings, json!({ "email": "a@x.org" }));
        assert_eq!(
            (person.email.as_deref(), person.subject.as_str()),
            (Some("a@x.org"), "https://id.example|1")
        );
    }

    #[test]
    fn what_is_missing_is_asked_for() {
        let settings = Settings { groups_claim: "groups".to_owned(), ..Settings::default() };
        let complete = |claims: Value| is_complete(&settings, &serde_json::from_value(claims).unwrap());
        assert!(complete(json!({ "email": "a@x.org", "groups": [] })));
        assert!(!complete(json!({ "email": "a@x.org" })));
        assert!(!complete(json!({ "name": "a", "groups": [] })));
    }
}
