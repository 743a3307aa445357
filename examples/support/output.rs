//! What a tool says on standard output: lines of text for people, or of JSON for programs.

use std::io::{self, Write as _};

use serde_json::Value;

/// To whom a tool speaks.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    schema: u32,
}

impl Output {
    /// To programs where `json` says so. `schema` stands in each object: it changes when a field changes its meaning or goes
    /// away.
    pub fn new(json: bool, schema: u32) -> Self {
        Self { json, schema }
    }

    /// Whether programs read it.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people, and the object that says the same to programs.
    ///
    /// # Errors
    /// What the system says.
    pub fn line(self, text: impl FnOnce() -> String, object: Value) -> io::Result<()> {
        if self.json { self.object(object) } else { self.text(&text()) }
    }

    /// A line for people only.
    ///
    /// # Errors
    /// What the system says.
    pub fn text(self, text: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(io::stdout(), "{text}") }
    }

    /// An object for programs only.
    ///
    /// # Errors
    /// What the system says.
    pub fn object(self, mut object: Value) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        object["schema"] = self.schema.into();
        writeln!(io::stdout(), "{object}")
    }
}
