//! What makes a shell complete the words after `gomod`.

use std::process::ExitCode;

use clap::Parser;
use clap_complete::Shell;
use serde_json::json;
use support::ending::exit;
use support::output::Output;
use support::program::Program;
use support::progress::Progress;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

const EXAMPLES: &str = "\
Examples:
  $ source <(completions bash)                                      for this shell
  $ completions zsh >\"${fpath[1]}/_gomod\"                           for every new one
  $ completions fish >~/.config/fish/completions/gomod.fish

Exit status: 0 it is printed, 1 it cannot be written, 2 wrong usage.";

/// Prints a script that makes a shell complete subcommands and flags.
#[derive(Debug, Parser)]
#[command(name = "completions", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,

    /// One JSON object a line on standard output, in place of text.
    #[arg(long, global = true)]
    json: bool,
}

impl Program for Args {
    fn run(self) -> ExitCode {
        // Not into standard output itself: what cannot be written would be a panic.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::gomod(), "gomod", &mut script);
        let script = String::from_utf8_lossy(&script);
        let object = json!({"shell": self.shell.to_string(), "script": script});
        let printed = Output::new(self.json, SCHEMA).line(|| script.trim_end().to_owned(), object);
        exit(printed.map(|()| 0).map_err(Into::into), &Progress::new(false))
    }
}
