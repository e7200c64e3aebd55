//! Finding people.

use crate::entry::Entry;
use crate::session::{Found, Search, Session};
use crate::{Dn, LdapError, MAX_FOUND, Settings, filter};

/// A person in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name that he signs in with, lower case.
    pub username: String,
    /// His distinguished name.
    pub dn: Dn,
    /// The mail address, from `mail` or `email`.
    pub email: Option<String>,
    /// The name for people to read, from `cn` or `uid`.
    pub full_name: Option<String>,
}

/// A person and the groups that his entry names.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) user: User,
    pub(crate) groups: Vec<Dn>,
}

/// The one person who signs in with this name; `None` if there is nobody, or if there may be several.
pub(crate) async fn exactly_one(
    session: &Session,
    settings: &Settings,
    username: &str,
) -> Result<Option<Member>, LdapError> {
    let condition = filter::equals(settings.uid(), username);
    let found = find(session, settings, &condition, 2).await?;
    // An incomplete list with one entry may hide another.
    match found.entries.as_slice() {
        [entry] if found.is_all => member(entry, settings).map(Some),
        _ => Ok(None),
    }
}

/// At most [`MAX_FOUND`] people whose names are like the pattern. Entries without a readable name are left out.
pub(crate) async fn matching(
    session: &Session,
    settings: &Settings,
    pattern: &str,
) -> Result<Vec<User>, LdapError> {
    let condition = filter::like(settings.uid(), pattern);
    let found = find(session, settings, &condition, MAX_FOUND).await?;
    Ok(found.entries.iter().filter_map(|entry| user(entry, settings)).collect())
}

async fn find(
    session: &Session,
    settings: &Settings,
    condition: &str,
    limit: usize,
) -> Result<Found, LdapError> {
    let base_filter = filter::normalized(&settings.filter).unwrap_or_default();
    let search = Search {
        base: settings.base_dn.trim(),
        scope: settings.scope,
        filter: &filter::and(&base_filter, condition),
        attributes: &[settings.uid(), "cn", "uid", "mail", "email", settings.group_membership_attribute()],
        limit,
    };
    session.search(search).await?.ok_or(LdapError::NoSuchBase)
}

fn member(entry: &Entry, settings: &Settings) -> Result<Member, LdapError> {
    let user = user(entry, settings)
        .ok_or(LdapError::Unreadable("an entry without the attribute that uid names"))?;
    // What is no name cannot be the name of a group that anybody has given rights to.
    let groups = entry.values(settings.group_membership_attribute()).filter_map(Dn::parse).collect();
    Ok(Member { user, groups })
}

fn user(entry: &Entry, settings: &Settings) -> Option<User> {
    let either =
        |first: &str, second: &str| entry.first(first).or_else(|| entry.first(second)).map(str::to_owned);
    Some(User {
        username: entry.first(settings.uid())?.to_lowercase(),
        dn: Dn::parse(entry.dn())?,
        email: either("mail", "email"),
        full_name: either("cn", "uid"),
    })
}
