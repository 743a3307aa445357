//! What to do about a failure. Nothing here weakens what is verified of a public module, and each piece was tried: following
//! it leads further (examples/tests/tools).

use std::error::Error as StdError;
use std::path::Path;

use gomod_cache::CacheError;
use gomod_proxy_client::report::HttpProxyError;
use gomod_proxy_client::{Error, ErrorKind};
use gomod_sum::sumdb::ChecksumError;

use crate::certificates;
use crate::database::DatabaseError;
use crate::failure::{Failure, Problem};
use crate::silence::Silence;

/// Of a link in the module cache, in every tool.
pub const NO_LINKS: &str = "put what it leads to in its place, or take it away (`verify --repair` moves one aside that has \
    the place of a module's .info, .mod, .zip or tree); only GOMODCACHE itself, and cache and cache/download in it, may be \
    links";

impl Failure {
    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        if let Some(next) = self.answer().filter(|error| is_of_http_proxy(error)).and_then(Error::next_step) {
            return Some(next);
        }
        if let Some(obstacle) = self.obstacle() {
            return Some(obstacle.next_step_in_cache(self.is_unwritable_cache()).to_owned());
        }
        if let Problem::Fetch(error) | Problem::Unknown { proxy: error, .. } = &self.problem
            && self.findings().is_empty()
        {
            return self.fetch(error);
        }
        if let Some(finding) = self.blame_of_line() {
            return Some(finding.next_step);
        }
        let text = match &self.problem {
            Problem::Fetch(error) | Problem::Unknown { proxy: error, .. } => return self.fetch(error),
            Problem::Missing(_) => {
                "bring back the project's go.sum, or run `go mod tidy` there; for a single module, give both its \
                 lines with --sum, or a project whose go.sum has them"
            }
            Problem::Unproven { source, .. } => return Some(unproven(source)),
            Problem::NoLine(_) => {
                "do not use this version: its record in the checksum database is about something else"
            }
            Problem::Misbehavior(_) => {
                "trust no module that is new to you until this is explained: keep the report above, and send it to those \
                 who run the database"
            }
            Problem::GoModOfZip { path } if !path.exists() => {
                "ask another source for the same version: the .mod of this one is not the go.mod file of its .zip"
            }
            Problem::Cached { path, .. }
            | Problem::CachedGoMod { path, .. }
            | Problem::GoModOfZip { path }
            | Problem::ForeignZipHash(path)
            | Problem::Modified(path)
            | Problem::Damaged { path, .. } => return Some(move_away(path)),
            Problem::Cache(CacheError::Symlink { .. }) => NO_LINKS,
            Problem::Cache(error) if error.is_unwritable() => {
                "make the module cache writable, or set GOMODCACHE to another directory"
            }
            Problem::Cache(error) => {
                let path = error.path().display();
                return Some(format!("see what is at {path}, or set GOMODCACHE to another directory"));
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn fetch(&self, error: &Error) -> Option<String> {
        match error.kind() {
            ErrorKind::Mismatch if !self.findings().is_empty() => {
                self.findings().into_iter().next().map(|finding| finding.next_step)
            }
            ErrorKind::Mismatch if matches!(self.wrong(), Some(ChecksumError::Database(_))) => {
                let step = "do not build from these bytes: everybody else got others; ask another source for the same version";
                Some(step.to_owned())
            }
            _ => certificates::next_step(error).or_else(|| error.next_step()),
        }
    }
}

/// Whether an HTTP proxy is, or may be, the trouble.
fn is_of_http_proxy(error: &Error) -> bool {
    error.http_proxy().is_some() || error.source().is_some_and(<dyn StdError>::is::<HttpProxyError>)
}

/// What is fetched anew once it is gone. With a zip goes the hash that is recorded of it, which the next run would find wrong.
fn move_away(path: &Path) -> String {
    let is_zip = path.extension().is_some_and(|extension| extension == "zip");
    let other = Some(path.with_extension("ziphash")).filter(|other| is_zip && other.exists());
    let and = other.map_or_else(String::new, |other| format!(" and {}", other.display()));
    format!("move {}{and} away and run this again: it will be fetched anew", path.display())
}

/// What to do where neither go.sum nor the checksum database knows.
pub fn unproven(error: &DatabaseError) -> String {
    match error.silence() {
        Silence::NoDatabase => {
            "correct that value (`go env -u GOSUMDB` takes it out of the file of `go env -w`), or bring back the project's \
             go.sum"
                .to_owned()
        }
        Silence::Link => NO_LINKS.to_owned(),
        Silence::HeadFile(path) => format!(
            "make {} readable and writable: the signed head of the checksum database's log is kept there",
            path.display()
        ),
        Silence::StoredHead(path) => format!(
            "see whether {} was damaged, or is of another database of this name; a copy of it is worth keeping before it is \
             moved away, as it is what a fork of the log would be known by",
            path.display()
        ),
        Silence::HeadAgainstServer(path) => format!(
            "what the server has does not go with the head in {}: ask through another proxy; if others agree with this one, \
             see whether that file was damaged",
            path.display()
        ),
        Silence::UnknownVersion(_) => {
            "check path and version; a version that was published minutes ago may not be known yet: try again later"
                .to_owned()
        }
        Silence::MissingFile { path, .. } => format!(
            "the server of the database lacks {path}, without which nothing it says can be proven: name another proxy in \
             GOPROXY, or the URL of the database itself behind its key in GOSUMDB"
        ),
        Silence::Unavailable(_) => {
            "try again; or bring back the project's go.sum (for a single module, both its lines with --sum): then no \
             database is asked; or name a proxy in GOPROXY that serves the database below /sumdb/, or its URL behind its \
             key in GOSUMDB"
                .to_owned()
        }
        Silence::CachedTiles(paths) => {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("move {} away and run this again: it will be fetched anew", paths.join(" and "))
        }
        Silence::NotProven => {
            "what came in the name of the checksum database proves nothing: ask it through another proxy".to_owned()
        }
    }
}
