use crate::text::quote::quote;

/// The flags of GOFLAGS.
///
/// Source: [GOFLAGS](https://pkg.go.dev/cmd/go#hdr-Environment_variables) and `cmd/internal/quoted`. Flags that no go
/// command knows are kept and not refused: the list of all flags is not known here.
///
/// ```
/// use gomod_module::goenv::GoFlags;
///
/// let flags = GoFlags::parse("-mod=mod '-modfile=dir with space/go.mod' --modcacherw")?;
/// assert!(flags.modcacherw());
/// assert_eq!(flags.modfile(), Some("dir with space/go.mod"));
/// assert_eq!(flags.value("mod"), Some("mod"));
/// # Ok::<(), gomod_module::goenv::GoFlagsError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoFlags {
    /// Names without dashes; no value for a flag without `=`.
    flags: Vec<(String, Option<String>)>,
    modcacherw: bool,
}

impl GoFlags {
    /// The flags of a GOFLAGS value: words separated by blanks, each `-flag` or `-flag=value`, in single or double
    /// quotes where it holds blanks.
    ///
    /// # Errors
    /// [`GoFlagsError`] names what the go command would refuse.
    pub fn parse(goflags: &str) -> Result<Self, GoFlagsError> {
        let words = split(goflags)?;
        let mut out =
            Self { flags: words.into_iter().map(flag).collect::<Result<_, _>>()?, modcacherw: false };
        for (name, value) in &out.flags {
            match (name.as_str(), value) {
                ("modcacherw", None) => out.modcacherw = true,
                ("modcacherw", Some(value)) => {
                    let bad = || GoFlagsError::Boolean { flag: name.clone(), value: value.clone() };
                    out.modcacherw = parse_bool(value).ok_or_else(bad)?;
                }
                ("modfile" | "mod", None) => return Err(GoFlagsError::Argument(name.clone())),
                _ => {}
            }
        }
        Ok(out)
    }

    /// Whether directories in the module cache are left writable (`-modcacherw`).
    pub fn modcacherw(&self) -> bool {
        self.modcacherw
    }

    /// The file to read and write in place of go.mod (`-modfile`).
    pub fn modfile(&self) -> Option<&str> {
        self.value("modfile").filter(|file| !file.is_empty())
    }

    /// The value of a flag named without its dashes: the last one given, empty for a flag without `=`.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.flags.iter().rev().find(|(flag, _)| flag == name)?;
        Some(value.as_deref().unwrap_or_default())
    }
}

/// GOFLAGS cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoFlagsError {
    /// A quote is not closed.
    #[error("unterminated {0} string")]
    Unterminated(char),
    /// A word is not a flag.
    #[error("non-flag {}", quote(.0.as_bytes()))]
    NonFlag(String),
    /// The value of a yes/no flag is neither.
    #[error("invalid boolean value {} for flag -{flag}", quote(value.as_bytes()))]
    Boolean {
        /// The flag without dashes.
        flag: String,
        /// The value.
        value: String,
    },
    /// A flag lacks its value.
    #[error("flag needs an argument: -{0}")]
    Argument(String),
}

/// Name and value of a flag.
fn flag(word: &str) -> Result<(String, Option<String>), GoFlagsError> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with(['-', '='])) else {
        return Err(GoFlagsError::NonFlag(word.to_owned()));
    };
    Ok(match name.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (name.to_owned(), None),
    })
}

fn split(text: &str) -> Result<Vec<&str>, GoFlagsError> {
    const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(SPACE);
    while let Some(first) = rest.chars().next() {
        let (word, after) = if let '"' | '\'' = first {
            let inner = rest.strip_prefix(first).unwrap_or_default();
            inner.split_once(first).ok_or(GoFlagsError::Unterminated(first))?
        } else {
            rest.split_at_checked(rest.find(SPACE).unwrap_or(rest.len())).unwrap_or_default()
        };
        words.push(word);
        rest = after.trim_start_matches(SPACE);
    }
    Ok(words)
}

/// As `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
