//! A program without limits while it runs: there is no portable way to read two pipes and look at a clock on one thread.

use std::io::{self, Read};
use std::process::{Child, Command};
use std::sync::atomic::AtomicBool;

use super::limits::GitLimits;
use super::output::{MAX_STDERR, Output, Stopped};

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

pub(super) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

pub(super) fn read(child: &mut Child, limits: GitLimits, _: &AtomicBool) -> Result<Output, Stopped> {
    // Git says little on standard error, and a pipe holds that.
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let Some(pipe) = child.stdout.take() {
        pipe.take(limits.output as u64 + 1).read_to_end(&mut stdout)?;
    }
    if stdout.len() > limits.output {
        return Err(Stopped::Output);
    }
    if let Some(pipe) = child.stderr.take() {
        pipe.take(MAX_STDERR as u64).read_to_end(&mut stderr)?;
    }
    Ok(Output { status: child.wait()?, stdout, stderr })
}
