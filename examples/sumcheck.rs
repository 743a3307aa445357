//! Every zip of a download tree, held against a go.sum file, one JSON object a line: `sumcheck GO.SUM DIR`.
//!
//! The page to copy: gomod-archive, gomod-cache, gomod-sum and gomod-zip, composed without anything of this directory. DIR is a
//! mirror, or the `cache/download` of a module cache.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::{env, error::Error, fs::File, io::Read as _, iter, num::NonZeroUsize, process::ExitCode};

use gomod_archive::{Archive, Limits};
use gomod_cache::{CacheError, CacheFile, FileState, Found, ModCache, UnexpectedReason as Reason};
use gomod_sum::{FileHash, GoSum, Kind, hash_zip};
use gomod_zip::{MAX_ZIP_FILE, check_zip};
use serde_json::json;

fn main() -> ExitCode {
    sumcheck(&env::args_os().skip(1).collect::<Vec<_>>()).unwrap_or_else(|error| {
        eprintln!("error: {}", chain(&*error));
        ExitCode::FAILURE
    })
}

fn sumcheck(args: &[std::ffi::OsString]) -> Result<ExitCode, Box<dyn Error>> {
    let [sum, dir] = args else { return Err("usage: sumcheck GO.SUM DIR".into()) };
    let (sum, mut code) = (GoSum::read(sum)?, ExitCode::SUCCESS);
    let mut walk = ModCache::from_download_dir(dir)?.entries();
    for found in walk.by_ref() {
        let entry = match found {
            Found::Entry(entry) if entry.state()?.zip != FileState::Absent => entry,
            Found::Unreadable(error) => return Err(error.into()),
            Found::Unexpected { path, reason: Reason::Symlink } => Err(CacheError::Symlink { path })?,
            _ => continue,
        };
        let module = entry.module().to_string();
        let judge = || -> Result<_, Box<dyn Error>> {
            let mut zip = (entry.state()?.zip == FileState::Present).then(Vec::new).ok_or("not a file")?;
            // Of one that is longer than the go command takes, no more than shows that.
            File::open(entry.path(CacheFile::Zip))?.take(MAX_ZIP_FILE + 1).read_to_end(&mut zip)?;
            let archive = Archive::open(&zip[..], &Limits::default())?;
            check_zip(&archive, entry.module()).into_result()?;
            let h1 = hash_zip(&archive, NonZeroUsize::MIN)?;
            sum.verify(entry.module(), Kind::Zip, &h1)?;
            Ok(json!({"module": module, "h1": h1.to_string(), "sha256": FileHash::of(&zip).to_string()}))
        };
        let record = judge().unwrap_or_else(|error| {
            code = ExitCode::FAILURE;
            json!({"module": module, "error": chain(&*error)})
        });
        println!("{record}");
    }
    (walk.modules() > 0).then_some(code).ok_or_else(|| "no module is in it: is it cache/download?".into())
}

fn chain(error: &dyn Error) -> String {
    iter::successors(Some(error), |&e| e.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
