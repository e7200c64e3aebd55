//! Listings: filters, order and pages, with the same words for all of them.

mod column;
mod filter;
mod found;
mod page;

pub(crate) use column::{Column, Field};
pub(crate) use filter::{Condition, Filter};
pub(crate) use found::{Found, MAX_LISTED, Query, collect};
pub(crate) use page::{Page, links};
