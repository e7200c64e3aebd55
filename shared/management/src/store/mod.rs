//! What belongs to this API alone, as records.

mod attached;
mod descriptions;
mod labels;
mod logins;

pub(crate) use attached::{Attach, Attached, Attachments};
pub(crate) use descriptions::{Descriptions, MAX_DESCRIPTION_BYTES};
pub(crate) use labels::{CreateLabel, Label, Labels, NewLabel, UpdateLabel};
pub(crate) use logins::{Begun, LOGIN_TTL_SECS, Logins, Waiting, hash as browser_hash};
