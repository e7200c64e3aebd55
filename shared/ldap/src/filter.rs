//! Search filters (RFC 4515), put together from an administrator's filter and what somebody typed.

pub(crate) use crate::parse::encode;

const MAX_FILTER_BYTES: usize = 4096;

/// An administrator's filter with its parentheses, or nothing if there is none; `None` if it is no filter.
pub(crate) fn normalized(filter: &str) -> Option<String> {
    let filter = filter.trim();
    if filter.is_empty() {
        return Some(String::new());
    }
    let filter = if filter.starts_with('(') { filter.to_owned() } else { format!("({filter})") };
    (filter.len() <= MAX_FILTER_BYTES && encode(&filter).is_some()).then_some(filter)
}

/// Whether this is the name of an attribute, with options or as numbers too.
pub(crate) fn is_attribute(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.;".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(is_plain)
}

/// Entries whose attribute is `value`, whatever characters it has.
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", escape(value))
}

/// Entries whose attribute is like `pattern`, in which `*` is any text and nothing else is special. An empty pattern is any.
pub(crate) fn like(attribute: &str, pattern: &str) -> String {
    let pieces: Vec<_> = pattern.split('*').filter(|piece| !piece.is_empty()).map(escape).collect();
    if pieces.is_empty() {
        return format!("({attribute}=*)");
    }
    let start = if pattern.starts_with('*') { "*" } else { "" };
    let end = if pattern.ends_with('*') { "*" } else { "" };
    format!("({attribute}={start}{}{end})", pieces.join("*"))
}

/// Entries that have one of `values` in one of `attributes`.
pub(crate) fn any_of<'a>(attributes: &[&str], values: impl IntoIterator<Item = &'a str>) -> String {
    let conditions =
        values.into_iter().flat_map(|value| attributes.iter().map(move |name| equals(name, value)));
    format!("(|{})", conditions.collect::<String>())
}

/// Entries of a normalized filter that fulfil a condition too.
pub(crate) fn and(filter: &str, condition: &str) -> String {
    if filter.is_empty() { condition.to_owned() } else { format!("(&{filter}{condition})") }
}

/// A value in which nothing is special (RFC 4515 section 3).
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' => escaped.push_str(r"\5c"),
            '*' => escaped.push_str(r"\2a"),
            '(' => escaped.push_str(r"\28"),
            ')' => escaped.push_str(r"\29"),
            '\0' => escaped.push_str(r"\00"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_administrators_filter_gets_its_parentheses() {
        for (given, expected) in [
            ("", Some("")),
            ("  ", Some("")),
            ("objectClass=person", Some("(objectClass=person)")),
            (" (objectClass=person) ", Some("(objectClass=person)")),
            ("&(a=b)(c=*)", Some("(&(a=b)(c=*))")),
            ("(|(a=b)(!(c=d)))", Some("(|(a=b)(!(c=d)))")),
            ("(a=b)(c=d)", None),
            ("(a=b", None),
            ("a=b)", None),
            ("a", None),
            ("(&(a=b)", None),
            ("(a=\\zz)", None),
        ] {
            assert_eq!(normalized(given).as_deref(), expected, "{given}");
        }
        assert_eq!(normalized(&format!("{}a=b{}", "(!".repeat(3000), ")".repeat(3000))), None);
        assert_eq!(normalized(&format!("{}(a=b){}", "(!".repeat(40), ")".repeat(40))), None);
        assert!(normalized(&format!("{}(a=b){}", "(!".repeat(30), ")".repeat(30))).is_some());
    }

    #[test]
    fn what_somebody_typed_stays_a_value() {
        for (typed, exact, pattern) in [
            ("alice", "(uid=alice)", "(uid=alice)"),
            ("*", r"(uid=\2a)", "(uid=*)"),
            ("**", r"(uid=\2a\2a)", "(uid=*)"),
            ("al*", r"(uid=al\2a)", "(uid=al*)"),
            ("*a**b", r"(uid=\2aa\2a\2ab)", "(uid=*a*b)"),
            ("a*)(uid=bob", r"(uid=a\2a\29\28uid=bob)", r"(uid=a*\29\28uid=bob)"),
            (r"a\2a", r"(uid=a\5c2a)", r"(uid=a\5c2a)"),
            ("a\0b", r"(uid=a\00b)", r"(uid=a\00b)"),
            ("jürgen", "(uid=jürgen)", "(uid=jürgen)"),
            ("", "(uid=)", "(uid=*)"),
        ] {
            assert_eq!(equals("uid", typed), exact, "{typed}");
            assert_eq!(like("uid", typed), pattern, "{typed}");
        }
    }

    #[test]
    fn conditions_are_joined() {
        assert_eq!(and("", "(a=b)"), "(a=b)");
        assert_eq!(and("(c=d)", "(a=b)"), "(&(c=d)(a=b))");
        let filter = any_of(&["member", "uniqueMember"], ["cn=x", r"cn=a\2c b"]);
        assert_eq!(
            filter,
            r"(|(member=cn=x)(uniqueMember=cn=x)(member=cn=a\5c2c b)(uniqueMember=cn=a\5c2c b))"
        );
        assert!(encode(&filter).is_some());
    }

    #[test]
    fn attribute_names_cannot_break_a_filter() {
        for (name, is_good) in [
            ("uid", true),
            ("sAMAccountName", true),
            ("cn;lang-de", true),
            ("0.9.2342", true),
            ("", false),
            ("u id", false),
            ("uid=a)(b", false),
            ("-uid", false),
            ("üid", false),
        ] {
            assert_eq!(is_attribute(name), is_good, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_text_makes_a_filter_of_one_condition(typed in "(\\PC|[*()\\\\\u{0}]){0,30}") {
            for filter in [equals("uid", &typed), like("uid", &typed)] {
                prop_assert!(encode(&filter).is_some(), "{}", filter);
                prop_assert_eq!(filter.matches('(').count(), 1);
                prop_assert_eq!(filter.matches(')').count(), 1);
            }
        }
    }
}
