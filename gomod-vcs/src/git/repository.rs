use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use gomod_module::Origin;

use super::child::MAX_STDIN;
use super::directory::{Directory, Lock};
use super::error::{GitError, GitReason, RepoError, at};
use super::program::{Configuration, GitProgram, Run};
use super::refs::{Refs, Tags};
use super::remote::Remote;
use crate::discovery::repo_url::RepoUrl;

/// The kind of the go command's directories for git.
const KIND: &str = "git3";

/// The largest file that is read for itself: go.mod and LICENSE (Go: when it makes the zip).
pub(crate) const MAX_FILE: usize = 16 << 20;

/// How much of the history is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fetched {
    /// What was there.
    Nothing,
    /// Some commits, without their ancestors.
    Some,
    /// All branches and tags.
    All,
}

/// A git repository in the cache of the go command, which both use and neither need make anew
/// (`modfetch/codehost` of the go command).
///
/// What is missing is fetched when it is needed, under the lock that the go command takes.
#[derive(Clone)]
pub(crate) struct GitRepository {
    pub(crate) git: GitProgram,
    directory: Directory,
    remote: Remote,
    has_sha256: bool,
    fetched: Fetched,
    /// Shared by the modules of the repository: there may be many of both.
    refs: OnceLock<Arc<Refs>>,
    /// Whether the server was asked for them in vain.
    refs_failed: OnceLock<()>,
    files: HashMap<String, Option<Vec<u8>>>,
}

impl fmt::Debug for GitRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitRepository")
            .field("remote", &self.remote)
            .field("directory", &self.directory.path)
            .finish_non_exhaustive()
    }
}

impl GitRepository {
    /// Opens the repository at `url` in `GOMODCACHE/cache/vcs`, and makes it if it is not there: the server is asked for
    /// its references then. After an error there is no new one.
    pub(crate) fn open(git: &GitProgram, mod_cache: &Path, url: &RepoUrl) -> Result<Self, RepoError> {
        let remote = Remote::new(url)?;
        let directory = Directory::new(mod_cache, KIND, &remote.name);
        let mut repository = Self {
            git: git.clone(),
            directory,
            remote,
            has_sha256: false,
            fetched: Fetched::Nothing,
            refs: OnceLock::new(),
            refs_failed: OnceLock::new(),
            files: HashMap::new(),
        };
        let lock = repository.directory.lock(git)?;
        repository.directory.create()?;
        if !repository.directory.path.join("objects").is_dir()
            && let Err(e) = repository.init()
        {
            repository.directory.remove();
            return Err(e);
        }
        drop(lock);
        repository.has_sha256 = repository.reads_sha256()?;
        Ok(repository)
    }

    fn init(&self) -> Result<(), RepoError> {
        let refs = self.list_refs(self.remote.url())?;
        let mut arguments = vec!["init", "--bare", "--template="];
        if refs.has_sha256() {
            arguments.push("--object-format=sha256");
        }
        self.run(&arguments, Configuration::Neutral, false, &[]).map_err(RepoError::Git)?;
        self.neutral(&["remote", "add", "origin", "--", &self.remote.name])?;
        let _ = self.refs.set(Arc::new(refs));
        Ok(())
    }

    /// What git's configuration of the repository says of its hashes.
    fn reads_sha256(&self) -> Result<bool, RepoError> {
        let path = self.directory.path.join("config");
        let config = std::fs::read(&path).map_err(at("read", &path))?;
        let config = String::from_utf8_lossy(&config).to_ascii_lowercase();
        let mut settings = config.lines().filter_map(|line| line.trim().strip_prefix("objectformat"));
        Ok(settings
            .next_back()
            .is_some_and(|value| value.trim_start_matches([' ', '\t', '=']).trim() == "sha256"))
    }

    fn run(
        &self,
        arguments: &[&str],
        configuration: Configuration,
        in_repository: bool,
        stdin: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
        self.git.run(&Run {
            arguments: &arguments,
            dir: &self.directory.path,
            in_repository,
            configuration,
            stdin,
            secrets: &self.remote.secrets,
        })
    }

    /// A step on what is there.
    pub(super) fn neutral(&self, arguments: &[&str]) -> Result<Vec<u8>, RepoError> {
        self.run(arguments, Configuration::Neutral, true, &[]).map_err(RepoError::Git)
    }

    /// A step that asks the server.
    fn with_server(&self, arguments: &[&str]) -> Result<Vec<u8>, RepoError> {
        self.run(arguments, Configuration::User, true, &[]).map_err(RepoError::Git)
    }

    fn list_refs(&self, from: &str) -> Result<Refs, RepoError> {
        self.with_server(&["ls-remote", "-q", "--end-of-options", from]).map(|output| Refs::parse(&output))
    }

