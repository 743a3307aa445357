use std::fmt;

const DIR: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;
const DEVICE: u32 = 1 << 26;
const NAMED_PIPE: u32 = 1 << 25;
const SOCKET: u32 = 1 << 24;
const SETUID: u32 = 1 << 23;
const SETGID: u32 = 1 << 22;
const CHAR_DEVICE: u32 = 1 << 21;
const STICKY: u32 = 1 << 20;
const TYPE: u32 = DIR | SYMLINK | DEVICE | NAMED_PIPE | SOCKET | CHAR_DEVICE;

/// What an entry says about its kind and permissions, in the bits and the writing of Go's
/// [`fs.FileMode`](https://pkg.go.dev/io/fs#FileMode).
///
/// Module zips give it no meaning: a "symbolic link" in one is a file that holds the link's target.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[doc(alias = "FileMode")]
pub struct Mode(u32);

impl Mode {
    /// The mode that is written in the upper half of the external attributes by makers on Unix.
    pub(crate) fn from_unix(unix: u32) -> Self {
        let kind = match unix & 0xf000 {
            0x6000 => DEVICE,
            0x2000 => DEVICE | CHAR_DEVICE,
            0x4000 => DIR,
            0x1000 => NAMED_PIPE,
            0xa000 => SYMLINK,
            0xc000 => SOCKET,
            _ => 0,
        };
        let bit = |mask: u32, mode: u32| if unix & mask == 0 { 0 } else { mode };
        Self(unix & 0o777 | kind | bit(0o4000, SETUID) | bit(0o2000, SETGID) | bit(0o1000, STICKY))
    }

    /// The mode that is written in the lower bits of the external attributes by makers on MS-DOS and Windows.
    pub(crate) fn from_msdos(attributes: u32) -> Self {
        let mode = if attributes & 0x10 == 0 { 0o666 } else { DIR | 0o777 };
        Self(if attributes & 0x01 == 0 { mode } else { mode & !0o222 })
    }

    /// Nothing is known.
    pub(crate) fn none() -> Self {
        Self(0)
    }

    #[must_use]
    pub(crate) fn with_dir(self) -> Self {
        Self(self.0 | DIR)
    }

    /// Returns the bits as Go numbers them.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Returns the Unix permissions, `0o777` at most.
    pub fn permissions(self) -> u32 {
        self.0 & 0o777
    }

    /// Says whether this is a directory.
    pub fn is_dir(self) -> bool {
        self.0 & DIR != 0
    }

    /// Says whether this is a symbolic link.
    pub fn is_symlink(self) -> bool {
        self.0 & SYMLINK != 0
    }

    /// Says whether this is a plain file: no directory, link, device, pipe or socket.
    pub fn is_regular(self) -> bool {
        self.0 & TYPE == 0
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(16);
        let set = |bit: u32| self.0 & (1 << bit) != 0;
        text.extend("dalTLDpSugct?".chars().zip((0..32).rev()).filter(|&(_, bit)| set(bit)).map(|(c, _)| c));
        if text.is_empty() {
            text.push('-');
        }
        text.extend("rwxrwxrwx".chars().zip((0..9).rev()).map(|(c, bit)| if set(bit) { c } else { '-' }));
        f.pad(&text)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mode({self})")
    }
}
