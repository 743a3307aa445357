use std::collections::HashMap;

use gomod_module::{Origin, Timestamp};

use super::error::RepoError;
use super::refs::is_hash;
use super::repository::GitRepository;

/// The fewest digits that are taken for the beginning of a hash.
const MIN_HASH: usize = 7;

/// How many digits of a hash a pseudo-version has.
const SHORT_HASH: usize = 12;

/// A commit (`codehost.RevInfo` of the go command).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(crate) hash: String,
    /// When it was committed.
    pub(crate) time: Timestamp,
    /// The tag that was asked for, or the hash.
    pub(crate) name: String,
    /// The tags of the commit, sorted.
    pub(crate) tags: Vec<String>,
    pub(crate) origin: Origin,
}

impl Revision {
    pub(crate) fn short(&self) -> &str {
        self.hash.get(..SHORT_HASH).unwrap_or(&self.hash)
    }
}

/// The revisions of a repository, each looked for once.
#[derive(Debug)]
pub(crate) struct Revisions {
    pub(crate) repository: GitRepository,
    known: HashMap<String, Revision>,
    local_tags: Option<Vec<String>>,
}

impl Revisions {
    pub(crate) fn new(repository: GitRepository) -> Self {
        Self { repository, known: HashMap::new(), local_tags: None }
    }

