use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::Algorithm;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn name(text: &str) -> RepositoryName {
    RepositoryName::parse(text).unwrap()
}

fn digest() -> Digest {
    Digest::parse(DIGEST).unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

fn read(method: &str, target: &str) -> Result<Request, ApiError> {
    let target = target.replace("DIGEST", DIGEST);
    let (path, query) =
        target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
    parse(&method.parse().unwrap(), path, query)
}

fn code(method: &str, target: &str) -> ErrorCode {
    read(method, target).expect_err(target).code
}

#[test]
fn base_and_extensions() {
    for (method, path) in [("GET", "/v2"), ("GET", "/v2/"), ("HEAD", "/v2/"), ("HEAD", "/v2")] {
        assert_eq!(read(method, path), Ok(Request::Base), "{method} {path}");
    }
    assert_eq!(read("GET", "/v2/_oci/ext/discover"), Ok(Request::ExtDiscover));
    let page = Page { n: Some(5), last: Some("a/b".to_owned()) };
    assert_eq!(read("GET", "/v2/_catalog?n=5&last=a%2Fb"), Ok(Request::Catalog { page }));
}

#[test]
fn manifests_and_blobs() {
    let (name, digest) = (name("library/alpine"), digest());
    let latest = reference("latest");
    let table = [
        ("GET", "manifests/latest", Request::GetManifest { name: name.clone(), reference: latest.clone() }),
        ("HEAD", "manifests/latest", Request::HeadManifest { name: name.clone(), reference: latest.clone() }),
        ("DELETE", "manifests/latest", Request::DeleteManifest { name: name.clone(), reference: latest }),
        (
            "GET",
            "manifests/DIGEST",
            Request::GetManifest { name: name.clone(), reference: reference(DIGEST) },
        ),
        ("GET", "blobs/DIGEST", Request::GetBlob { name: name.clone(), digest: digest.clone() }),
        ("HEAD", "blobs/DIGEST", Request::HeadBlob { name: name.clone(), digest: digest.clone() }),
        ("DELETE", "blobs/DIGEST", Request::DeleteBlob { name, digest }),
    ];
    for (method, rest, request) in table {
        let target = format!("/v2/library/alpine/{rest}");
        assert_eq!(read(method, &target).as_ref(), Ok(&request), "{method} {target}");
        assert_eq!(read(method, &target.replace("DIGEST", &DIGEST.replace(':', "%3A"))), Ok(request));
    }
}

#[test]
fn tags_of_a_push_are_unique_and_limited() {
    let push = |tags: Vec<Tag>| Request::PutManifest { name: name("a"), reference: reference(DIGEST), tags };
    let tag = |text: &str| Tag::parse(text).unwrap();
    assert_eq!(read("PUT", "/v2/a/manifests/DIGEST"), Ok(push(vec![])));
    let target = "/v2/a/manifests/DIGEST?tag=v1&other=x&tag=v1.2&tag=v1";
    assert_eq!(read("PUT", target), Ok(push(vec![tag("v1"), tag("v1.2")])));

    let parameters =
        |count: usize| (0..count).map(|index| format!("tag=v{index}")).collect::<Vec<_>>().join("&");
    let target = format!("/v2/a/manifests/DIGEST?{}", parameters(MAX_TAGS_PER_PUSH));
    assert_eq!(
        read("PUT", &target),
        Ok(push((0..MAX_TAGS_PER_PUSH).map(|index| tag(&format!("v{index}"))).collect()))
    );
    let target = format!("/v2/a/manifests/DIGEST?{}", parameters(MAX_TAGS_PER_PUSH + 1));
    assert_eq!(code("PUT", &target), ErrorCode::TooManyTags);
    assert_eq!(code("PUT", "/v2/a/manifests/DIGEST?tag="), ErrorCode::TagInvalid);
}

#[test]
fn uploads() {
    let name = name("a/b");
    let session = "3f-Z_0.~=".to_owned();
    let start = |digest, mount, from, algorithm| Request::StartUpload {
        name: name.clone(),
        digest,
        mount,
        from,
        algorithm,
    };
    let table = [
        ("POST", "", start(None, None, None, None)),
        ("POST", "?digest=&mount=&from=", start(None, None, None, None)),
        ("POST", "?digest=DIGEST", start(Some(digest()), None, None, None)),
        ("POST", "?mount=DIGEST", start(None, Some(digest()), None, None)),
        (
            "POST",
            "?from=c%2Fd&mount=DIGEST",
            start(None, Some(digest()), Some(super::parse_name("c/d").unwrap()), None),
        ),
        (
            "POST",
            "?from=c/d&mount=DIGEST",
            start(None, Some(digest()), Some(super::parse_name("c/d").unwrap()), None),
        ),
        ("POST", "?digest-algorithm=sha512", start(None, None, None, Some(Algorithm::Sha512))),
        ("PATCH", "3f-Z_0.~=", Request::PatchUpload { name: name.clone(), session: session.clone() }),
        (
            "PUT",
            "3f-Z_0.~=",
            Request::PutUpload { name: name.clone(), session: session.clone(), digest: None },
        ),
        (
            "PUT",
            "3f-Z_0.%7E%3D?_state=x&digest=DIGEST&ns=example.org",
            Request::PutUpload { name: name.clone(), session: session.clone(), digest: Some(digest()) },
        ),
        ("GET", "3f-Z_0.~=", Request::GetUpload { name: name.clone(), session: session.clone() }),
        ("DELETE", "3f-Z_0.~=", Request::CancelUpload { name: name.clone(), session }),
    ];
    for (method, rest, request) in table {
        assert_eq!(read(method, &format!("/v2/a/b/blobs/uploads/{rest}")), Ok(request), "{method} {rest}");
    }
    assert_eq!(read("POST", "/v2/a/b/blobs/uploads"), Ok(start(None, None, None, None)));
}

#[test]
fn lists() {
    let page = |n, last: Option<&str>| Page { n, last: last.map(str::to_owned) };
    let tags = |page| Ok(Request::ListTags { name: name("a"), page });
    assert_eq!(read("GET", "/v2/a/tags/list"), tags(Page::default()));
    assert_eq!(read("GET", "/v2/a/tags/list?n=0"), tags(page(Some(0), None)));
    assert_eq!(read("GET", "/v2/a/tags/list?n=&last="), tags(Page::default()));
    assert_eq!(read("GET", "/v2/a/tags/list?last=v1&n=2"), tags(page(Some(2), Some("v1"))));
    assert_eq!(read("GET", "/v2/a/tags/list?n=99999999999999999999"), tags(page(Some(u32::MAX), None)));
    for n in ["x", "-1", "1.5", "%2B1", "+1", "0x1", "1%20"] {
        assert_eq!(code("GET", &format!("/v2/a/tags/list?n={n}")), ErrorCode::PaginationNumberInvalid, "{n}");
    }
    for artifact_type in ["application%2Fvnd.x%2Bjson", "application/vnd.x+json"] {
        let request = Request::ListReferrers {
            name: name("a"),
            digest: digest(),
            artifact_type: Some("application/vnd.x+json".to_owned()),
            page: Page::default(),
        };
        assert_eq!(read("GET", &format!("/v2/a/referrers/DIGEST?artifactType={artifact_type}")), Ok(request));
    }
}

#[test]
fn names_may_hold_words_of_the_api() {
    for text in
        ["manifests", "a/manifests/b", "blobs/uploads", "a/tags/list", "tags", "a/referrers", "v2", "a/blobs"]
    {
        let tags = Request::ListTags { name: name(text), page: Page::default() };
        assert_eq!(read("GET", &format!("/v2/{text}/tags/list")), Ok(tags), "{text}");
        let blob = Request::GetBlob { name: name(text), digest: digest() };
        assert_eq!(read("GET", &format!("/v2/{text}/blobs/DIGEST")), Ok(blob), "{text}");
        let upload = Request::GetUpload { name: name(text), session: "list".to_owned() };
        assert_eq!(read("GET", &format!("/v2/{text}/blobs/uploads/list")), Ok(upload), "{text}");
    }
}

#[test]
fn errors_have_the_code_of_their_place() {
    let table = [
        ("GET", "", ErrorCode::NotFound),
        ("GET", "/", ErrorCode::NotFound),
        ("GET", "v2/", ErrorCode::NotFound),
        ("GET", "/v1/", ErrorCode::NotFound),
        ("GET", "/v2x/a/tags/list", ErrorCode::NotFound),
        ("GET", "/v2//", ErrorCode::NotFound),
        ("GET", "/v2/a", ErrorCode::NotFound),
        ("GET", "/v2/a/tags", ErrorCode::NotFound),
        ("GET", "/v2/a/tags/list/", ErrorCode::NotFound),
        ("GET", "/v2/a/manifests/b/c", ErrorCode::NotFound),
        ("GET", "/v2/../_catalog", ErrorCode::NotFound),
        ("GET", "/v2/_catalog/", ErrorCode::NotFound),
        ("GET", "/v2/_oci/ext", ErrorCode::NotFound),
        ("GET", "/v2/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2//manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a//b/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a/../b/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a/%2e%2e/b/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a%2Fb/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a%00/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a\0/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a%ff/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/a%/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/A/manifests/latest", ErrorCode::NameInvalid),
        ("GET", "/v2/_a/tags/list", ErrorCode::NameInvalid),
        ("PUT", "/v2/a/manifests/.bad", ErrorCode::TagInvalid),
        ("PUT", "/v2/a/manifests/a%2Fb", ErrorCode::TagInvalid),
        ("PUT", "/v2/a/manifests/", ErrorCode::TagInvalid),
        ("GET", "/v2/a/manifests/.bad", ErrorCode::ManifestUnknown),
        ("HEAD", "/v2/a/manifests/", ErrorCode::ManifestUnknown),
        ("DELETE", "/v2/a/manifests/%ff", ErrorCode::ManifestUnknown),
        ("GET", "/v2/a/manifests/sha256:00", ErrorCode::DigestInvalid),
        ("PUT", "/v2/a/manifests/md5:00", ErrorCode::DigestInvalid),
        ("GET", "/v2/a/blobs/", ErrorCode::DigestInvalid),
        ("GET", "/v2/a/blobs/latest", ErrorCode::DigestInvalid),
        ("GET", "/v2/a/blobs/DIGEST%00", ErrorCode::DigestInvalid),
        ("GET", "/v2/a/referrers/latest", ErrorCode::DigestInvalid),
        ("POST", "/v2/a/blobs/uploads/?digest=x", ErrorCode::DigestInvalid),
        ("POST", "/v2/a/blobs/uploads/?mount=x", ErrorCode::DigestInvalid),
        ("POST", "/v2/a/blobs/uploads/?digest-algorithm=md5", ErrorCode::DigestInvalid),
        ("POST", "/v2/a/blobs/uploads/?mount=DIGEST&from=B", ErrorCode::NameInvalid),
        ("PUT", "/v2/a/blobs/uploads/x?digest=sha256:", ErrorCode::DigestInvalid),
        ("GET", "/v2/a/blobs/uploads/..", ErrorCode::BlobUploadUnknown),
        ("GET", "/v2/a/blobs/uploads/%2e%2e", ErrorCode::BlobUploadUnknown),
        ("GET", "/v2/a/blobs/uploads/x%2Fy", ErrorCode::BlobUploadUnknown),
        ("GET", "/v2/a/blobs/uploads/%ff", ErrorCode::BlobUploadUnknown),
    ];
    for (method, target, expected) in table {
        assert_eq!(code(method, target), expected, "{method} {target:?}");
    }
    let too_long = format!("/v2/a/blobs/uploads/{}", "x".repeat(MAX_SESSION_CHARS + 1));
    assert_eq!(code("GET", &too_long), ErrorCode::BlobUploadUnknown);
}

#[test]
fn other_methods_are_told_the_allowed_ones() {
    let table = [
        ("/v2/", "GET, HEAD"),
        ("/v2/_catalog", "GET"),
        ("/v2/_oci/ext/discover", "GET"),
        ("/v2/a/manifests/latest", "GET, HEAD, PUT, DELETE"),
        ("/v2/a/blobs/DIGEST", "GET, HEAD, DELETE"),
        ("/v2/a/blobs/uploads/", "POST"),
        ("/v2/a/blobs/uploads/x", "GET, PATCH, PUT, DELETE"),
        ("/v2/a/tags/list", "GET"),
        ("/v2/a/referrers/DIGEST", "GET"),
    ];
    for (target, allowed) in table {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "BREW"] {
            let result = read(method, target);
            if allowed.split(", ").any(|allowed| allowed == method) {
                assert!(result.is_ok(), "{method} {target}: {result:?}");
                continue;
            }
            let error = result.expect_err(target);
            assert_eq!(error.code, ErrorCode::MethodNotAllowed, "{method} {target}");
            let allowed: Vec<&str> = allowed.split(", ").collect();
            assert_eq!(error.detail, Some(json!({ "allow": allowed })), "{method} {target}");
        }
    }
}

