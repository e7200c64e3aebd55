//! Finding groups, and which of them a person is in.

use std::collections::BTreeMap;

use crate::people::Member;
use crate::session::{Found, Search, Session};
use crate::{Dn, LdapError, MAX_FOUND, Scope, Settings, filter};

/// Groups of a person that are looked at. What is beyond is left out: he has less rights, never more.
const MAX_GROUPS: usize = 500;
/// How many levels nested groups are followed up.
const MAX_LEVELS: usize = 8;
/// Names in one filter.
const BATCH: usize = 50;
/// Questions at a time on one connection.
const AT_ONCE: usize = 8;
/// The attributes with which a group names its members.
const MEMBERS: [&str; 2] = ["member", "uniqueMember"];
/// Asks for entries without attributes (RFC 4511 section 4.5.1.8).
const NO_ATTRIBUTES: &str = "1.1";

/// A group in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The name for people to read: the attribute that the settings name, or else the distinguished name.
    pub name: String,
    /// Its distinguished name.
    pub dn: Dn,
}

/// What the groups of a person mean here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The groups that count, as distinguished names in their common form, sorted.
    pub(crate) groups: Vec<String>,
    pub(crate) is_admin: bool,
}

/// By their names in the common form.
type Names = BTreeMap<String, Dn>;

/// The groups of a person that are below the group base and match the group filter. The administrators' group need not.
pub(crate) async fn membership(
    session: &Session,
    settings: &Settings,
    member: Member,
) -> Result<Membership, LdapError> {
    let mut all: Names = member.groups.into_iter().take(MAX_GROUPS).map(|dn| (dn.to_string(), dn)).collect();
    if settings.nested_groups {
        climb(session, settings, member.user.dn, &mut all).await?;
    }
    let admin = Dn::parse(&settings.group_admin_dn);
    let is_admin = admin.is_some_and(|admin| all.contains_key(&admin.to_string()));
    let mut groups = Vec::new();
    let all: Vec<Dn> = all.into_values().filter(|dn| is_below_base(settings, dn)).collect();
    for batch in all.chunks(AT_ONCE) {
        let filter = group_filter(settings, "");
        let attributes = [settings.group_attribute_name()];
        let searches: Vec<Search<'_>> = batch.iter().map(|dn| entry_of(dn, &filter, &attributes)).collect();
        let found = session.search_all(&searches).await?;
        let kept = batch
            .iter()
            .zip(found)
            .filter(|(_, found)| found.as_ref().is_some_and(|found| !found.entries.is_empty()));
        groups.extend(kept.map(|(dn, _)| dn.to_string()));
    }
    Ok(Membership { groups, is_admin })
}

/// At most [`MAX_FOUND`] groups whose names are like the pattern.
pub(crate) async fn matching(
    session: &Session,
    settings: &Settings,
    pattern: &str,
) -> Result<Vec<Group>, LdapError> {
    let condition = filter::like(settings.group_attribute_name(), pattern);
    let search = Search {
        base: settings.group_base_dn(),
        scope: settings.group_search_scope,
        filter: &group_filter(settings, &condition),
        attributes: &[settings.group_attribute_name()],
        limit: MAX_FOUND,
    };
    let found = session.search(search).await?.ok_or(LdapError::NoSuchBase)?;
    Ok(read(settings, &found))
}

/// The group with this name, if it is below the group base and matches the group filter.
pub(crate) async fn by_dn(
    session: &Session,
    settings: &Settings,
    dn: &Dn,
) -> Result<Option<Group>, LdapError> {
    if !is_below_base(settings, dn) {
        return Ok(None);
    }
    let (filter, attributes) = (group_filter(settings, ""), [settings.group_attribute_name()]);
    let found = session.search(entry_of(dn, &filter, &attributes)).await?;
    Ok(found.and_then(|found| read(settings, &found).into_iter().next()))
}

fn is_below_base(settings: &Settings, dn: &Dn) -> bool {
    let base = Dn::parse(settings.group_base_dn());
    let depth = base.and_then(|base| dn.depth_below(&base));
    depth.is_some_and(|depth| settings.group_search_scope.reaches(depth))
}

/// Asks for one entry, if it is a group.
fn entry_of<'a>(dn: &'a Dn, filter: &'a str, attributes: &'a [&'a str]) -> Search<'a> {
    Search { base: dn.as_given(), scope: Scope::Base, filter, attributes, limit: 1 }
}

/// The groups that fulfil a condition, which may be empty.
fn group_filter(settings: &Settings, condition: &str) -> String {
    let base_filter = filter::normalized(&settings.group_filter).unwrap_or_default();
    match (base_filter.as_str(), condition) {
        ("", "") => "(objectClass=*)".to_owned(),
        (only, "") => only.to_owned(),
        (both, condition) => filter::and(both, condition),
    }
}

fn read(settings: &Settings, found: &Found) -> Vec<Group> {
    let groups = found.entries.iter().filter_map(|entry| {
        let dn = Dn::parse(entry.dn())?;
        let name = entry.first(settings.group_attribute_name()).map_or_else(|| dn.to_string(), str::to_owned);
        Some(Group { name, dn })
    });
    groups.collect()
}

/// Adds the groups that name the person or one of the groups as a member, level by level.
///
/// Works on every directory, unlike the matching rule of Active Directory, which others ignore and answer with nothing. Each
/// group is followed once, so cycles end.
async fn climb(session: &Session, settings: &Settings, person: Dn, all: &mut Names) -> Result<(), LdapError> {
    let mut frontier: Vec<Dn> = all.values().cloned().chain([person]).collect();
    for _ in 0..MAX_LEVELS {
        let mut next = Vec::new();
        for batch in frontier.chunks(BATCH) {
            let room = MAX_GROUPS.saturating_sub(all.len());
            if room == 0 {
                return Ok(());
            }
            for dn in parents(session, settings, batch).await? {
                let key = dn.to_string();
                if all.len() < MAX_GROUPS && !all.contains_key(&key) {
                    all.insert(key, dn.clone());
                    next.push(dn);
                }
            }
        }
        if next.is_empty() {
            return Ok(());
        }
        frontier = next;
    }
    Ok(())
}

async fn parents(session: &Session, settings: &Settings, children: &[Dn]) -> Result<Vec<Dn>, LdapError> {
    let filter = filter::any_of(&MEMBERS, children.iter().map(Dn::as_given));
    let search = Search {
        base: settings.group_base_dn(),
        scope: settings.group_search_scope,
        filter: &filter,
        attributes: &[NO_ATTRIBUTES],
        limit: MAX_GROUPS,
    };
    let found = session.search(search).await?.ok_or(LdapError::NoSuchBase)?;
    Ok(found.entries.iter().filter_map(|entry| Dn::parse(entry.dn())).collect())
}
