//! The two programs that are compared, and how each is run.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use gomod_benches::cost::{Cost, run};
use gomod_benches::example::examples;
use gomod_benches::project::Project;
use gomod_testkit::GoCommand;

/// What is run.
pub(crate) struct Tools {
    download: PathBuf,
    /// Go's, where there is a `go`, and ours.
    pub(crate) verifiers: Vec<Tool>,
}

/// A program that verifies the modules of a project.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    program: PathBuf,
    args: &'static [&'static str],
    /// The modules that a line of standard output calls broken.
    broken: fn(&str) -> Option<String>,
}

impl Tools {
    /// The examples of this workspace, built with optimisation; where nothing is measured, what other tests have built, if
    /// they have.
    pub(crate) fn find() -> Result<Option<Self>, Box<dyn Error>> {
        let Some([download, program]) = examples(["download", "verify"])? else { return Ok(None) };
        let args = &["--quiet", "--json", "--project", "."];
        let ours = Tool { name: "verify", program, args, broken: broken_for_us };
        let go = GoCommand::find("`go mod verify` is not measured").map(|go| Tool {
            name: "go mod verify",
            program: go.program().into(),
            args: &["mod", "verify"],
            broken: broken_for_go,
        });
        Ok(Some(Self { download, verifiers: go.into_iter().chain([ours]).collect() }))
    }

    /// Fills a cache with what a project needs.
    pub(crate) fn fill(&self, project: &Project, cache: &Path) -> Result<(), Box<dyn Error>> {
        let mut command = project.command(&self.download, cache);
        let status = command.args(["--quiet", "--project", "."]).env("GOPROXY", project.url()).status()?;
        if status.success() { Ok(()) } else { Err(format!("the cache cannot be filled: {status}").into()) }
    }
}

impl Tool {
    /// Verifies a project, and returns the modules that are called broken.
    pub(crate) fn verify(
        &self,
        project: &Project,
        cache: &Path,
    ) -> Result<(Cost, BTreeSet<String>), Box<dyn Error>> {
        let said = [cache.with_extension("stdout"), cache.with_extension("stderr")];
        let mut command = project.command(&self.program, cache);
        let [stdout, stderr] = said.each_ref().map(std::fs::File::create);
        command.args(self.args).env("GOPROXY", "off").stdout(stdout?).stderr(stderr?);
        let (status, cost) = run(&mut command)?;
        let [stdout, stderr] = said.each_ref().map(std::fs::read_to_string);
        let (stdout, stderr) = (stdout?, stderr?);
        // Go says it on standard error.
        let broken: BTreeSet<_> = stdout.lines().chain(stderr.lines()).filter_map(self.broken).collect();
        if status.success() == broken.is_empty() {
            return Ok((cost, broken));
        }
        Err(format!("{} of {}: {status}\n{stderr}", self.name, project.name).into())
    }
}

/// `PATH VERSION: what is wrong`
fn broken_for_go(line: &str) -> Option<String> {
    let (module, _) = line.split_once(": ")?;
    let (path, version) = module.split_once(' ')?;
    Some(format!("{path}@{version}"))
}

fn broken_for_us(line: &str) -> Option<String> {
    let module = line.split_once(r#""module":""#)?.1.split_once('"')?.0;
    line.contains(r#""verdict":"broken""#).then(|| module.to_owned())
}
