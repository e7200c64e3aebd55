//! What belongs to this API alone, as records.

mod configuration;
mod labels;

pub(crate) use configuration::{Configuration, Configured, MAX_BANNER_BYTES, ProjectCreation};
pub(crate) use labels::{CreateLabel, Label, Labels, NewLabel, UpdateLabel};
