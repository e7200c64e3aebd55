//! Reads of many items in the order of their sort keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use berth_registry::StoreError;

use super::Table;
use super::expression::{names, projection};
use super::item::{Attributes, Item, PK, SK};
use crate::error::reading;

/// Comes before all characters that names have.
const LEAST: char = '\u{1}';
/// Comes after all characters.
const GREATEST: char = '\u{10ffff}';
/// More of a client's text than this decides nothing: all names are shorter. DynamoDB takes sort keys of 1024 bytes.
const MAX_AFTER_BYTES: usize = 512;
/// The same for spans of any sort keys: none is longer than 900 bytes.
const MAX_PART_BYTES: usize = 1000;

/// Items of one partition from one sort key to another, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pk: String,
    first: String,
    last: String,
    descending: bool,
}

/// A part of a span.
#[derive(Debug)]
pub(super) struct QueryPage {
    pub(super) items: Vec<Item>,
    /// Where the next page starts, if there may be one.
    pub(super) next: Option<Attributes>,
}

impl Span {
    /// Items whose sort keys are `prefix` and a name that comes after `after`.
    pub(super) fn after(pk: impl Into<String>, prefix: &str, after: Option<&str>) -> Self {
        let first = match after {
            None => format!("{prefix}{LEAST}"),
            Some(after) => {
                let after = &after[..after.floor_char_boundary(MAX_AFTER_BYTES)];
                format!("{prefix}{after}{LEAST}")
            }
        };
        Self { pk: pk.into(), first, last: format!("{prefix}{GREATEST}"), descending: false }
    }

    /// Items whose sort keys begin with `prefix`, in the order asked for, beginning at `start`. An item at `start` itself
    /// is part of the span: what comes after a key in descending order has no first key of its own.
    pub(super) fn beginning_at(
        pk: impl Into<String>,
        prefix: &str,
        start: Option<&str>,
        descending: bool,
    ) -> Self {
        let cut = |part: &str| part[..part.floor_char_boundary(MAX_PART_BYTES)].to_owned();
        let prefix = cut(prefix);
        let mut last = format!("{prefix}{GREATEST}");
        let mut first = if prefix.is_empty() { LEAST.to_string() } else { prefix };
        match start.map(cut) {
            Some(start) if descending => last = last.min(start),
            Some(start) => first = first.max(start),
            None => {}
        }
        Self { pk: pk.into(), first, last, descending }
    }

    /// Items whose sort keys are `prefix` and any name.
    pub(super) fn all(pk: impl Into<String>, prefix: &str) -> Self {
        Self::after(pk, prefix, None)
    }
}

impl Table {
    /// The first `limit` items of the span (0 counts as 1), or fewer and where to go on.
    pub(super) async fn query_page(
        &self,
        span: &Span,
        attributes: &[&'static str],
        limit: usize,
        start: Option<Attributes>,
    ) -> Result<QueryPage, StoreError> {
        if span.first > span.last {
            return Ok(QueryPage { items: Vec::new(), next: None });
        }
        let attributes = [&[PK, SK], attributes].concat();
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let values = [(":pk", &span.pk), (":first", &span.first), (":last", &span.last)];
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .projection_expression(projection(&attributes))
            .set_expression_attribute_names(Some(names(&attributes)))
            .set_expression_attribute_values(Some(HashMap::from(
                values.map(|(name, text)| (name.to_owned(), value(text))),
            )))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .scan_index_forward(!span.descending)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(reading("Query"))?;
        let items = answer.items.unwrap_or_default().into_iter().map(Item::from_attributes);
        Ok(QueryPage { items: items.collect::<Result<_, _>>()?, next: answer.last_evaluated_key })
    }

    /// The first `limit` items of the span. For items so small that `limit` of them fit in memory.
    pub(super) async fn query_first(
        &self,
        span: &Span,
        attributes: &[&'static str],
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = self.query_page(span, attributes, limit - found.len(), start).await?;
            found.extend(page.items);
            start = page.next;
            if start.is_none() || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(span: &Span, sk: &str) -> bool {
        *span.first <= *sk && *sk <= *span.last
    }

    #[test]
    fn a_span_ends_with_its_prefix() {
        let span = Span::all("p", "tag#");
        assert!(holds(&span, "tag#0") && holds(&span, "tag#zzz"));
        assert!(
            !holds(&span, "tag#")
                && !holds(&span, "tag")
                && !holds(&span, "tagged#x")
                && !holds(&span, "tag$")
        );
    }

    proptest! {
        #[test]
        fn a_span_holds_exactly_the_names_after(name in "[a-c0-9._-]{1,12}", after in "[a-c0-9._-]{0,12}|\\PC{0,600}|(0a)*") {
            let span = Span::after("p", "x#", Some(&after));
            prop_assert_eq!(holds(&span, &format!("x#{name}")), name > after);
            prop_assert!(span.first.len() < 1024);
        }

        #[test]
        fn a_span_of_any_keys_holds_those_with_the_prefix_from_the_start_on(
            prefix in "[ab\u{1f6a2}]{0,2}|x{1100}",
            start in prop::option::of("[ab\u{1f6a2}]{0,4}|(ab){600}"),
            descending: bool,
            sk in "[ab\u{1f6a2}]{1,6}|(ab){1,450}",
        ) {
            let span = Span::beginning_at("p", &prefix, start.as_deref(), descending);
            let is_on_its_side = start.is_none_or(|start| if descending { sk <= start } else { sk >= start });
            prop_assert_eq!(holds(&span, &sk), sk.starts_with(&prefix) && is_on_its_side, "{:?}", span);
            prop_assert!(span.first.len() < 1024 && span.last.len() < 1024);
        }
    }
}
