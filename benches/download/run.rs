//! One run of a program, and what it cost.

use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// How often the memory of a running program is looked at. What it takes in the last moment of its life is missed.
const POLL: Duration = Duration::from_millis(5);

/// What the kernel counts processor time in, whatever its own clock: `USER_HZ`.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a run cost. Where there is no `/proc`, only the time on the wall is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// In seconds.
    pub(crate) wall: f64,
    /// User and system time of all threads, in seconds.
    pub(crate) cpu: Option<f64>,
    /// The largest resident set, in MiB.
    pub(crate) peak: Option<f64>,
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> io::Result<(ExitStatus, Cost)> {
    let before = cpu_of_children();
    let start = Instant::now();
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Ordering::Relaxed) {
                // The kernel keeps the highest value, so the last one that is read is the one.
                peak = high_water(&status).or(peak);
                thread::sleep(POLL);
            }
            peak
        });
        let status = child.wait();
        let wall = start.elapsed().as_secs_f64();
        let cpu = cpu_of_children().zip(before).map(|(after, before)| after - before);
        ended.store(true, Ordering::Relaxed);
        let peak = watcher.join().unwrap_or_default();
        Ok((status?, Cost { wall, cpu, peak }))
    })
}

fn high_water(status: &str) -> Option<f64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// The processor time of all children that have been waited for: fields 16 and 17 of `/proc/self/stat`.
fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Field 2 is a name in parentheses, which may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS_PER_SECOND)
}
