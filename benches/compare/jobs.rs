//! Our side of what `go/main.go` does with golang.org/x/mod: the same jobs, in the same form.
#![expect(clippy::print_stdout, reason = "a program that answers on standard output")]

use std::error::Error;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use gomod_sum::{GoSum, hash_dir, hash_go_mod, hash_zip_file};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Answers the jobs on standard input.
pub(crate) fn serve() -> Result<()> {
    for line in io::stdin().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let start = Instant::now();
        let result = run(&fields)?;
        println!("{} {result}", start.elapsed().as_nanos());
    }
    Ok(())
}

fn run(fields: &[&str]) -> Result<String> {
    let &[job, path, number] = fields else { return Err("a job has three fields".into()) };
    let content = fs::read(path)?;
    let listed = || str::from_utf8(&content).map(|text| text.lines().map(Path::new));
    let threads = number.parse().unwrap_or(NonZeroUsize::MIN);
    match job {
        "hash_zip" => joined(listed()?.map(|zip| Ok(hash_zip_file(zip, threads)?.to_string()))),
        "hash_dir" => joined(listed()?.map(|dir| Ok(hash_dir(dir, "m@v1", threads)?.to_string()))),
        "hash_go_mod" => {
            let mut result = String::new();
            for _ in 0..number.parse()? {
                result = hash_go_mod(&content).to_string();
            }
            Ok(result)
        }
        "go_sum" => Ok(GoSum::parse(&content)?.entries().len().to_string()),
        _ => Err(format!("unknown job {job:?}").into()),
    }
}

fn joined(hashes: impl Iterator<Item = Result<String>>) -> Result<String> {
    Ok(hashes.collect::<Result<Vec<_>>>()?.join(" "))
}
