//! A password taken apart: every part of the presigned URL is checked, and the URL that is asked is written anew from the parts.

use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    ACTION, AwsRefusal, MAX_EXPIRES_SECS, MAX_PASSWORD_BYTES, PASSWORD_PREFIX, REGISTRY_HEADER, VERSION,
    sts_host,
};

/// How far the caller's clock may be ahead; STS allows as much.
const LEEWAY_SECS: u64 = 300;
/// What stays as it is in a value (RFC 3986, unreserved).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters that a presigned URL has; the token is there for temporary credentials only.
const PARAMETERS: [&str; 9] = [
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A presigned `GetCallerIdentity` that may be asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Presigned {
    /// The host of STS: one that AWS has, by its form.
    pub(super) host: String,
    /// The query, written by us.
    pub(super) query: String,
    /// When it stops being good.
    pub(super) expires_at_secs: u64,
}

impl Presigned {
    pub(super) fn parse(password: &str, now_secs: u64) -> Result<Self, AwsRefusal> {
        let url = decode(password)?;
        let (host, query) = split(&url)?;
        let values = Values::parse(query)?;
        values.check_scope(host)?;
        values.check_rest()?;
        let expires_at_secs = values.expires_at_secs(now_secs)?;
        Ok(Self { host: host.to_owned(), query: values.query(), expires_at_secs })
    }
}

/// Joins parameters to a query as AWS signs it.
pub(super) fn join<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = parameters.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, RESERVED)));
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(password: &str) -> Result<String, AwsRefusal> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(AwsRefusal::Malformed("it is too long"));
    }
    let encoded =
        password.strip_prefix(PASSWORD_PREFIX).ok_or(AwsRefusal::Malformed("it is of another kind"))?;
    let url = URL_SAFE_NO_PAD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    url.filter(|url| url.is_ascii()).ok_or(AwsRefusal::Malformed("it is not base64url of a URL"))
}

/// Host and query of `https://host/?query`; any other form of URL is refused.
fn split(url: &str) -> Result<(&str, &str), AwsRefusal> {
    let parts = url.strip_prefix("https://").and_then(|rest| rest.split_once("/?"));
    parts.ok_or(AwsRefusal::Malformed("its URL is not https://host/?query"))
}

/// The values of the parameters, in the order of [`PARAMETERS`].
struct Values([Option<String>; PARAMETERS.len()]);

impl Values {
    fn parse(query: &str) -> Result<Self, AwsRefusal> {
        let mut values = Self(Default::default());
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').ok_or(AwsRefusal::UnknownParameter)?;
            let place =
                PARAMETERS.iter().position(|known| *known == name).ok_or(AwsRefusal::UnknownParameter)?;
            let value = percent_decode_str(value).decode_utf8().ok().filter(|value| value.is_ascii());
            let value = value.ok_or(AwsRefusal::Parameter(PARAMETERS[place]))?;
            if values.0[place].replace(value.into_owned()).is_some() {
                return Err(AwsRefusal::Parameter(PARAMETERS[place]));
            }
        }
        Ok(values)
    }

    fn get(&self, name: &'static str) -> Result<&str, AwsRefusal> {
        self.optional(name).ok_or(AwsRefusal::Parameter(name))
    }

    fn optional(&self, name: &'static str) -> Option<&str> {
        self.0[PARAMETERS.iter().position(|known| *known == name)?].as_deref()
    }

    /// The signature must be for STS in a region, and `host` the host of STS there.
    fn check_scope(&self, host: &str) -> Result<(), AwsRefusal> {
        let name = "X-Amz-Credential";
        let scope: Vec<_> = self.get(name)?.split('/').collect();
        let &[key, date, region, "sts", "aws4_request"] = scope.as_slice() else {
            return Err(AwsRefusal::Parameter(name));
        };
        let is_key = (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_that_day = self.get("X-Amz-Date")?.split('T').next() == Some(date);
        if !is_key || !is_that_day {
            return Err(AwsRefusal::Parameter(name));
        }
        let expected = sts_host(region).ok_or(AwsRefusal::Parameter(name))?;
        if host == expected { Ok(()) } else { Err(AwsRefusal::Malformed("its host is not that of STS")) }
    }

    /// Everything but the scope and the times.
    fn check_rest(&self) -> Result<(), AwsRefusal> {
        self.must_be("Action", |value| value == ACTION)?;
        self.must_be("Version", |value| value == VERSION)?;
        self.must_be("X-Amz-Algorithm", |value| value == "AWS4-HMAC-SHA256")?;
        self.must_be("X-Amz-SignedHeaders", |value| value == format!("host;{REGISTRY_HEADER}"))?;
        self.must_be("X-Amz-Signature", |value| {
            value.len() == 64 && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })?;
        if self.optional("X-Amz-Security-Token").is_none() {
            return Ok(());
        }
        self.must_be("X-Amz-Security-Token", |value| {
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
            !value.is_empty() && value.bytes().all(is_base64)
        })
    }

    /// When the URL stops being good, if it is good now.
    fn expires_at_secs(&self, now_secs: u64) -> Result<u64, AwsRefusal> {
        let date_secs = date_secs(self.get("X-Amz-Date")?).ok_or(AwsRefusal::Parameter("X-Amz-Date"))?;
        self.must_be("X-Amz-Expires", |value| {
            value.len() <= 3 && value.bytes().all(|byte| byte.is_ascii_digit())
        })?;
        let expires_secs: u64 = self.get("X-Amz-Expires")?.parse().unwrap_or(0);
        if !(1..=MAX_EXPIRES_SECS).contains(&expires_secs) {
            return Err(AwsRefusal::Parameter("X-Amz-Expires"));
        }
        if date_secs > now_secs.saturating_add(LEEWAY_SECS) {
            return Err(AwsRefusal::NotYetValid(date_secs));
        }
        match date_secs.saturating_add(expires_secs) {
            end if end <= now_secs => Err(AwsRefusal::Expired(end)),
            end => Ok(end),
        }
    }

    fn must_be(&self, name: &'static str, is_good: impl Fn(&str) -> bool) -> Result<(), AwsRefusal> {
        if is_good(self.get(name)?) { Ok(()) } else { Err(AwsRefusal::Parameter(name)) }
    }

    fn query(&self) -> String {
        let given = PARAMETERS.iter().zip(&self.0);
        join(given.filter_map(|(name, value)| Some((*name, value.as_deref()?))))
    }
}

/// Seconds since the Unix epoch of a time such as `20261121T083000Z`.
fn date_secs(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let is_number =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(date, 8) || !is_number(time, 6) {
        return None;
    }
    let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
    let (hour, minute, second) = (&time[..2], &time[2..4], &time[4..]);
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let time = aws_smithy_types::DateTime::from_str(&text, Format::DateTime).ok()?;
    u64::try_from(time.secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, expected) in [
            ("20261121T083000Z", Some(1_795_249_800)),
            ("19700101T000000Z", Some(0)),
            ("20240229T235959Z", Some(1_709_251_199)),
            ("19691231T235959Z", None),
            ("20230229T000000Z", None),
            ("20261321T083000Z", None),
            ("20261121T243000Z", None),
            ("20261121T083000", None),
            ("20261121083000Z", None),
            ("20261121T0830Z", None),
            ("2026T083000Z", None),
            ("T Z", None),
            ("202611211T083000Z", None),
            ("20261121T0830001Z", None),
            ("2026112\u{661}T083000Z", None),
            ("+0261121T083000Z", None),
            ("", None),
        ] {
            assert_eq!(date_secs(text), expected, "{text}");
        }
    }
}
