//! The log as lines of JSON. A Function URL gives no more than 6 MB at a time, so the file comes in parts: as long as there is a
//! `Link` to the next one, there is more.

use berth_audit::{Part, Window, calendar};
use http::header::LINK;

use crate::access::{Call, InProject, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::request::Asked;
use crate::world::World;

/// How large a part is, and what one entry may be longer.
const PART_BYTES: usize = 2 * 1024 * 1024;

pub(super) async fn all(call: Call<InSystem>) -> Outcome {
    part(call.world(), &call.asked, Part::Everything).await
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    part(call.world(), &call.asked, Part::Project(call.project().id)).await
}

async fn part(world: &World, asked: &Asked, part: Part) -> Outcome {
    let window = Window {
        from_ms: time_ms(asked, "from")?.unwrap_or(Window::ALL.from_ms),
        until_ms: time_ms(asked, "until")?.unwrap_or(Window::ALL.until_ms),
    };
    let before = asked.query_number("before")?.map(|id| u64::try_from(id).unwrap_or(0));
    let export = world.audit.export(part, window, before, PART_BYTES).await?;
    let answer = Answer::ok().text("application/x-ndjson", export.lines);
    Ok(match export.next {
        Some(before) => answer.header(LINK, &next(asked, before)),
        None => answer,
    })
}

/// A time in the query. `until` is the first moment that is not wanted any more.
fn time_ms(asked: &Asked, name: &str) -> Result<Option<u64>, Failure> {
    let ms = |text: &str| {
        let secs = calendar::parse(text).ok_or_else(|| {
            Failure::unprocessable(format!(
                "{name} in query must be a time in UTC, as in 2026-11-05T06:07:08Z"
            ))
        })?;
        Ok(secs.saturating_mul(1000))
    };
    asked.query(name).map(ms).transpose()
}

/// The next part, of the same window (RFC 8288).
fn next(asked: &Asked, before: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let others = asked.query.iter().filter(|(name, _)| name != "before");
    let query = query.extend_pairs(others).append_pair("before", &before.to_string()).finish();
    format!("<{}?{query}>; rel=\"next\"", asked.path())
}
