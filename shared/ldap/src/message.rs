//! Messages of the protocol (RFC 4511 section 4): the requests that are sent, and what may come back.

use crate::ber::{BOOLEAN, ENUMERATED, Elements, INTEGER, OCTETS, SEQUENCE, SET, element, holding, number};
use crate::entry::Entry;
use crate::session::Search;

const VERSION: u32 = 3;
/// Aliases are not followed.
const NEVER: u32 = 0;
/// `StartTLS` (RFC 4511 section 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

const BIND: u8 = 0x60;
const BIND_ANSWER: u8 = 0x61;
const SEARCH: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
const INTERMEDIATE: u8 = 0x79;
/// The password of a simple bind, and the name of an extended request: the first of a choice.
const CHOICE: u8 = 0x80;

/// What a directory says in the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("result {code} ({text})")]
pub(crate) struct Outcome {
    /// Of RFC 4511 appendix A.
    pub(crate) code: u32,
    /// The directory's own words, shortened.
    pub(crate) text: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// To a bind or an extended request.
    Done(Outcome),
    /// The end of a search.
    Searched(Outcome),
    /// An entry that was found.
    Entry(Entry),
    /// Something that is of no use here: a reference to another server, or news of a request that goes on.
    Aside,
}

/// The longest text of a directory that is kept, in characters.
const MAX_TEXT_CHARS: usize = 200;

pub(crate) fn bind(id: u32, dn: &str, password: &str) -> Vec<u8> {
    let name = element(OCTETS, dn.as_bytes());
    message(id, holding(BIND, &[number(INTEGER, VERSION), name, element(CHOICE, password.as_bytes())]))
}

pub(crate) fn start_tls(id: u32) -> Vec<u8> {
    message(id, holding(EXTENDED, &[element(CHOICE, START_TLS)]))
}

/// `filter` is an encoded one.
pub(crate) fn search(
    id: u32,
    search: &Search<'_>,
    filter: Vec<u8>,
    limit: u32,
    time_limit_secs: u32,
) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> =
        search.attributes.iter().map(|name| element(OCTETS, name.as_bytes())).collect();
    let parts = [
        element(OCTETS, search.base.as_bytes()),
        number(ENUMERATED, search.scope.number()),
        number(ENUMERATED, NEVER),
        number(INTEGER, limit),
        number(INTEGER, time_limit_secs),
        // Values too, not only names.
        element(BOOLEAN, &[0]),
        filter,
        holding(SEQUENCE, &attributes),
    ];
    message(id, holding(SEARCH, &parts))
}

fn message(id: u32, operation: Vec<u8>) -> Vec<u8> {
    holding(SEQUENCE, &[number(INTEGER, id), operation])
}

/// Reads a message: which request it answers, and how. `None` if it is malformed.
pub(crate) fn read(bytes: &[u8]) -> Option<(u32, Answer)> {
    let mut whole = Elements(bytes);
    let mut parts = Elements(whole.expect(SEQUENCE)?);
    let id = parts.number(INTEGER)?;
    let (tag, content) = parts.next()?;
    let answer = match tag {
        BIND_ANSWER | EXTENDED_ANSWER => Answer::Done(outcome(content)?),
        SEARCH_DONE => Answer::Searched(outcome(content)?),
        SEARCH_ENTRY => Answer::Entry(entry(content)?),
        SEARCH_REFERENCE | INTERMEDIATE => Answer::Aside,
        _ => return None,
    };
    Some((id, answer))
}

fn outcome(content: &[u8]) -> Option<Outcome> {
    let mut parts = Elements(content);
    let code = parts.number(ENUMERATED)?;
    let _matched_dn = parts.expect(OCTETS)?;
    // The text is for people; one that is no UTF-8 is read as far as it can be.
    let text = String::from_utf8_lossy(parts.expect(OCTETS)?);
    let text = text.chars().filter(|character| !character.is_control()).take(MAX_TEXT_CHARS).collect();
    Some(Outcome { code, text })
}

