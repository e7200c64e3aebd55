//! `…/artifacts/{reference}/labels`.

mod add;
mod remove;

pub(super) use add::answer as add;
pub(super) use remove::answer as remove;
