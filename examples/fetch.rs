//! One module into the module cache, extracted, once go.sum or the checksum database proves it: `fetch PATH@VERSION`.
//!
//! The page to copy: all crates composed, without anything of this directory. What is cached already is held against go.sum
//! as well, and takes no network. It may be killed at any moment: nothing has its name before it is whole.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::io::{self, IsTerminal as _};
use std::{error::Error, fs::File, path::PathBuf, process::ExitCode};

use clap::Parser;
use gomod_archive::{Archive, Limits, Threads};
use gomod_cache::{CacheFile, ModCache, SumDbFiles};
use gomod_module::{GoEnv, H1, Info, ModuleVersion};
use gomod_proxy_client::{ProxyClientBuilder, Rejection, blocking, client::Progress, report::ErrorReport};
use gomod_sum::go_sum::ChecksumReport;
use gomod_sum::sumdb::{Database, FnCache, GoSumDb, VerifierError};
use gomod_sum::{GoSum, Kind, ProvedBy, Verifier, hash_go_mod, hash_zip};
use gomod_zip::{Options, check_prefix, check_zip, unzip};

/// Puts one module into the module cache, extracted, once go.sum or the checksum database proves it.
#[derive(Parser)]
struct Args {
    /// The module.
    #[arg(value_name = "PATH@VERSION")]
    module: ModuleVersion,
    /// The go.sum file.
    #[arg(long, default_value = "go.sum")]
    sum: PathBuf,
    /// Takes a module, too, that go.sum does not know and about which the environment forbids to ask the database.
    #[arg(long)]
    unproven: bool,
}

fn main() -> ExitCode {
    fetch(&Args::parse()).map_or_else(|error| report(&*error), |()| ExitCode::SUCCESS)
}

fn fetch(Args { module, sum, unproven }: &Args) -> Result<(), Box<dyn Error>> {
    let env = GoEnv::load()?;
    let (builder, notes) = ProxyClientBuilder::from_env(&env)?;
    for note in notes {
        eprintln!("note: {note}");
    }
    let client = blocking::ProxyClient::new(builder.build()?)?;
    let cache = ModCache::from_env(&env)?;
    let verifier = Verifier::from_env(GoSum::read(sum)?, &env);
    let gosumdb = GoSumDb::from_env(&env)?;
    let heads = env.sumdb_dir().ok_or("GOPATH names no directory")?;
    let files = SumDbFiles::new(&cache, &heads, gosumdb.key.name())?;
    let kept = FnCache {
        read: |path: &str, limit: u64| files.read(path, limit),
        write: |path: &str, content: &[u8]| _ = files.write(path, content), // else it is asked for again
        read_head: || files.head(),
        replace_head: |old: &[u8], new: &[u8]| files.replace_head(old, new),
    };
    let remote = client.sum_db(gosumdb.key.name(), gosumdb.url.as_deref())?;
    let mut database = Database::blocking(gosumdb.key, kept, |file| {
        remote.read(&file.path, file.limit).map(|read| read.value.to_vec())
    });
    let mut prove = |kind, h1: &H1| match verifier.verify_blocking(module, kind, h1, &mut database) {
        Ok(ProvedBy::Unchecked(why)) if !unproven => {
            Err(Rejection::undecided(format!("nothing proves it ({why}): --unproven takes it all the same")))
        }
        Ok(proved) => Ok((*h1, proved)),
        Err(VerifierError::Mismatch(wrong)) if wrong.hashes().is_some() => Err(Rejection::mismatch(wrong)),
        Err(error) => Err(Rejection::undecided(error)),
    };

    let entry = cache.entry(module);
    entry.check_without_links()?;
    if let Some(content) = entry.read_mod()? {
        prove(Kind::GoMod, &hash_go_mod(&content)).map(drop).map_err(entry.rejected(CacheFile::Mod))?;
    } else {
        let check = |content: &[u8]| prove(Kind::GoMod, &hash_go_mod(content)).map(drop);
        entry.store_mod(&client.go_mod_checked(module, check)?.value)?;
    }
    let info = entry.read_info()?.and_then(|info| Info::parse(&info).ok());
    if info.is_none_or(|info| info.version != module.version().as_str()) {
        entry.store_info(client.info(module)?.value.encode().as_bytes())?;
    }
    let done = |(h1, proved)| println!("{module} {h1} proved by {proved}: {}", entry.dir().display());
    let state = entry.state()?;
    if let Some(h1) = state.recorded_zip().filter(|_| state.is_extracted()) {
        done(prove(Kind::Zip, h1).map_err(entry.rejected(CacheFile::ZipHash))?);
        return Ok(());
    }
    let lock = entry.lock()?;
    let proved = if let Some(h1) = entry.state()?.recorded_zip() {
        prove(Kind::Zip, h1).map_err(entry.rejected(CacheFile::ZipHash))?
    } else {
        let zip = lock.zip_download()?;
        let check = |file: &mut &File| prove(Kind::Zip, &hash(file, module)?);
        let fetched = client.zip(module)?.write_to(&mut zip.file(), show, check)?.value;
        lock.commit_zip(zip, &fetched.0)?;
        fetched
    };
    lock.extract(|dir| {
        // A zip that was in the cache may be another one than the hash beside it says.
        let zip = File::open(entry.path(CacheFile::Zip))?;
        match hash(&zip, module).map_err(entry.rejected(CacheFile::Zip))? {
            found if found == proved.0 => {}
            found => return Err(entry.rejected(CacheFile::Zip)(format!("its hash is {found}")).into()),
        }
        let archive = Archive::open(&zip, &Limits::default())?;
        unzip(&archive, module, dir, &Options::new().threads(Threads::available()))
            .map_err(Box::<dyn Error>::from)
    })?;
    done(proved);
    Ok(())
}

/// The hash of a zip that is one of this module.
fn hash(zip: &File, module: &ModuleVersion) -> Result<H1, Rejection> {
    let unread = |of_disk, error: Box<dyn Error + Send + Sync>| {
        if of_disk { Rejection::undecided(error) } else { Rejection::malformed(error) }
    };
    let archive =
        Archive::open(zip, &Limits::default()).map_err(|error| unread(error.is_io(), error.into()))?;
    check_prefix(&archive, module).map_err(Rejection::malformed)?;
    let h1 = hash_zip(&archive, Threads::available()).map_err(|error| unread(error.is_io(), error.into()))?;
    check_zip(&archive, module).into_result().map(|_| h1).map_err(Rejection::malformed)
}

fn show(progress: Progress) {
    if io::stderr().is_terminal() {
        eprint!("\r{progress}{}", if progress.is_complete() { "\n" } else { "" });
    }
}

fn report(error: &(dyn Error + 'static)) -> ExitCode {
    let report = ErrorReport::of(error);
    match ChecksumReport::of(error) {
        Some(checksum) => eprintln!("error: {}\n{checksum}", report.without_next_step()),
        None => eprintln!("error: {report}"),
    }
    ExitCode::FAILURE
}
