//! Referrers, as far as they are kept in the table.

use berth_protocol::{Digest, RepositoryName};
use berth_registry::StoreError;
use berth_registry::ports::ListPage;

use super::Table;
use super::items::{DESCRIPTOR, IS_SHORT, ReferrerItem};

impl Table {
    /// At most `limit` referrers of `subject` after `after`, and no more than DynamoDB reads at a time, 1 MB.
    pub(crate) async fn referrers(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListPage<ReferrerItem>, StoreError> {
        let span = ReferrerItem::span(repository, subject, after);
        let page = self.query_page(&span, &[DESCRIPTOR, IS_SHORT], limit, None).await?;
        let items = page.items.iter().map(ReferrerItem::decode).collect::<Result<_, _>>()?;
        Ok(ListPage { items, more: page.next.is_some() })
    }
}
