//! One run of a program, with limits.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::limits::GitLimits;
use super::output::{Output, Stopped};
#[cfg(not(unix))]
use super::portable::{kill, read, spawn};
#[cfg(unix)]
use super::unix::{kill, read, spawn};

/// How much may be given to a program: what fits into a pipe, so that writing it does not wait for a reader.
pub(super) const MAX_STDIN: usize = 32 << 10;

/// Runs a command; `stdin` is at most [`MAX_STDIN`] bytes long.
pub(super) fn run(
    mut command: Command,
    stdin: &[u8],
    limits: GitLimits,
    cancelled: &AtomicBool,
) -> Result<Output, Stopped> {
    if cancelled.load(Ordering::Relaxed) {
        return Err(Stopped::Cancelled);
    }
    command.stdin(if stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(&mut command)?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ends without reading says why.
        let _ = pipe.write_all(stdin);
    }
    let output = read(&mut child, limits, cancelled);
    if output.is_err() {
        kill(&mut child);
    }
    output
}
