//! Which labels artifacts have.
//!
//! ```text
//! partition                       sort                    document
//! artifact-labels#<repository>    <digest>#<label id>     Attachment
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_protocol::{Digest, RepositoryName};
use berth_records::{
    Change, Expect, Key, MAX_CHANGES, Range, RecordRead, RecordWrite, Stored, Written, list, number_key, put,
};
use berth_registry::{Clock, StoreError};
use serde::{Deserialize, Serialize};

/// How many are read at a time.
const READ_AT_ONCE: usize = 1000;

/// An artifact has a label. Older than the artifact, it is about one of the same digest that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attachment {
    digest: Digest,
    label: u64,
    attached_at_secs: u64,
}

/// What became of attaching a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attach {
    Attached,
    /// It was there already.
    Repeated,
}

/// The labels of some artifacts: since when each has which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attachments(BTreeMap<Digest, Vec<(u64, u64)>>);

impl Attachments {
    /// The numbers of the labels of an artifact that was pushed at this time.
    pub(crate) fn of(&self, digest: &Digest, pushed_at_secs: u64) -> Vec<u64> {
        let attached = self.0.get(digest).into_iter().flatten();
        attached.filter(|(_, at_secs)| *at_secs >= pushed_at_secs).map(|(label, _)| *label).collect()
    }
}

/// All of them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Attached {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl Attached {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    /// The labels of one artifact, or of all of the repository, up to `limit` of them.
    pub(crate) async fn list(
        &self,
        repository: &RepositoryName,
        digest: Option<&Digest>,
        limit: usize,
    ) -> Result<Attachments, StoreError> {
        let mut found = Attachments::default();
        let mut after: Option<String> = None;
        let mut count = 0;
        loop {
            let (page, more) =
                self.page(repository, digest, after.as_deref(), READ_AT_ONCE.min(limit - count)).await?;
            count += page.len();
            after = page.last().map(Attachment::sort);
            for attachment in page {
                let labels = found.0.entry(attachment.digest).or_default();
                labels.push((attachment.label, attachment.attached_at_secs));
            }
            if !more || count >= limit {
                return Ok(found);
            }
        }
    }

    /// Gives an artifact that was pushed at this time a label.
    pub(crate) async fn attach(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        pushed_at_secs: u64,
        label: u64,
    ) -> Result<Attach, StoreError> {
        let has = self.list(repository, Some(digest), READ_AT_ONCE).await?.of(digest, pushed_at_secs);
        if has.contains(&label) {
            return Ok(Attach::Repeated);
        }
        let attachment =
            Attachment { digest: digest.clone(), label, attached_at_secs: self.clock.now_secs() };
        let key = Key::new(partition(repository), attachment.sort());
        self.write.write(vec![put(key, &attachment, Expect::Anything)]).await?;
        Ok(Attach::Attached)
    }

    /// Takes a label from an artifact. Whether it had it.
    pub(crate) async fn detach(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        label: u64,
    ) -> Result<bool, StoreError> {
        let attachment = Attachment { digest: digest.clone(), label, attached_at_secs: 0 };
        let key = Key::new(partition(repository), attachment.sort());
        let written = self.write.write(vec![Change::Delete { key, expect: Expect::Present }]).await?;
        Ok(written == Written::Written)
    }

    /// Takes all labels from one artifact, or from all of the repository.
    pub(crate) async fn clear(
        &self,
        repository: &RepositoryName,
        digest: Option<&Digest>,
    ) -> Result<(), StoreError> {
        loop {
            let (page, more) = self.page(repository, digest, None, MAX_CHANGES).await?;
            let change =
                |attachment: &Attachment| Change::delete(Key::new(partition(repository), attachment.sort()));
            if !page.is_empty() {
                self.write.write(page.iter().map(change).collect()).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    async fn page(
        &self,
        repository: &RepositoryName,
        digest: Option<&Digest>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Attachment>, bool), StoreError> {
        let prefix = digest.map(|digest| format!("{digest}#")).unwrap_or_default();
        let range = Range { prefix: &prefix, after, descending: false };
        let (found, more) = list(&*self.read, &partition(repository), range, limit).await?;
        Ok((found.into_iter().map(|stored: Stored<Attachment>| stored.value).collect(), more))
    }
}

impl Attachment {
    fn sort(&self) -> String {
        format!("{}#{}", self.digest, number_key(self.label))
    }
}

fn partition(repository: &RepositoryName) -> String {
    format!("artifact-labels#{repository}")
}
