//! The query language of `q`: `k=v`, `k=~v`, `k=[a~b]`, `k={a b}` and `k=(a b)`, with commas between them.

use std::cmp::Ordering;

use percent_encoding::percent_decode_str;

use super::Field;
use crate::failure::Failure;

const MAX_CONDITIONS: usize = 32;
const MAX_VALUES: usize = 100;

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// This.
    Exact(String),
    /// Have this in it.
    Fuzzy(String),
    /// Lie between these, which it may be itself.
    Range(Option<String>, Option<String>),
    /// One of these.
    Any(Vec<String>),
    /// All of these.
    All(Vec<String>),
}

/// Conditions by the names that the client gives to columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter(pub(crate) Vec<(String, Condition)>);

impl Condition {
    /// Whether `field` meets it. A value of another kind meets nothing.
    pub(crate) fn holds(&self, field: &Field<'_>) -> bool {
        let is = |value: &String| field.compare(value) == Some(Ordering::Equal);
        match self {
            Self::Exact(value) => is(value),
            Self::Fuzzy(value) => field.contains(value),
            Self::Any(values) => values.iter().any(is),
            Self::All(values) => values.iter().all(is),
            Self::Range(least, most) => {
                let above =
                    least.as_deref().is_none_or(|least| field.compare(least).is_some_and(Ordering::is_ge));
                let below =
                    most.as_deref().is_none_or(|most| field.compare(most).is_some_and(Ordering::is_le));
                above && below
            }
        }
    }
}

impl Filter {
    /// Reads a `q`. Clients encode it once more than the rest of the query, or do not.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = percent_decode_str(text).decode_utf8_lossy();
        let mut conditions = Vec::new();
        for pair in text.split(',') {
            let wrong = r#"the query string must contain "=" and the key/value cannot be empty"#;
            let (key, value) = pair.split_once('=').ok_or_else(|| Failure::bad_request(wrong))?;
            if key.is_empty() || value.is_empty() {
                return Err(Failure::bad_request(wrong));
            }
            let condition = condition(value)
                .ok_or_else(|| Failure::bad_request(format!("invalid query string value: {value}")))?;
            conditions.push((key.to_owned(), condition));
        }
        if conditions.len() > MAX_CONDITIONS {
            return Err(Failure::bad_request(format!("q has more than {MAX_CONDITIONS} conditions")));
        }
        Ok(Self(conditions))
    }
}

fn condition(text: &str) -> Option<Condition> {
    let inside = |open: char, close: char| text.strip_prefix(open).map(|rest| rest.strip_suffix(close));
    if let Some(rest) = text.strip_prefix('~') {
        return (!rest.is_empty()).then(|| Condition::Fuzzy(rest.to_owned()));
    }
    if let Some(range) = inside('[', ']') {
        return self::range(range?);
    }
    if let Some(list) = inside('{', '}') {
        return values(list?).map(Condition::Any);
    }
    if let Some(list) = inside('(', ')') {
        return values(list?).map(Condition::All);
    }
    // A value that begins like a pattern and is none has a backslash in front.
    Some(Condition::Exact(unquoted(text.strip_prefix('\\').unwrap_or(text))))
}

fn range(text: &str) -> Option<Condition> {
    let (least, most) = text.split_once('~').filter(|(_, most)| !most.contains('~'))?;
    let end = |text: &str| Some(unquoted(text.trim())).filter(|text| !text.is_empty());
    let (least, most) = (end(least), end(most));
    (least.is_some() || most.is_some()).then_some(Condition::Range(least, most))
}

fn values(text: &str) -> Option<Vec<String>> {
    let values: Vec<String> =
        text.split_whitespace().map(unquoted).filter(|value| !value.is_empty()).collect();
    (!values.is_empty() && values.len() <= MAX_VALUES).then_some(values)
}

/// Without the quotation marks around it.
fn unquoted(text: &str) -> String {
    let inside = |mark: char| text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<Condition> {
        Filter::parse(&format!("k={text}")).ok().map(|filter| filter.0[0].1.clone())
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn patterns_as_clients_write_them() {
        let some = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("v", Condition::Exact("v".to_owned())),
            ("a b", Condition::Exact("a b".to_owned())),
            ("a=b", Condition::Exact("a=b".to_owned())),
            ("\\~v", Condition::Exact("~v".to_owned())),
            ("'v'", Condition::Exact("v".to_owned())),
            ("~v", Condition::Fuzzy("v".to_owned())),
            ("[1~5]", Condition::Range(some("1"), some("5"))),
            ("[~5]", Condition::Range(None, some("5"))),
            ("[2020-04-09 02:36:00~]", Condition::Range(some("2020-04-09 02:36:00"), None)),
            ("{a b}", Condition::Any(texts(&["a", "b"]))),
            ("{'p1' 'p2'}", Condition::Any(texts(&["p1", "p2"]))),
            ("{\"p1\"}", Condition::Any(texts(&["p1"]))),
            ("(a b)", Condition::All(texts(&["a", "b"]))),
            ("%7E%76", Condition::Fuzzy("v".to_owned())),
        ] {
            assert_eq!(one(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_query() {
        for text in [
            "",
            "k",
            "k=",
            "=v",
            "k=v,",
            "k=~",
            "k=[1]",
            "k=[~]",
            "k=[1~2~3]",
            "k=[1~2",
            "k={a",
            "k={}",
            "k=( )",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
        let many = vec!["k=v"; 33].join(",");
        assert!(Filter::parse(&many).is_err());
        let long = format!("k={{{}}}", vec!["v"; 101].join(" "));
        assert!(Filter::parse(&long).is_err());
    }

    #[test]
    fn values_meet_what_is_of_their_kind() {
        let text = Field::text("Team");
        let number = Field::Number(12);
        let time = Field::Time(1_586_399_760);
        let switch = Field::Switch(true);
        for (field, condition, expected) in [
            (&text, "Team", true),
            (&text, "team", false),
            (&text, "~eA", true),
            (&text, "[S~U]", true),
            (&text, "{a Team}", true),
            (&text, "(a Team)", false),
            (&number, "12", true),
            (&number, "twelve", false),
            (&number, "[9~100]", true),
            (&number, "[~11]", false),
            (&number, "[a~b]", false),
            (&time, "2020-04-09 02:36:00", true),
            (&time, "[2020-04-09T02:36:01~]", false),
            (&time, "[2020-04-09T00:00:00~2020-04-10T00:00:00]", true),
            (&switch, "true", true),
            (&switch, "yes", false),
        ] {
            assert_eq!(one(condition).unwrap().holds(field), expected, "{field:?} {condition}");
        }
    }
}
