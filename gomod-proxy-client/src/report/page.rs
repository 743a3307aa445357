//! Pages in place of files, with the status of success: sign-in pages, captive portals, errors in JSON.

use crate::report::secrets::Secrets;
use crate::report::server_response;

/// So much of a page is kept for what it says.
const MAX_PAGE: usize = 64 << 10;
/// So many blanks may stand before a page.
const MAX_BLANKS: usize = 4096;

/// The beginning of a page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    what: &'static str,
    is_json: bool,
    start: Vec<u8>,
}

/// What has come of a file, while it is not known whether that is a page.
#[derive(Debug, Default)]
pub(crate) struct Start(Vec<u8>);

/// What begins so.
pub(crate) enum Noted {
    /// More must be seen.
    Unknown,
    File,
    Page(Box<Page>),
}

impl Start {
    pub(crate) fn push(&mut self, chunk: &[u8], what: &'static str) -> Noted {
        self.0.extend_from_slice(chunk.get(..chunk.len().min(MAX_PAGE)).unwrap_or_default());
        let start = std::mem::take(&mut self.0);
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
        // No file of a module begins so, and of a checksum database's none is likely to.
        let is_json = matches!(what, "list" | "mod" | "zip") && matches!(text.first(), Some(b'{' | b'['));
        match server_response::is_page(&start, what != "sumdb") {
            None if start.len() < MAX_BLANKS => {
                self.0 = start;
                Noted::Unknown
            }
            is_page if is_json || is_page == Some(true) => {
                Noted::Page(Box::new(Page { what, is_json, start }))
            }
            _ => Noted::File,
        }
    }
}

impl Page {
    /// The whole content, if it is a page.
    pub(crate) fn of_content(content: &[u8], what: &'static str) -> Option<Box<Self>> {
        match Start::default().push(content, what) {
            Noted::Page(page) => Some(page),
            _ => None,
        }
    }

    pub(crate) fn extend(&mut self, chunk: &[u8]) {
        let left = MAX_PAGE.saturating_sub(self.start.len());
        self.start.extend_from_slice(chunk.get(..chunk.len().min(left)).unwrap_or_default());
    }

    /// In words.
    pub(crate) fn name(&self) -> &'static str {
        match (self.what, self.is_json) {
            ("info", _) => "a web page in place of an .info file",
            ("mod", false) => "a web page in place of a .mod file",
            ("mod", true) => "JSON in place of a .mod file",
            ("zip", false) => "a web page in place of a .zip file",
            ("zip", true) => "JSON in place of a .zip file",
            ("list", false) => "a web page in place of a list of versions",
            ("list", true) => "JSON in place of a list of versions",
            (_, _) => "a web page in place of a file of the checksum database",
        }
    }

    /// What it says.
    pub(crate) fn said(&self, secrets: &Secrets) -> Option<String> {
        server_response::text(&self.start, true, secrets)
    }
}
