//! Which headers an edge function may see and set, from `CloudFront`'s "Restrictions on edge functions".

/// Headers that a viewer-request function may read but not add, change or remove.
pub(super) const READ_ONLY_IN_REQUEST: &[&str] =
    &["cdn-loop", "content-length", "host", "transfer-encoding", "via"];

/// Headers that a viewer-response function may read but not add, change or remove.
pub(super) const READ_ONLY_IN_RESPONSE: &[&str] = &["via", "warning"];

const HIDDEN: &[&str] = &[
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
];

const HIDDEN_PREFIXES: &[&str] = &["x-accel-", "x-amz-cf-", "x-edge-"];

/// Whether the header is kept from functions: they neither see it nor may set it.
///
/// `name` is in lower case.
pub(super) fn is_hidden(name: &str) -> bool {
    HIDDEN.contains(&name) || HIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the event carries the header as its `cookies` and not among its `headers`.
pub(super) fn is_cookie(name: &str) -> bool {
    matches!(name, "cookie" | "set-cookie")
}
