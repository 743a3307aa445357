use std::fmt;
use std::path::{Path, PathBuf};

/// At most so many notes on one file.
const MAX_NOTES: usize = 100;

/// The entries of a netrc file, as the go command reads them (`parseNetrc` in cmd/go;
/// [Passing credentials to private proxies](https://go.dev/ref/mod#private-module-proxy-auth)).
///
/// Any bytes are such a file. An entry is complete once it has `machine`, `login` and `password`, in any order behind
/// `machine` and on as many lines as it takes, but each word on the line of its value. Quotation marks are part of a
/// value. `macdef` skips to the next empty line. `default` is never used; alone on its line it ends the file.
///
/// Files that other programs read in another way are common, so [`Netrc::notes`] says what has no effect or another
/// one than it seems. Nothing shows what a file contains, not even `Debug`.
///
/// ```
/// use gomod_proxy_client::auth::{Netrc, NetrcNoteKind};
///
/// let netrc = Netrc::parse(b"machine goproxy.corp.example:8443 login ci password s3cr3t\ndefault login me password x\n");
/// assert_eq!(netrc.len(), 1);
/// assert_eq!(netrc.notes()[0].line(), 2);
/// assert_eq!(netrc.notes()[0].kind(), NetrcNoteKind::Default);
/// ```
#[derive(Clone, Default)]
pub struct Netrc {
    entries: Vec<Login>,
    notes: Vec<NetrcNote>,
    path: Option<PathBuf>,
}

/// A complete entry.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) machine: Vec<u8>,
    pub(crate) user: Vec<u8>,
    pub(crate) password: Vec<u8>,
}

/// Something in a netrc file that has no effect, or another one than it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetrcNote {
    line: usize,
    kind: NetrcNoteKind,
}

/// What a [`NetrcNote`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetrcNoteKind {
    /// A `default` entry, which the go command never uses.
    Default,
    /// A `machine` without `login`, `password` or both.
    Incomplete,
    /// A `login` or `password` that begins with a quotation mark, which is part of it.
    Quoted,
    /// `machine`, `login` or `password` at the end of a line, without a value.
    WithoutValue,
    /// A byte order mark before the first word, which is part of the word, so that its entry is not read.
    ByteOrderMark,
    /// Zero bytes, as in UTF-16: no word is read.
    NotText,
}

impl Netrc {
    /// The entries of a file. The caller limits its size: what is kept is never larger.
    pub fn parse(data: &[u8]) -> Self {
        let mut netrc = Self::default();
        let mut entry: Option<Unfinished> = None;
        let mut in_macro = false;
        if data.contains(&0) {
            netrc.note(NetrcNote { line: 1, kind: NetrcNoteKind::NotText });
        } else if data.starts_with("\u{feff}".as_bytes()) {
            netrc.note(NetrcNote { line: 1, kind: NetrcNoteKind::ByteOrderMark });
        }
        for (index, line) in data.split(|byte| *byte == b'\n').enumerate() {
            if in_macro {
                in_macro = !line.is_empty();
                continue;
            }
            let note = |kind| NetrcNote { line: index + 1, kind };
            let fields = fields(line);
            let pairs = fields.chunks_exact(2);
            let rest = pairs.remainder();
            for pair in pairs {
                let [word, value] = pair else { continue };
                if matches!(*word, b"login" | b"password") && value.starts_with(b"\"") {
                    netrc.note(note(NetrcNoteKind::Quoted));
                }
                match *word {
                    b"machine" => {
                        netrc.given_up(entry.take());
                        entry = Some(Unfinished::new(index + 1, value));
                    }
                    b"default" => netrc.note(note(NetrcNoteKind::Default)),
                    b"macdef" => in_macro = true,
                    word => {
                        if let Some(partial) = &mut entry {
                            partial.set(word, value);
                        }
                    }
                }
                if let Some(login) = entry.take_if(|entry| entry.is_complete()) {
                    netrc.entries.push(login.login);
                }
            }
            match rest {
                [b"default"] => {
                    netrc.note(note(NetrcNoteKind::Default));
                    break;
                }
                [b"machine" | b"login" | b"password"] => netrc.note(note(NetrcNoteKind::WithoutValue)),
                _ => {}
            }
        }
        netrc.given_up(entry);
        netrc
    }

    /// The same with the path of the file, by which reports name it.
    #[must_use]
    pub fn named(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// How many complete entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no complete entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What has no effect, or another one than it seems; 100 at most.
    pub fn notes(&self) -> &[NetrcNote] {
        &self.notes
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) fn into_entries(self) -> Vec<Login> {
        self.entries
    }

    fn given_up(&mut self, entry: Option<Unfinished>) {
        if let Some(entry) = entry {
            self.note(NetrcNote { line: entry.line, kind: NetrcNoteKind::Incomplete });
        }
    }

    fn note(&mut self, note: NetrcNote) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }
}

/// An entry that is being read.
struct Unfinished {
    line: usize,
    login: Login,
}

impl Unfinished {
    fn new(line: usize, machine: &[u8]) -> Self {
        Self { line, login: Login { machine: machine.to_vec(), user: Vec::new(), password: Vec::new() } }
    }

    fn set(&mut self, word: &[u8], value: &[u8]) {
        match word {
            b"login" => self.login.user = value.to_vec(),
            b"password" => self.login.password = value.to_vec(),
            _ => {}
        }
    }

    fn is_complete(&self) -> bool {
        !self.login.user.is_empty() && !self.login.password.is_empty()
    }
}

impl NetrcNote {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What it is about.
    pub fn kind(&self) -> NetrcNoteKind {
        self.kind
    }
}

impl fmt::Display for NetrcNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl fmt::Display for NetrcNoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "a default entry is not used",
            Self::Incomplete => "a machine without login and password is not used",
            Self::Quoted => "quotation marks are part of the value",
            Self::WithoutValue => "the value must stand on the same line",
            Self::ByteOrderMark => "the byte order mark at the start of the file hides the first entry",
            Self::NotText => "the file is no UTF-8 text, so that no entry is read",
        })
    }
}

/// How many entries and what is to be said of them.
impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Netrc")
            .field("entries", &self.len())
            .field("notes", &self.notes)
            .field("path", &self.path)
            .finish()
    }
}

/// What white space separates, as `strings.Fields`: bytes that are no UTF-8 separate nothing.
fn fields(line: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let (mut start, mut at) = (None, 0);
    for chunk in line.utf8_chunks() {
        for (offset, c) in chunk.valid().char_indices() {
            let here = at + offset;
            match (c.is_whitespace(), start) {
                (true, Some(begin)) => {
                    fields.extend(line.get(begin..here));
                    start = None;
                }
                (false, None) => start = Some(here),
                _ => {}
            }
        }
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            start.get_or_insert(at);
            at += chunk.invalid().len();
        }
    }
    fields.extend(start.and_then(|begin| line.get(begin..)));
    fields
}
