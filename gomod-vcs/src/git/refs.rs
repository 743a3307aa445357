use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gomod_module::semver;
use gomod_module::text::quote;
use gomod_module::version::is_pseudo_version;
use sha2::{Digest as _, Sha256};

const TAGS: &[u8] = b"refs/tags/";
const HEADS: &[u8] = b"refs/heads/";

/// The branches and tags of a repository, and `HEAD`, with the commits that they name. An annotated tag stands for its
/// commit. Names are bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refs(BTreeMap<Vec<u8>, String>);

/// Tags that begin with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags {
    /// Their names, if they are UTF-8, sorted.
    pub(crate) names: Vec<String>,
    /// What Origin calls `TagSum`.
    pub(crate) sum: String,
}

impl Refs {
    /// Reads what `git ls-remote` prints. Other references, such as those of pull requests, are left out: nobody who may not
    /// write to the repository can make a version.
    pub(super) fn parse(output: &[u8]) -> Self {
        let mut refs = BTreeMap::new();
        let mut peeled = Vec::new();
        for line in output.split(|&b| b == b'\n') {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let (Some(hash), Some(name), None) = (words.next(), words.next(), words.next()) else { continue };
            let hash = String::from_utf8_lossy(hash).into_owned();
            if name != b"HEAD" && !name.starts_with(HEADS) && !name.starts_with(TAGS) || !is_hash(&hash) {
                continue;
            }
            match name.strip_suffix(b"^{}") {
                Some(tag) => peeled.push((tag.to_vec(), hash)),
                None => _ = refs.insert(name.to_vec(), hash),
            }
        }
        refs.extend(peeled);
        Self(refs)
    }

    /// Whether hashes have 64 digits.
    pub(super) fn has_sha256(&self) -> bool {
        self.0.values().next().is_some_and(|hash| hash.len() == 64)
    }

    fn get(&self, prefix: &[u8], name: &str) -> Option<&str> {
        self.0.get(&[prefix, name.as_bytes()].concat()).map(String::as_str)
    }

    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        self.get(TAGS, name)
    }

    pub(super) fn branch(&self, name: &str) -> Option<&str> {
        self.get(HEADS, name)
    }

    pub(super) fn head(&self) -> Option<&str> {
        self.get(b"", "HEAD")
    }

    /// All names, in the order of their bytes, with their commits.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &str)> {
        self.0.iter().map(|(name, hash)| (name.as_slice(), hash.as_str()))
    }

    /// The tags of a commit whose names are UTF-8.
    pub(super) fn tags_of(&self, hash: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(_, other)| *other == hash)
            .filter_map(|(name, _)| str::from_utf8(name.strip_prefix(TAGS)?).ok())
    }

    /// The tags whose names begin with `prefix`.
    pub(super) fn tags(&self, prefix: &str) -> Tags {
        let dir = prefix.rfind('/').map_or("", |slash| prefix.get(..=slash).unwrap_or_default());
        let tags = self.iter().filter_map(|(name, hash)| Some((name.strip_prefix(TAGS)?, hash)));
        let mut sum = Sha256::new();
        let mut names = Vec::new();
        for (name, hash) in tags.filter(|(name, _)| name.starts_with(prefix.as_bytes())) {
            let Ok(text) = str::from_utf8(name) else { continue };
            if is_version(text.strip_prefix(dir).unwrap_or(text)) {
                sum.update(format!("{} {hash}\n", quote(name)));
            }
            names.push(text.to_owned());
        }
        Tags { names, sum: format!("t1:{}", STANDARD.encode(sum.finalize())) }
    }

    /// What Origin calls `RepoSum`: a hash of all names and commits.
    pub(super) fn sum(&self) -> String {
        let mut sum = Sha256::new();
        for (name, hash) in self.iter() {
            sum.update(format!("{} {hash}\n", quote(name)));
        }
        format!("r1:{}", STANDARD.encode(sum.finalize()))
    }
}

/// Whether a tag counts in `TagSum`: a version, perhaps with more after it, and no pseudo-version.
fn is_version(tag: &str) -> bool {
    semver::canonical(tag).is_some_and(|canonical| tag.starts_with(&*canonical)) && !is_pseudo_version(tag)
}

/// Whether a text consists of the digits of a hash.
pub(super) fn is_hash(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
