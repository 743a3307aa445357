//! What one run of a program comes to.

use std::io;
use std::process::ExitStatus;

/// How much of what a program says on standard error is kept.
pub(super) const MAX_STDERR: usize = 64 << 10;

/// What a run came to.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why a run was not seen to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    Io(io::Error),
    Time,
    Output,
    Cancelled,
}

impl From<io::Error> for Stopped {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}
