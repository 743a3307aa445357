//! Every zip of a download tree, held against a go.sum file, one JSON object a line: `sumcheck GO.SUM DIR`.
//!
//! The page to copy: gomod-archive, gomod-cache and gomod-sum, composed without anything of this directory. DIR is a mirror, or the
//! `cache/download` of a module cache.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::{env, fs};

use gomod_archive::{Archive, Limits};
use gomod_cache::{CacheFile, FileState, Found, ModCache};
use gomod_sum::{FileHash, GoSum, Kind, hash_zip};
use serde_json::json;

fn main() -> ExitCode {
    let args: Vec<_> = env::args_os().skip(1).collect();
    sumcheck(&args).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn sumcheck(args: &[std::ffi::OsString]) -> Result<ExitCode, Box<dyn Error>> {
    let [sum, dir] = args else { return Err("usage: sumcheck GO.SUM DIR".into()) };
    let sum = GoSum::read(sum)?;
    let mut code = ExitCode::SUCCESS;
    let mut walk = ModCache::from_download_dir(dir)?.entries();
    for found in walk.by_ref() {
        let entry = match found {
            Found::Entry(entry) if entry.state()?.zip == FileState::Present => entry,
            Found::Unreadable(error) => return Err(error.into()),
            _ => continue,
        };
        let (zip, module) = (fs::read(entry.path(CacheFile::Zip))?, entry.module());
        let judged = Archive::open(&zip[..], &Limits::default())
            .map_err(Box::<dyn Error>::from)
            .and_then(|archive| Ok(hash_zip(&archive, NonZeroUsize::MIN)?))
            .and_then(|h1| sum.verify(module, Kind::Zip, &h1).map(|()| h1).map_err(Into::into));
        code = if judged.is_ok() { code } else { ExitCode::FAILURE };
        let (h1, error) =
            (judged.as_ref().ok().map(ToString::to_string), judged.as_ref().err().map(ToString::to_string));
        let sha256 = FileHash::of(&zip).to_string();
        println!("{}", json!({"module": module.to_string(), "h1": h1, "sha256": sha256, "error": error}));
    }
    match walk.modules() {
        0 => Err("no module is in this directory: is it cache/download, or a mirror?".into()),
        _ => Ok(code),
    }
}
