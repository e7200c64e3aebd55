//! `ListObjectsV2`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{
    S3Request,
    dto::{CommonPrefix, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object},
};

use super::{etag, invalid, page_size, size, timestamp};
use crate::s3::{
    error::Error,
    index::{Entry, PageRequest, after_key, list, require_bucket},
    store::Store,
};

/// What `encoding-type=url` leaves as it is.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'*');

pub(super) async fn list_objects_v2(
    store: &Store,
    request: S3Request<ListObjectsV2Input>,
) -> Result<ListObjectsV2Output, Error> {
    let input = request.input;
    let (max_keys, max_entries) = page_size(input.max_keys);
    let page_request = PageRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
        from: from(&input)?,
        max_entries,
    };
    let read = move |connection: &_| {
        require_bucket(connection, &page_request.bucket)?;
        list(connection, &page_request)
    };
    let page = store.inner.index.read(read).await?;
    let text =
        Text { encoded: input.encoding_type.as_ref().is_some_and(|name| name.as_str() == EncodingType::URL) };
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(page.objects.len() + page.common_prefixes.len()).ok(),
        max_keys: Some(max_keys),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.map(|next| BASE64.encode(next)),
        contents: Some(page.objects.into_iter().map(|entry| text.object(entry)).collect()),
        common_prefixes: Some(
            page.common_prefixes.into_iter().map(|prefix| text.common_prefix(prefix)).collect(),
        ),
        prefix: input.prefix.map(|prefix| text.of(prefix)),
        delimiter: input.delimiter.map(|delimiter| text.of(delimiter)),
        start_after: input.start_after.map(|key| text.of(key)),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        ..Default::default()
    })
}

/// The least key of the page: from the token, which goes before the key to start after.
fn from(input: &ListObjectsV2Input) -> Result<String, Error> {
    match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => {
            let bytes = BASE64.decode(token).ok();
            let from = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            from.ok_or_else(|| invalid("the continuation token is not one of this store"))
        }
        (None, Some(key)) => Ok(after_key(key)),
        (None, None) => Ok(String::new()),
    }
}

/// How keys are written: some characters cannot stand in XML.
struct Text {
    encoded: bool,
}

impl Text {
    fn of(&self, text: String) -> String {
        if self.encoded { utf8_percent_encode(&text, ENCODED).to_string() } else { text }
    }

    fn object(&self, entry: Entry) -> Object {
        Object {
            key: Some(self.of(entry.key)),
            size: Some(size(entry.size_bytes)),
            e_tag: Some(etag(&entry.etag)),
            last_modified: Some(timestamp(entry.created_ms)),
            ..Default::default()
        }
    }

    fn common_prefix(&self, prefix: String) -> CommonPrefix {
        CommonPrefix { prefix: Some(self.of(prefix)) }
    }
}
