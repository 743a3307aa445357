//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gomod_module::ModuleVersion;

use super::fetch::Fetch;

const EXAMPLES: &str = "\
Examples:
  $ zip check-dir .                                  before a tag: what would keep go from downloading this version?
  $ zip create . example.com/m@v1.2.0 v1.2.0.zip     the zip that a proxy would serve
  $ zip check v1.2.0.zip example.com/m@v1.2.0        every broken rule, and the h1: hash
  $ zip unzip v1.2.0.zip example.com/m@v1.2.0 out    all of it, or nothing
  $ zip diff mine.zip theirs.zip                     two copies of `the same` version
  $ zip fetch https://proxy.golang.org golang.org/x/text@v0.14.0 \\
      h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ= text.zip
  $ zip --sample                                     all of them, on an embedded module

`fetch` takes credentials and HTTP proxies from the environment: GOAUTH, NETRC, HTTPS_PROXY, NO_PROXY and so on.

Exit status: 0 all is well (for diff: no difference), 1 something is wrong, differs or failed, 2 wrong usage.";

/// Checks, creates, extracts, compares and fetches the zips of Go modules by the rules of the go command.
#[derive(Debug, Parser)]
#[command(name = "zip", version, after_help = EXAMPLES, disable_help_subcommand = true)]
#[command(arg_required_else_help = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) job: Option<Job>,

    /// Run on an embedded sample in a temporary directory.
    #[arg(long, required = true)]
    pub(crate) sample: bool,

    /// One JSON object a line on standard output, in place of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Threads that inflate and write [default: as many as the processor has].
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Lists every rule that a module zip breaks; prints the h1: hash of a valid one.
    Check {
        /// The zip.
        file: PathBuf,
        /// The module and version that it should be.
        #[arg(value_name = "PATH@VERSION")]
        module: ModuleVersion,
        /// Also refuse names that Go allows and Windows cannot hold.
        #[arg(long)]
        portable: bool,
    },
    /// Lists everything that would keep a directory from becoming a module zip, and what would be left out.
    CheckDir {
        /// The root of the module.
        dir: PathBuf,
        /// Also refuse names that Go allows and Windows cannot hold.
        #[arg(long)]
        portable: bool,
    },
    /// Writes the zip of a directory; the same bytes each time.
    Create {
        /// The root of the module.
        dir: PathBuf,
        /// What it is to be.
        #[arg(value_name = "PATH@VERSION")]
        module: ModuleVersion,
        /// A file that does not exist yet.
        out: PathBuf,
    },
    /// Extracts a zip into a directory that is empty or does not exist; on any failure it is left so.
    Unzip {
        /// The zip.
        file: PathBuf,
        /// The module and version that it should be.
        #[arg(value_name = "PATH@VERSION")]
        module: ModuleVersion,
        /// Where to.
        dir: PathBuf,
        /// Also refuse names that Go allows and Windows cannot hold.
        #[arg(long)]
        portable: bool,
    },
    /// Compares two zips file by file.
    Diff {
        /// One zip.
        old: PathBuf,
        /// The other.
        new: PathBuf,
    },
    Fetch(Box<Fetch>),
}