/// Values that are no text are left out.
fn entry(content: &[u8]) -> Option<Entry> {
    let mut parts = Elements(content);
    let dn = parts.text()?.to_owned();
    let mut list = Elements(parts.expect(SEQUENCE)?);
    let mut attributes = Vec::new();
    while !list.is_empty() {
        let mut attribute = Elements(list.expect(SEQUENCE)?);
        let name = attribute.text()?.to_owned();
        let mut found = Elements(attribute.expect(SET)?);
        let mut values = Vec::new();
        while !found.is_empty() {
            values.extend(String::from_utf8(found.expect(OCTETS)?.to_vec()));
        }
        attributes.push((name, values));
    }
    Some(Entry::new(dn, attributes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Scope, filter};

    /// From the examples of RFC 4511 section 4.2 by hand: version 3, a name, a password.
    #[test]
    fn requests_are_what_the_specification_says() {
        assert_eq!(bind(1, "cn=a", "pw"), b"\x30\x12\x02\x01\x01\x60\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw");
        assert_eq!(start_tls(1)[..9], *b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16");
        let asked =
            Search { base: "dc=x", scope: Scope::Subtree, filter: "(a=b)", attributes: &["cn"], limit: 2 };
        let filter = filter::encode(asked.filter).unwrap();
        assert_eq!(
            search(2, &asked, filter, 2, 5),
            b"\x30\x28\x02\x01\x02\x63\x23\x04\x04dc=x\x0a\x01\x02\x0a\x01\x00\x02\x01\x02\x02\x01\x05\x01\x01\x00\
              \xa3\x06\x04\x01a\x04\x01b\x30\x04\x04\x02cn"
        );
    }

    #[test]
    fn answers_are_read() {
        let (id, answer) = read(b"\x30\x0e\x02\x01\x07\x61\x09\x0a\x01\x31\x04\x00\x04\x02\xffn").unwrap();
        assert_eq!(id, 7);
        let Answer::Done(outcome) = answer else { panic!("{answer:?}") };
        assert_eq!((outcome.code, outcome.text.as_str()), (49, "\u{fffd}n"));
        let found =
            b"\x30\x19\x02\x01\x02\x64\x14\x04\x04cn=a\x30\x0c\x30\x0a\x04\x02cn\x31\x04\x04\x02\xff\xfe";
        let Some((2, Answer::Entry(entry))) = read(found) else { panic!("an entry") };
        assert_eq!((entry.dn(), entry.first("cn")), ("cn=a", None));
        assert!(matches!(read(b"\x30\x05\x02\x01\x02\x73\x00"), Some((2, Answer::Aside))));
    }

    #[test]
    fn malformed_answers_are_none() {
        for bytes in [
            &b""[..],
            b"\x30\x00",
            b"\x30\x03\x02\x01\x01",
            b"\x30\x05\x02\x01\x01\x61\x00",
            b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01",
            b"\x30\x0c\x02\x01\x01\x62\x07\x0a\x01\x00\x04\x00\x04\x00",
            b"\x30\x0c\x02\x01\xff\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
            // An entry whose name is no text, and one whose list has something else in it.
            b"\x30\x0a\x02\x01\x02\x64\x05\x04\x01\xff\x30\x00",
            b"\x30\x0d\x02\x01\x02\x64\x08\x04\x01a\x30\x03\x04\x01a",
        ] {
            assert!(read(bytes).is_none(), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }

        /// An answer with one byte changed: nothing else than an answer or none.
        #[test]
        fn a_damaged_answer_does_no_harm(at in 0_usize..27, byte in any::<u8>()) {
            let mut found =
                b"\x30\x19\x02\x01\x02\x64\x14\x04\x04cn=a\x30\x0c\x30\x0a\x04\x02cn\x31\x04\x04\x02ab".to_vec();
            found[at] = byte;
            let _ = read(&found);
        }
    }
}
