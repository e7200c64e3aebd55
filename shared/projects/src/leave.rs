//! When a user or a group is gone.

use berth_records::Range;
use berth_registry::StoreError;

use crate::{Project, Projects, Who, keys};

/// How many memberships are read at a time.
const AT_ONCE: usize = 100;

impl Projects {
    /// Ends all memberships of somebody. A membership that begins at the same time may stay; nobody has it, for numbers are not used
    /// again.
    pub async fn leave_all(&self, who: Who) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let range = Range { after: after.as_deref(), ..Range::default() };
            let page = self.read.list(&keys::memberships(who), range, AT_ONCE).await?;
            after = page.records.last().map(|record| record.key.sort.clone());
            for record in &page.records {
                let Ok(name) = record.key.sort.parse() else { continue };
                if let Some(project) = self.get(&name).await? {
                    self.leave(&project, who).await?;
                }
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    async fn leave(&self, project: &Project, who: Who) -> Result<(), StoreError> {
        if let Some(member) = self.member_who(project.id, who).await? {
            self.write.write(member.delete(&project.name)).await?;
        }
        Ok(())
    }
}
