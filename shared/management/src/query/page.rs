//! Pages, and the way from one to the next.

use super::Found;
use crate::failure::Failure;
use crate::request::Asked;

const DEFAULT_SIZE: i64 = 10;
const MAX_SIZE: i64 = 100;
/// A page that lies further behind is empty anyway.
const MAX_NUMBER: i64 = 1_000_000;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// From 1 on.
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    /// The page that was asked for. Where Harbor gives everything for a size of 0, this gives as much as there is on a page.
    pub(crate) fn of(asked: &Asked) -> Result<Self, Failure> {
        let number = asked.query_number("page")?.unwrap_or(1);
        let size = asked.query_number("page_size")?.unwrap_or(DEFAULT_SIZE);
        if size > MAX_SIZE {
            let message = format!("page_size in query should be less than or equal to {MAX_SIZE}");
            return Err(Failure::unprocessable(message));
        }
        if !(0..=MAX_NUMBER).contains(&number) || size < -1 {
            return Err(Failure::unprocessable("page and page_size in query should be positive"));
        }
        let size = if size < 1 { MAX_SIZE } else { size };
        let as_count = |number: i64| usize::try_from(number).unwrap_or(1);
        Ok(Self { number: as_count(number.max(1)), size: as_count(size) })
    }

    pub(crate) fn first(self) -> usize {
        (self.number - 1) * self.size
    }
}

/// The `Link` header: the pages before and after, where there are any (RFC 8288).
pub(crate) fn links<T>(asked: &Asked, found: &Found<T>) -> Option<String> {
    let Page { number, size } = found.page;
    let link = |number: usize, relation: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let others = asked.query.iter().filter(|(name, _)| name != "page" && name != "page_size");
        query
            .extend_pairs(others)
            .append_pair("page", &number.to_string())
            .append_pair("page_size", &size.to_string());
        format!("<{}?{}>; rel=\"{relation}\"", asked.path(), query.finish())
    };
    let mut links = Vec::new();
    if number > 1 && (number - 1) * size < found.total {
        links.push(link(number - 1, "prev"));
    }
    if number * size < found.total {
        links.push(link(number + 1, "next"));
    }
    (!links.is_empty()).then(|| links.join(" , "))
}
