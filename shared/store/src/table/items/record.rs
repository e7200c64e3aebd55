//! A record: a document that is kept by key. Replaced as a whole; may expire.
//!
//! ```text
//! record#<partition>  <sort key>    document, revision    a revision is an id that no other change has
//!                                   ttl?                  in seconds
//! ```

use berth_records::{Expect, Key, Range, Record};

use super::super::expression::Condition;
use super::super::item::{Item, ItemKey, Malformed, PK, number, text};
use super::super::query::Span;
use super::{DOCUMENT, REVISION, TTL, expired, unexpired};

const PREFIX: &str = "record#";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordItem {
    pub(crate) record: Record,
    pub(crate) expires_at_secs: Option<u64>,
}

impl RecordItem {
    /// All attributes but those of the key.
    pub(crate) const ATTRIBUTES: [&str; 3] = [DOCUMENT, REVISION, TTL];

    pub(crate) fn key(key: &Key) -> ItemKey {
        ItemKey::new(partition(&key.partition), &*key.sort)
    }

    /// The record at `range.after` is in the span too.
    pub(crate) fn span(of: &str, range: Range<'_>) -> Span {
        Span::beginning_at(partition(of), range.prefix, range.after, range.descending)
    }

    /// What a change expects of the item; `None` if nothing.
    pub(crate) fn expectation(expect: Expect, now_secs: u64) -> Option<Condition> {
        match expect {
            Expect::Anything => None,
            Expect::Absent => Some(Condition::absent().or(expired(now_secs))),
            Expect::Present => Some(Self::present(now_secs)),
            Expect::Revision(revision) => {
                Some(Condition::equals(REVISION, text(&revision)).and(unexpired(now_secs)))
            }
        }
    }

    /// The record exists.
    pub(crate) fn present(now_secs: u64) -> Condition {
        Condition::exists().and(unexpired(now_secs))
    }

    pub(crate) fn encode(&self) -> Item {
        Item::new(Self::key(&self.record.key))
            .with(DOCUMENT, text(&self.record.document))
            .with(REVISION, text(&self.record.revision))
            .with_optional(TTL, self.expires_at_secs.map(number))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let partition = item.key.pk.strip_prefix(PREFIX).ok_or(Malformed { attribute: PK })?;
        let record = Record {
            key: Key::new(partition, &*item.key.sk),
            revision: item.text(REVISION)?.to_owned(),
            document: item.text(DOCUMENT)?.to_owned(),
        };
        Ok(Self { record, expires_at_secs: item.optional_number(TTL)? })
    }

    /// The record; `None` if it has expired.
    pub(crate) fn decode_live(item: &Item, now_secs: u64) -> Result<Option<Record>, Malformed> {
        let Self { record, expires_at_secs } = Self::decode(item)?;
        Ok(expires_at_secs.is_none_or(|at_secs| now_secs < at_secs).then_some(record))
    }
}

fn partition(name: &str) -> String {
    format!("{PREFIX}{name}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(expires_at_secs: Option<u64>) -> RecordItem {
        let record = Record { key: Key::new("p", "s"), revision: "r".to_owned(), document: "{}".to_owned() };
        RecordItem { record, expires_at_secs }
    }

    proptest! {
        #[test]
        fn round_trip(
            (partition, sort) in ("\\PC{0,40}", "\\PC{1,40}"),
            document: String,
            revision in "[0-9a-f]{32}",
            expires_at_secs: Option<u64>,
        ) {
            let record = Record { key: Key::new(partition, sort), revision, document };
            let item = RecordItem { record, expires_at_secs };
            let attributes = item.encode().into_attributes();
            prop_assert_eq!(RecordItem::decode(&Item::from_attributes(attributes)?), Ok(item));
        }
    }

    #[test]
    fn the_layout_is_as_drawn() {
        let item = sample(Some(7)).encode();
        assert_eq!(item.key, ItemKey::new("record#p", "s"));
        assert_eq!((item.text("document"), item.text("revision")), (Ok("{}"), Ok("r")));
        assert_eq!(item.number("ttl"), Ok(7));
        assert_eq!(sample(None).encode().optional_number("ttl"), Ok(None));
    }

    #[test]
    fn a_record_expires_at_its_second() {
        for (expires_at_secs, is_live) in
            [(None, true), (Some(0), false), (Some(9), false), (Some(10), false), (Some(11), true)]
        {
            let decoded = RecordItem::decode_live(&sample(expires_at_secs).encode(), 10).unwrap();
            assert_eq!(decoded.is_some(), is_live, "{expires_at_secs:?}");
        }
    }

    #[test]
    fn an_item_of_another_kind_is_malformed() {
        let other = |pk: &str| Item::new(ItemKey::new(pk, "s")).with(REVISION, text("r"));
        let malformed = |attribute| Err(Malformed { attribute });
        assert_eq!(RecordItem::decode(&other("repo#p")), malformed(PK));
        assert_eq!(RecordItem::decode(&other("record#p")), malformed(DOCUMENT));
        assert_eq!(RecordItem::decode(&other("record#p").with(REVISION, number(1))), malformed(REVISION));
    }
}
