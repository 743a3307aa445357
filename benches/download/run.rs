//! One run of a program, and what it cost.

use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{io, thread};

use gomod_benches::{peak_memory, processor_time};

/// How often the memory of a running program is looked at. What it takes in the last moment of its life is missed.
const POLL: Duration = Duration::from_millis(5);

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
    let cpu_of_children = || processor_time("self").map(|[_, children]| children);
    let before = cpu_of_children();
    let start = Instant::now();
    let mut child = command.spawn()?;
    let process = child.id();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Ordering::Relaxed) {
                // The kernel keeps the highest value, so the last one that is read is the one.
                peak = peak_memory(process).or(peak);
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
