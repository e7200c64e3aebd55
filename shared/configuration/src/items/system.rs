//! Items about the registry as a whole.

use crate::Plain::{Flag, Number, Text};
use crate::{AuthMode, Item, Kind, ProjectCreation, Source};

const MAX_BANNER_BYTES: usize = 4096;
/// As many days as a robot can live.
const MAX_ROBOT_DAYS: i64 = 365 * 1000;
const MAX_SESSION_MINS: i64 = 30 * 24 * 60;
/// As many as the programs take that write the entries.
const MAX_AUDIT_DAYS: i64 = 3653;

pub(super) const ITEMS: &[Item] = &[
    Item {
        name: "auth_mode",
        kind: Kind::Word(&AuthMode::WORDS),
        default: Text(AuthMode::Database.as_str()),
        source: Source::Api,
        meaning: "Who else knows people: nobody (`db_auth`), an LDAP directory, an OpenID Connect provider. Can be changed while `admin` is the only user.",
    },
    Item {
        name: "primary_auth_mode",
        kind: Kind::Flag,
        default: Flag(false),
        source: Source::Api,
        meaning: "Whether the sign-in page leads to the OpenID Connect provider at once.",
    },
    Item {
        name: "project_creation_restriction",
        kind: Kind::Word(&ProjectCreation::WORDS),
        default: Text(ProjectCreation::Everyone.as_str()),
        source: Source::Api,
        meaning: "Who may make projects.",
    },
    Item {
        name: "robot_token_duration",
        kind: Kind::Days { max: MAX_ROBOT_DAYS },
        default: Number(30),
        source: Source::Api,
        meaning: "For how many days a robot is made if nobody says otherwise; -1 for ever.",
    },
    Item {
        name: "session_timeout",
        kind: Kind::Number { min: 1, max: MAX_SESSION_MINS },
        default: Number(60),
        source: Source::Api,
        meaning: "For how many minutes a browser stays signed in.",
    },
    Item {
        name: "banner_message",
        kind: Kind::Text { max_bytes: MAX_BANNER_BYTES },
        default: Text(""),
        source: Source::Api,
        meaning: "What everybody is told.",
    },
    Item {
        name: "audit_retention_days",
        kind: Kind::Number { min: 1, max: MAX_AUDIT_DAYS },
        default: Number(365),
        source: Source::Environment,
        meaning: "For how many days entries of the audit log are kept. Not in Harbor.",
    },
    Item {
        name: "token_expiration",
        kind: Kind::Number { min: 1, max: 60 },
        default: Number(5),
        source: Source::Process("BERTH_TOKEN_TTL_SECS"),
        meaning: "How long a token for the registry lives, in whole minutes; the variable has seconds.",
    },
    fixed("robot_name_prefix", Text("robot$"), "What the names of robots begin with."),
    fixed("read_only", Flag(false), "Whether nobody can push."),
    fixed("self_registration", Flag(false), "Whether people can make users of themselves."),
    fixed("notification_enable", Flag(false), "Whether webhooks are sent."),
    fixed("quota_per_project_enable", Flag(false), "Whether projects have quotas."),
    fixed("storage_per_project", Number(-1), "How many bytes a new project may hold; -1 for any."),
    fixed("scanner_skip_update_pulltime", Flag(false), "Whether scanners' pulls count as pulls."),
    fixed("skip_audit_log_database", Flag(false), "Whether audit entries are only forwarded."),
    fixed("audit_log_forward_endpoint", Text(""), "Where audit entries are sent as syslog."),
    fixed("disabled_audit_log_event_types", Text(""), "What the audit log leaves out."),
];

const fn fixed(name: &'static str, default: crate::Plain, meaning: &'static str) -> Item {
    let kind = match default {
        Flag(_) => Kind::Flag,
        Number(_) => Kind::Number { min: i64::MIN, max: i64::MAX },
        Text(_) => Kind::Text { max_bytes: MAX_BANNER_BYTES },
    };
    Item { name, kind, default, source: Source::Fixed, meaning }
}
