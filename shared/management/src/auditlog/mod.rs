//! Harbor's tag `auditlog`, in its present form and in the older one, and an export, which Harbor does not have.

mod events;
mod export;
mod list;
mod view;

use berth_projects::{Action, Resource};

use crate::route::{Route, Verb, run, run_now};

const TAG: &str = "auditlog";
const OF_PROJECT: &str = "project";

pub(crate) const ROUTES: &[Route] = &[
    // Everybody sees the part that is his: the projects whose log he may list.
    Route::new(Verb::Get, "/auditlog-exts", "listAuditLogExts", TAG)
        .about("What happened, the newest first")
        .listing()
        .signed_in(run!(list::all)),
    Route::new(Verb::Get, "/auditlog-exts/events", "listAuditLogEventTypes", TAG)
        .about("What can happen")
        .signed_in(run_now!(events::answer)),
    Route::new(Verb::Get, "/auditlogs/export", "exportAuditLogs", TAG)
        .about("What happened, as lines of JSON, the newest first: from, until; the rest is behind Link")
        .system(Resource::AuditLog, Action::List, run!(export::all)),
    Route::new(Verb::Get, "/audit-logs", "listAuditLogs", TAG)
        .about("What happened, in the older form")
        .listing()
        .signed_in(run!(list::all_old)),
    Route::new(Verb::Get, "/projects/{project_name}/auditlog-exts", "getLogExts", OF_PROJECT)
        .about("What happened in a project, the newest first")
        .listing()
        .project(Resource::Log, Action::List, run!(list::of_project)),
    Route::new(Verb::Get, "/projects/{project_name}/logs", "getLogs", OF_PROJECT)
        .about("What happened in a project, in the older form")
        .listing()
        .project(Resource::Log, Action::List, run!(list::of_project_old)),
    Route::new(Verb::Get, "/projects/{project_name}/logs/export", "exportLogs", OF_PROJECT)
        .about("What happened in a project, as lines of JSON, the newest first: from, until; the rest is behind Link")
        .project(Resource::Log, Action::List, run!(export::of_project)),
];
