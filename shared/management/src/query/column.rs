//! What a listing can be filtered and ordered by.

use std::borrow::Cow;
use std::cmp::Ordering;

use berth_audit::calendar;

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    Switch(bool),
    /// In seconds since 1970.
    Time(u64),
}

/// A column: the only way from a query into a document. What has none cannot be asked for.
pub(crate) struct Column<T: 'static> {
    /// The name in Harbor's REST API. In queries, case and underscores do not count: `ProjectID` is `project_id`.
    pub(crate) name: &'static str,
    pub(crate) get: fn(&T) -> Field<'_>,
}

impl<T> Column<T> {
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let letters = |text: &str| -> String {
            text.chars()
                .filter(|character| *character != '_')
                .map(|character| character.to_ascii_lowercase())
                .collect()
        };
        letters(self.name) == letters(name)
    }
}

impl<'a> Field<'a> {
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn number(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// How this compares with a value in a query; `None` if that is no value of this kind.
    pub(crate) fn compare(&self, value: &str) -> Option<Ordering> {
        match self {
            Self::Text(text) => Some(text.as_ref().cmp(value)),
            Self::Number(number) => Some(number.cmp(&value.parse().ok()?)),
            Self::Switch(switch) => Some(switch.cmp(&value.parse().ok()?)),
            Self::Time(secs) => Some(secs.cmp(&calendar::parse(value)?)),
        }
    }

    /// Whether the text is in this, in letters of any case.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self {
            Self::Text(whole) => whole.to_lowercase().contains(&text),
            Self::Number(number) => number.to_string().contains(&text),
            Self::Switch(switch) => switch.to_string().contains(&text),
            Self::Time(secs) => calendar::rfc3339(*secs).to_lowercase().contains(&text),
        }
    }

    /// The order among values of one column.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::Switch(one), Self::Switch(two)) => one.cmp(two),
            (Self::Time(one), Self::Time(two)) => one.cmp(two),
            _ => Ordering::Equal,
        }
    }
}
