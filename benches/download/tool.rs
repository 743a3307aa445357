//! The two programs that are compared, and how each is run.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gomod_benches::cost::{Cost, run};
use gomod_benches::example::examples;
use gomod_benches::project::Project;
use gomod_testkit::GoCommand;

/// The files of a module cache, by their path in it, and their sizes.
pub(crate) type Files = BTreeMap<PathBuf, u64>;

/// A program that downloads the modules of a project.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    program: PathBuf,
    args: &'static [&'static str],
}

impl Tool {
    /// `go mod download`, where there is a `go`.
    pub(crate) fn go() -> Option<Self> {
        let go = GoCommand::find("`go mod download` is not measured")?;
        Some(Self { name: "go mod download", program: go.program().into(), args: &["mod", "download"] })
    }

    /// The example `download` of this workspace, built with optimisation; where nothing is measured, what other
    /// tests have built, if they have.
    pub(crate) fn ours() -> Result<Option<Self>, Box<dyn Error>> {
        let Some([program]) = examples(["download"])? else { return Ok(None) };
        Ok(Some(Self { name: "download", program, args: &["--quiet", "--project", "."] }))
    }

    /// Downloads a project from a proxy into an empty cache below the new directory `home`, which is left without content, and
    /// returns what was in it.
    pub(crate) fn download(
        &self,
        project: &Project,
        url: &str,
        home: &Path,
    ) -> Result<(Cost, Files), Box<dyn Error>> {
        fs::create_dir(home)?;
        write_back();
        let said = home.join("stderr");
        let cache = home.join("gomodcache");
        let mut command = project.command(&self.program, &cache);
        command.args(self.args).env("GOPROXY", url).stdout(Stdio::null()).stderr(File::create(&said)?);
        let (status, cost) = run(&mut command)?;
        if !status.success() {
            let said = fs::read_to_string(said)?;
            return Err(format!("{} of {}: {status}\n{said}", self.name, project.name).into());
        }
        let mut files = Files::new();
        list(&cache, Path::new(""), &mut files)?;
        // The go command's lock on the whole cache.
        files.remove(Path::new("cache/lock"));
        for path in files.keys() {
            empty(&cache.join(path))?;
        }
        Ok((cost, files))
    }
}

/// Leaves no work of a former run for the disk to do in the next one.
fn write_back() {
    // Where there is no such program, the figures are noisier.
    drop(Command::new("sync").status());
}

/// Frees the room of a file, but keeps the file: ext4 without a journal, asked for a new file, goes through all that
/// were deleted in the last minutes, and would spend more time on that than on all else that is measured here.
#[expect(clippy::permissions_set_readonly_false, reason = "nobody else gets into this directory")]
fn empty(path: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions)?;
    File::create(path).map(drop)
}

fn list(root: &Path, dir: &Path, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(root.join(dir))? {
        let entry = entry?;
        let path = dir.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list(root, &path, files)?;
        } else {
            files.insert(path, entry.metadata()?.len());
        }
    }
    Ok(())
}

/// The first difference between two caches.
pub(crate) fn difference(a: &Files, b: &Files) -> Option<String> {
    let paths = a.keys().chain(b.keys());
    let mut differing = paths.filter(|path| a.get(*path) != b.get(*path));
    let path = differing.next()?;
    Some(format!("{}: {:?} and {:?} bytes", path.display(), a.get(path), b.get(path)))
}
