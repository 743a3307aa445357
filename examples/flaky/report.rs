//! What is said, as text or as JSON lines, on standard output.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use gomod_testkit::{Answered, Ended, Seen};
use serde_json::json;
use support::output::Output;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// What a client needs to know.
pub(crate) struct Serving {
    pub(crate) goproxy: String,
    pub(crate) gosumdb: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
}

pub(crate) struct Report {
    output: Output,
    requests: u64,
    bytes: u64,
    without_handshake: u64,
    /// How often each fault was met, by its name.
    faults: BTreeMap<String, u64>,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            output: Output::new(json, SCHEMA),
            requests: 0,
            bytes: 0,
            without_handshake: 0,
            faults: BTreeMap::new(),
        }
    }

    pub(crate) fn serving(&self, serving: &Serving) -> io::Result<()> {
        let ca_file = serving.ca_file.as_ref().map(|path| path.display().to_string());
        let variables = [
            ("GOPROXY", Some(&serving.goproxy)),
            ("GOSUMDB", serving.gosumdb.as_ref()),
            ("SSL_CERT_FILE", ca_file.as_ref()),
        ];
        let lines: Vec<_> =
            variables.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?))).collect();
        self.output.line(
            || lines.join("\n"),
            json!({
                "event": "serving",
                "goproxy": serving.goproxy,
                "gosumdb": serving.gosumdb,
                "ssl_cert_file": ca_file,
            }),
        )
    }

    pub(crate) fn seen(&mut self, seen: &Seen) -> io::Result<()> {
        match seen {
            Seen::Answered(answered) => self.answered(answered),
            Seen::NoHandshake(reason) => {
                self.without_handshake += 1;
                self.output
                    .line(|| format!("no TLS: {reason}"), json!({"event": "no_handshake", "reason": reason}))
            }
            _ => Ok(()),
        }
    }

    fn answered(&mut self, answered: &Answered) -> io::Result<()> {
        self.requests += 1;
        self.bytes += answered.sent;
        let fault = answered.fault.as_ref().map(ToString::to_string);
        if let Some(name) = fault.as_deref().and_then(|fault| fault.split('=').next()) {
            *self.faults.entry(name.to_owned()).or_default() += 1;
        }
        let request = &answered.request;
        let range = request.header("range");
        let (name, ended) = match answered.ended {
            Ended::Closed => ("closed", ", then closed"),
            Ended::Reset => ("reset", ", then reset"),
            Ended::ClientLeft => ("client_left", ", then the client was gone"),
            _ => ("kept", ""),
        };
        let seconds = answered.elapsed.as_secs_f64();
        let text = || {
            let range = range.map(|range| format!(" ({range})")).unwrap_or_default();
            let status = answered.status.map_or_else(|| "no status".to_owned(), |code| code.to_string());
            let fault = fault.as_ref().map(|fault| format!("  <- {fault}")).unwrap_or_default();
            let sent = answered.sent;
            format!(
                "{} {}{range}: {status}, {sent} bytes in {seconds:.3} s{ended}{fault}",
                request.method, request.target
            )
        };
        let object = json!({
            "event": "request",
            "method": request.method,
            "target": request.target,
            "range": range,
            "status": answered.status,
            "bytes": answered.sent,
            "seconds": seconds,
            "ended": name,
            "fault": answered.fault,
        });
        self.output.line(text, object)
    }

    pub(crate) fn summary(&self) -> io::Result<()> {
        let wrong: u64 = self.faults.values().sum();
        let counts: Vec<_> = self.faults.iter().map(|(name, count)| format!("{count} {name}")).collect();
        self.output.line(
            || {
                let (requests, bytes) = (self.requests, self.bytes);
                let s = if requests == 1 { "" } else { "s" };
                let faults =
                    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
                let tls = match self.without_handshake {
                    0 => String::new(),
                    count => format!("; {count} without TLS"),
                };
                format!("{requests} request{s}, {bytes} bytes sent; {wrong} with a fault{faults}{tls}")
            },
            json!({
                "event": "summary",
                "requests": self.requests,
                "bytes": self.bytes,
                "no_handshake": self.without_handshake,
                "faults": self.faults,
            }),
        )
    }
}
