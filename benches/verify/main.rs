//! `go mod verify` and our `verify`, turn and turn about, on the same project and cache: `cargo bench --bench verify`.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod tool;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use gomod_benches::cost::{by_turns, table};
use gomod_benches::project::Project;
use gomod_benches::{measuring, temporary_directory};
use gomod_testkit::remove_tree;
use tool::{Tool, Tools};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(tools) = Tools::find()? else { return Ok(()) };
    let dir = temporary_directory()?;
    let home = dir.path().join("project");
    let project = match Project::given(&home)? {
        Some(project) => project,
        None => Project::typical(&home, if measuring() { 1 } else { 100 })?,
    };
    let cache = dir.path().join("gomodcache");
    tools.fill(&project, &cache)?;
    compare(&tools.verifiers, &project, &cache)?;
    same_verdicts(&tools.verifiers, &project, &cache)?;
    remove_tree(&cache)?;
    Ok(())
}

/// The table of times, on a cache in which all is right.
fn compare(tools: &[Tool], project: &Project, cache: &Path) -> Result<(), Box<dyn Error>> {
    let costs = by_turns(tools.len(), |which, _| {
        let (cost, broken) = tools[which].verify(project, cache)?;
        if broken.is_empty() {
            return Ok(cost);
        }
        Err(format!("{} finds {broken:?} in a cache that is right", tools[which].name).into())
    })?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name).collect();
    println!("{}: {} zips", project.name, zips(cache)?.len());
    print!("{}", table(&names, &costs));
    Ok(())
}

/// Breaks some modules in different ways, and asks who finds which.
fn same_verdicts(tools: &[Tool], project: &Project, cache: &Path) -> Result<(), Box<dyn Error>> {
    let zips = zips(cache)?;
    for (number, zip) in zips.iter().enumerate() {
        match number % 7 {
            1 => File::options().write(true).open(zip)?.set_len(fs::metadata(zip)?.len() / 2)?,
            2 => flip(zip)?,
            3 => fs::remove_file(zip.with_extension("ziphash"))?,
            4 => fs::write(zip.with_extension("ziphash"), gomod_sum::hash_go_mod(b"other").to_string())?,
            _ => {}
        }
    }
    let mut expected: Option<BTreeSet<String>> = None;
    for tool in tools {
        let (_, broken) = tool.verify(project, cache)?;
        let expected = expected.get_or_insert_with(|| broken.clone());
        if *expected != broken {
            let differing = expected.symmetric_difference(&broken).collect::<Vec<_>>();
            return Err(format!("{}: other verdicts on {differing:?}", tool.name).into());
        }
    }
    println!("of {} modules {} broken: the same verdicts", zips.len(), expected.unwrap_or_default().len());
    Ok(())
}

/// Changes a byte in the middle.
fn flip(path: &Path) -> io::Result<()> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let middle = SeekFrom::Start(file.metadata()?.len() / 2);
    let mut byte = [0];
    file.seek(middle)?;
    file.read_exact(&mut byte)?;
    file.seek(middle)?;
    file.write_all(&[byte[0] ^ 0x55])
}

/// The zips of the cache, in a fixed order.
fn zips(cache: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut pending) = (Vec::new(), vec![cache.join("cache").join("download")]);
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                pending.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "zip") {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
