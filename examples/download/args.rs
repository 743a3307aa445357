//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr as _;

use clap::Parser;
use gomod_module::version::canonical_version;
use gomod_module::{ModulePath, ModuleVersion, Query};
use gomod_sum::GoSum;
use support::failure::chain;
use support::flags::jobs;
use support::network::Network;

use super::query::Asked;
use super::selected::Selector;

const EXAMPLES: &str = "\
Examples:
  $ download                                       the embedded sample: no Go, no network, no project needed
  $ download --project .                           what `go mod download` takes, verified against go.sum
  $ download --project . --json | jq .Source       who had each module
  $ download --project . --write-sum               and go.sum gets what it lacks, proven by the checksum database
  $ GOPROXY='https://a.example|https://b.example' download --project . --verify
  $ download golang.org/x/text@v0.14.0 \\
      --sum 'golang.org/x/text v0.14.0 h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ=' \\
      --sum 'golang.org/x/text v0.14.0/go.mod h1:18ZOQIKpY8NJVqYksKHtTdi31H5itFRjB5/qKTNYzSU='

The environment is that of the go command: GOPROXY, GOSUMDB, GONOPROXY, GONOSUMDB, GOPRIVATE, GOMODCACHE, GOFLAGS, GOENV
and so on.

Exit status: 0 all is there and verified, 1 something is wrong or failed, 2 wrong usage, 130
interrupted, 143 ended by SIGTERM.";

/// Downloads Go modules into the module cache through the GOPROXY list, verified, and says who answered what.
///
/// Without arguments it runs on an embedded sample in a temporary directory, where that is built in.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(name = "download", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Modules to download, at a version or at what a query such as `latest`, `v1.2` or `<v2` leads to; with --project also
    /// PATH for its selected version, `all` for the build list, and patterns such as `golang.org/x/...` for what matches in
    /// it. Each is verified against --project's go.sum or --sum, else the checksum database, unless GOSUMDB=off or GONOSUMDB says that nothing
    /// need prove it.
    #[arg(value_name = "PATH[@VERSION]", value_parser = module)]
    pub(crate) modules: Vec<Named>,

    /// The project: without PATH@VERSION, the modules of its go.mod that `go mod download` takes. In a workspace (GOWORK, or a
    /// go.work file in or above DIR) these are those of go.work; `-modfile` of GOFLAGS counts.
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,

    /// Every line of the project's go.sum instead; in a workspace of go.work.sum and every member's go.sum.
    #[arg(long, requires = "project", conflicts_with = "modules")]
    pub(crate) all: bool,

    /// A line of a go.sum file: PATH VERSION[/go.mod] h1:…; a module needs both lines.
    #[arg(long, value_name = "LINE", requires = "modules", conflicts_with = "project", value_parser = sum)]
    pub(crate) sum: Vec<String>,

    /// Add the lines that go.sum, or in a workspace go.work.sum, lacks, once they are proven by the checksum database; and those of modules that GOSUMDB=off or
    /// GONOSUMDB exempt, as `go mod download` would.
    #[arg(long, requires = "project")]
    pub(crate) write_sum: bool,

    /// The embedded sample, also with other flags.
    #[arg(long, conflicts_with_all = ["modules", "project"])]
    sample: bool,

    /// Requests at a time.
    #[arg(long, value_name = "N", default_value = "8", value_parser = jobs)]
    pub(crate) jobs: NonZeroUsize,

    #[command(flatten)]
    pub(crate) network: Network,

    /// Hash what is in the cache already: zips and extracted files.
    #[arg(long)]
    pub(crate) verify: bool,

    /// One JSON object a line on standard output for each module as it is done: the record of `go mod download
    /// -json`, and Source and Attempts.
    ///
    /// `ZipSHA256` is the SHA-256 of the bytes of the zip; `Sum` is over the files in it.
    /// `Source` is the entry of GOPROXY that had the zip. `Attempts` has one object for each request, in order: `Source`;
    /// `URL`, if something was asked, or the command line of git; `RedirectedTo`; `Credentials`, where they came from, never what they are; `Status`; `Outcome`, for people; `Kind` of what failed, such as
    /// `not_found` or `incomplete_body`; `Offset`, where it asked for the rest of a file; `Bytes` that came; `WaitSeconds`
    /// up to the answer's status; `Seconds` in all; `Next`, why it went on or stopped. No secrets are in it. `schema` is
    /// 1, until a field changes its meaning or goes away; fields may come.
    #[arg(long)]
    pub(crate) json: bool,

    /// Say for each module what was asked, who answered, and what proves it.
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,

    /// Say nothing but what goes wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl Args {
    /// Whether to run on the sample.
    pub(crate) fn is_sample(&self) -> bool {
        self.project.is_none() && self.modules.is_empty()
    }

    /// Whether a module is named whose version only a project could tell.
    pub(crate) fn needs_project(&self) -> bool {
        self.project.is_none() && self.modules.iter().any(|named| matches!(named, Named::Selected(_)))
    }

    /// Whether modules are named, each with the version to take, or a query for it.
    pub(crate) fn names_versions(&self) -> bool {
        !self.modules.is_empty() && !self.modules.iter().any(|named| matches!(named, Named::Selected(_)))
    }

    /// Whether to say everything: the sample is there to be looked at.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose || (self.is_sample() && !self.quiet)
    }
}

/// A module of the command line.
#[derive(Debug, Clone)]
pub(crate) enum Named {
    Version(ModuleVersion),
    Query(Asked),
    Selected(Selector),
}

fn module(text: &str) -> Result<Named, String> {
    match text.split_once('@') {
        None if text == "all" || text.contains("...") => {
            if text.contains('\\') || text.starts_with("./") || text.starts_with("../") {
                return Err("module paths are no paths of files".to_owned());
            }
            Ok(Named::Selected(Selector::Pattern(text.to_owned())))
        }
        None => {
            let path = ModulePath::new(text).map_err(|error| chain(&error))?;
            Ok(Named::Selected(Selector::Path(path)))
        }
        Some((path, query)) if canonical_version(query).is_none_or(|version| version != query) => {
            let path = ModulePath::new(path).map_err(|error| chain(&error))?;
            let query = Query::new(query).map_err(|error| chain(&error))?;
            Ok(Named::Query(Asked::new(path, query)))
        }
        _ => ModuleVersion::from_str(text).map(Named::Version).map_err(|error| chain(&error)),
    }
}

fn sum(text: &str) -> Result<String, String> {
    match GoSum::parse(text.as_bytes()) {
        Ok(lines) if lines.entries().count() == 1 => Ok(text.to_owned()),
        _ => Err("not one line of a go.sum file: PATH VERSION[/go.mod] h1:…".to_owned()),
    }
}
