//! `conformance`: what this workspace answers to vector files, to be compared with what Go answers.
//!
//! The operations are the very tables that the crates test themselves with.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};
use std::panic::{self, UnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gomod_testkit::vectors::{Answer, Operation, ZipOperation, zip_cases};
use serde_json::{Map, Value, json};
use support::interrupt;
use support::output::tell;
use support::program::{self, Program};

#[path = "../gomod-archive/tests/it/operations.rs"]
#[expect(unreachable_pub, reason = "shared with the tests of its crate")]
mod archive_operations;
#[path = "../gomod-cache/tests/it/operations.rs"]
#[expect(unreachable_pub, reason = "shared with the tests of its crate")]
mod cache_operations;
#[path = "../gomod-module/tests/it/graph_operations.rs"]
mod graph_operations;
#[path = "../gomod-module/tests/it/operations.rs"]
mod module_operations;
#[path = "../gomod-proxy-client/tests/it/operations.rs"]
#[expect(clippy::expect_used, reason = "shared with the tests of its crate")]
mod proxy_client_operations;
#[path = "../gomod-sum/tests/it/operations.rs"]
#[expect(clippy::expect_used, unreachable_pub, reason = "shared with the tests of its crate")]
mod sum_operations;
#[path = "../gomod-sum/tests/it/sumdb_operations.rs"]
#[expect(clippy::expect_used, unreachable_pub, reason = "shared with the tests of its crate")]
mod sumdb_operations;
#[path = "vcs_operation.rs"]
mod vcs_operation;
#[path = "../gomod-vcs/tests/it/operations.rs"]
#[expect(unreachable_pub, reason = "shared with the tests of its crate")]
mod vcs_operations;
#[path = "../gomod-zip/tests/it/operations.rs"]
#[expect(clippy::expect_used, unreachable_pub, reason = "shared with the tests of its crate")]
mod zip_operations;

const TABLES: &[&[Operation]] = &[
    module_operations::OPERATIONS,
    graph_operations::GRAPH_OPERATIONS,
    sum_operations::OPERATIONS,
    cache_operations::OPERATIONS,
    proxy_client_operations::OPERATIONS,
    zip_operations::OPERATIONS,
    sumdb_operations::SUMDB_OPERATIONS,
    vcs_operations::OPERATIONS,
    vcs_operation::OPERATIONS,
];

const ZIP_TABLES: &[&[ZipOperation]] =
    &[zip_operations::ZIP_OPERATIONS, sum_operations::ZIP_OPERATIONS, archive_operations::ZIP_OPERATIONS];

const EXAMPLE: &str = r#"Examples:
  $ echo '{"in":{"path":"example.com/M"}}' | conformance escape_path
  {"ok":true,"value":"example.com/!m"}

  $ conformance check_path <check_path.jsonl
  $ conformance zips gomod-testkit/data/zips/index.jsonl

An unknown operation answers {"unsupported":true} to each line.

Exit status: 0 when everything was answered, 1 when input is malformed or unreadable, 2 on wrong usage."#;

/// Answers vector files: each line {"in":…} of standard input gets one line {"ok":…,"value":…,"error":…}.
#[derive(Debug, Parser)]
#[command(name = "conformance", version, after_help = EXAMPLE)]
#[command(subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    /// The operation that answers standard input.
    #[arg(required_unless_present = "list")]
    op: Option<String>,
    /// Print the names of the operations.
    #[arg(long, conflicts_with = "op")]
    list: bool,
    /// One JSON object a line on standard output, which is what the answers are in any case; the names of the operations,
    /// too.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer every operation on zips for each zip of an index.
    Zips {
        /// One JSON object a line: {"file":…,"path":…,"version":…}; the files lie beside the index.
        index: PathBuf,
    },
}

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        // `args_conflicts_with_subcommands` would refuse `--json` before one as well.
        let both = self.command.is_some() && (self.list || self.op.is_some());
        both.then_some("an operation or --list cannot be used with a subcommand")
    }

    fn run(self) -> ExitCode {
        // An operation panics when its input has the wrong form; `answer` reports that as an error.
        panic::set_hook(Box::new(|_| {}));
        if let Err(error) = interrupt::threads(None) {
            tell(&format_args!("error: {error}"));
            return ExitCode::FAILURE;
        }
        let mut out = BufWriter::new(io::stdout().lock());
        let done = match (&self.command, &self.op) {
            (Some(Command::Zips { index }), _) => zips(index, &mut out),
            (None, Some(op)) => lines(op, io::stdin().lock(), &mut out),
            (None, None) => list(self.json, &mut out),
        };
        // What was answered before an error is still written.
        let flushed = out.flush().map_err(unwritable);
        match done.and(flushed) {
            _ if interrupt::token().is_cancelled() => ExitCode::from(interrupt::status()),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell(&format_args!("error: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

fn list(as_json: bool, out: &mut impl Write) -> Result<(), String> {
    let mut print = |name: &str| {
        if as_json { writeln!(out, "{}", json!({ "op": name })) } else { writeln!(out, "{name}") }
    };
    TABLES.iter().copied().flatten().try_for_each(|(name, _)| print(name)).map_err(unwritable)
}

fn lines(op: &str, input: impl BufRead, out: &mut impl Write) -> Result<(), String> {
    let operation = TABLES.iter().copied().flatten().find(|(name, _)| *name == op).map(|(_, run)| *run);
    for (index, line) in input.split(b'\n').enumerate() {
        let number = index + 1;
        let line = line.map_err(|error| format!("line {number}: {error}"))?;
        let case: Value = serde_json::from_slice(&line).map_err(|error| format!("line {number}: {error}"))?;
        let input = case.get("in").ok_or_else(|| format!("line {number}: not an object with \"in\""))?;
        let answer = match operation {
            Some(run) => answer(|| run(input)).map_err(|error| format!("line {number}: {op}: {error}"))?,
            None => json!({ "unsupported": true }),
        };
        writeln!(out, "{answer}").map_err(unwritable)?;
    }
    Ok(())
}

fn zips(index: &Path, out: &mut impl Write) -> Result<(), String> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    File::open(index).map_err(|error| unreadable(index, &error))?;
    let cases = caught(|| zip_cases(index)).map_err(|error| unreadable(index, &error))?;
    for case in cases.iter().take_while(|_| !interrupt::token().is_cancelled()) {
        // The operations would answer with an error, as if the zip were at fault.
        File::open(&case.file).map_err(|error| unreadable(&case.file, &error))?;
        let mut answers = Map::new();
        answers.insert("file".into(), case.line["file"].clone());
        for (name, run) in ZIP_TABLES.iter().copied().flatten() {
            let answer =
                answer(|| run(case)).map_err(|error| format!("{}: {name}: {error}", case.file.display()))?;
            answers.insert((*name).into(), answer);
        }
        writeln!(out, "{}", Value::Object(answers)).map_err(unwritable)?;
    }
    Ok(())
}

fn answer(run: impl FnOnce() -> Answer + UnwindSafe) -> Result<Value, String> {
    caught(run).map(|answer| answer.to_json())
}

/// The message of a panic as an error: the test support panics on broken vector files.
fn caught<T>(run: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    panic::catch_unwind(run).map_err(|payload| match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast_ref::<&str>().map_or_else(|| "panicked".into(), ToString::to_string),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritable(error: io::Error) -> String {
    format!("standard output: {error}")
}
