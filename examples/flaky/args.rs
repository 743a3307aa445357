//! The command line.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use gomod_testkit::{Certificate, Rule};
use serde_json::Value;
use support::flags::seconds;

const EXAMPLES: &str = "\
Examples:
  $ flaky --fault zip:status=502                      the embedded sample, without its zips
  $ flaky ~/go/pkg/mod/cache/download --one-in 3      one answer in three breaks off in its body
  $ flaky DIR --fault info:stall_before_first_byte --fault zip:trickle=piece:10,pause_ms:100
  $ flaky DIR --latency 0.05 --bandwidth 1000000      right, but slow
  $ flaky DIR --scenario faults.json --json           what examples/flaky/README.md describes
  $ flaky --tls expired                               a certificate that ended in 2001

It prints the GOPROXY to use, then a line for each request, until it is interrupted; then what it did in all. \
A fault changes the answers of one kind of request (info, mod, zip, list, latest, sumdb) or of all; the first \
that applies wins.

Faults:
  status=CODE retry_after=code:CODE,seconds:N reply=… html body=TEXT flip_byte=offset:N
  truncate=len:N redirect=code:CODE,location:URL redirect_to_self redirect_hops=N
  redirect_forever close_before_first_byte reset_before_first_byte away=connections:N go_away
  cut_body=after:N,reset:BOOL cut_chunked=after:N no_final_chunk bad_chunk_size
  no_length_cut=after:N short_length=by:N two_lengths not_http bad_status_line half_header
  huge_header raw=TEXT stall_before_first_byte stall_after=N delay_ms=N
  trickle=piece:N,pause_ms:N gzip gzip_no_length gzip_truncated gzip_bad_crc
  content_encoding=NAME http_1_0 continue_100 chunked empty_frames no_length close_after=reset:BOOL

Exit status: 130 interrupted, which is how it ends; 1 it cannot serve; 2 wrong usage.";

/// Serves modules as a GOPROXY that misbehaves on purpose, on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(name = "flaky", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to serve: files as a GOPROXY has them, such as GOMODCACHE/cache/download. Nothing outside of it is read
    /// [default: an embedded sample].
    #[arg(value_name = "DIR", value_parser = tree)]
    pub(crate) dir: Option<PathBuf>,

    /// Serve the embedded sample, with a checksum database.
    #[arg(long, conflicts_with = "dir")]
    pub(crate) sample: bool,

    /// A file that says what goes wrong, in JSON; flags come before what it says.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,

    /// What goes wrong, as often as needed.
    #[arg(long = "fault", value_name = "[KIND:]FAULT[=VALUE]")]
    pub(crate) faults: Vec<Rule>,

    /// Each --fault only at the first N of its requests.
    #[arg(long, value_name = "N", requires = "faults")]
    pub(crate) times: Option<usize>,

    /// Each --fault at one request in N, drawn by the file that is asked for; without --fault, bodies break off.
    #[arg(long, value_name = "N")]
    pub(crate) one_in: Option<NonZeroU64>,

    /// Draws other requests.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Wait so long before each answer.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) latency: Option<Duration>,

    /// Send so many bytes a second, over all connections together.
    #[arg(long, value_name = "BYTES")]
    pub(crate) bandwidth: Option<NonZeroU64>,

    /// Answer Range requests in part, so that clients can go on where a body broke off.
    #[arg(long)]
    pub(crate) ranges: bool,

    /// Speak TLS, with a certificate that is `good`, `expired`, of another name (`other_name`) or of an authority that
    /// nobody knows (`unknown_root`).
    #[arg(long, value_name = "CERTIFICATE", value_parser = certificate)]
    pub(crate) tls: Option<Certificate>,

    /// The port [default: any that is free].
    #[arg(long, value_name = "PORT", default_value = "0", hide_default_value = true)]
    pub(crate) port: u16,

    /// One JSON object a line on standard output, in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

fn tree(text: &str) -> Result<PathBuf, String> {
    let dir = PathBuf::from(text);
    let inner = dir.join("cache").join("download");
    if inner.is_dir() {
        return Err(format!("a module cache, whose files a GOPROXY has are in {}", inner.display()));
    }
    if dir.is_dir() { Ok(dir) } else { Err("not a directory".to_owned()) }
}

fn certificate(text: &str) -> Result<Certificate, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| error.to_string())
}
