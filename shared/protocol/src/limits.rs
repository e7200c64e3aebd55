//! Every limit of the protocol, each with its source.

/// The largest manifest body accepted. Source: distribution-spec, "Pushing Manifests" (registries must take
/// at least 4 MiB); larger ones are refused so that a manifest always fits in memory.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// The deepest nesting of objects and arrays in a manifest. Source: `serde_json` refuses deeper values
/// itself, and real manifests nest five deep.
pub const MAX_MANIFEST_DEPTH: usize = 128;

/// The most descriptors (config, layers, children and subject together) in one manifest. Source: ours; one
/// push checks and records each of them.
pub const MAX_MANIFEST_REFERENCES: usize = 1000;

/// The largest `size` of a descriptor. Source: RFC 8259 section 6, the integers all JSON readers agree on
/// (2^53 - 1). The sum over [`MAX_MANIFEST_REFERENCES`] descriptors fits a `u64`.
pub const MAX_DESCRIPTOR_BYTES: u64 = (1 << 53) - 1;

/// The longest repository name. Source: distribution-spec, "Pulling manifests" (clients limit host and name
/// to 255).
pub const MAX_NAME_CHARS: usize = 255;

/// The longest tag. Source: distribution-spec, the grammar of `<reference>` as a tag.
pub const MAX_TAG_CHARS: usize = 128;

/// The most `tag` parameters on one manifest push. Source: `DynamoDB` transactions hold 100 items and a tag
/// takes three; distribution-spec (dev), end-7b, leaves the limit to the registry and answers 414 beyond it.
pub const MAX_TAGS_PER_PUSH: usize = 30;

/// The longest type or subtype of a media type. Source: RFC 6838 section 4.2.
pub const MAX_MEDIA_TYPE_PART_CHARS: usize = 127;

/// The longest upload session identifier in a URL. Source: ours; the registry issues them and they are far
/// shorter.
pub const MAX_SESSION_CHARS: usize = 512;

/// The page size when a list request names none. Source: ours.
pub const DEFAULT_PAGE_SIZE: u32 = 1000;

/// The largest page of a list. Source: ours; the answer of one page fits a Lambda response.
pub const MAX_PAGE_SIZE: u32 = 1000;
