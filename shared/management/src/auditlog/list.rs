//! Reading the log: all of it, or the parts that somebody may read.

use berth_audit::{Entry, Part, Window, calendar};
use berth_projects::{Action, Resource, system_allows};
use berth_registry::StoreError;
use futures::FutureExt;
use serde_json::Value;

use super::view::{ext, old, username};
use crate::access::{Call, InProject, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::{Column, Condition, Field, Filter, MAX_LISTED, Query, collect};
use crate::request::Asked;
use crate::world::World;

const COLUMNS: &[Column<Entry>] = &[
    Column { name: "op_time", get: |entry| Field::Time(entry.at_ms / 1000) },
    Column { name: "id", get: |entry| Field::number(entry.id) },
    Column { name: "username", get: |entry| Field::text(username(entry)) },
    Column { name: "resource", get: |entry| Field::text(entry.event.resource.as_str()) },
    Column { name: "resource_type", get: |entry| Field::text(entry.event.resource_type.as_str()) },
    Column { name: "operation", get: |entry| Field::text(entry.event.operation.as_str()) },
    Column { name: "operation_result", get: |entry| Field::Switch(entry.event.succeeded) },
    Column { name: "operation_description", get: |entry| Field::text(entry.event.description.as_str()) },
    Column {
        name: "project_id",
        get: |entry| Field::number(entry.event.project.as_ref().map_or(0, |project| project.id)),
    },
];

/// How an entry is shown.
type Form = fn(&Entry) -> Value;

pub(super) async fn all(call: Call<SignedIn>) -> Outcome {
    let parts = parts(&call).await?;
    page(call.world(), &call.asked, &parts, ext).await
}

pub(super) async fn all_old(call: Call<SignedIn>) -> Outcome {
    let parts = parts(&call).await?;
    page(call.world(), &call.asked, &parts, old).await
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    page(call.world(), &call.asked, &[Part::Project(call.project().id)], ext).await
}

pub(super) async fn of_project_old(call: Call<InProject>) -> Outcome {
    page(call.world(), &call.asked, &[Part::Project(call.project().id)], old).await
}

/// All of the log for whoever may read it; else the projects whose log he may list.
async fn parts(call: &Call<SignedIn>) -> Result<Vec<Part>, Failure> {
    if system_allows(call.principal(), Resource::AuditLog, Action::List) {
        return Ok(vec![Part::Everything]);
    }
    let own = if call.visible().is_all() {
        call.visible().projects(None).await?
    } else {
        call.visible().own().await?
    };
    let mut parts = Vec::new();
    for project in own {
        let part = Part::Project(project.id);
        let rights = call.world().projects.rights_in(call.principal(), project).await?;
        if rights.allow(Resource::Log, Action::List) && !parts.contains(&part) {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// The newest first, if nobody asks for another order.
async fn page(world: &World, asked: &Asked, parts: &[Part], form: Form) -> Outcome {
    let filter = asked.query("q").map(Filter::parse).transpose()?.unwrap_or_default();
    let window = window(&filter);
    let query = Query::filtered(asked, filter, COLUMNS)?;
    let mut entries: Vec<Entry> = Vec::new();
    for part in parts {
        entries.extend(read(world, *part, window).await?);
    }
    if parts.len() > 1 {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        entries.truncate(MAX_LISTED);
    }
    let found = query.apply(entries);
    let views: Vec<Value> = found.items.iter().map(form).collect();
    Ok(Answer::page(asked, &found, &views))
}

async fn read(world: &World, part: Part, window: Window) -> Result<Vec<Entry>, StoreError> {
    collect(|last: Option<&Entry>, limit| {
        let before = last.map(|entry| entry.id);
        async move { world.audit.list(part, window, before, limit).await }.boxed()
    })
    .await
}

/// The time that the filter asks for, so that no other month is read. The filter still decides about each entry.
fn window(filter: &Filter) -> Window {
    let mut window = Window::ALL;
    for (name, condition) in &filter.0 {
        if !COLUMNS[0].is_called(name) {
            continue;
        }
        if let Condition::Range(least, most) = condition {
            let ms = |text: &Option<String>| Some(calendar::parse(text.as_deref()?)?.saturating_mul(1000));
            window.from_ms = ms(least).map_or(window.from_ms, |ms| ms.max(window.from_ms));
            window.until_ms = ms(most).map_or(window.until_ms, |ms| (ms + 1000).min(window.until_ms));
        }
    }
    window
}
