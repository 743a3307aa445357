//! Ctrl-C.

/// Returns when the process is asked to end: Ctrl-C, and on Unix also SIGTERM and SIGHUP.
///
/// From the first call on, the signals no longer end the process by themselves.
pub async fn interrupted() {
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
