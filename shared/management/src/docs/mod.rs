//! The description of this API, made from the table of routes, and a page to try it with.

mod openapi;

use http::HeaderName;

use crate::access::{Anyone, Call};
use crate::answer::Answer;
use crate::route::{Route, Verb, run_now};

const TAG: &str = "docs";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/openapi.json", "getOpenApi", TAG)
        .about("This description")
        .anyone(run_now!(self::description)),
    Route::new(Verb::Get, "/api/docs", "getDocs", TAG)
        .about("A page to try this API with")
        .anyone(run_now!(self::page)),
    Route::new(Verb::Get, "/api/docs/docs.js", "getDocsScript", TAG)
        .about("What moves on the page")
        .anyone(run_now!(self::script)),
    Route::new(Verb::Get, "/api/docs/docs.css", "getDocsStyle", TAG)
        .about("How the page looks")
        .anyone(run_now!(self::style)),
];

/// The page loads what is from here alone, sends requests to here alone, and is no part of any other page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");

fn description(call: &Call<Anyone>) -> Answer {
    Answer::of(&openapi::document(call.settings()))
}

fn page(_: &Call<Anyone>) -> Answer {
    let answer = Answer::ok().text("text/html; charset=utf-8", &include_bytes!("docs.html")[..]);
    answer.header(CONTENT_SECURITY_POLICY, POLICY)
}

fn script(_: &Call<Anyone>) -> Answer {
    Answer::ok().text("text/javascript; charset=utf-8", &include_bytes!("docs.js")[..])
}

fn style(_: &Call<Anyone>) -> Answer {
    Answer::ok().text("text/css; charset=utf-8", &include_bytes!("docs.css")[..])
}
