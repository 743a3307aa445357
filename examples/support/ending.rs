//! How a tool ends: its exit status, and its last words where it failed.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use gomod_module::ErrorChain;
use tokio::runtime::Runtime;

use crate::certificates;
use crate::database::DialError;
use crate::failure::chain;
use crate::go_sum_lint;
use crate::interrupt;
use crate::obstacle::{Obstacle, tell_next};
use crate::progress::Progress;
use crate::project::ProjectError;

/// Something was found wrong, or failed.
pub const FAILED: u8 = 1;
/// Wrong usage.
pub const USAGE: u8 = 2;
/// The user ended it.
pub const INTERRUPTED: u8 = 130;

/// How long what cannot be called off may take to its end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends what a tool ran in. A temporary file that is being made is waited for until it is complete or removed; nothing waits
/// long for a name that does not resolve, or for a file on a disk that hangs.
pub fn shut_down(runtime: Runtime) {
    runtime.shutdown_timeout(PATIENCE);
}

/// The exit status, after it was said why a tool failed: except to a reader that closed standard output, and knows.
pub fn exit(ended: Result<u8, Box<dyn Error>>, progress: &Progress) -> ExitCode {
    let error = match ended {
        Ok(status) => return ExitCode::from(status),
        Err(error) => error,
    };
    // Whatever ended early, that is the reason.
    if interrupt::token().is_cancelled() {
        progress.warn("interrupted");
        return ExitCode::from(interrupt::status());
    }
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if !error.downcast_ref().is_some_and(closed) {
        tell(&*error, Obstacle::of(&*error), progress);
    }
    let usage = error.downcast_ref().is_some_and(ProjectError::is_usage);
    ExitCode::from(if usage { USAGE } else { FAILED })
}

/// Says why something failed, and what to do.
pub fn tell(error: &(dyn Error + 'static), obstacle: Option<Obstacle>, progress: &Progress) {
    progress.warn(format_args!("error: {}", chain(error)));
    let step = error.downcast_ref().and_then(ProjectError::next_step);
    let step = step.or_else(|| error.downcast_ref().and_then(go_sum_lint::next_step));
    let step = step.or_else(|| error.downcast_ref().and_then(DialError::next_step));
    let step = step.or_else(|| {
        ErrorChain::new(error).causes().find_map(<dyn Error>::downcast_ref).and_then(certificates::next_step)
    });
    tell_next(step, obstacle, progress);
}
