//! A program whose pipes two threads read: there is no portable way to read them and to look at a clock on one.

use std::io::{self, Read};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::output::{MAX_OUTPUT, MAX_STDERR, Output, Stopped};

/// How often it is looked whether the run has ended or was cancelled.
const GLANCE: Duration = Duration::from_millis(10);
/// How long a pipe is read when the program has ended, which others may hold.
const REST: Duration = Duration::from_secs(1);

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

pub(super) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

pub(super) fn read(child: &mut Child, time: Duration, cancelled: &AtomicBool) -> Result<Output, Stopped> {
    let started = Instant::now();
    let stdout = child.stdout.take().map(|pipe| beside(pipe, MAX_OUTPUT + 1));
    let stderr = child.stderr.take().map(|pipe| beside(pipe, MAX_STDERR));
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if cancelled.load(Ordering::Relaxed) => return Err(Stopped::Cancelled),
            None if started.elapsed() > time => return Err(Stopped::Time),
            None => thread::sleep(GLANCE),
        }
    };
    let content = |pipe: Option<Receiver<Vec<u8>>>| {
        let mut content = Vec::new();
        while let Some(piece) = pipe.as_ref().and_then(|pipe| pipe.recv_timeout(REST).ok()) {
            content.extend(piece);
        }
        content
    };
    let stdout = content(stdout);
    if stdout.len() > MAX_OUTPUT {
        return Err(Stopped::Output);
    }
    Ok(Output { status, stdout, stderr: content(stderr) })
}

/// What comes through a pipe, piece by piece, up to its end or so many bytes; behind them it is closed.
fn beside(pipe: impl Read + Send + 'static, most: usize) -> Receiver<Vec<u8>> {
    let (sender, content) = channel();
    thread::spawn(move || {
        let mut pipe = pipe.take(most as u64);
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer.get(..count).unwrap_or_default().to_vec()).is_err() {
                break;
            }
        }
    });
    content
}
