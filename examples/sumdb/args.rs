//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gomod_module::ModuleVersion;
use support::network::Network;

const EXAMPLES: &str = "\
Examples:
  $ sumdb lookup golang.org/x/text@v0.14.0           its lines of go.sum, proven
  $ sumdb prove --project .                          has this go.sum the hashes that everybody else has?
  $ sumdb prove --project . --save proofs.jsonl      and keep the proofs,
  $ sumdb check proofs.jsonl --project .             which need no network
  $ sumdb --sample                                   all of them, on an embedded project and database

The environment is that of the go command: GOSUMDB, GONOSUMDB, GOPRIVATE, GOPROXY, GOMODCACHE, GOPATH and so on. Private
modules are never asked for.

Exit status: 0 all is proven or private, 1 something is wrong, unknown or failed, 2 wrong usage, 130
interrupted, 143 ended by SIGTERM.";

/// Asks the checksum database, and checks what it says.
#[derive(Debug, Parser)]
#[command(name = "sumdb", version, after_help = EXAMPLES, disable_help_subcommand = true)]
#[command(arg_required_else_help = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) job: Option<Job>,

    /// Run on an embedded project with a database of its own, in a temporary directory.
    #[arg(long, required = true)]
    pub(crate) sample: bool,

    /// One JSON object a line on standard output, in place of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Name every line, those that are proven or private too.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,

    /// Requests at a time.
    #[arg(long, global = true, value_name = "N", default_value = "8")]
    pub(crate) jobs: NonZeroUsize,

    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Prints the lines of go.sum for modules, once they are proven to be in the database's log.
    Lookup {
        /// The modules.
        #[arg(required = true, value_name = "PATH@VERSION")]
        modules: Vec<ModuleVersion>,
        /// Write the proofs to a file, which `check` reads.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Proves every line of a project's go.sum, and names those that are wrong or unknown.
    Prove {
        /// The project.
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
        /// Write the proofs to a file, which `check` reads.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Checks proofs of a file with nothing but the key in GOSUMDB.
    Check {
        /// The file, as --save wrote it.
        file: PathBuf,
        /// Prove the lines of this project's go.sum with them.
        #[arg(long, value_name = "DIR")]
        project: Option<PathBuf>,
    },
}
