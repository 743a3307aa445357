//! `zip`: checks, creates, extracts, compares and fetches module zips.

mod args;
mod fetch;
mod report;
mod sample;

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::ExitCode;

use gomod_archive::{Archive, Limits, Threads};
use gomod_module::ModuleVersion;
use gomod_sum::{hash_zip, hash_zip_file};
use gomod_zip::{
    CreateError, Options, check_dir_cancellable, check_portable, check_zip, create_from_dir_cancellable,
    diff, module_of, unzip,
};
use support::ending::{FAILED, exit};
use support::obstacle::{InFile, in_file};
use support::program::{self, Program};
use support::progress::Progress;
use support::{interrupt, new_file};
use tempfile::NamedTempFile;

pub(crate) use self::args::Args;
use self::args::Job;
use self::report::Report;

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        (self.sample && self.job.is_some()).then_some(program::SAMPLE_AND_JOB)
    }

    fn run(self) -> ExitCode {
        let progress = Progress::new(false);
        let ended = interrupt::threads(self.threads).map_err(Into::into).and_then(|threads| {
            let mut tool = Tool { report: Report::new(self.json), progress: progress.clone(), threads };
            match &self.job {
                Some(job) => tool.run(job),
                None => sample::run(&mut tool),
            }
        });
        exit(ended.map(|well| if well { 0 } else { FAILED }), &progress)
    }
}

struct Tool {
    report: Report,
    progress: Progress,
    threads: Threads,
}

impl Tool {
    /// Whether all is well.
    fn run(&mut self, job: &Job) -> Result<bool, Box<dyn Error>> {
        match job {
            Job::Check { file, module, portable } => self.check(file, module, *portable),
            Job::CheckDir { dir, portable } => self.check_dir(dir, *portable),
            Job::Create { dir, module, out } => self.create(dir, module, out),
            Job::Unzip { file, module, dir, portable } => self.unzip(file, module, dir, *portable),
            Job::Diff { old, new } => self.diff(old, new),
            Job::Fetch(job) => job.run(self.report.output, &self.progress, &self.threads),
        }
    }

    fn check(&mut self, file: &Path, module: &ModuleVersion, portable: bool) -> Result<bool, Box<dyn Error>> {
        let archive = open(file)?;
        let checked = check_zip(&archive, module);
        let prefix = format!("{module}/");
        let unportable = checked.valid.iter().filter_map(|name| {
            let path = name.strip_prefix(&prefix)?;
            Some((name.as_str(), check_portable(path).err()?))
        });
        let unportable: Vec<_> = if portable { unportable.collect() } else { Vec::new() };
        self.report.checked(&checked, &unportable)?;
        let valid = checked.is_valid() && unportable.is_empty();
        // Every file is read: what is cut short or damaged inside has no hash.
        let hash = if valid { Some(hash_zip(&archive, &self.threads).map_err(in_file(file))?) } else { None };
        self.report.verdict(&module.to_string(), &checked, valid, hash)?;
        Ok(valid)
    }

    fn check_dir(&mut self, dir: &Path, portable: bool) -> Result<bool, Box<dyn Error>> {
        let checked = check_dir_cancellable(dir, self.threads.cancel())?;
        let unportable =
            checked.valid.iter().filter_map(|path| Some((path.as_str(), check_portable(path).err()?)));
        let unportable: Vec<_> = if portable { unportable.collect() } else { Vec::new() };
        self.report.checked(&checked, &unportable)?;
        let valid = checked.is_valid() && unportable.is_empty();
        self.report.verdict(&dir.display().to_string(), &checked, valid, None)?;
        Ok(valid)
    }

    fn create(&mut self, dir: &Path, module: &ModuleVersion, out: &Path) -> Result<bool, Box<dyn Error>> {
        if out.try_exists().map_err(in_file(out))? {
            return Err(in_file(out)("exists already, and is not overwritten").into());
        }
        // Without its name until it is complete. An output inside the directory must not become part of itself: the
        // files are listed before the first is read, and the temporary one is none of them.
        let mut temporary = None;
        let into = Lazily { path: out, file: &mut temporary };
        let created = create_from_dir_cancellable(into, module, dir, self.threads.cancel());
        let created = created.map_err(|error| match error {
            CreateError::Write(source) => in_file(out)(source),
            // It names a file of the directory.
            error => in_file(dir)(error),
        })?;
        let file = temporary.ok_or("nothing was written")?.into_inner();
        let file = file.map_err(|error| in_file(out)(error.into_error()))?;
        let hash = hash_zip_file(file.path(), &self.threads)?;
        file.persist_noclobber(out).map_err(|error| in_file(out)(error.error))?;
        self.report.created(out, module, &created, &hash)?;
        Ok(true)
    }

    fn unzip(
        &mut self,
        file: &Path,
        module: &ModuleVersion,
        dir: &Path,
        portable: bool,
    ) -> Result<bool, Box<dyn Error>> {
        let archive = open(file)?;
        let options = Options::new().threads(&self.threads).portable(portable);
        let unzipped = unzip(&archive, module, dir, &options).map_err(in_file(file))?;
        self.report.unzipped(dir, &unzipped)?;
        Ok(true)
    }

    fn diff(&mut self, old: &Path, new: &Path) -> Result<bool, Box<dyn Error>> {
        let (old_zip, new_zip) = (open(old)?, open(new)?);
        let old_module = module_of(&old_zip).map_err(in_file(old))?;
        let new_module = module_of(&new_zip).map_err(in_file(new))?;
        let diff = diff(&old_zip, &old_module, &new_zip, &new_module, &self.threads)?;
        self.report.diff([&old_module, &new_module], &diff)?;
        Ok(diff.added.is_empty() && diff.removed.is_empty() && diff.changed.is_empty())
    }
}

fn open(path: &Path) -> Result<Archive<File>, InFile> {
    let file = File::open(path).map_err(in_file(path))?;
    Archive::open(file, &Limits::default()).map_err(in_file(path))
}

/// A temporary file that is made when the first byte comes: after the directory was listed.
struct Lazily<'a> {
    /// What it will be called.
    path: &'a Path,
    file: &'a mut Option<BufWriter<NamedTempFile>>,
}

impl io::Write for Lazily<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.file.is_none() {
            *self.file = Some(BufWriter::new(new_file::beside(self.path)?));
        }
        self.file.as_mut().map_or(Ok(0), |file| file.write(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), io::Write::flush)
    }
}
