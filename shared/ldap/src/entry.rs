//! One entry of a search result.

use ldap3::ResultEntry;
use ldap3::asn1::StructureTag;

/// The number of a search result entry in the protocol (RFC 4511 section 4.5.2).
const SEARCH_RESULT_ENTRY: u64 = 4;

/// An entry and the attributes that were asked for. The library's own type panics on what is malformed, so it is not used.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    dn: String,
    attributes: Vec<(String, Vec<String>)>,
}

impl Entry {
    /// Reads an entry; `None` if it is malformed. Values that are no text are left out.
    pub(crate) fn read(entry: ResultEntry) -> Option<Self> {
        let mut fields = entry.0.match_id(SEARCH_RESULT_ENTRY)?.expect_constructed()?.into_iter();
        let dn = text(fields.next()?)?;
        let attributes = fields.next()?.expect_constructed()?.into_iter().map(attribute);
        Some(Self { dn, attributes: attributes.collect::<Option<_>>()? })
    }

    pub(crate) fn dn(&self) -> &str {
        &self.dn
    }

    /// The first value of an attribute that is not blank, trimmed.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.values(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// The values of an attribute, whatever the case of its name. Of very many values Active Directory gives a range.
    pub(crate) fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let found = self.attributes.iter().filter(move |(given, _)| {
            let plain = given.split_once(";range=").map_or(given.as_str(), |(plain, _)| plain);
            plain.eq_ignore_ascii_case(name)
        });
        found.flat_map(|(_, values)| values.iter().map(String::as_str))
    }
}

fn attribute(tag: StructureTag) -> Option<(String, Vec<String>)> {
    let mut fields = tag.expect_constructed()?.into_iter();
    let name = text(fields.next()?)?;
    let values = fields.next()?.expect_constructed()?;
    Some((name, values.into_iter().filter_map(text).collect()))
}

fn text(tag: StructureTag) -> Option<String> {
    String::from_utf8(tag.expect_primitive()?).ok()
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::{PL, TagClass};

    use super::*;

    fn octets(bytes: &[u8]) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(bytes.to_vec()) }
    }

    fn list(id: u64, of: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id, payload: PL::C(of) }
    }

    fn values(name: &[u8], values: &[&[u8]]) -> StructureTag {
        list(16, vec![octets(name), list(17, values.iter().map(|value| octets(value)).collect())])
    }

    fn read(fields: Vec<StructureTag>) -> Option<Entry> {
        Entry::read(ResultEntry::new(list(SEARCH_RESULT_ENTRY, fields)))
    }

    #[test]
    fn attributes_are_found_by_name() {
        let attributes = vec![
            values(b"cn", &[b" ", b" Alice ", b"A"]),
            values(b"memberOf;range=0-1", &[b"cn=a", b"\xff", b"cn=b"]),
            values(b"cn;lang-de", &[b"Alicia"]),
        ];
        let entry = read(vec![octets(b"uid=alice"), list(16, attributes)]).unwrap();
        assert_eq!(entry.dn(), "uid=alice");
        assert_eq!(entry.first("CN"), Some("Alice"));
        assert_eq!(entry.values("memberof").collect::<Vec<_>>(), ["cn=a", "cn=b"]);
        assert_eq!(entry.first("mail"), None);
    }

    #[test]
    fn malformed_entries_are_no_entries() {
        let good = || list(16, vec![values(b"cn", &[b"a"])]);
        assert!(read(vec![octets(b"cn=a"), good()]).is_some());
        assert!(read(vec![]).is_none());
        assert!(read(vec![octets(b"cn=a")]).is_none());
        assert!(read(vec![octets(b"\xff"), good()]).is_none());
        assert!(read(vec![good(), octets(b"cn=a")]).is_none());
        assert!(read(vec![octets(b"cn=a"), list(16, vec![octets(b"cn")])]).is_none());
        assert!(Entry::read(ResultEntry::new(list(19, vec![octets(b"cn=a"), good()]))).is_none());
    }
}
