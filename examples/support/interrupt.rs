//! Ctrl-C.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::process;
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use gomod_archive::{CancelToken, Threads};
use tokio::runtime;

use crate::ending::INTERRUPTED;
use crate::new_file;

/// How long work may take to end by itself: it looks at the token several times a second, and removes what it has made.
const GRACE: Duration = Duration::from_millis(1500);

/// A process has one, as it has one Ctrl-C.
static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// What is cancelled when the process is asked to end: for all work that takes long.
pub fn token() -> &'static CancelToken {
    &TOKEN
}

/// What the work comes to, or `None` where the process is asked to end first: then the work is dropped, and what it has
/// begun on other threads is cancelled.
///
/// Asked once more, or when that takes longer than [`GRACE`], the process ends, whatever its threads are doing.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::spawn(end_when_interrupted());
    tokio::select! {
        // First: what the work comes to once it is cancelled counts for nothing.
        biased;
        () = interrupted() => None,
        done = work => Some(done),
    }
}

/// As many threads, for a tool without a runtime: their work is cancelled when the process is asked to end, with the same
/// limit in time as that of [`unless_interrupted`].
///
/// # Errors
/// Where signals cannot be waited for.
pub fn threads(count: Option<NonZeroUsize>) -> io::Result<Threads> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let (listens, is_listening) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            let ending = tokio::spawn(end_when_interrupted());
            // The task has run until it waits for a signal.
            tokio::task::yield_now().await;
            let _ = listens.send(());
            let _ = ending.await;
        });
    })?;
    let _ = is_listening.recv();
    let count = count.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    Ok(Threads::new(count).cancelled_by(token()))
}

async fn end_when_interrupted() {
    interrupted().await;
    TOKEN.cancel();
    thread::spawn(|| {
        thread::sleep(GRACE);
        leave();
    });
    interrupted().await;
    leave();
}

fn leave() {
    new_file::remove_all();
    process::exit(INTERRUPTED.into());
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
