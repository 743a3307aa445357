//! A program without limits in time while it prints: there is no portable way to read two pipes and look at a clock on one
//! thread.

use std::io::{self, Read as _};
use std::process::{Child, Command};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::output::{MAX_OUTPUT, MAX_STDERR, Output, Stopped};

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

pub(super) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

pub(super) fn read(child: &mut Child, _: Duration, _: &AtomicBool) -> Result<Output, Stopped> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let Some(pipe) = child.stdout.take() {
        pipe.take(MAX_OUTPUT as u64 + 1).read_to_end(&mut stdout)?;
    }
    if stdout.len() > MAX_OUTPUT {
        return Err(Stopped::Output);
    }
    if let Some(pipe) = child.stderr.take() {
        pipe.take(MAX_STDERR as u64).read_to_end(&mut stderr)?;
    }
    Ok(Output { status: child.wait()?, stdout, stderr })
}
