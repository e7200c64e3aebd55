//! Trust rules of robots: which workloads are which robot. Harbor has nothing of the kind; these operations are Berth's own.
//!
//! ```json
//! {"name": "releases", "issuer": "https://token.actions.githubusercontent.com", "claims": {"repository_id": {"equals": "456"}}}
//! {"name": "build role", "account": "123456789012", "principals": ["arn:aws:iam::123456789012:role/build"]}
//! ```

mod body;
mod create;
mod delete;
mod list;
mod view;

use berth_projects::Action;

use crate::route::{Route, Verb, run};

/// Marks what Harbor does not have.
pub(crate) const TAG: &str = "trust";
const ALL: &str = "/robots/{robot_id}/trust-rules";
const ONE: &str = "/robots/{robot_id}/trust-rules/{rule_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, ALL, "ListTrustRules", TAG)
        .about("The rules by which workloads are a robot (an extension of Berth)")
        .robot(Action::Read, run!(list::answer)),
    Route::new(Verb::Post, ALL, "CreateTrustRule", TAG)
        .about("Let workloads that fit a rule be a robot (an extension of Berth)")
        .audited("create", "trust_rule")
        .robot(Action::Update, run!(create::answer)),
    Route::new(Verb::Delete, ONE, "DeleteTrustRule", TAG)
        .about("Remove a rule, and what workloads got by it (an extension of Berth)")
        .audited("delete", "trust_rule")
        .robot(Action::Update, run!(delete::answer)),
];
