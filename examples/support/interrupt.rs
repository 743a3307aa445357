//! Ctrl-C.

use std::future::Future;

use crate::ending::INTERRUPTED;

/// What the work comes to, or `None` where the process is asked to end first: then the work is dropped. Asked once more, the
/// process ends at once, whatever this thread is doing.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::spawn(async {
        interrupted().await;
        interrupted().await;
        std::process::exit(INTERRUPTED.into());
    });
    tokio::select! {
        done = work => Some(done),
        () = interrupted() => None,
    }
}

/// Returns when the process is asked to end: Ctrl-C, and on Unix also SIGTERM and SIGHUP.
///
/// From the first call on, the signals no longer end the process by themselves.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hangup)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = hangup.recv() => return,
                Ok(()) = tokio::signal::ctrl_c() => return,
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals on this system: nobody will interrupt.
        std::future::pending::<()>().await;
    }
}
