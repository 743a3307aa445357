/// How many bytes of each kind of file are read, after decoding. A larger file is an error of its source, kind
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
///
/// The go command has a limit for zips alone. The HTTP library reads at most 100 headers and about 400 KiB of
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limits {
    /// `.zip`: 500 MiB, unless set (`codehost.MaxZipFile`).
    pub zip: u64,
    /// `.mod`: 16 MiB, unless set (`codehost.MaxGoMod`, which Go checks in zips).
    pub go_mod: u64,
    /// `.info` and `@latest`: 1 MiB, unless set.
    pub info: u64,
    /// `@v/list`: 8 MiB, unless set.
    pub list: u64,
}

impl Limits {
    /// The defaults.
    pub fn new() -> Self {
        Self { zip: 500 << 20, go_mod: 16 << 20, info: 1 << 20, list: 8 << 20 }
    }

    /// Sets the limit for `.zip`, in bytes.
    #[must_use]
    pub fn zip(mut self, bytes: u64) -> Self {
        self.zip = bytes;
        self
    }

    /// Sets the limit for `.mod`, in bytes.
    #[must_use]
    pub fn go_mod(mut self, bytes: u64) -> Self {
        self.go_mod = bytes;
        self
    }

    /// Sets the limit for `.info` and `@latest`, in bytes.
    #[must_use]
    pub fn info(mut self, bytes: u64) -> Self {
        self.info = bytes;
        self
    }

    /// Sets the limit for `@v/list`, in bytes.
    #[must_use]
    pub fn list(mut self, bytes: u64) -> Self {
        self.list = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
