//! What runs of a program cost.

use std::error::Error;
use std::fmt::Write as _;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::{measuring, peak_memory, processor_time};

/// How often the memory of a running program is looked at. What it takes in the last moment of its life is missed.
const POLL: Duration = Duration::from_millis(5);

/// What a run cost. Where there is no `/proc`, only the time on the wall is known.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Cost {
    /// In seconds.
    pub wall: f64,
    /// User and system time of all threads, in seconds.
    pub cpu: Option<f64>,
    /// The largest resident set, in MiB.
    pub peak: Option<f64>,
}

/// How often each program is run, after once to warm up.
const ROUNDS: usize = 11;

/// Runs a program to its end.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run(command: &mut Command) -> io::Result<(ExitStatus, Cost)> {
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

/// What so many programs cost, each run by turns: `run` is told which, and a name for what it leaves behind.
///
/// # Errors
/// Those of `run`, with the first of which it ends.
pub fn by_turns(
    programs: usize,
    mut run: impl FnMut(usize, &str) -> Result<Cost, Box<dyn Error>>,
) -> Result<Vec<Vec<Cost>>, Box<dyn Error>> {
    let (rounds, warm_up) = if measuring() { (ROUNDS, 1) } else { (1, 0) };
    let mut costs = vec![Vec::new(); programs];
    for round in 0..rounds + warm_up {
        for turn in 0..programs {
            // Who begins, alternates.
            let which = (round + turn) % programs;
            let cost = run(which, &format!("run{round}-{turn}"))?;
            if round >= warm_up {
                costs[which].push(cost);
            }
        }
    }
    Ok(costs)
}

/// A table of medians, of which the last line is the ratio of two programs.
pub fn table(names: &[&str], costs: &[Vec<Cost>]) -> String {
    let mut text = String::new();
    let rounds = costs.first().map_or(0, Vec::len);
    let name = format!("{rounds} rounds");
    let columns = ["wall median", "wall min", "CPU median", "peak memory"].map(str::to_owned);
    line(&mut text, &name, columns);
    let rows: Vec<_> = costs.iter().map(|costs| summary(costs)).collect();
    let units = ["s", "s", "s", "MiB"];
    for (name, row) in names.iter().zip(&rows) {
        line(&mut text, name, std::array::from_fn(|i| shown(row[i], units[i])));
    }
    if let [go, ours] = &rows[..] {
        let ratio = |i: usize| go[i].zip(ours[i]).map(|(go, ours)| go / ours);
        line(&mut text, "ratio", std::array::from_fn(|i| shown(ratio(i), "x")));
    }
    text
}

fn line(text: &mut String, name: &str, columns: [String; 4]) {
    let [a, b, c, d] = columns;
    let _ = writeln!(text, "{name:16} {a:>12} {b:>12} {c:>12} {d:>12}");
}

/// The medians of wall (and its minimum), processor time and peak memory.
fn summary(costs: &[Cost]) -> [Option<f64>; 4] {
    let sorted = |of: fn(&Cost) -> Option<f64>| {
        let mut values: Vec<f64> = costs.iter().filter_map(of).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let median = |values: Vec<f64>| values.get(values.len() / 2).copied();
    let wall = sorted(|cost| Some(cost.wall));
    let fastest = wall.first().copied();
    [median(wall), fastest, median(sorted(|cost| cost.cpu)), median(sorted(|cost| cost.peak))]
}

/// A value in its unit, where there is one.
pub fn shown(value: Option<f64>, unit: &str) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if unit == "MiB" => format!("{value:.0} {unit}"),
        Some(value) => format!("{value:.2} {unit}"),
    }
}
