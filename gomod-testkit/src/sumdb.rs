//! A small checksum database with a key of its own, which can be told to misbehave.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use gomod_module::escape::{escape_path, escape_version};
use sha2::{Digest as _, Sha256};

/// A hash of the log.
type Hash = [u8; 32];

/// A transparency log of go.sum lines, served as a checksum database serves it.
///
/// Every hash is computed by the recursion of RFC 6962 from the records alone.
///
/// ```
/// use gomod_testkit::SumDbLog;
///
/// let mut log = SumDbLog::new("sum.example.org", 8);
/// log.add("x.y/m", "v1.0.0", "x.y/m v1.0.0 h1:…\n");
/// assert!(log.get("lookup/x.y/m@v1.0.0").unwrap().starts_with(b"0\nx.y/m v1.0.0 h1:"));
/// assert_eq!(log.get("tile/8/0/000.p/1").unwrap().len(), 32);
/// assert_eq!(log.get("tile/8/0/000"), None);
/// ```
#[derive(Debug, Clone)]
pub struct SumDbLog {
    name: String,
    height: u32,
    key: SigningKey,
    records: Vec<String>,
    /// The hashes of the records.
    leaves: Vec<Hash>,
    /// Record numbers by `{escaped path}@{escaped version}`.
    keys: BTreeMap<String, usize>,
}

impl SumDbLog {
    /// An empty log of this name with tiles of this height; the same name gives the same key.
    pub fn new(name: &str, height: u32) -> Self {
        let seed: Hash = Sha256::digest(name).into();
        Self {
            name: name.to_owned(),
            height,
            key: SigningKey::from_bytes(&seed),
            records: Vec::new(),
            leaves: Vec::new(),
            keys: BTreeMap::new(),
        }
    }

    /// The name in its key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of its verifier key.
    pub fn key(&self) -> String {
        let key = self.key_bytes();
        let hash = u32::from_be_bytes(self.key_hash());
        format!("{}+{hash:08x}+{}", self.name, STANDARD.encode(key))
    }

    /// Appends a record; returns its number.
    ///
    /// # Panics
    /// When path or version cannot be asked for.
    pub fn add(&mut self, path: &str, version: &str, text: &str) -> usize {
        let key = format!(
            "{}@{}",
            escape_path(path).expect("a module path"),
            escape_version(version).expect("a version")
        );
        let id = self.records.len();
        self.keys.insert(key, id);
        self.leaves.push(Sha256::new().chain_update([0]).chain_update(text).finalize().into());
        self.records.push(text.to_owned());
        id
    }

    /// Changes a record that is in the log: what no database may do.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn rewrite(&mut self, id: usize, text: &str) {
        self.leaves[id] = Sha256::new().chain_update([0]).chain_update(text).finalize().into();
        text.clone_into(&mut self.records[id]);
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it has no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The hash of the tree over the first `size` records.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn root(&self, size: usize) -> Hash {
        tree(&self.leaves[..size])
    }

    /// The hash of record `id`.
    ///
    /// # Panics
    /// When there is no such record.
    pub fn leaf(&self, id: usize) -> Hash {
        self.leaves[id]
    }

    /// The signed head of the tree over the first `size` records.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn head(&self, size: usize) -> String {
        self.sign(&format!("go.sum database tree\n{size}\n{}\n", STANDARD.encode(self.root(size))))
    }

    /// The note with this text and the signature of the log's key.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let signature = STANDARD.encode([&self.key_hash()[..], &signature].concat());
        format!("{text}\n\u{2014} {} {signature}\n", self.name)
    }

    /// The content of a path below the base URL, as of now: `lookup/…`, `tile/…` or `latest`.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.get_at(path, self.len())
    }

    /// The content of a path as of the first `size` records.
    pub fn get_at(&self, path: &str, size: usize) -> Option<Vec<u8>> {
        if path == "latest" {
            return Some(self.head(size).into_bytes());
        }
        if let Some(key) = path.strip_prefix("lookup/") {
            let id = self.keys.get(key).copied().filter(|id| *id < size)?;
            return Some(format!("{id}\n{}\n{}", self.records[id], self.head(size)).into_bytes());
        }
        self.tile(path.strip_prefix("tile/")?, size)
    }

    /// Writes all that it serves as of now, and the marker of proxies that serve databases.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write_to(&self, dir: &Path) -> io::Result<()> {
        let mut paths: Vec<String> = self.keys.keys().map(|key| format!("lookup/{key}")).collect();
        paths.push("latest".to_owned());
        let mut count = self.len();
        for level in 0.. {
            let full = count >> self.height;
            paths.extend((0..full).map(|n| format!("tile/{}/{level}/{}", self.height, tile_number(n))));
            let rest = count - (full << self.height);
            if rest > 0 {
                paths.push(format!("tile/{}/{level}/{}.p/{rest}", self.height, tile_number(full)));
            }
            if full == 0 {
                break;
            }
            count = full;
        }
        fs::create_dir_all(dir)?;
        fs::write(dir.join("supported"), "")?;
        for path in paths {
            let file = dir.join(&path);
            fs::create_dir_all(file.parent().unwrap_or(dir))?;
            fs::write(file, self.get(&path).unwrap_or_default())?;
        }
        Ok(())
    }

    /// The content of `{height}/{level}/{number}[.p/{width}]`.
    fn tile(&self, path: &str, size: usize) -> Option<Vec<u8>> {
        let (path, width) = match path.split_once(".p/") {
            Some((path, width)) => (path, width.parse().ok()?),
            None => (path, 1 << self.height),
        };
        let mut parts = path.split('/');
        let height: u32 = parts.next()?.parse().ok()?;
        let level: u32 = parts.next()?.parse().ok()?;
        let number = parts.try_fold(0_usize, |number, group| {
            Some(number * 1000 + group.strip_prefix('x').unwrap_or(group).parse::<usize>().ok()?)
        })?;
        let under = 1_usize.checked_shl(level * self.height)?;
        let first = number << self.height;
        if height != self.height || (first + width) * under > size {
            return None;
        }
        let hashes = (first..first + width).map(|n| tree(&self.leaves[n * under..(n + 1) * under]));
        Some(hashes.flatten().collect())
    }

    fn key_bytes(&self) -> Vec<u8> {
        [&[1], &self.key.verifying_key().to_bytes()[..]].concat()
    }

    fn key_hash(&self) -> [u8; 4] {
        let text = [self.name.as_bytes(), b"\n", &self.key_bytes()].concat();
        let digest: Hash = Sha256::digest(text).into();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

fn tile_number(n: usize) -> String {
    let mut text = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

/// RFC 6962, section 2.1.
fn tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Sha256::new()
                .chain_update([1])
                .chain_update(tree(left))
                .chain_update(tree(right))
                .finalize()
                .into()
        }
    }
}
