//! What one run of a program comes to.

use std::io;
use std::process::ExitStatus;

/// More than any number of credentials takes.
pub(super) const MAX_OUTPUT: usize = 1 << 20;
/// So much of what it says on standard error is kept.
pub(super) const MAX_STDERR: usize = 4 << 10;

/// What a run came to.
pub(super) struct Output {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why it was not seen to its end.
pub(super) enum Stopped {
    Io(io::Error),
    Time,
    Output,
    Cancelled,
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
