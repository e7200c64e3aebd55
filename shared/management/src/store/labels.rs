//! Labels.
//!
//! ```text
//! partition                  sort    document
//! labels                     <id>    Label
//! labels-of#<project id>     <id>    Label      the same, by whose it is; 0 for everybody's
//! label-name#<project id>    <name>  its number
//! ```

use std::sync::Arc;

use berth_records::{
    Change, Expect, Key, MAX_KEYS, Range, RecordRead, RecordWrite, Stored, Written, get, get_many, list,
    number_key, put,
};
use berth_registry::{Clock, StoreError};
use serde::{Deserialize, Serialize};

/// How often a change begins again because others were at the same label.
const MAX_ATTEMPTS: usize = 8;
const MAX_NAME_BYTES: usize = 128;
const MAX_COLOR_BYTES: usize = 32;
const MAX_DESCRIPTION_BYTES: usize = 1024;
/// How many labels are removed at a time, with three changes for each.
const REMOVED_AT_ONCE: usize = 30;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Label {
    /// Never used again.
    pub(crate) id: u64,
    /// Whose it is: the number of a project; 0 for everybody's.
    pub(crate) project_id: u64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) color: String,
    pub(crate) created_at_secs: u64,
    pub(crate) updated_at_secs: u64,
}

/// What of a label can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewLabel {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) color: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CreateLabel {
    Created(Label),
    Taken,
    ProjectGone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UpdateLabel {
    Updated,
    Unknown,
    /// Another one has the name, or others kept changing it.
    Conflict,
}

impl NewLabel {
    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (what, text, max_bytes) in [
            ("name", &self.name, MAX_NAME_BYTES),
            ("color", &self.color, MAX_COLOR_BYTES),
            ("description", &self.description, MAX_DESCRIPTION_BYTES),
        ] {
            if text.len() > max_bytes {
                return Err(format!("the {what} of a label has at most {max_bytes} bytes"));
            }
        }
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return Err("the name of a label cannot be empty or have control characters".to_owned());
        }
        Ok(())
    }
}

/// All labels. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Labels {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl Labels {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    pub(crate) async fn get(&self, id: u64) -> Result<Option<Label>, StoreError> {
        Ok(self.stored(id).await?.map(|stored| stored.value))
    }

    /// Those of the labels with these numbers that are there.
    pub(crate) async fn get_many(&self, ids: &[u64]) -> Result<Vec<Label>, StoreError> {
        let mut labels = Vec::new();
        for some in ids.chunks(MAX_KEYS) {
            let keys: Vec<Key> = some.iter().map(|id| key(*id)).collect();
            let found: Vec<Option<Stored<Label>>> = get_many(&*self.read, &keys).await?;
            labels.extend(found.into_iter().flatten().map(|stored| stored.value));
        }
        Ok(labels)
    }

    /// At most `limit` labels of a project (0 for everybody's) in order of their numbers, after the label `after`.
    pub(crate) async fn list(
        &self,
        project_id: u64,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Label>, bool), StoreError> {
        let after = after.map(number_key);
        let range = Range { after: after.as_deref(), ..Range::default() };
        let (found, more) = list(&*self.read, &of_project(project_id), range, limit).await?;
        Ok((found.into_iter().map(|stored: Stored<Label>| stored.value).collect(), more))
    }

    /// Makes a label, which must have passed [`NewLabel::check`].
    pub(crate) async fn create(&self, project_id: u64, new: NewLabel) -> Result<CreateLabel, StoreError> {
        let now_secs = self.clock.now_secs();
        let label = Label {
            id: self.write.add(&Key::new("counters", "labels"), 1, None).await?,
            project_id,
            name: new.name,
            description: new.description,
            color: new.color,
            created_at_secs: now_secs,
            updated_at_secs: now_secs,
        };
        let name = name_key(project_id, &label.name);
        let mut changes = label.put(Expect::Absent);
        changes.push(put(name.clone(), &label.id, Expect::Absent));
        if project_id != 0 {
            // The project's number is there as long as the project is.
            let project = Key::new("project-id", number_key(project_id));
            changes.push(Change::Check { key: project, expect: Expect::Present });
        }
        if self.write.write(changes).await? == Written::Written {
            return Ok(CreateLabel::Created(label));
        }
        let is_taken = get::<u64>(&*self.read, name).await?.is_some();
        Ok(if is_taken { CreateLabel::Taken } else { CreateLabel::ProjectGone })
    }

    /// Changes a label to what must have passed [`NewLabel::check`].
    pub(crate) async fn update(&self, id: u64, new: &NewLabel) -> Result<UpdateLabel, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.stored(id).await? else { return Ok(UpdateLabel::Unknown) };
            let before = &stored.value;
            let label = Label {
                name: new.name.clone(),
                description: new.description.clone(),
                color: new.color.clone(),
                updated_at_secs: self.clock.now_secs(),
                ..before.clone()
            };
            let mut changes = label.put(stored.unchanged());
            if label.name != before.name {
                changes.push(Change::delete(name_key(label.project_id, &before.name)));
                changes.push(put(name_key(label.project_id, &label.name), &id, Expect::Absent));
            }
            if self.write.write(changes).await? == Written::Written {
                return Ok(UpdateLabel::Updated);
            }
        }
        Ok(UpdateLabel::Conflict)
    }

    /// Removes a label. Whether it was there.
    pub(crate) async fn delete(&self, id: u64) -> Result<bool, StoreError> {
        let Some(label) = self.get(id).await? else { return Ok(false) };
        self.write.write(label.delete()).await?;
        Ok(true)
    }

    /// Removes all labels of a project.
    pub(crate) async fn delete_of_project(&self, project_id: u64) -> Result<(), StoreError> {
        loop {
            let (labels, more) = self.list(project_id, None, REMOVED_AT_ONCE).await?;
            let changes: Vec<Change> = labels.iter().flat_map(Label::delete).collect();
            if !changes.is_empty() {
                self.write.write(changes).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    async fn stored(&self, id: u64) -> Result<Option<Stored<Label>>, StoreError> {
        get(&*self.read, key(id)).await
    }
}

impl Label {
    fn put(&self, expect: Expect) -> Vec<Change> {
        let of_project = Key::new(of_project(self.project_id), number_key(self.id));
        vec![put(key(self.id), self, expect), put(of_project, self, Expect::Anything)]
    }

    fn delete(&self) -> Vec<Change> {
        vec![
            Change::delete(key(self.id)),
            Change::delete(Key::new(of_project(self.project_id), number_key(self.id))),
            Change::delete(name_key(self.project_id, &self.name)),
        ]
    }
}

fn key(id: u64) -> Key {
    Key::new("labels", number_key(id))
}

fn of_project(project_id: u64) -> String {
    format!("labels-of#{project_id}")
}

fn name_key(project_id: u64, name: &str) -> Key {
    Key::new(format!("label-name#{project_id}"), name)
}
