//! What STS answers to `GetCallerIdentity`: JSON when asked for it, XML from everything that imitates it.

use serde::Deserialize;

use super::AwsPrincipal;

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "GetCallerIdentityResponse")]
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "GetCallerIdentityResult")]
    result: Identity,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    account: String,
    arn: String,
    user_id: String,
}

/// The principal that an answer names. `None` if it cannot be read, or names something that is no principal.
pub(super) fn principal(body: &[u8]) -> Option<AwsPrincipal> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let identity = if text.starts_with('{') {
        serde_json::from_str::<Document>(text).ok()?.response.result
    } else {
        Identity {
            account: element(text, "Account")?,
            arn: element(text, "Arn")?,
            user_id: element(text, "UserId")?,
        }
    };
    AwsPrincipal::from_identity(&identity.account, &identity.arn, &identity.user_id)
}

/// The text of an element that occurs once, without attributes, elements, references and other things that would need a parser.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, rest) = rest.split_once(&format!("</{name}>"))?;
    let is_plain = !text.contains(['<', '>', '&']);
    (is_plain && !rest.contains(&format!("<{name}>")) && !xml.contains("<!")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::123456789012:assumed-role/ci/run</Arn>
    <UserId>AROAEXAMPLE:run</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"#;

    const JSON: &str = r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012",
        "Arn":"arn:aws:sts::123456789012:assumed-role/ci/run","UserId":"AROAEXAMPLE:run"},"ResponseMetadata":{"RequestId":"1"}}}"#;

    #[test]
    fn both_forms_name_the_same_principal() {
        let expected = AwsPrincipal {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:role/ci".into(),
            user_id: "AROAEXAMPLE:run".into(),
        };
        assert_eq!(principal(XML.as_bytes()), Some(expected.clone()));
        assert_eq!(principal(JSON.as_bytes()), Some(expected));
        let root = XML.replace("sts::123456789012:assumed-role/ci/run", "iam::123456789012:root");
        let root = principal(root.as_bytes()).expect("the root user");
        assert_eq!(root.arn, "arn:aws:iam::123456789012:root");
    }

    #[test]
    fn answers_that_are_none() {
        for text in [
            String::new(),
            "{}".into(),
            "null".into(),
            r#"{"GetCallerIdentityResponse":{}}"#.into(),
            JSON.replace("assumed-role", "other"),
            JSON.replace(r#""Account":"123456789012""#, r#""Account":"210987654321""#),
            JSON.replace(r#""Account":"123456789012""#, r#""Account":123456789012"#),
            XML.replace("<Account>123456789012</Account>", ""),
            XML.replace("<Account>", "<Account/>"),
            XML.replace("<Account>", "<Account>210987654321</Account><Account>"),
            XML.replace("</Account>", "</Account><Account>123456789012</Account>"),
            XML.replace("ci/run", "ci/r&amp;n"),
            XML.replace("<Arn>", "<!-- --><Arn>"),
            XML.replace("123456789012</Account>", "123456789013</Account>"),
        ] {
            assert_eq!(principal(text.as_bytes()), None, "{text}");
        }
        assert_eq!(principal(&[0xff]), None);
    }
}
