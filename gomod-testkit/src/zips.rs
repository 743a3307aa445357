//! Module zips: plain ones, and odd ones that no tool would write.

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A module zip in the making. The same calls always give the same bytes.
#[derive(Debug, Clone)]
pub struct ModuleZip {
    prefix: String,
    entries: Vec<Entry>,
    comment: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Vec<u8>,
    data: Vec<u8>,
    stored: bool,
    mode: Option<u32>,
}

impl ModuleZip {
    /// A zip without entries whose names will start with `path@version/`; neither is checked.
    pub fn new(path: &str, version: &str) -> Self {
        Self { prefix: format!("{path}@{version}/"), entries: Vec::new(), comment: Vec::new() }
    }

    /// Adds a file of the module, deflated.
    #[must_use]
    pub fn file(self, name: &str, data: impl Into<Vec<u8>>) -> Self {
        let name = format!("{}{name}", self.prefix);
        self.raw_name(name, data)
    }

    /// Adds a directory of the module: its name ends with a slash, and it has no data.
    #[must_use]
    pub fn directory(self, name: &str) -> Self {
        self.file(&format!("{name}/"), []).stored()
    }

    /// Adds a file under exactly this name, which need not be UTF-8.
    #[must_use]
    pub fn raw_name(mut self, name: impl Into<Vec<u8>>, data: impl Into<Vec<u8>>) -> Self {
        self.entries.push(Entry { name: name.into(), data: data.into(), stored: false, mode: None });
        self
    }

    /// The last entry is stored instead of deflated.
    #[must_use]
    pub fn stored(mut self) -> Self {
        if let Some(entry) = self.entries.last_mut() {
            entry.stored = true;
        }
        self
    }

    /// The last entry has this Unix mode: `0o100_755` for an executable file, `0o120_777` for a symbolic link.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        if let Some(entry) = self.entries.last_mut() {
            entry.mode = Some(mode);
        }
        self
    }

    /// The comment of the zip, at most 65,535 bytes.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<Vec<u8>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// The zip.
    ///
    /// # Panics
    /// When a zip without zip64 cannot hold the entries.
    pub fn build(&self) -> Vec<u8> {
        self.plain().unwrap_or_else(|| self.odd())
    }

    /// Through the `zip` crate, where it can write such a zip.
    fn plain(&self) -> Option<Vec<u8>> {
        if !self.comment.is_empty() {
            return None;
        }
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in &self.entries {
            if entry.mode.is_some() || entry.name.ends_with(b"/") {
                return None;
            }
            let method = if entry.stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(DateTime::default());
            zip.start_file(std::str::from_utf8(&entry.name).ok()?, options).ok()?;
            zip.write_all(&entry.data).ok()?;
        }
        Some(zip.finish().ok()?.into_inner())
    }

    /// Byte by byte, for names twice, names in no encoding, modes, directories and comments.
    fn odd(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut directory = Vec::new();
        for entry in &self.entries {
            let packed = if entry.stored { entry.data.clone() } else { deflated(&entry.data) };
            let mut crc = flate2::Crc::new();
            crc.update(&entry.data);
            let utf8 = !entry.name.is_ascii() && std::str::from_utf8(&entry.name).is_ok();
            // Version needed, flags, method, time, date (1 January 1980).
            let mut fields = Vec::new();
            for field in [20, if utf8 { 0x800 } else { 0 }, if entry.stored { 0 } else { 8 }, 0, 0x21] {
                fields.extend_from_slice(&u16::to_le_bytes(field));
            }
            for field in [crc.sum(), size(&packed), size(&entry.data)] {
                fields.extend_from_slice(&field.to_le_bytes());
            }
            fields.extend_from_slice(&short(&entry.name).to_le_bytes());
            fields.extend_from_slice(&[0; 2]);

            directory.extend_from_slice(b"PK\x01\x02");
            // Made by version 2.0 on Unix (3), so that the mode counts.
            directory.extend_from_slice(&[20, 3]);
            directory.extend_from_slice(&fields);
            directory.extend_from_slice(&[0; 6]);
            let mode = entry.mode.unwrap_or(if entry.name.ends_with(b"/") { 0o40_755 } else { 0o100_644 });
            directory.extend_from_slice(&(mode << 16).to_le_bytes());
            directory.extend_from_slice(&size(&out).to_le_bytes());
            directory.extend_from_slice(&entry.name);

            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&fields);
            out.extend_from_slice(&entry.name);
            out.extend_from_slice(&packed);
        }
        let offset = size(&out);
        let count = u16::try_from(self.entries.len()).expect("fewer than 65,536 entries");
        out.extend_from_slice(&directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&size(&directory).to_le_bytes());
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(&short(&self.comment).to_le_bytes());
        out.extend_from_slice(&self.comment);
        out
    }
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

fn size(data: &[u8]) -> u32 {
    u32::try_from(data.len()).expect("less than 4 GiB")
}

fn short(data: &[u8]) -> u16 {
    u16::try_from(data.len()).expect("at most 65,535 bytes")
}

/// Text like Go source, which compresses about as well as source does: the same for the same seed and length.
pub fn source_text(seed: u64, len: usize) -> Vec<u8> {
    const WORDS: [&str; 32] = [
        "func",
        "return",
        "if err != nil {",
        "}",
        "for",
        "range",
        "string",
        "[]byte",
        "error",
        "nil",
        "ctx",
        "context",
        "Client",
        "request",
        "response",
        "struct",
        "interface",
        "map[string]int",
        "append",
        "len",
        "make",
        "chan",
        "select",
        "case",
        "default",
        "switch",
        "const",
        "var",
        "type",
        "package",
        "import",
        "defer",
    ];
    // SplitMix64: every seed is a good seed.
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut text = Vec::with_capacity(len + 64);
    while text.len() < len {
        let dice = next();
        if dice >> 61 == 0 {
            text.extend_from_slice(format!("v{:x}", (dice >> 5) & 0xfff).as_bytes());
        } else {
            text.extend_from_slice(WORDS[(dice & 31) as usize].as_bytes());
        }
        text.extend_from_slice(if (dice >> 40) % 8 == 0 { b"\n\t" } else { b" " });
    }
    text.truncate(len);
    text
}
