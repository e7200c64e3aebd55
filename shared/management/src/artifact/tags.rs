//! `…/artifacts/{reference}/tags`. A tag is made where there is none; only a push moves one.

mod create;
mod delete;
mod list;

pub(super) use create::answer as create;
pub(super) use delete::answer as delete;
pub(super) use list::answer as list;
