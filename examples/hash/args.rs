//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use gomod_module::ModuleVersion;

const EXAMPLES: &str = "\
Examples:
  $ hash zip v1.2.0.zip                     what go.sum records for the files of a module
  $ hash zip v1.2.0.zip --sha256            and the SHA-256 of the zip itself, as a bill of materials has it
  $ hash dir . example.com/m@v1.2.0         the same, of the extracted files
  $ hash mod go.mod                         what go.sum records beside /go.mod
  $ hash --sample                           all of them, on an embedded module

h1: is not the SHA-256 of the zip: it is over the names and contents of the files.

Exit status: 0 all is hashed, 1 something cannot be, 2 wrong usage.";

/// Prints the h1: hashes of Go modules, as go.sum has them.
#[derive(Debug, Parser)]
#[command(name = "hash", version, after_help = EXAMPLES, disable_help_subcommand = true)]
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

    /// Threads that inflate and hash [default: as many as the processor has].
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Hashes module zips. Whether they are valid ones is for `zip check` to say.
    Zip {
        /// The zips.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print the SHA-256 of each zip's bytes as well, on a line of its own; --json has it in any case.
        #[arg(long)]
        sha256: bool,
    },
    /// Hashes the files below a directory, all of them: for an extracted module, not for a working copy.
    Dir {
        /// The root of the module.
        dir: PathBuf,
        /// What it is; the name is in the hash.
        #[arg(value_name = "PATH@VERSION")]
        module: ModuleVersion,
    },
    /// Hashes go.mod files.
    Mod {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
