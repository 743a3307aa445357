//! Progress for people: bars and lines on standard error. Bars only where it is a terminal.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::tell;

/// A zip smaller than this has come before its bar could be read.
const LARGE: u64 = 1 << 20;

/// The bars of one run.
#[derive(Debug, Clone)]
pub struct Progress {
    bars: MultiProgress,
    quiet: bool,
}

/// A bar that is gone when it is dropped.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Progress {
    /// Progress on standard error, or none at all.
    pub fn new(quiet: bool) -> Self {
        let shown = !quiet && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), quiet }
    }

    /// Prints a line, unless quiet is wanted.
    pub fn say(&self, line: impl fmt::Display) {
        if !self.quiet {
            self.warn(line);
        }
    }

    /// Prints a line.
    pub fn warn(&self, line: impl fmt::Display) {
        self.bars.suspend(|| tell(&line));
    }

    /// A bar that counts things, as many as [`Bar::expect`] says.
    pub fn count(&self, what: &'static str) -> Bar {
        let style = ProgressStyle::with_template("{prefix:>8} {wide_bar} {pos}/{len} {elapsed}");
        self.bar(self.bars.insert(0, ProgressBar::new(0)), what.to_owned(), style)
    }

    /// A bar for the bytes of a zip; a large one, or one whose size is not known, is shown.
    pub fn zip(&self, module: impl fmt::Display, size: Option<u64>) -> Bar {
        if size.is_some_and(|size| size < LARGE) {
            return Bar { bar: ProgressBar::hidden() };
        }
        let style = ProgressStyle::with_template(
            "         {prefix} {bytes}/{total_bytes} {binary_bytes_per_sec} {msg}",
        );
        let bar = size.map_or_else(ProgressBar::no_length, ProgressBar::new);
        self.bar(self.bars.add(bar), module.to_string(), style)
    }

    fn bar(
        &self,
        bar: ProgressBar,
        prefix: String,
        style: Result<ProgressStyle, indicatif::style::TemplateError>,
    ) -> Bar {
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(prefix);
        if !self.bars.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Bar { bar }
    }
}

impl Bar {
    /// So much more is to be done.
    pub fn expect(&self, count: usize) {
        self.bar.inc_length(count as u64);
    }

    /// So much more is done.
    pub fn add(&self, count: usize) {
        self.bar.inc(count as u64);
    }

    /// So much is there.
    pub fn reach(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Begins again.
    pub fn restart(&self, size: Option<u64>) {
        self.bar.set_position(0);
        if let Some(size) = size {
            self.bar.set_length(size);
        }
    }

    /// What is going on now.
    pub fn message(&self, message: &'static str) {
        self.bar.set_message(message);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
