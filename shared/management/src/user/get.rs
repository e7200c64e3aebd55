//! `GET /users/{user_id}`.

use super::{UserView, find};
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<OfUser>) -> Outcome {
    let user = find(&call).await?;
    Ok(Answer::of(&UserView::of(&user)))
}
