//! Ctrl-C, and the signals that mean the same.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::process;
use std::sync::{LazyLock, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use gomod_archive::{CancelToken, Threads};
use tokio::runtime;

use crate::ending::INTERRUPTED;
use crate::{new_file, waiting};

/// How long work may take to end by itself: it looks at the token several times a second, and removes what it has made.
const GRACE: Duration = Duration::from_millis(1500);

/// A process has one, as it has one Ctrl-C.
static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// The exit status of the signal that came first.
static STATUS: OnceLock<u8> = OnceLock::new();

/// The exit status of a process that was asked to end: 128 and the number of the signal, 130 for Ctrl-C.
pub fn status() -> u8 {
    STATUS.get().copied().unwrap_or(INTERRUPTED)
}

/// What is cancelled when the process is asked to end: for all work that takes long.
pub fn token() -> &'static CancelToken {
    &TOKEN
}

/// What the work comes to, or `None` where the process is asked to end first: then the work is dropped, and what it has
/// begun on other threads is cancelled.
///
/// Asked once more, or when that takes longer than 1.5 seconds, the process ends, whatever its threads are doing.
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

/// Meanwhile it says whom the work waits for, where that takes long.
async fn end_when_interrupted() {
    tokio::select! {
        () = interrupted() => {}
        () = waiting::remind() => {}
    }
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
    process::exit(status().into());
}

/// Returns when the process is asked to end: Ctrl-C, and on Unix also SIGTERM and SIGHUP. By then it has been said whom the
/// work waits for.
///
/// From the first call on, the signals no longer end the process by themselves.
async fn interrupted() {
    let signal = signal().await;
    // Several tasks wait for it. None of them goes on, and drops the work, before this is done.
    STATUS.get_or_init(|| {
        waiting::say_all();
        128 + signal
    });
}

/// The number of the signal that came.
async fn signal() -> u8 {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hangup)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = terminate.recv() => return 15,
                _ = hangup.recv() => return 1,
                Ok(()) = tokio::signal::ctrl_c() => return 2,
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals on this system: nothing will interrupt.
        std::future::pending::<()>().await;
    }
    2
}
