//! What can be done to what, in Harbor's words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word for it in Harbor's REST API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(text.to_owned())),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(text: String) -> Result<Self, UnknownWord> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A word that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not known here")]
pub struct UnknownWord(String);

words! {
    /// What somebody wants to do.
    Action {
        /// Make a new one.
        Create = "create",
        /// Look at one.
        Read = "read",
        /// Change one.
        Update = "update",
        /// Remove one.
        Delete = "delete",
        /// See which there are.
        List = "list",
        /// Read images.
        Pull = "pull",
        /// Write images.
        Push = "push",
        /// Run, as a retention policy is run.
        Operate = "operate",
        /// Stop what runs.
        Stop = "stop",
        /// Read images whatever the project's gates say. For the scanner alone.
        ScannerPull = "scanner-pull",
    }
}

words! {
    /// What somebody wants to do it to: first what belongs to a project, then what belongs to the whole system.
    Resource {
        /// The project itself.
        Project = "project",
        /// Its members.
        Member = "member",
        /// Its settings.
        Metadata = "metadata",
        /// Its part of the audit log.
        Log = "log",
        /// Labels.
        Label = "label",
        /// How much it may hold.
        Quota = "quota",
        /// Repositories, and the images in them.
        Repository = "repository",
        /// What is kept, and what is cleaned away.
        TagRetention = "tag-retention",
        /// Tags that do not move.
        ImmutableTag = "immutable-tag",
        /// The settings, as the web pages group them.
        Configuration = "configuration",
        /// Robots.
        Robot = "robot",
        /// Webhooks.
        NotificationPolicy = "notification-policy",
        /// Scans for vulnerabilities.
        Scan = "scan",
        /// Bills of materials.
        Sbom = "sbom",
        /// Scanners.
        Scanner = "scanner",
        /// Manifests.
        Artifact = "artifact",
        /// What is shown beside a manifest.
        ArtifactAddition = "artifact-addition",
        /// Tags.
        Tag = "tag",
        /// Signatures and the like, of a manifest.
        Accessory = "accessory",
        /// Labels on manifests.
        ArtifactLabel = "artifact-label",
        /// Preheating.
        PreheatPolicy = "preheat-policy",
        /// Lists of vulnerabilities as a file.
        ExportCve = "export-cve",

        /// The audit log.
        AuditLog = "audit-log",
        /// The list of all repositories.
        Catalog = "catalog",
        /// Garbage collection.
        GarbageCollection = "garbage-collection",
        /// Running jobs.
        JobserviceMonitor = "jobservice-monitor",
        /// People in LDAP.
        LdapUser = "ldap-user",
        /// Preheating providers.
        PreheatInstance = "preheat-instance",
        /// Cleaning the audit log.
        PurgeAudit = "purge-audit",
        /// Other registries.
        Registry = "registry",
        /// Runs of replication.
        Replication = "replication",
        /// Kinds of other registries.
        ReplicationAdapter = "replication-adapter",
        /// Rules of replication.
        ReplicationPolicy = "replication-policy",
        /// Scans of everything.
        ScanAll = "scan-all",
        /// Vulnerabilities of everything.
        SecurityHub = "security-hub",
        /// Disks.
        SystemVolumes = "system-volumes",
        /// Users.
        User = "user",
        /// Groups of users.
        UserGroup = "user-group",
    }
}
