//! Items as DynamoDB has them, and safe ways to read them.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::Blob;
use berth_registry::StoreError;
use bytes::Bytes;

/// The partition key.
pub(crate) const PK: &str = "pk";
/// The sort key.
pub(crate) const SK: &str = "sk";

/// The attributes of an item, or of its key, as the SDK has them.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// What names an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ItemKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// An item, or the part of one that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) key: ItemKey,
    attributes: Attributes,
}

/// An item that is not what its key says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the item has no usable {attribute}")]
pub(crate) struct Malformed {
    /// The attribute that is missing or has another type.
    pub(crate) attribute: &'static str,
}

impl From<Malformed> for StoreError {
    fn from(malformed: Malformed) -> Self {
        Self::corrupt("ReadItem", malformed)
    }
}

impl ItemKey {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub(crate) fn into_attributes(self) -> Attributes {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk)),
            (SK.to_owned(), AttributeValue::S(self.sk)),
        ])
    }
}

impl Item {
    pub(crate) fn new(key: ItemKey) -> Self {
        Self { key, attributes: HashMap::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn with_optional(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn into_attributes(self) -> Attributes {
        self.attributes.into_iter().chain(self.key.into_attributes()).collect()
    }

    pub(crate) fn from_attributes(mut attributes: Attributes) -> Result<Self, Malformed> {
        let mut key = |attribute| match attributes.remove(attribute) {
            Some(AttributeValue::S(value)) => Ok(value),
            _ => Err(Malformed { attribute }),
        };
        let key = ItemKey { pk: key(PK)?, sk: key(SK)? };
        Ok(Self { key, attributes })
    }

    pub(crate) fn text(&self, attribute: &'static str) -> Result<&str, Malformed> {
        self.optional_text(attribute)?.ok_or(Malformed { attribute })
    }

    pub(crate) fn optional_text(&self, attribute: &'static str) -> Result<Option<&str>, Malformed> {
        match self.attributes.get(attribute) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(Malformed { attribute }),
        }
    }

    /// A text in the grammar of `T`.
    pub(crate) fn parsed<T: FromStr>(&self, attribute: &'static str) -> Result<T, Malformed> {
        self.optional_parsed(attribute)?.ok_or(Malformed { attribute })
    }

    pub(crate) fn optional_parsed<T: FromStr>(
        &self,
        attribute: &'static str,
    ) -> Result<Option<T>, Malformed> {
        let parse = |value: &str| value.parse().map_err(|_| Malformed { attribute });
        self.optional_text(attribute)?.map(parse).transpose()
    }

    pub(crate) fn number(&self, attribute: &'static str) -> Result<u64, Malformed> {
        self.optional_number(attribute)?.ok_or(Malformed { attribute })
    }

    pub(crate) fn optional_number(&self, attribute: &'static str) -> Result<Option<u64>, Malformed> {
        match self.attributes.get(attribute) {
            None => Ok(None),
            Some(AttributeValue::N(value)) => value.parse().map(Some).map_err(|_| Malformed { attribute }),
            Some(_) => Err(Malformed { attribute }),
        }
    }

    pub(crate) fn bytes(&self, attribute: &'static str) -> Result<&[u8], Malformed> {
        self.optional_bytes(attribute)?.ok_or(Malformed { attribute })
    }

    pub(crate) fn optional_bytes(&self, attribute: &'static str) -> Result<Option<&[u8]>, Malformed> {
        match self.attributes.get(attribute) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => Ok(Some(value.as_ref())),
            Some(_) => Err(Malformed { attribute }),
        }
    }

    /// A set of texts; one that is not there is empty.
    pub(crate) fn optional_texts(&self, attribute: &'static str) -> Result<&[String], Malformed> {
        match self.attributes.get(attribute) {
            None => Ok(&[]),
            Some(AttributeValue::Ss(values)) => Ok(values),
            _ => Err(Malformed { attribute }),
        }
    }

    /// What follows `prefix` in the sort key, in the grammar of `T`.
    pub(crate) fn named<T: FromStr>(&self, prefix: &str) -> Result<T, Malformed> {
        let name = self.key.sk.strip_prefix(prefix).and_then(|name| name.parse().ok());
        name.ok_or(Malformed { attribute: SK })
    }
}

pub(crate) fn text(value: &(impl ToString + ?Sized)) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// The bytes of a manifest, as far as they are kept in items.
pub(crate) fn inline_body(body: Option<&Bytes>) -> Option<AttributeValue> {
    body.filter(|body| body.len() <= super::INLINE_BODY_BYTES).map(|body| bytes(body.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Item {
        Item::new(ItemKey::new("p", "prefix#7"))
            .with("text", text("x"))
            .with("number", number(u64::MAX))
            .with("bytes", bytes([0, 255]))
    }

    #[test]
    fn attributes_round_trip() {
        let read = Item::from_attributes(item().into_attributes()).unwrap();
        assert_eq!(read, item());
        assert_eq!(read.text("text"), Ok("x"));
        assert_eq!(read.number("number"), Ok(u64::MAX));
        assert_eq!(read.bytes("bytes"), Ok(&[0, 255][..]));
        assert_eq!(read.named::<u8>("prefix#"), Ok(7));
    }

    #[test]
    fn missing_and_mistyped_attributes_are_malformed() {
        let item = item();
        assert_eq!(item.text("none"), Err(Malformed { attribute: "none" }));
        assert_eq!(item.optional_text("none"), Ok(None));
        assert!(item.text("number").is_err() && item.number("text").is_err() && item.bytes("text").is_err());
        assert!(item.parsed::<u8>("text").is_err());
        assert!(item.named::<u8>("other#").is_err() && item.named::<u8>("").is_err());
        assert!(Item::from_attributes(HashMap::from([(PK.to_owned(), text("p"))])).is_err());
        let negative = Item::new(ItemKey::new("p", "s")).with("number", AttributeValue::N("-1".into()));
        assert!(negative.number("number").is_err());
    }
}
