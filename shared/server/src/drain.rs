//! Reading on what nobody wants.
//!
//! An answer can be ready while its request is still being sent: a refusal, most of all. If the server closed the connection
//! then, the client would see a broken pipe instead of the reason. So what is left of a body is read and thrown away.
//!
//! If that is much, nothing is read for a while before and after the answer, and the answer says that the connection ends with it. So a
//! client stands still when it is told, and stops. Clients written in Go would else send their content again in another way while the
//! first request still reads from the same file, and find that the digest is wrong.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// How long a client may go on sending what is thrown away.
const DRAIN_TIMEOUT: Duration = Duration::from_mins(1);
/// More than this is worth another connection: sockets hold about as much on their own.
const MUCH_BYTES: u64 = 8 << 20;
/// How long nothing is read before the answer, until all buffers are full.
const STILL_BEFORE: Duration = Duration::from_millis(100);
/// How long nothing is read after it. Whoever has not stopped by then sends all before it reads.
const STILL_AFTER: Duration = Duration::from_secs(1);

/// A request's body that is read to its end even if its reader drops it before.
pub(crate) struct Drained {
    body: Option<Incoming>,
    rest: Rest,
}

/// What its reader has left of a body.
#[derive(Clone, Default)]
pub(crate) struct Rest(Arc<AtomicBool>);

impl Rest {
    /// Whether the reader has let go of the body with much of it still to come. If so, waits until the client stands still.
    pub(crate) async fn halted(&self) -> bool {
        let is_much = self.0.load(Ordering::Relaxed);
        if is_much {
            tokio::time::sleep(STILL_BEFORE).await;
        }
        is_much
    }
}

impl Drained {
    pub(crate) fn new(body: Incoming) -> (Self, Rest) {
        let rest = Rest::default();
        (Self { body: Some(body), rest: rest.clone() }, rest)
    }
}

impl Body for Drained {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        let is_much = body.size_hint().upper().is_none_or(|left_bytes| left_bytes > MUCH_BYTES);
        self.rest.0.store(is_much, Ordering::Relaxed);
        // Outside a runtime the process is ending, and so is the connection.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(DRAIN_TIMEOUT, drain(body, is_much)));
        }
    }
}

async fn drain(mut body: Incoming, is_much: bool) {
    if is_much {
        tokio::time::sleep(STILL_BEFORE + STILL_AFTER).await;
    }
    while let Some(Ok(_)) = body.frame().await {}
}
