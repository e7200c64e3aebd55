//! One entry of a search result.

/// An entry and the attributes that were asked for.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    dn: String,
    attributes: Vec<(String, Vec<String>)>,
}

impl Entry {
    pub(crate) fn new(dn: String, attributes: Vec<(String, Vec<String>)>) -> Self {
        Self { dn, attributes }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_name() {
        let values = |name: &str, values: &[&str]| {
            (name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        let attributes = vec![
            values("cn", &[" ", " Alice ", "A"]),
            values("memberOf;range=0-1", &["cn=a", "cn=b"]),
            values("cn;lang-de", &["Alicia"]),
        ];
        let entry = Entry::new("uid=alice".to_owned(), attributes);
        assert_eq!(entry.dn(), "uid=alice");
        assert_eq!(entry.first("CN"), Some("Alice"));
        assert_eq!(entry.values("memberof").collect::<Vec<_>>(), ["cn=a", "cn=b"]);
        assert_eq!(entry.first("mail"), None);
    }
}
