//! A program in a process group of its own, read and watched on one thread.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use super::limits::GitLimits;
use super::output::{MAX_STDERR, Output, Stopped};

/// How often it is looked whether the run was cancelled, or has ended while others hold its pipes.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How long git may take to end by itself.
const CLEAN_UP: Duration = Duration::from_millis(500);

/// In a process group of its own, so that what it starts can be ended with it.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.process_group(0).spawn()
}

/// Ends git, which takes its lock files away when it is asked to: one that is killed in a fetch leaves `shallow.lock` in the
/// go command's repository, and no later fetch gets past that.
pub(super) fn kill(child: &mut Child) {
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Signal::TERM);
    let started = Instant::now();
    while started.elapsed() < CLEAN_UP && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

pub(super) fn read(child: &mut Child, limits: GitLimits, cancelled: &AtomicBool) -> Result<Output, Stopped> {
    let started = Instant::now();
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut status = None;
    while out.is_some() || err.is_some() {
        check(started, limits, cancelled)?;
        let (out_ready, err_ready) = ready(out.as_ref().map(AsFd::as_fd), err.as_ref().map(AsFd::as_fd))?;
        if out_ready {
            read_some(&mut out, &mut stdout)?;
            if stdout.len() > limits.output {
                return Err(Stopped::Output);
            }
        }
        if err_ready {
            read_some(&mut err, &mut stderr)?;
            stderr.truncate(MAX_STDERR);
        }
        if !out_ready && !err_ready {
            // Another process holds the pipes: a connection that ssh keeps for later.
            if status.is_some() {
                break;
            }
            status = child.try_wait()?;
        }
    }
    let status = loop {
        match status.or(child.try_wait()?) {
            Some(status) => break status,
            None => check(started, limits, cancelled)?,
        }
        thread::sleep(Duration::from_millis(1));
    };
    Ok(Output { status, stdout, stderr })
}

fn check(started: Instant, limits: GitLimits, cancelled: &AtomicBool) -> Result<(), Stopped> {
    if cancelled.load(Ordering::Relaxed) {
        return Err(Stopped::Cancelled);
    }
    if started.elapsed() > limits.time { Err(Stopped::Time) } else { Ok(()) }
}

/// Whether there is something to read, or an end.
fn ready(
    out: Option<std::os::fd::BorrowedFd<'_>>,
    err: Option<std::os::fd::BorrowedFd<'_>>,
) -> io::Result<(bool, bool)> {
    let mut fds: Vec<_> =
        [out, err].into_iter().flatten().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    match poll(&mut fds, Some(&GLANCE)) {
        Err(rustix::io::Errno::INTR) => return Ok((false, false)),
        other => other?,
    };
    let mut found = fds.iter().map(|fd| !fd.revents().is_empty());
    let out_ready = out.is_some() && found.next().unwrap_or_default();
    let err_ready = err.is_some() && found.next().unwrap_or_default();
    Ok((out_ready, err_ready))
}

/// Reads what is there, and closes the pipe at its end.
fn read_some(pipe: &mut Option<impl Read>, into: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    let Some(open) = pipe else { return Ok(()) };
    match open.read(&mut buffer) {
        Ok(0) => *pipe = None,
        Ok(count) => into.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
        Err(e) => return Err(e),
    }
    Ok(())
}