    /// The references of the server, which is asked once.
    pub(super) fn refs(&self) -> Result<&Refs, RepoError> {
        if self.refs.get().is_none() {
            let refs = self.list_refs(self.remote.in_repository())?;
            let _ = self.refs.set(Arc::new(refs));
        }
        Ok(self.refs.get_or_init(Arc::default))
    }

    /// The references, where the server gives them: it is not asked again once it has failed.
    pub(super) fn refs_if_any(&self) -> Option<&Refs> {
        if self.refs_failed.get().is_some() {
            return self.refs.get().map(|refs| &**refs);
        }
        match self.refs() {
            Ok(refs) => Some(refs),
            // A step that was ended says nothing for later ones.
            Err(RepoError::Git(GitError { reason: GitReason::Cancelled | GitReason::Time(_), .. })) => None,
            Err(_) => {
                let _ = self.refs_failed.set(());
                None
            }
        }
    }

    /// The server's tags that begin with a text.
    pub(crate) fn tags(&self, prefix: &str) -> Result<Tags, RepoError> {
        self.refs().map(|refs| refs.tags(prefix))
    }

    /// What Origin says of every answer of this repository.
    pub(crate) fn origin(&self) -> Origin {
        let mut origin = Origin::default();
        "git".clone_into(&mut origin.vcs);
        origin.url.clone_from(&self.remote.name);
        origin
    }

    pub(super) fn hash_length(&self) -> usize {
        if self.has_sha256 { 64 } else { 40 }
    }

    pub(super) fn lock(&self) -> Result<Lock, RepoError> {
        self.directory.lock(&self.git)
    }

    /// The tags that are here.
    pub(super) fn local_tags(&self) -> Result<Vec<String>, RepoError> {
        let output = self.neutral(&["tag", "-l"])?;
        Ok(String::from_utf8_lossy(&output).lines().map(str::to_owned).collect())
    }

