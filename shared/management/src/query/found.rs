//! From everything that there is to the page that was asked for.

use std::cmp::Ordering;

use berth_registry::StoreError;
use futures::future::BoxFuture;

use super::{Column, Condition, Filter, Page};
use crate::failure::Failure;
use crate::request::Asked;

/// No listing looks at more than this. What lies behind is found with a filter that storage knows, or not at all; the count is then
/// a lower bound.
pub(crate) const MAX_LISTED: usize = 10_000;
const READ_AT_ONCE: usize = 1000;

/// What a client wants to see.
pub(crate) struct Query<T: 'static> {
    conditions: Vec<(&'static Column<T>, Condition)>,
    /// With whether the last comes first.
    sorts: Vec<(&'static Column<T>, bool)>,
    pub(crate) page: Page,
}

/// A page, and how much there is in all.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: usize,
    pub(crate) page: Page,
}

impl<T> Query<T> {
    /// What the query asks for: `q`, `sort`, `page` and `page_size`. A column that is not there is a mistake, not an empty answer.
    pub(crate) fn of(asked: &Asked, columns: &'static [Column<T>]) -> Result<Self, Failure> {
        let filter = asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
        Self::filtered(asked, filter, columns)
    }

    /// The same, where `q` was read already.
    pub(crate) fn filtered(
        asked: &Asked,
        filter: Filter,
        columns: &'static [Column<T>],
    ) -> Result<Self, Failure> {
        let column = |name: &str, place: &str| {
            let found = columns.iter().find(|column| column.is_called(name));
            found.ok_or_else(|| {
                let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
                Failure::bad_request(format!("{place} knows no {name:?} here, only {}", known.join(", ")))
            })
        };
        let mut conditions = Vec::new();
        for (name, condition) in filter.0 {
            conditions.push((column(&name, "q")?, condition));
        }
        let mut sorts = Vec::new();
        for name in asked.query("sort").into_iter().flat_map(|sort| sort.split(',')).map(str::trim) {
            let (name, is_descending) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
            sorts.push((column(name, "sort")?, is_descending));
        }
        Ok(Self { conditions, sorts, page: Page::of(asked)? })
    }

    /// The page of what meets the conditions. Without a `sort`, the order stays as it is.
    pub(crate) fn apply(&self, mut items: Vec<T>) -> Found<T> {
        items.retain(|item| self.meets(item));
        if !self.sorts.is_empty() {
            items.sort_by(|one, two| self.order(one, two));
        }
        let total = items.len();
        let items = items.into_iter().skip(self.page.first()).take(self.page.size).collect();
        Found { items, total, page: self.page }
    }

    pub(crate) fn meets(&self, item: &T) -> bool {
        self.conditions.iter().all(|(column, condition)| condition.holds(&(column.get)(item)))
    }

    fn order(&self, one: &T, two: &T) -> Ordering {
        let compare = |(column, is_descending): &(&'static Column<T>, bool)| {
            let order = (column.get)(one).order(&(column.get)(two));
            if *is_descending { order.reverse() } else { order }
        };
        self.sorts.iter().map(compare).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Everything that `read` gives, up to [`MAX_LISTED`]. It is given the last item so far and how many are wanted at most, and answers
/// what follows and whether there is more.
pub(crate) async fn collect<'a, T>(
    read: impl Fn(Option<&T>, usize) -> BoxFuture<'a, Result<(Vec<T>, bool), StoreError>>,
) -> Result<Vec<T>, StoreError> {
    let mut items: Vec<T> = Vec::new();
    loop {
        let (found, more) = read(items.last(), READ_AT_ONCE.min(MAX_LISTED - items.len())).await?;
        let is_empty = found.is_empty();
        items.extend(found);
        if !more || is_empty || items.len() >= MAX_LISTED {
            return Ok(items);
        }
    }
}
