//! What Harbor has and this registry does not have yet: named, guarded, and refused with 501. Never a made-up success.
//!
//! Where nothing can be there, an empty list is the truth and not a refusal; a schedule that was never set is an empty answer,
//! which clients take for that.

pub(crate) mod artifacts;
pub(crate) mod policies;
pub(crate) mod system;

use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::route::Handler;

/// What a route without a function of its own answers.
pub(crate) fn answer(handler: Handler) -> Outcome {
    match handler {
        Handler::Empty => Ok(Answer::of(&[(); 0])),
        Handler::Unset => Ok(Answer::ok()),
        Handler::None(what) => Err(Failure::not_found(format!("{what}: there is none here"))),
        Handler::NotYet(what) => Err(Failure::not_yet(what)),
        Handler::Anyone(_)
        | Handler::SignedIn(_)
        | Handler::Named(_)
        | Handler::System(_)
        | Handler::Project(_)
        | Handler::Robot(_)
        | Handler::Label(_)
        | Handler::User(_) => Err(Failure::not_yet("this operation")),
    }
}