    /// Fetches one commit without its ancestors, and says whether that went well.
    pub(super) fn fetch_some(&mut self, refspec: &str) -> Result<bool, RepoError> {
        if self.fetched == Fetched::All {
            return Ok(false);
        }
        self.fetched = Fetched::Some;
        let from = self.remote.in_repository();
        let arguments =
            ["-c", "protocol.version=2", "fetch", "-f", "--depth=1", "--end-of-options", from, refspec];
        match self.with_server(&arguments) {
            Ok(_) => Ok(true),
            // Not every server can do it, and each says so in its own way.
            Err(RepoError::Git(GitError { reason: GitReason::Failed { .. }, .. })) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Fetches all branches and tags with their history, under the lock.
    pub(super) fn fetch_all(&mut self, _lock: &Lock) -> Result<(), RepoError> {
        if self.fetched == Fetched::All {
            return Ok(());
        }
        let from = self.remote.in_repository();
        let all = ["refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*"];
        self.with_server(&["fetch", "-f", "--end-of-options", from, all[0], all[1]])?;
        if self.directory.path.join("shallow").exists() {
            self.with_server(&["fetch", "--unshallow", "-f", "--end-of-options", from])?;
        }
        self.fetched = Fetched::All;
        Ok(())
    }

    /// The highest tag reachable from a commit whose name begins with `prefix` and is allowed, by the version behind the
    /// prefix (`RecentTag` of the go command).
    pub(crate) fn recent_tag(
        &mut self,
        hash: &str,
        prefix: &str,
        mut allowed: impl FnMut(&mut Self, &str) -> bool,
    ) -> Result<Option<String>, RepoError> {
        let here = self.highest_merged(hash, prefix, &mut allowed)?;
        if here.as_ref().is_some_and(|tag| !super::refs::is_hash(tag)) {
            return Ok(here);
        }
        if self.tags(&format!("{prefix}v"))?.names.is_empty() {
            return Ok(None);
        }
        let lock = self.lock()?;
        self.fetch_all(&lock)?;
        drop(lock);
        self.highest_merged(hash, prefix, &mut allowed)
    }

    fn highest_merged(
        &mut self,
        hash: &str,
        prefix: &str,
        allowed: &mut impl FnMut(&mut Self, &str) -> bool,
    ) -> Result<Option<String>, RepoError> {
        let merged = format!("--merged={hash}");
        let output = self.neutral(&["for-each-ref", "--format=%(refname)", &merged])?;
        let output = String::from_utf8_lossy(&output).into_owned();
        let mut highest = String::new();
        for tag in output.lines().filter_map(|line| line.trim().strip_prefix("refs/tags/")) {
            let Some(version) = tag.strip_prefix(prefix) else { continue };
            if allowed(self, tag) && gomod_module::semver::compare(version, &highest).is_gt() {
                version.clone_into(&mut highest);
            }
        }
        Ok((!highest.is_empty()).then(|| format!("{prefix}{highest}")))
    }

    /// Whether a commit is a descendant of a tag's, for which all history is fetched if need be.
    pub(crate) fn descends_from(&mut self, hash: &str, tag: &str) -> Result<bool, RepoError> {
        if self.is_ancestor(tag, hash)? {
            return Ok(true);
        }
        if self.tags(tag)?.names.is_empty() {
            return Ok(false);
        }
        let lock = self.lock()?;
        self.fetch_all(&lock)?;
        drop(lock);
        self.is_ancestor(tag, hash)
    }

    fn is_ancestor(&self, tag: &str, hash: &str) -> Result<bool, RepoError> {
        match self.neutral(&["merge-base", "--is-ancestor", "--", tag, hash]) {
            Ok(_) => Ok(true),
            Err(RepoError::Git(GitError { reason: GitReason::Failed { .. }, .. })) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// A file of a commit; `None` if there is none. What is no file, such as a directory, is none.
    pub(crate) fn read_file(&mut self, hash: &str, name: &str) -> Result<Option<Vec<u8>>, RepoError> {
        let object = format!("{hash}:{name}");
        if let Some(known) = self.files.get(&object) {
            return Ok(known.clone());
        }
        if object.contains('\n') || object.len() >= MAX_STDIN {
            return Ok(None);
        }
        let arguments = ["cat-file", "--batch"];
        let mut question = object.clone().into_bytes();
        question.push(b'\n');
        let output = self.run(&arguments, Configuration::Neutral, true, &question).map_err(RepoError::Git)?;
        let content = self.blob(&output)?;
        self.files.insert(object, content.clone());
        Ok(content)
    }

    /// What `git cat-file --batch` says of one object: `HASH blob SIZE`, the content and a line feed.
    fn blob(&self, output: &[u8]) -> Result<Option<Vec<u8>>, RepoError> {
        let Some(end) = output.iter().position(|&b| b == b'\n') else { return Ok(None) };
        let (head, content) = output.split_at(end + 1);
        let head = String::from_utf8_lossy(head);
        let words: Vec<_> = head.split_whitespace().collect();
        let ["blob", size] = words.get(1..).unwrap_or_default() else { return Ok(None) };
        let size = size.parse::<usize>().ok().filter(|size| *size < content.len());
        let Some(content) = size.and_then(|size| content.get(..size)) else {
            return Err(self.unexpected("cat-file --batch", &head));
        };
        if content.len() > MAX_FILE {
            return Err(self.unexpected("cat-file --batch", "a go.mod or LICENSE file over 16 MiB"));
        }
        Ok(Some(content.to_vec()))
    }

    /// The archive of a commit, or of a directory in it, as tar; `None` if there is no such directory. What git writes
    /// there depends on the repository's attributes, except that nothing is left out or filled in.
    pub(crate) fn archive(&self, hash: &str, dir: &str) -> Result<Option<Vec<u8>>, RepoError> {
        let lock = self.lock()?;
        self.prepare_attributes()?;
        let mut arguments = vec!["-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=tar"];
        arguments.extend(["--prefix=prefix/", "--end-of-options", hash]);
        arguments.extend((!dir.is_empty()).then_some(dir));
        let output = self.neutral(&arguments);
        drop(lock);
        match output {
            Ok(archive) => Ok(Some(archive)),
            Err(RepoError::Git(GitError { reason: GitReason::Failed { stderr, .. }, .. }))
                if stderr.contains("did not match any files") =>
            {
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// Switches off the attributes by which git leaves files out of archives and fills in others, as the go command does.
    fn prepare_attributes(&self) -> Result<(), RepoError> {
        const LINES: &[u8] = b"\n* -export-subst -export-ignore\n";
        let dir = self.directory.path.join("info");
        std::fs::create_dir_all(&dir).map_err(at("create", &dir))?;
        let path = dir.join("attributes");
        let has_them = std::fs::read(&path).is_ok_and(|content| content.ends_with(LINES));
        if has_them {
            return Ok(());
        }
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
        file.and_then(|mut file| file.write_all(LINES)).map_err(at("write", &path))
    }

    /// Something that is not an archive.
    pub(crate) fn unexpected_archive(&self) -> RepoError {
        self.unexpected("archive", "that is no tar archive")
    }

    pub(super) fn unexpected(&self, command: &str, output: &str) -> RepoError {
        RepoError::Git(GitError {
            command: format!("git {command}"),
            dir: self.directory.path.clone(),
            reason: GitReason::Unexpected(output.to_owned()),
        })
    }
}
