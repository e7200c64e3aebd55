//! An event as a line of JSON: what leaves the process before the answer does.

use serde::{Deserialize, Serialize};

use crate::Event;
use crate::calendar::rfc3339_ms;

/// What the field `log` of every line holds, and of no other line of a program's output. The subscription filters of template.yaml
/// ask for it.
pub const MARK: &str = "berth-audit";

/// No line is longer: six texts of at most 1,024 characters, of which JSON makes at most six bytes each, and the rest.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Takes lines to where they outlive the process.
pub trait Lines: Send + Sync {
    /// Keeps one line, which ends in a line feed. An answer waits for it: it must not wait for a network or for others, and it
    /// must not fail. What goes wrong is its own to log, with the line.
    fn write(&self, line: &str);
}

/// Something that happened, with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What.
    pub event: Event,
}

/// The fields of a line. Lambda keeps lines whole that have a time and a level of this form.
#[derive(Serialize, Deserialize)]
struct Fields<E> {
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    level: String,
    log: String,
    at_ms: u64,
    #[serde(flatten)]
    event: E,
}

/// The mark alone, of whatever JSON.
#[derive(Deserialize)]
struct Marked {
    log: String,
}

impl Line {
    /// A line with texts of bounded length.
    pub fn new(at_ms: u64, event: Event) -> Self {
        Self { at_ms, event: event.shortened() }
    }

    /// As JSON, with a line feed at its end and nowhere else.
    pub fn to_json(&self) -> String {
        let fields = Fields {
            timestamp: rfc3339_ms(self.at_ms),
            level: "INFO".to_owned(),
            log: MARK.to_owned(),
            at_ms: self.at_ms,
            event: &self.event,
        };
        // Serializing fails for maps with other keys than texts alone; there are none here.
        let mut text = serde_json::to_string(&fields).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a line of a program's output; `Ok(None)` if it is another one's.
    pub fn parse(text: &str) -> Result<Option<Self>, serde_json::Error> {
        let is_ours = serde_json::from_str::<Marked>(text).is_ok_and(|marked| marked.log == MARK);
        if !is_ours {
            return Ok(None);
        }
        let fields: Fields<Event> = serde_json::from_str(text)?;
        Ok(Some(Self::new(fields.at_ms, fields.event)))
    }
}

#[cfg(test)]
mod tests {
    use berth_registry::{Deed, Happening};

    use super::*;

    fn line(username: &str) -> Line {
        let happening = Happening {
            deed: Deed::SignIn,
            username: Some(username.to_owned()),
            address: Some("192.0.2.1".parse().unwrap()),
            user_agent: Some("docker/29.1.0".to_owned()),
            request_id: "r1".to_owned(),
            status: 200,
        };
        Line::new(1_709_164_800_123, Event::from(happening))
    }

    #[test]
    fn a_line_is_json_with_the_mark_and_comes_back_as_it_was() {
        let text = line("alice").to_json();
        assert_eq!(
            text,
            "{\"timestamp\":\"2024-02-29T00:00:00.123Z\",\"level\":\"INFO\",\"log\":\"berth-audit\",\
             \"at_ms\":1709164800123,\"username\":\"alice\",\"address\":\"192.0.2.1\",\"operation\":\"login\",\
             \"resource_type\":\"user\",\"resource\":\"alice\",\"project\":null,\"succeeded\":true,\
             \"description\":\"login alice\",\"request_id\":\"r1\",\"status\":200,\"user_agent\":\"docker/29.1.0\"}\n"
        );
        assert_eq!(Line::parse(&text).unwrap(), Some(line("alice")));
    }

    #[test]
    fn nothing_in_a_name_makes_a_second_line_or_a_long_one() {
        for name in ["a\nb", "{\"log\":\"berth-audit\"}", "\u{2028}", &"\u{1}".repeat(5000)] {
            let text = line(name).to_json();
            assert_eq!(text.matches('\n').count(), 1, "{text}");
            assert!(text.len() <= MAX_LINE_BYTES, "{}", text.len());
            assert_eq!(Line::parse(&text).unwrap(), Some(line(name)));
        }
    }

    #[test]
    fn other_lines_are_passed_over_and_broken_ones_of_ours_are_not() {
        for other in
            ["", "START RequestId", "{}", r#"{"log":"x"}"#, r#"{"message":"berth-audit"}"#, r#"{"log":"ber"#]
        {
            assert_eq!(Line::parse(other).unwrap(), None, "{other}");
        }
        assert!(Line::parse(r#"{"log":"berth-audit","at_ms":1}"#).is_err());
    }
}
