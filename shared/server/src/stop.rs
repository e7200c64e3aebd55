//! Being asked to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Resolves when the process gets SIGTERM or SIGINT. An error if the signals cannot be caught.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
