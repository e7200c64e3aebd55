//! The audit log of one machine. Each line is written to a journal in the data folder before the answer leaves, and becomes an entry
//! right after it: what CloudWatch Logs and the audit function do on AWS.

mod journal;
mod work;

pub(crate) use journal::Journal;
pub(crate) use work::Keeper;
