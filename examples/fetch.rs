//! One module zip with a known hash, into a file: `fetch GOPROXY PATH@VERSION h1:… FILE`.
//!
//! The least that a program without a runtime has to do; `download` does the rest: caches, graphs, go.sum.

use std::env;
use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use gomod_archive::{Archive, Limits};
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::{Event, GoProxy, ProxyClient, Rejection, blocking};
use gomod_sum::hash_zip;
use support::ending::{USAGE, exit};
use support::progress::Progress;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let progress = Progress::new(false);
    let [list, module, hash, file] = &args[..] else {
        progress.warn("usage: fetch GOPROXY PATH@VERSION h1:… FILE");
        return ExitCode::from(USAGE);
    };
    exit(fetch(list, module, hash, file, &progress), &progress)
}

fn fetch(
    list: &str,
    module: &str,
    hash: &str,
    file: &str,
    progress: &Progress,
) -> Result<u8, Box<dyn Error>> {
    let (module, hash): (ModuleVersion, H1) = (module.parse()?, hash.parse()?);
    let client = blocking::ProxyClient::new(ProxyClient::builder(GoProxy::parse(list)?).build()?)?;

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