fn any_name() -> impl Strategy<Value = RepositoryName> {
    let word = select(vec!["a", "b-c.d", "manifests", "blobs", "uploads", "tags", "list", "referrers", "v2"]);
    prop::collection::vec(word, 1..6).prop_map(|words| name(&words.join("/")))
}

fn any_digest() -> impl Strategy<Value = Digest> {
    (select(vec![Algorithm::Sha256, Algorithm::Sha512]), any::<[u8; 4]>())
        .prop_map(|(algorithm, content)| Digest::of(algorithm, &content))
}

fn any_tag() -> impl Strategy<Value = Tag> {
    "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,9}".prop_map(|text| Tag::parse(&text).unwrap())
}

fn any_reference() -> impl Strategy<Value = Reference> {
    prop_oneof![any_tag().prop_map(Reference::Tag), any_digest().prop_map(Reference::Digest)]
}

fn any_session() -> impl Strategy<Value = String> {
    "uploads|list|[a-zA-Z0-9~=_-][a-zA-Z0-9.~=_-]{0,40}"
}

fn any_page() -> impl Strategy<Value = Page> {
    (any::<Option<u32>>(), prop::option::of("\\PC{1,9}")).prop_map(|(n, last)| Page { n, last })
}

fn any_upload_start() -> impl Strategy<Value = Request> {
    let digest = || prop::option::of(any_digest());
    let algorithm = prop::option::of(select(vec![Algorithm::Sha256, Algorithm::Sha512]));
    (any_name(), digest(), digest(), prop::option::of(any_name()), algorithm).prop_map(
        |(name, digest, mount, from, algorithm)| Request::StartUpload {
            name,
            digest,
            mount,
            from,
            algorithm,
        },
    )
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    prop::collection::btree_set(any_tag(), 0..MAX_TAGS_PER_PUSH).prop_map(|tags| tags.into_iter().collect())
}

