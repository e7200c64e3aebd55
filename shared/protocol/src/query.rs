use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The parameters of a query, decoded, in order.
///
/// A plus sign stands for itself and not for a blank: no value of this API has blanks, while media types have
/// plus signs and clients forget to encode them. Bytes that are no UTF-8 become replacement characters, which
/// no grammar accepts.
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(crate) fn read(query: Option<&'a str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(decode_pair).collect())
    }

    /// The first value of `key`; an empty one counts as absent.
    pub(crate) fn first(&self, key: &str) -> Option<&str> {
        self.all(key).next().filter(|value| !value.is_empty())
    }

    /// All values of `key`, in order.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_ref())
    }
}

fn decode_pair<'a>((key, value): (&'a str, &'a str)) -> (Cow<'a, str>, Cow<'a, str>) {
    let decode = |text: &'a str| percent_decode_str(text).decode_utf8_lossy();
    (decode(key), decode(value))
}
