//! `gomod`: the tools of this workspace under one name, as subcommands.

mod completions;
mod external;
mod wording;

#[cfg(feature = "sample")]
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../conformance.rs"]
mod conformance;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../download/main.rs"]
mod download;
#[cfg(feature = "sample")]
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../flaky/main.rs"]
mod flaky;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../hash/main.rs"]
mod hash;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../sumdb/main.rs"]
mod sumdb;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../verify/main.rs"]
mod verify;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../versions.rs"]
mod versions;
#[expect(dead_code, reason = "its `main` is the program of its own")]
#[path = "../zip/main.rs"]
mod zip;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use support::program::{self, Program};

const EXAMPLES: &str = "\
Examples:
  $ gomod download --project .                     what `go mod download` takes, verified against go.sum
  $ gomod verify                                   the whole module cache
  $ gomod hash zip v1.2.0.zip                      what go.sum records for the files of a module
  $ gomod help zip                                 each tool has examples of its own
  $ source <(gomod completions bash)               for this shell; zsh, fish, elvish and powershell, too

A subcommand that is not built in, gomod NAME, is the program gomod-NAME: beside gomod, else on PATH.

Exit status: that of the subcommand; 2 wrong usage.";

/// A subcommand: its command line, and what is done with arguments that match it.
struct Subcommand {
    command: fn() -> Command,
    run: fn(&mut Command, &mut ArgMatches) -> ExitCode,
}

impl Subcommand {
    const fn of<P: Program>() -> Self {
        Self { command: P::command, run: program::run::<P> }
    }
}

/// The order is that of `--help`.
const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand::of::<download::Args>(),
    Subcommand::of::<verify::Args>(),
    Subcommand::of::<sumdb::Args>(),
    Subcommand::of::<hash::Args>(),
    Subcommand::of::<zip::Args>(),
    Subcommand::of::<versions::Args>(),
    #[cfg(feature = "sample")]
    Subcommand::of::<flaky::Args>(),
    #[cfg(feature = "sample")]
    Subcommand::of::<conformance::Args>(),
    Subcommand::of::<completions::Args>(),
];

/// The command line of everything.
fn gomod() -> Command {
    let commands: Vec<_> = SUBCOMMANDS.iter().map(|subcommand| (subcommand.command)()).collect();
    let names: Vec<_> = commands.iter().map(|command| command.get_name().to_owned()).collect();
    let commands = commands.into_iter().map(|command| wording::within_gomod(command, &names));
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).global(true);
    Command::new("gomod")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Downloads, verifies, hashes and packs Go modules.")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(json.help("One JSON object a line on standard output, in place of text"))
        .subcommands(commands)
}

fn main() -> ExitCode {
    program::within_gomod();
    let mut command = gomod().allow_external_subcommands(true);
    let mut matches = command.get_matches_mut();
    let json = matches.get_flag("json");
    // `subcommand_required`: there is one.
    let Some((name, mut matches)) = matches.remove_subcommand() else { return ExitCode::FAILURE };
    let found = SUBCOMMANDS.iter().find(|subcommand| (subcommand.command)().get_name() == name);
    if let (Some(subcommand), Some(command)) = (found, command.find_subcommand_mut(&name)) {
        return (subcommand.run)(command, &mut matches);
    }
    let args: Vec<OsString> = matches.remove_many("").map(Iterator::collect).unwrap_or_default();
    match external::find(&name) {
        Some(program) => external::run(&program, json, &args),
        None => unknown(),
    }
}

/// Ends the process with what clap says of a subcommand that there is not.
fn unknown() -> ExitCode {
    match gomod().try_get_matches() {
        Err(error) => error.exit(),
        // Does not happen: only what is allowed above and not here leads to this.
        Ok(_) => ExitCode::FAILURE,
    }
}
