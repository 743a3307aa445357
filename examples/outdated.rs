//! What is newer than the direct requirements of a go.mod file, and what their authors say of them: `outdated [DIR]`.
//!
//! The page to copy: gomod-module, gomod-proxy-client and gomod-sum, composed without anything of this directory. One module is asked
//! for after the other; a program in a hurry shares the asynchronous client between tasks.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use gomod_module::{GoEnv, GoMod, ModuleVersion};
use gomod_proxy_client::report::ErrorReport;
use gomod_proxy_client::{ProxyClientBuilder, Rejection, blocking};
use gomod_sum::sumdb::{Database, GoSumDb, MemoryCache, Verifier, VerifierError};
use gomod_sum::{GoSum, Kind, hash_go_mod};

fn main() -> ExitCode {
    outdated().unwrap_or_else(|error| failed(&*error))
}

fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    eprintln!("error: {}", ErrorReport::of(error));
    ExitCode::FAILURE
}

fn outdated() -> Result<ExitCode, Box<dyn Error>> {
    let env = GoEnv::load()?;
    let dir = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    let go_mod = GoMod::parse(&fs::read(dir.join("go.mod"))?)?;
    let verifier = Verifier::from_env(GoSum::read(dir.join("go.sum"))?, &env);
    let (builder, notes) = ProxyClientBuilder::from_env(&env)?;
    for note in notes {
        eprintln!("note: {note}");
    }
    let client = blocking::ProxyClient::new(builder.build()?)?;
    let gosumdb = GoSumDb::from_env(&env)?;
    let files = client.sum_db(gosumdb.key.name(), gosumdb.url.as_deref())?;
    let mut database = Database::blocking(gosumdb.key, MemoryCache::new(), |file| {
        files.read(&file.path, file.limit).map(|read| read.value.to_vec())
    });
    let mut code = ExitCode::SUCCESS;
    for require in go_mod.require.iter().filter(|require| !require.indirect) {
        let module = require.module_version()?;
        // A go.mod file says what is retracted. It is believed once its hash is proven, or GONOSUMDB says that it need not be.
        let proven = |module: &ModuleVersion, content: &[u8]| {
            let found = hash_go_mod(content);
            let verdict = verifier.verify_blocking(module, Kind::GoMod, &found, &mut database);
            verdict.map(drop).map_err(|error| match error {
                VerifierError::Mismatch(wrong) => Rejection::mismatch(wrong),
                unknown => Rejection::undecided(unknown),
            })
        };
        match client.update(&module, &go_mod.excluded(module.path()), proven) {
            Ok(update) => println!("{module}{}", update.value),
            Err(error) => code = failed(&error),
        }
    }
    Ok(code)
}