fn any_request() -> impl Strategy<Value = Request> {
    let upload = || (any_name(), any_session());
    prop_oneof![
        select(vec![Request::Base, Request::ExtDiscover]),
        any_page().prop_map(|page| Request::Catalog { page }),
        (any_name(), any_digest()).prop_map(|(name, digest)| Request::GetBlob { name, digest }),
        (any_name(), any_digest()).prop_map(|(name, digest)| Request::HeadBlob { name, digest }),
        (any_name(), any_digest()).prop_map(|(name, digest)| Request::DeleteBlob { name, digest }),
        (any_name(), any_reference()).prop_map(|(name, reference)| Request::GetManifest { name, reference }),
        (any_name(), any_reference()).prop_map(|(name, reference)| Request::HeadManifest { name, reference }),
        (any_name(), any_reference())
            .prop_map(|(name, reference)| Request::DeleteManifest { name, reference }),
        (any_name(), any_reference(), any_tags()).prop_map(|(name, reference, tags)| Request::PutManifest {
            name,
            reference,
            tags
        }),
        any_upload_start(),
        upload().prop_map(|(name, session)| Request::PatchUpload { name, session }),
        upload().prop_map(|(name, session)| Request::GetUpload { name, session }),
        upload().prop_map(|(name, session)| Request::CancelUpload { name, session }),
        (upload(), prop::option::of(any_digest())).prop_map(|((name, session), digest)| Request::PutUpload {
            name,
            session,
            digest
        }),
        (any_name(), any_page()).prop_map(|(name, page)| Request::ListTags { name, page }),
        (any_name(), any_digest(), prop::option::of("[a-z]{1,5}/[a-z+.]{1,9}"), any_page()).prop_map(
            |(name, digest, artifact_type, page)| Request::ListReferrers {
                name,
                digest,
                artifact_type,
                page
            }
        ),
    ]
}

proptest! {
    #[test]
    fn every_built_url_parses_back(request in any_request()) {
        let url = request.url();
        prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
        let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
        prop_assert_eq!(parse(&request.method(), path, query), Ok(request));
    }

    #[test]
    fn any_text_is_read_without_panic(
        method in "GET|HEAD|PUT|POST|PATCH|DELETE|[A-Za-z]{1,9}",
        path in "\\PC*|(/|v2|a|%2[fF]|%|:|blobs|uploads|manifests|tags|list|referrers|sha256|\\PC){0,12}",
        rest in "(/(a|blobs|uploads|manifests|tags|list|referrers|%3[aA]|%f|\\PC)?){0,8}",
        query in prop::option::of("\\PC*|((n|last|tag|digest|mount|from|artifactType)=?[a-z0-9%:+]{0,9}&?){0,6}"),
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for path in [path, format!("/v2{rest}"), format!("/v2/a{rest}")] {
            if let Ok(request) = parse(&method, &path, query.as_deref()) {
                let url = request.url();
                let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
                prop_assert_eq!(parse(&method, path, query), Ok(request));
            }
        }
    }
}
