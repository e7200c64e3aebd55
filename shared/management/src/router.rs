//! From method and path to a route.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::route::Route;

/// The deepest path has fewer parts; a deeper one is nothing of ours.
const MAX_PARTS: usize = 24;

/// What a request comes to.
pub(crate) enum Match {
    /// A route, and what the path has for its parameters, decoded once.
    Route(&'static Route, Vec<(&'static str, String)>),
    /// There is such a path, with other methods only.
    OtherMethods(Vec<&'static str>),
    /// There is no such path.
    Nothing,
}

/// Finds the route whose path fits. Literal parts go before parameters: `/users/current` is nobody's number.
pub(crate) fn find(method: &Method, path: &str) -> Match {
    // A slash at the end does not count.
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if parts.is_empty() || parts.len() > MAX_PARTS {
        return Match::Nothing;
    }
    let fitting: Vec<(&'static Route, usize)> =
        routes().filter_map(|route| literals(route, &parts).map(|literals| (route, literals))).collect();
    let best =
        fitting.iter().filter(|(route, _)| route.verb.is(method)).max_by_key(|(_, literals)| *literals);
    if let Some((route, _)) = best {
        return match parameters(route, &parts) {
            Some(parameters) => Match::Route(route, parameters),
            None => Match::Nothing,
        };
    }
    if fitting.is_empty() {
        return Match::Nothing;
    }
    let mut methods: Vec<&'static str> = fitting.iter().map(|(route, _)| route.verb.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    Match::OtherMethods(methods)
}

/// All routes.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    TABLES.iter().flat_map(|table| table.iter())
}

const TABLES: &[&[Route]] = &[
    crate::artifact::ROUTES,
    crate::auditlog::ROUTES,
    crate::configure::ROUTES,
    crate::docs::ROUTES,
    crate::health::ROUTES,
    crate::label::ROUTES,
    crate::later::artifacts::ROUTES,
    crate::later::policies::ROUTES,
    crate::later::system::ROUTES,
    crate::ldap::ROUTES,
    crate::member::ROUTES,
    crate::metadata::ROUTES,
    crate::permissions::ROUTES,
    crate::ping::ROUTES,
    crate::project::ROUTES,
    crate::quota::ROUTES,
    crate::repository::ROUTES,
    crate::robot::ROUTES,
    crate::search::ROUTES,
    crate::session::ROUTES,
    crate::statistics::ROUTES,
    crate::systeminfo::ROUTES,
    crate::trust::ROUTES,
    crate::user::ROUTES,
    crate::usergroup::ROUTES,
];

fn template(route: &Route) -> impl Iterator<Item = &'static str> {
    let base: &[&str] = if route.is_whole() { &[] } else { &["api", "v2.0"] };
    base.iter().copied().chain(route.path.split('/').skip(1))
}

fn parameter(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// How many parts of the path the route names; `None` if it does not fit. A parameter stands for a part that is not empty.
fn literals(route: &Route, parts: &[&str]) -> Option<usize> {
    let mut literals = 0;
    let mut given = parts.iter();
    for wanted in template(route) {
        let part = given.next()?;
        if parameter(wanted).is_some() {
            if part.is_empty() {
                return None;
            }
        } else if wanted == *part {
            literals += 1;
        } else {
            return None;
        }
    }
    given.next().is_none().then_some(literals)
}

/// `None` for a part that is no text once it is decoded.
fn parameters(route: &Route, parts: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let decoded = |part: &&str| percent_decode_str(part).decode_utf8().ok().map(String::from);
    let pairs = template(route).zip(parts);
    let named = pairs.filter_map(|(wanted, part)| parameter(wanted).map(|name| (name, part)));
    named.map(|(name, part)| Some((name, decoded(part)?))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        match find(method, path) {
            Match::Route(route, parameters) => {
                Some((route.operation, parameters.into_iter().map(|(_, value)| value).collect()))
            }
            Match::OtherMethods(_) | Match::Nothing => None,
        }
    }

    #[test]
    fn paths_and_their_parameters() {
        let get = |path: &str| found(&Method::GET, path);
        let some = |operation, parameters: &[&str]| {
            Some((operation, parameters.iter().map(|value| (*value).to_owned()).collect()))
        };
        assert_eq!(get("/api/v2.0/users/current"), some("getCurrentUserInfo", &[]));
        assert_eq!(get("/api/v2.0/users/7"), some("getUser", &["7"]));
        assert_eq!(get("/api/v2.0/quotas/"), some("listQuotas", &[]));
        assert_eq!(get("/api/v2.0/projects/p/metadatas/"), some("listProjectMetadatas", &["p"]));
        assert_eq!(get("/api/version"), some("getVersion", &[]));
        assert_eq!(
            get("/api/v2.0/projects/p/repositories/a%252Fb/artifacts/sha256%3Aabc/tags"),
            some("listTags", &["p", "a%2Fb", "sha256:abc"])
        );
        for nothing in
            ["", "/", "/api", "/api/v2.0", "/api/v2.0//projects", "/api/v2.0/projects/%ff", "/api/v1/users"]
        {
            assert_eq!(get(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_path_with_other_methods_says_which() {
        let Match::OtherMethods(methods) = find(&Method::DELETE, "/api/v2.0/projects") else {
            panic!("found")
        };
        assert_eq!(methods, ["GET", "HEAD", "POST"]);
        assert!(matches!(find(&Method::GET, "/api/v2.0/nothing"), Match::Nothing));
    }

    #[test]
    fn no_two_routes_are_the_same() {
        let mut seen = BTreeSet::new();
        for route in routes() {
            let path: Vec<&str> =
                template(route).map(|part| parameter(part).map_or(part, |_| "{}")).collect();
            assert!(seen.insert((route.verb.as_str(), path)), "{} {}", route.verb.as_str(), route.path);
        }
        let operations: BTreeSet<&str> = routes().map(|route| route.operation).collect();
        assert_eq!(operations.len(), seen.len(), "an operation is there twice");
    }
}
