//! `WWW-Authenticate` (RFC 9110 section 11.6.1, and the token specification of the distribution project).

use http::{HeaderMap, header};

/// What a registry wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    /// A token that `realm` gives for `service`; `scope` is what the refused request would have needed.
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    /// The challenge to answer: Bearer before Basic, others not at all.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::WWW_AUTHENTICATE).into_iter();
        let schemes: Vec<Scheme> = values.filter_map(|value| value.to_str().ok()).flat_map(schemes).collect();
        let of = |name: &str| schemes.iter().find(|scheme| scheme.name.eq_ignore_ascii_case(name));
        let bearer = of("bearer").and_then(|scheme| {
            Some(Self::Bearer {
                realm: scheme.get("realm")?,
                service: scheme.get("service"),
                scope: scheme.get("scope"),
            })
        });
        bearer.or_else(|| of("basic").map(|_| Self::Basic))
    }
}

struct Scheme {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Scheme {
    fn get(&self, key: &str) -> Option<String> {
        let found = self.parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    }
}

/// The schemes of one header. A list's elements are parameters (`key=value`) or begin a scheme (`Scheme key=value`).
fn schemes(header: &str) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    for element in elements(header) {
        let element = element.trim();
        let (before, _) = element.split_once('=').unwrap_or((element, ""));
        let parameter = match before.trim().split_once(' ') {
            Some((name, _)) => {
                schemes.push(Scheme { name: name.to_owned(), parameters: Vec::new() });
                element[name.len()..].trim_start()
            }
            None if element.contains('=') => element,
            None if element.is_empty() => continue,
            None => {
                schemes.push(Scheme { name: element.to_owned(), parameters: Vec::new() });
                continue;
            }
        };
        if let (Some(scheme), Some((key, value))) = (schemes.last_mut(), parameter.split_once('=')) {
            scheme.parameters.push((key.trim().to_owned(), unquoted(value.trim())));
        }
    }
    schemes
}

/// The header at its commas, those in quotes aside.
fn elements(header: &str) -> Vec<&str> {
    let (mut found, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (index, byte) in header.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                found.push(&header[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(&header[start..]);
    found
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Challenge> {
        let values = values.iter().map(|value| (header::WWW_AUTHENTICATE, value.parse().unwrap()));
        Challenge::read(&values.collect())
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.to_owned(), service: text(service), scope: text(scope) }
    }

    #[test]
    fn challenges_are_read_in_all_their_forms() {
        let scope = Some("repository:a/b:pull,push");
        for header in [
            r#"Bearer realm="https://r/token",service="r",scope="repository:a/b:pull,push""#,
            r#"bearer  realm = "https://r/token" , service=r, scope="repository:a/b:pull,push", error="invalid_token""#,
            r#"Basic realm="x, y", Bearer realm="https://r/token",service="r",scope="repository:a/b:pull,push""#,
            r#"Negotiate, Bearer realm="https:\/\/r/token",service="r",scope="repository:a/b:pull,push""#,
        ] {
            assert_eq!(read(&[header]), Some(bearer("https://r/token", Some("r"), scope)), "{header}");
        }
        assert_eq!(
            read(&["Bearer realm=\"https://r/t\",scope=\"\""]),
            Some(bearer("https://r/t", None, None))
        );
    }

    #[test]
    fn basic_is_taken_when_there_is_no_bearer() {
        assert_eq!(read(&["Basic realm=\"x\""]), Some(Challenge::Basic));
        assert_eq!(read(&["Basic"]), Some(Challenge::Basic));
        assert_eq!(read(&["Bearer service=\"no realm\"", "Basic realm=x"]), Some(Challenge::Basic));
        assert_eq!(read(&["Negotiate", "Digest realm=\"x\""]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn nonsense_does_not_panic() {
        for header in ["", ",", "=", "\"", "Bearer =", "Bearer realm=\"\\", "a=b", "é=\"é", " , , Bearer"] {
            if let Ok(value) = header::HeaderValue::from_bytes(header.as_bytes()) {
                let _ = Challenge::read(&HeaderMap::from_iter([(header::WWW_AUTHENTICATE, value)]));
            }
            let _ = schemes(header);
        }
    }
}
