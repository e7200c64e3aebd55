//! A number that is added to. Never lowered; may expire, and then begins again at 0.
//!
//! Not in the partition of the records: a number and a record of the same key have nothing to do with each other.
//!
//! ```text
//! number#<partition>  <sort key>    number
//!                                   ttl?      in seconds; what the last addition said
//! ```

use berth_records::Key;

use super::super::expression::{Condition, Update};
use super::super::item::{Attributes, Item, ItemKey, Malformed, number};
use super::{NUMBER, TTL, expired, unexpired};

pub(crate) struct NumberItem;

impl NumberItem {
    /// All attributes but those of the key.
    pub(crate) const ATTRIBUTES: [&str; 2] = [NUMBER, TTL];

    pub(crate) fn key(key: &Key) -> ItemKey {
        ItemKey::new(format!("number#{}", key.partition), &*key.sort)
    }

    /// Adds to what is there, unless it has expired.
    pub(crate) fn addition(amount: u64, expires_at_secs: Option<u64>, now_secs: u64) -> (Update, Condition) {
        (expiring(expires_at_secs).add(NUMBER, number(amount)), unexpired(now_secs))
    }

    /// Begins again, if what is there has expired.
    pub(crate) fn renewal(amount: u64, expires_at_secs: Option<u64>, now_secs: u64) -> (Update, Condition) {
        (expiring(expires_at_secs).set(NUMBER, number(amount)), expired(now_secs))
    }

    /// 0 if it has expired.
    pub(crate) fn decode_live(item: &Item, now_secs: u64) -> Result<u64, Malformed> {
        let is_live = item.optional_number(TTL)?.is_none_or(|at_secs| now_secs < at_secs);
        let number = item.number(NUMBER)?;
        Ok(if is_live { number } else { 0 })
    }

    /// The number in what an update answers, which has no key.
    pub(crate) fn decode_sum(mut attributes: Attributes) -> Result<u64, Malformed> {
        let item = Item::new(ItemKey::new("", "")).with_optional(NUMBER, attributes.remove(NUMBER));
        item.number(NUMBER)
    }
}

fn expiring(at_secs: Option<u64>) -> Update {
    match at_secs {
        Some(at_secs) => Update::default().set(TTL, number(at_secs)),
        None => Update::default().remove(TTL),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::item::text;
    use super::*;

    #[test]
    fn a_number_counts_until_its_second() {
        let item = |ttl: Option<u64>| {
            Item::new(NumberItem::key(&Key::new("p", "s")))
                .with(NUMBER, number(u64::MAX))
                .with_optional(TTL, ttl.map(number))
        };
        for (ttl, expected) in [(None, u64::MAX), (Some(11), u64::MAX), (Some(10), 0), (Some(9), 0)] {
            assert_eq!(NumberItem::decode_live(&item(ttl), 10), Ok(expected), "{ttl:?}");
        }
        assert_eq!(item(None).key, ItemKey::new("number#p", "s"));
    }

    #[test]
    fn an_answer_has_the_sum() {
        let answer = |sum| Attributes::from([(NUMBER.to_owned(), sum), (TTL.to_owned(), number(1))]);
        assert_eq!(NumberItem::decode_sum(answer(number(7))), Ok(7));
        assert!(NumberItem::decode_sum(answer(text("7"))).is_err());
        assert!(NumberItem::decode_sum(Attributes::new()).is_err());
    }

    #[test]
    fn what_is_no_number_is_malformed() {
        let item = Item::new(NumberItem::key(&Key::new("p", "s")));
        assert_eq!(NumberItem::decode_live(&item, 0), Err(Malformed { attribute: NUMBER }));
        let item = item.with(NUMBER, text("1"));
        assert_eq!(NumberItem::decode_live(&item, 0), Err(Malformed { attribute: NUMBER }));
    }
}
