//! A tool as a program of its own, and as a subcommand of `gomod`.

use std::process::ExitCode;
use std::sync::OnceLock;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, Parser};

/// Set in `gomod`.
static GOMOD: OnceLock<()> = OnceLock::new();

/// Where `--sample` meets a subcommand. `args_conflicts_with_subcommands` would refuse `--json` before one as well.
pub const SAMPLE_AND_JOB: &str = "--sample runs every job and cannot be used with one";

/// The command line of a tool, and what the tool does with it.
pub trait Program: Parser {
    /// Why two of the arguments exclude each other, where clap cannot know.
    fn conflict(&self) -> Option<&'static str> {
        None
    }

    /// Does what is asked for; returns how that ended.
    fn run(self) -> ExitCode;
}

/// The whole of a program that is one tool.
pub fn main<P: Program>() -> ExitCode {
    survive_file_size_limit();
    let mut command = P::command();
    let mut matches = command.get_matches_mut();
    run::<P>(&mut command, &mut matches)
}

/// Runs a tool with arguments that match its command. Where they are wrong all the same, this process ends.
pub fn run<P: Program>(command: &mut Command, matches: &mut ArgMatches) -> ExitCode {
    let program = match P::from_arg_matches_mut(matches) {
        Ok(program) => program,
        Err(error) => error.format(command).exit(),
    };
    match program.conflict() {
        Some(conflict) => command.error(ErrorKind::ArgumentConflict, conflict).exit(),
        None => program.run(),
    }
}

/// From here on the tools of this process are subcommands of `gomod`.
pub fn within_gomod() {
    survive_file_size_limit();
    let _ = GOMOD.set(());
}

/// What is written beyond `ulimit -f` is an error of that write, as in the go command. Else SIGXFSZ kills the process, which
/// says nothing.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use signal_hook::consts::SIGXFSZ;
        // Nothing looks at it: that the signal is caught is enough.
        let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
    }
}

/// How a tool is called from a shell, for advice and examples: `verify`, or `gomod verify` in a process that is `gomod`.
pub fn call(tool: &str) -> String {
    if GOMOD.get().is_some() { format!("gomod {tool}") } else { tool.to_owned() }
}
