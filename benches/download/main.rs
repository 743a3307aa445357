//! `go mod download` and our `download`, turn and turn about, each into an empty cache: `cargo bench --bench download`.
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod tool;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use gomod_benches::cost::{by_turns, shown, table};
use gomod_benches::project::{Project, Shape};
use gomod_benches::{measuring, temporary_directory};
use gomod_testkit::{LoopbackProxy, ModuleTree};
use tool::{Files, Tool, difference};

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
    let mut expected: Option<Files> = None;
    let costs = by_turns(tools.len(), |which, run| {
        let (cost, files) = tools[which].download(project, url, &dir.join(run))?;
        let expected = expected.get_or_insert_with(|| files.clone());
        match difference(expected, &files) {
            Some(difference) => Err(format!("{}: the caches differ: {difference}", project.name).into()),
            None => Ok(cost),
        }
    })?;
    let files = expected.unwrap_or_default();
    let zips = files.keys().filter(|path| path.extension().is_some_and(|e| e == "zip"));
    let zips = zips.filter(|path| path.starts_with("cache")).count();
    let names: Vec<_> = tools.iter().map(|tool| tool.name).collect();
    println!("{}: {zips} zips, {} files in the cache", project.name, files.len());
    print!("{}", table(&names, &costs));
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
