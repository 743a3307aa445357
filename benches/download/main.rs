//! `go mod download` and our `download`, turn and turn about, each into an empty cache: `cargo bench --bench download`.
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod project;
mod run;
mod tool;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use gomod_benches::{measuring, temporary_directory};
use gomod_testkit::{LoopbackProxy, ModuleTree};
use project::{Project, Shape};
use run::Cost;
use tool::{Files, Tool, difference};

const ROUNDS: usize = 11;
/// Between a request and its answer, in milliseconds: a proxy that is not near.
const LATENCY: u64 = 50;

/// What the memory of a download might depend on. Files of up to 1 MiB are inflated in one step, larger ones in pieces.
const SHAPES: [Shape; 8] = [
    (1, 10, 100_000, false),
    (1, 300, 100_000, false),
    (1, 2000, 100_000, false),
    (1, 2000, 100_000, true),
    (1, 200, 1_000_000, false),
    (1, 25, 8_000_000, false),
    (1, 1, 100_000_000, false),
    (20, 24, 1_000_000, false),
];

fn main() -> Result<(), Box<dyn Error>> {
    let Some(ours) = Tool::ours()? else { return Ok(()) };
    let tools: Vec<Tool> = Tool::go().into_iter().chain([ours]).collect();
    let dir = temporary_directory()?;
    let dir = dir.path();
    let home = dir.join("project");
    let project = match Project::given(&home)? {
        Some(project) => project,
        None => Project::typical(&home, if measuring() { 1 } else { 100 })?,
    };
    compare(&tools, &project, &project.url(), &dir.join("file"))?;
    let project = Project::small(&dir.join("small"), if measuring() { 100 } else { 3 })?;
    for millis in [0, LATENCY] {
        println!();
        print!("http, {millis} ms before each answer; ");
        let proxy = serve(&project, Duration::from_millis(millis));
        compare(&tools, &project, &proxy.url(), &dir.join(format!("http{millis}")))?;
    }
    peaks(&tools, dir)
}

/// A proxy on this machine that has what a project needs.
fn serve(project: &Project, latency: Duration) -> LoopbackProxy {
    LoopbackProxy::builder(ModuleTree::from_dir(&project.proxy)).latency(latency).start()
}

/// The table of times.
fn compare(tools: &[Tool], project: &Project, url: &str, dir: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir(dir)?;
    let (rounds, warm_up) = if measuring() { (ROUNDS, 1) } else { (1, 0) };
    let mut costs = vec![Vec::new(); tools.len()];
    let mut expected: Option<Files> = None;
    for round in 0..rounds + warm_up {
        for turn in 0..tools.len() {
            let which = (round + turn) % tools.len();
            let (cost, files) =
                tools[which].download(project, url, &dir.join(format!("run{round}-{turn}")))?;
            let expected = expected.get_or_insert_with(|| files.clone());
            if let Some(difference) = difference(expected, &files) {
                return Err(format!("{}: the caches differ: {difference}", project.name).into());
            }
            if round >= warm_up {
                costs[which].push(cost);
            }
        }
    }
    let files = expected.unwrap_or_default();
    let zips = files.keys().filter(|path| path.extension().is_some_and(|e| e == "zip"));
    let zips = zips.filter(|path| path.starts_with("cache")).count();
    println!("{}: {zips} zips, {} files in the cache, {rounds} rounds", project.name, files.len());
    println!("{:16} {:>12} {:>12} {:>12} {:>12}", "", "wall median", "wall min", "CPU median", "peak memory");
    let rows: Vec<_> = costs.iter().map(|costs| summary(costs)).collect();
    for (tool, row) in tools.iter().zip(&rows) {
        print!("{:16}", tool.name);
        for (value, unit) in row.iter().zip(["s", "s", "s", "MiB"]) {
            print!(" {:>12}", shown(*value, unit));
        }
        println!();
    }
    if let [go, ours] = &rows[..] {
        print!("{:16}", "ratio");
        for (go, ours) in go.iter().zip(ours) {
            print!(" {:>12}", shown(go.zip(*ours).map(|(go, ours)| go / ours), "x"));
        }
        println!();
    }
    Ok(())
}

/// The table of memory.
fn peaks(tools: &[Tool], dir: &Path) -> Result<(), Box<dyn Error>> {
    println!();
    print!("{:46}", "peak memory");
    for tool in tools {
        print!(" {:>16}", tool.name);
    }
    println!();
    let shapes = if measuring() { &SHAPES[..] } else { &[(2, 2, 1000, false)] };
    for (i, &shape) in shapes.iter().enumerate() {
        let project = Project::incompressible(&dir.join(format!("shape{i}")), shape)?;
        print!("{:46}", project.name);
        let proxy = serve(&project, Duration::ZERO);
        for (turn, tool) in tools.iter().enumerate() {
            let (cost, _) = tool.download(&project, &proxy.url(), &dir.join(format!("peak{i}-{turn}")))?;
            print!(" {:>16}", shown(cost.peak, "MiB"));
        }
        println!();
    }
    Ok(())
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

fn shown(value: Option<f64>, unit: &str) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if unit == "MiB" => format!("{value:.0} {unit}"),
        Some(value) => format!("{value:.2} {unit}"),
    }
}
