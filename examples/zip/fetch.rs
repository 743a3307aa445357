//! `zip fetch`: one zip with a known hash, from the sources of a list, into a file.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use gomod_archive::{Archive, Limits, Threads};
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::{Event, Rejection, blocking};
use gomod_sum::hash::FileHasher;
use serde_json::{Value, json};
use support::checked_zip::check;
use support::failure::{Problem, chain};
use support::network::Sources;
use support::new_file;
use support::obstacle::in_file;
use support::output::Output;
use support::progress::Progress;

/// Fetches the zip of one module whose hash is known into a file.
#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// The module.
    #[arg(index = 2, value_name = "PATH@VERSION")]
    module: ModuleVersion,
    /// The hash of its zip in go.sum.
    #[arg(index = 3, value_name = "h1:…")]
    hash: H1,
    /// Where the zip goes.
    #[arg(index = 4)]
    file: PathBuf,

    #[command(flatten)]
    sources: Sources,
}

impl Fetch {
    /// Fetches it; the record has `module`, and `file`, `bytes`, `h1`, `sha256` and `source`, or `error`.
    pub(crate) fn run(
        &self,
        output: Output,
        progress: &Progress,
        threads: &Threads,
    ) -> Result<bool, Box<dyn Error>> {
        let fetched = self.fetch(progress, threads).inspect_err(|error| {
            // The error itself is told where the process ends.
            let _ = output.object(json!({"module": self.module.to_string(), "error": chain(&**error)}));
        })?;
        output.object(fetched)?;
        Ok(true)
    }

    fn fetch(&self, progress: &Progress, threads: &Threads) -> Result<Value, Box<dyn Error>> {
        let Self { sources, module, hash, file } = self;
        let client = blocking::ProxyClient::new(sources.clone().client(progress)?)?;
        let mut zip = client.zip(module)?;
        // Nothing has its name before its hash is known; without it, it goes with the process.
        let full = |error: io::Error| in_file(file)(error);
        // A pipe or a device is not replaced, and nothing is made beside it.
        let is_special = fs::metadata(file).is_ok_and(|there| !there.is_file());
        let content = if is_special { env::temp_dir().join("fetch") } else { file.clone() };
        let mut content = new_file::beside(&content).map_err(full)?;
        let mut sha256 = FileHasher::new();
        loop {
            while let Some(event) = zip.next()? {
                threads.cancel().check()?;
                match event {
                    Event::Restart => {
                        empty(content.as_file_mut()).map_err(full)?;
                        sha256 = FileHasher::new();
                    }
                    Event::Chunk(chunk) => {
                        content.write_all(&chunk).map_err(full)?;
                        sha256.update(&chunk);
                    }
                    _ => {}
                }
            }
            match verdict(content.as_file(), module, hash, threads)? {
                Ok(()) => break,
                // Goes on where the list lets another source be asked.
                Err(rejection) => zip.reject(rejection)?,
            }
        }
        let bytes = content.as_file().metadata().map_err(full)?.len();
        if is_special {
            content.rewind()?;
            let copied =
                File::options().write(true).open(file).and_then(|mut to| io::copy(&mut content, &mut to));
            copied.map_err(full)?;
        } else {
            content.persist(file).map_err(|error| full(error.error))?;
        }
        let trace = zip.accept();
        for attempt in trace.attempts() {
            progress.say(attempt);
        }
        Ok(json!({
            "module": module.to_string(),
            "file": file.display().to_string(),
            "bytes": bytes,
            "h1": hash.to_string(),
            "sha256": sha256.finish().to_string(),
            "source": trace.source(),
        }))
    }
}

fn empty(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()
}

fn verdict(
    content: &File,
    module: &ModuleVersion,
    wanted: &H1,
    threads: &Threads,
) -> Result<Result<(), Rejection>, Problem> {
    let archive = match Archive::open(content, &Limits::default()) {
        Ok(archive) => archive,
        Err(error) => return Ok(Err(Rejection::malformed(error))),
    };
    let checked = check(&archive, module, threads, |found| {
        if found == wanted { Ok(()) } else { Err(Rejection::mismatch(format!("its hash is {found}"))) }
    });
    Ok(checked?.map(|_| ()))
}
