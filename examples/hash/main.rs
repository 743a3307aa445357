//! `hash`: the h1: hashes of zips, directories and go.mod files.

mod args;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use gomod_archive::Threads;
use gomod_module::modfile::MAX_GO_MOD;
use gomod_module::{H1, ModuleVersion};
use gomod_sum::{FileHash, hash_go_mod, hash_module_dir, hash_zip_file};
use gomod_zip::create_from_dir;
use serde_json::json;
use support::ending::{FAILED, exit, tell};
use support::failure::chain;
use support::interrupt;
use support::obstacle::{Obstacle, in_file};
use support::output::Output;
use support::program::{self, Program};
use support::progress::Progress;

pub(crate) use self::args::Args;
use self::args::Job;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        (self.sample && self.job.is_some()).then_some(program::SAMPLE_AND_JOB)
    }

    fn run(self) -> ExitCode {
        let ended = interrupt::threads(self.threads).and_then(|threads| {
            let mut tool = Tool { output: Output::new(self.json, SCHEMA), threads, failed: false };
            match &self.job {
                Some(job) => tool.run(job)?,
                None => tool.sample()?,
            }
            Ok(if tool.failed { FAILED } else { 0 })
        });
        exit(ended.map_err(Into::into), &Progress::new(false))
    }
}

struct Tool {
    output: Output,
    threads: Threads,
    failed: bool,
}

impl Tool {
    /// Hashes one after the other; what cannot be hashed does not keep the rest from it.
    fn run(&mut self, job: &Job) -> io::Result<()> {
        let threads = self.threads.clone();
        match job {
            Job::Zip { files, sha256 } => {
                let digest = *sha256 || self.output.is_json();
                files.iter().try_for_each(|file| self.zip(file, digest, &threads))
            }
            Job::Dir { dir, module } => self.print("dir", dir, hash_module_dir(dir, module, threads), None),
            Job::Mod { files } => {
                files.iter().try_for_each(|file| self.print("go.mod", file, go_mod(file), None))
            }
        }
    }

    fn zip(&mut self, file: &Path, digest: bool, threads: &Threads) -> io::Result<()> {
        let hash = hash_zip_file(file, threads);
        if !digest || hash.is_err() {
            return self.print("zip", file, hash, None);
        }
        match FileHash::of_file(file, threads.cancel()) {
            Ok(sha256) => self.print("zip", file, hash, Some(&sha256.to_string())),
            Err(error) => self.print("zip", file, Err(error), None),
        }
    }

    fn print<E: Error + 'static>(
        &mut self,
        kind: &str,
        file: &Path,
        hash: Result<H1, E>,
        sha256: Option<&str>,
    ) -> io::Result<()> {
        let name = file.display().to_string();
        match hash {
            Ok(hash) => {
                let mut object = json!({"kind": kind, "file": name, "h1": hash.to_string()});
                let mut text = format!("{hash}  {name}");
                if let Some(sha256) = sha256 {
                    object["sha256"] = sha256.into();
                    text = format!("{text}\nsha256:{sha256}  {name}");
                }
                self.output.line(|| text, object)
            }
            // Not the fault of the file.
            Err(_) if interrupt::token().is_cancelled() => Err(io::ErrorKind::Interrupted.into()),
            Err(error) => {
                self.failed = true;
                let text = chain(&error);
                self.output.object(json!({"kind": kind, "file": name, "error": text}))?;
                // Some errors name the file themselves.
                let is_named = text.contains(&name);
                let error = in_file(file)(error);
                let obstacle = Obstacle::of(&error);
                let told: &(dyn Error + 'static) = if is_named { &*error.source } else { &error };
                tell(told, obstacle, &Progress::new(false));
                Ok(())
            }
        }
    }

    fn sample(&mut self) -> io::Result<()> {
        let temporary = tempfile::tempdir()?;
        let root = temporary.path();
        let files = [
            ("go.mod", include_str!("../data/sample/greeting/go.mod")),
            ("greeting.go", include_str!("../data/sample/greeting/greeting.go")),
        ];
        let module = ModuleVersion::parse("example.com/greeting", "v1.2.0").map_err(io::Error::other)?;
        let (dir, zip) = (root.join("greeting"), root.join("v1.2.0.zip"));
        fs::create_dir(&dir)?;
        for (name, content) in files {
            fs::write(dir.join(name), content)?;
        }
        create_from_dir(File::create(&zip)?, &module, &dir).map_err(io::Error::other)?;
        // The zip and what it was made of have one hash.
        self.run(&Job::Zip { files: vec![zip], sha256: false })?;
        self.run(&Job::Dir { dir: dir.clone(), module })?;
        self.run(&Job::Mod { files: vec![dir.join("go.mod")] })
    }
}

fn go_mod(path: &Path) -> io::Result<H1> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_GO_MOD + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_GO_MOD {
        return Err(io::Error::other(format!("larger than {MAX_GO_MOD} bytes")));
    }
    Ok(hash_go_mod(&content))
}
