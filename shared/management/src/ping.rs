//! `GET /ping`: whether anything answers.

use crate::access::{Anyone, Call};
use crate::answer::Answer;
use crate::route::{Route, Verb, run_now};

pub(crate) const ROUTES: &[Route] = &[Route::new(Verb::Get, "/ping", "getPing", "ping")
    .about("Whether the API answers")
    .anyone(run_now!(self::answer))];

fn answer(_: &Call<Anyone>) -> Answer {
    Answer::ok().text("text/plain; charset=utf-8", "Pong")
}