    /// The commit that a tag, branch or hash names, brought here if it is not (`gitRepo.Stat` of the go command).
    pub(crate) fn find(&mut self, name: &str) -> Result<Revision, RepoError> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let revision = self.search(name)?;
        self.known.insert(name.to_owned(), revision.clone());
        Ok(revision)
    }

    /// The commit that the server calls HEAD.
    pub(crate) fn latest(&mut self) -> Result<Revision, RepoError> {
        let head = self.repository.refs()?.head().ok_or(RepoError::NoCommits)?.to_owned();
        let mut revision = self.find(&head)?;
        "HEAD".clone_into(&mut revision.origin.reference);
        revision.origin.hash = head;
        Ok(revision)
    }

    fn search(&mut self, name: &str) -> Result<Revision, RepoError> {
        let is_hash = (MIN_HASH..=self.repository.hash_length()).contains(&name.len()) && is_hash(name);
        if is_hash && let Some(revision) = self.here(name, name)? {
            return Ok(revision);
        }
        if self.local_tags.is_none() {
            self.local_tags = Some(self.repository.local_tags()?);
        }
        if self.local_tags.iter().flatten().any(|tag| tag == name) {
            let revision = self.here_or_unknown(name, &format!("refs/tags/{name}"))?;
            return self.not_posing(name, is_hash, revision.hash.as_str()).map(|()| revision);
        }
        let target = self.target(name, is_hash)?;
        let mut revision = self.bring(&target, is_hash)?;
        revision.origin.hash.clone_from(&revision.hash);
        Ok(revision)
    }

    /// What a name means to the server.
    fn target(&self, name: &str, is_hash: bool) -> Result<Target, RepoError> {
        let refs = self.repository.refs()?;
        let target = |reference: String, hash: &str, name: &str| Target {
            reference,
            hash: hash.to_owned(),
            name: name.to_owned(),
        };
        let named = refs.tag(name).map(|hash| (format!("refs/tags/{name}"), hash, name));
        let named =
            named.or_else(|| refs.branch(name).map(|hash| (format!("refs/heads/{name}"), hash, hash)));
        if let Some((reference, hash, name_here)) = named {
            self.not_posing(name, is_hash, hash)?;
            return Ok(target(reference, hash, name_here));
        }
        if let Some(hash) = refs.head().filter(|_| name == "HEAD") {
            return Ok(target("HEAD".to_owned(), hash, hash));
        }
        if !is_hash {
            return Err(self.unknown(name));
        }
        let mut found: Option<(&[u8], &str)> = None;
        for (reference, hash) in refs.iter().filter(|(_, hash)| hash.starts_with(name)) {
            match found {
                Some((_, other)) if other != hash => return Err(RepoError::Ambiguous(name.to_owned())),
                Some(_) => {}
                None => found = Some((reference, hash)),
            }
        }
        Ok(match found {
            Some((reference, hash)) => target(String::from_utf8_lossy(reference).into_owned(), hash, hash),
            None if name.len() == self.repository.hash_length() => target(String::new(), name, name),
            None => target(String::new(), "", name),
        })
    }

    /// Refuses a branch or tag that has the full hash of another commit for a name.
    fn not_posing(&self, name: &str, is_hash: bool, hash: &str) -> Result<(), RepoError> {
        let is_full = is_hash && name.len() == self.repository.hash_length();
        if is_full && hash != name { Err(RepoError::NamedLikeCommit(name.to_owned())) } else { Ok(()) }
    }

    fn bring(&mut self, target: &Target, was_looked_for: bool) -> Result<Revision, RepoError> {
        let Target { reference, hash, name } = target;
        let led_by = |revision: Revision, reference: &str| {
            let mut revision = revision;
            if !reference.is_empty() {
                reference.clone_into(&mut revision.origin.reference);
            }
            revision
        };
        let lock = self.repository.lock()?;
        if !was_looked_for && let Some(revision) = self.here(name, hash)? {
            let tag = reference.strip_prefix("refs/tags/");
            if let Some(tag) = tag.filter(|tag| !revision.tags.iter().any(|other| other == tag)) {
                // The commit came with another name.
                self.repository.neutral(&["tag", "--end-of-options", tag, hash])?;
                self.local_tags.get_or_insert_default().push(tag.to_owned());
                return self.here_or_unknown(name, reference).map(|revision| led_by(revision, reference));
            }
            return Ok(led_by(revision, reference));
        }
        if !reference.is_empty() && !hash.is_empty() {
            let (refspec, local) = match reference.as_str() {
                // A name of its own makes git fetch the tags of the commit, too.
                "HEAD" => (format!("{hash}:refs/dummy"), hash),
                _ => (format!("{reference}:{reference}"), reference),
            };
            if self.repository.fetch_some(&refspec)? {
                // As in Go, what HEAD led to does not say so.
                let reference = if reference == "HEAD" { "" } else { reference };
                return self.here_or_unknown(name, local).map(|revision| led_by(revision, reference));
            }
        }
        self.repository.fetch_all(&lock)?;
        self.here_or_unknown(name, name).map(|revision| led_by(revision, reference))
    }

    fn here_or_unknown(&self, name: &str, at: &str) -> Result<Revision, RepoError> {
        self.here(name, at)?.ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> RepoError {
        let mut origin = self.repository.origin();
        if let Some(refs) = self.repository.refs_if_any() {
            origin.repo_sum = refs.sum();
        }
        RepoError::UnknownRevision { revision: name.to_owned(), origin: Box::new(origin) }
    }

    /// The commit that `at` names in what is here, `None` if it is not here (`statLocal` of the go command).
    fn here(&self, name: &str, at: &str) -> Result<Option<Revision>, RepoError> {
        let format = "--format=format:%H %ct %D";
        let arguments = [
            "-c",
            "log.showsignature=false",
            "log",
            "--no-decorate",
            "-n1",
            format,
            "--end-of-options",
            at,
            "--",
        ];
        let output = match self.repository.neutral(&arguments) {
            Ok(output) => String::from_utf8_lossy(&output).into_owned(),
            Err(RepoError::Git(e)) if matches!(e.reason, super::error::GitReason::Failed { .. }) => {
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        let mut words = output.split_whitespace();
        let (Some(hash), Some(seconds)) = (words.next(), words.next()) else {
            return Err(self.repository.unexpected("log", &output));
        };
        let time = seconds.parse().ok().and_then(timestamp);
        let time = time.ok_or_else(|| self.repository.unexpected("log", &output))?;
        let words: Vec<_> = words.collect();
        let marked = words.iter().zip(words.iter().skip(1)).filter(|(mark, _)| **mark == "tag:");
        let mut tags: Vec<String> =
            marked.map(|(_, tag)| tag.strip_suffix(',').unwrap_or(tag).to_owned()).collect();
        // Not every git decorates a commit that came alone.
        if let Some(refs) = self.repository.refs_if_any() {
            tags.extend(refs.tags_of(hash).map(str::to_owned));
        }
        tags.sort_unstable();
        tags.dedup();
        let mut origin = self.repository.origin();
        hash.clone_into(&mut origin.hash);
        if !hash.starts_with(at) {
            at.clone_into(&mut origin.reference);
        }
        let named = tags.iter().find(|tag| *tag == name && !hash.starts_with(name)).cloned();
        Ok(Some(Revision {
            name: named.unwrap_or_else(|| hash.to_owned()),
            hash: hash.to_owned(),
            time,
            tags,
            origin,
        }))
    }
}

#[derive(Debug)]
struct Target {
    /// Its full name at the server; empty for a commit that has none.
    reference: String,
    /// Its commit, empty where that is not known.
    hash: String,
    /// What it is called from here on: names of branches change their meaning.
    name: String,
}

fn timestamp(seconds: i64) -> Option<Timestamp> {
    let distance = std::time::Duration::from_secs(seconds.unsigned_abs());
    let epoch = std::time::UNIX_EPOCH;
    let time = if seconds < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
    Timestamp::from_system_time(time?)
}
