//! One module zip with a known hash, into a file: `fetch GOPROXY PATH@VERSION h1:… FILE`.
//!
//! The least that a program without a runtime has to do; `download` does the rest: caches, graphs, go.sum.

use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gomod_archive::{Archive, Limits};
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::{Event, GoProxy, ProxyClient, Rejection, blocking};
use gomod_sum::hash_zip;
use support::ending::exit;
use support::program::{self, Program};
use support::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  $ fetch https://proxy.golang.org golang.org/x/text@v0.14.0 \\
      h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ= text.zip

Exit status: 0 the file is there and has the hash, 1 something is wrong or failed, 2 wrong usage.";

/// Fetches one module zip whose hash is known into a file.
#[derive(Debug, Parser)]
#[command(name = "fetch", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Whom to ask, as in the variable.
    #[arg(value_name = "GOPROXY", value_parser = |list: &str| GoProxy::parse(list))]
    list: GoProxy,
    /// The module.
    #[arg(value_name = "PATH@VERSION")]
    module: ModuleVersion,
    /// The hash of its zip in go.sum.
    #[arg(value_name = "h1:…")]
    hash: H1,
    /// Where the zip goes.
    file: PathBuf,
}

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn run(self) -> ExitCode {
        let progress = Progress::new(false);
        exit(fetch(self, &progress), &progress)
    }
}

fn fetch(args: Args, progress: &Progress) -> Result<u8, Box<dyn Error>> {
    let Args { list, module, hash, file } = args;
    let client = blocking::ProxyClient::new(ProxyClient::builder(list).build()?)?;

    let mut zip = client.zip(&module)?;
    let mut content = Vec::new();
    loop {
        while let Some(event) = zip.next()? {
            match event {
                Event::Restart => content.clear(),
                Event::Chunk(chunk) => content.extend_from_slice(&chunk),
                _ => {}
            }
        }
        match verdict(&content, &hash) {
            Ok(()) => break,
            // Goes on where the list lets another source be asked.
            Err(rejection) => zip.reject(rejection)?,
        }
        content.clear();
    }
    // Nothing has its name before its hash is known.
    fs::write(file, content)?;
    for attempt in zip.accept().attempts() {
        progress.say(attempt);
    }
    Ok(0)
}

fn verdict(content: &[u8], wanted: &H1) -> Result<(), Rejection> {
    let archive = Archive::open(content, &Limits::default()).map_err(Rejection::malformed)?;
    let found = hash_zip(&archive, NonZeroUsize::MIN).map_err(Rejection::malformed)?;
    if found == *wanted { Ok(()) } else { Err(Rejection::mismatch(format!("its hash is {found}"))) }
}
