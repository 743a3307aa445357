//! One module: what is there is held against the recorded hash, against go.sum, and against itself.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use gomod_archive::{Archive, Limits, OpenError, Threads};
use gomod_cache::{CacheError, CacheFile, Defect, DirState, Entry, EntryState, FileState, ZipHash};
use gomod_module::{H1, Info, ModuleVersion};
use gomod_sum::hash::{CompareError, Difference, Extracted, compare_extracted};
use gomod_sum::sumdb::Misbehavior;
use gomod_sum::{Evidence, GoSum, Kind, Verdict, hash_go_mod, hash_zip};
use gomod_zip::{CheckError, check_prefix, check_zip, read_go_mod};

use support::unproven::{Declares, NotItsGoMod, check_go_mod};
use support::workers::Workers;

use super::confirm::{SumDbChecker, SumDbVerdict};
use super::problem::Problem;
use super::used_toolchain::{self, is_toolchain};

/// A go.sum file and where it is.
#[derive(Debug)]
pub(crate) struct SumFile {
    pub(crate) name: String,
    pub(crate) lines: GoSum,
}

impl SumFile {
    /// A file that is named: one that is not there is an error.
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        if !fs::exists(path)? {
            return Err(format!("there is no {}", path.display()).into());
        }
        Ok(Self { name: path.display().to_string(), lines: GoSum::read(path)? })
    }
}

/// What was found out about a module.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) module: ModuleVersion,
    pub(crate) problems: Vec<Problem>,
    /// What is odd, but legal.
    pub(crate) notes: Vec<String>,
    /// What is not there.
    pub(crate) missing: Vec<&'static str>,
    /// The hash of the zip, where there is one that has a hash.
    pub(crate) zip: Option<H1>,
    /// The size of the zip file.
    pub(crate) zip_size: u64,
    /// Whether the extracted files were compared or hashed.
    pub(crate) tree: bool,
    /// Whether an extraction has not ended, and can be done again.
    pub(crate) half_extracted: bool,
    /// The hash of `.mod`.
    pub(crate) go_mod: Option<H1>,
    /// Whether a go.sum file has proved the zip, or what is recorded of it.
    pub(crate) proved: bool,
    /// The hashes that are known without any go.sum file: that of the zip was recorded when it was downloaded.
    pub(crate) known_zip: Option<H1>,
    pub(crate) known_go_mod: Option<H1>,
    /// What the checksum database says, where that was asked for.
    pub(crate) verdict: Option<SumDbVerdict>,
}

impl Checked {
    /// Whether the content of the module was looked at: its zip or its files.
    pub(crate) fn is_checked(&self) -> bool {
        self.zip.is_some() || self.tree || !self.problems.is_empty()
    }
}

/// What looks at modules. Clones are cheap.
#[derive(Debug, Clone)]
pub(crate) struct Checker {
    pub(crate) sums: Arc<[SumFile]>,
    pub(crate) confirmer: Option<Arc<SumDbChecker>>,
    pub(crate) workers: Workers,
}

impl Checker {
    /// Checks one module; of one that is only `.mod` in the graph, that.
    pub(crate) async fn check(&self, entry: Entry, whole: bool) -> Result<Checked, Box<Misbehavior>> {
        let (cached, sums) = (entry.clone(), Arc::clone(&self.sums));
        let mut found = self.workers.compute(move |threads| check(&cached, &sums, whole, threads)).await;
        if let Some(confirmer) = &self.confirmer {
            confirmer.evaluate(&mut found, &entry, &self.sums).await?;
        }
        Ok(found)
    }
}

fn check(entry: &Entry, sums: &[SumFile], whole: bool, threads: Threads) -> Checked {
    let mut check = Check {
        entry,
        sums,
        threads,
        found: Checked {
            module: entry.module().clone(),
            problems: Vec::new(),
            notes: Vec::new(),
            missing: Vec::new(),
            zip: None,
            zip_size: fs::metadata(entry.path(CacheFile::Zip)).map_or(0, |metadata| metadata.len()),
            tree: false,
            half_extracted: false,
            go_mod: None,
            proved: false,
            known_zip: None,
            known_go_mod: None,
            verdict: None,
        },
    };
    if let Err(error) = check.run(whole) {
        check.found.problems.push(error.into());
    }
    check.found
}

struct Check<'a> {
    entry: &'a Entry,
    sums: &'a [SumFile],
    threads: Threads,
    found: Checked,
}

impl Check<'_> {
    fn run(&mut self, whole: bool) -> Result<(), CacheError> {
        self.entry.check_inside_root()?;
        let links = self.entry.links()?;
        for (path, part) in &links {
            let link = CacheError::Symlink { path: path.clone() };
            self.found.problems.push(Problem::Link(link, Some(*part)));
        }
        let staged = self.entry.cache().staged()?.into_iter();
        let mut cut_short = staged.filter(|s| s.is_sealed && s.module == *self.entry.module());
        if let Some(staged) = cut_short.next() {
            self.found.problems.push(Problem::CutShort(staged.path));
        }
        let state = self.entry.state()?;
        for flaw in state.defects() {
            let Defect::NotAFile(file) = flaw else { continue };
            let path = self.entry.path(file);
            if links.iter().all(|(link, _)| *link != path) {
                self.found.problems.push(Problem::NotAFile(path, file));
            }
        }
        let proved = self.go_mod(&state)?;
        if whole {
            self.info(&state)?;
            let inside = self.zip_and_tree(&state);
            self.compare_go_mods(inside, proved);
        }
        Ok(())
    }

    fn info(&mut self, state: &EntryState) -> Result<(), CacheError> {
        let path = self.entry.path(CacheFile::Info);
        if state.info == FileState::Absent {
            self.found.missing.push("info");
        }
        if state.info != FileState::Present {
            return Ok(());
        }
        let Some(data) = self.entry.read_info()? else { return Ok(()) };
        match Info::parse(&data) {
            Err(source) => self.found.problems.push(Problem::Info { path, source }),
            Ok(info) if info.version != self.entry.module().version().as_str() => {
                self.found.problems.push(Problem::OtherVersion { path, found: info.version });
            }
            Ok(_) => {}
        }
        Ok(())
    }

    /// Whether a go.sum file proves it.
    fn go_mod(&mut self, state: &EntryState) -> Result<bool, CacheError> {
        if state.go_mod == FileState::Absent {
            self.found.missing.push("go.mod");
        }
        if state.go_mod != FileState::Present {
            return Ok(false);
        }
        let Some(data) = self.entry.read_mod()? else { return Ok(false) };
        let hash = hash_go_mod(&data);
        self.found.go_mod = Some(hash);
        let before = self.found.problems.len();
        let proved = self.hold_against(CacheFile::Mod, Kind::GoMod, &hash);
        let path = self.entry.path(CacheFile::Mod);
        match check_go_mod(&data, self.entry.module(), Declares::Any) {
            Ok(None) => {}
            Ok(Some(other)) => self.found.notes.push(format!("its go.mod declares its path as {other}")),
            // Go.sum was made to record what came.
            Err(source) if proved => {
                if matches!(source, NotItsGoMod::LooksLike(_)) {
                    self.found.problems.push(Problem::RecordedPage { path, source });
                }
            }
            Err(source) => self.found.problems.push(Problem::GoMod { path, source }),
        }
        if self.found.problems.len() == before {
            self.found.known_go_mod = Some(hash);
        }
        Ok(proved)
    }

    /// Whether any go.sum file proves this hash. Each that contradicts it is a problem.
    fn hold_against(&mut self, file: CacheFile, kind: Kind, hash: &H1) -> bool {
        let mut proved = false;
        for sum in self.sums {
            match sum.lines.lookup(self.entry.module(), kind, hash) {
                Ok(verdict) => proved |= verdict == Verdict::Match,
                Err(mut mismatch) => {
                    mismatch.file.clone_from(&sum.name);
                    let path = self.entry.path(file);
                    let mut findings = mismatch.explain(&Evidence::new().go_sum(&sum.lines)).into_iter();
                    let line_is_wrong = findings.find(|finding| finding.kind.blames_line());
                    let mismatch = Box::new(mismatch);
                    self.found.problems.push(Problem::Sum { path, mismatch, line_is_wrong });
                }
            }
        }
        proved
    }

    /// The hash of the go.mod in the zip, where that is right.
    fn zip_and_tree(&mut self, state: &EntryState) -> Option<H1> {
        let ziphash = self.entry.path(CacheFile::ZipHash);
        let recorded = state.ziphash.h1().copied();
        self.found.known_zip = recorded;
        match state.ziphash {
            ZipHash::Absent if state.zip == FileState::Present => {
                self.found.problems.push(Problem::NoZipHash(ziphash));
            }
            ZipHash::Invalid => self.found.problems.push(Problem::InvalidZipHash(ziphash)),
            ZipHash::Foreign(_) => self.found.problems.push(Problem::ForeignZipHash(ziphash)),
            _ => {}
        }
        let note = match state.dir {
            DirState::NotADirectory if self.entry.dir().is_symlink() => None,
            DirState::NotADirectory => Some("a file lies where the extracted tree belongs"),
            DirState::Partial => Some("an extraction has not ended: go will do it again"),
            DirState::WithoutZipHash => Some("nothing is recorded of the extracted tree: go will not use it"),
            _ => None,
        };
        self.found.notes.extend(note.map(str::to_owned));
        self.found.half_extracted = state.dir == DirState::Partial && state.has_zip();
        if state.dir != DirState::Complete {
            self.found.missing.push("extracted tree");
        }
        if state.zip == FileState::Present {
            return self.zip(state, recorded);
        }
        if state.zip == FileState::Absent {
            self.found.missing.push("zip");
        }
        if let Some(recorded) = recorded {
            self.found.proved = self.hold_against(CacheFile::ZipHash, Kind::Zip, &recorded);
            if state.dir == DirState::Complete {
                self.tree_alone(recorded, Vec::new(), false);
            }
        }
        None
    }

    fn zip(&mut self, state: &EntryState, recorded: Option<H1>) -> Option<H1> {
        let path = self.entry.path(CacheFile::Zip);
        let opened = File::open(&path)
            .map_err(OpenError::Size)
            .and_then(|file| Archive::open(file, &Limits::default()));
        let archive = match opened {
            Ok(archive) => archive,
            Err(source) => {
                self.found.problems.push(Problem::of_zip(path, source));
                return None;
            }
        };
        let rules = check_zip(&archive, self.entry.module()).into_result();
        let too_large = matches!(rules, Err(CheckError::Size(_)));
        // The zip of another module is one fault, however many files are in it.
        let names = check_prefix(&archive, self.entry.module()).map_err(Into::into);
        if let Err(source) = names.and_then(|()| rules.map_err(Into::into)) {
            self.found.problems.push(Problem::Rules { path: path.clone(), source });
        }
        if too_large {
            return None;
        }
        let compared = if state.dir == DirState::Complete {
            compare_extracted(&archive, self.entry.dir(), self.entry.module(), &self.threads).map(Some)
        } else {
            Ok(None)
        };
        let mut bad_tree = None;
        let (hash, extracted) = match compared {
            Ok(Some(extracted)) => (Ok(extracted.zip), Some(extracted)),
            Ok(None) => (hash_zip(&archive, &self.threads), None),
            Err(CompareError::Zip(source)) => (Err(source), None),
            Err(error) => {
                if let CompareError::Dir(source) = error {
                    bad_tree = Some(source);
                }
                (hash_zip(&archive, &self.threads), None)
            }
        };
        let found = match hash {
            Ok(hash) => hash,
            Err(source) => {
                self.found.problems.push(Problem::of_zip_entry(path, source));
                return None;
            }
        };
        self.found.zip = Some(found);
        let before = self.found.problems.len();
        self.found.proved = self.hold_against(CacheFile::Zip, Kind::Zip, &found);
        if let Some(recorded) = recorded.filter(|recorded| *recorded != found) {
            self.found.problems.push(Problem::ZipModified { path, recorded, found });
        }
        let zip_is_right = self.found.problems.len() == before && recorded.is_some();
        if let Some(source) = bad_tree {
            self.found.problems.push(Problem::of_tree(self.entry.dir(), source, zip_is_right));
        }
        if let Some(extracted) = &extracted {
            self.tree(extracted, recorded, zip_is_right);
        }
        let inside = zip_is_right.then(|| read_go_mod(&archive, self.entry.module()).ok()).flatten();
        inside.map(|content| hash_go_mod(&content))
    }

    fn tree(&mut self, extracted: &Extracted, recorded: Option<H1>, zip_is_right: bool) {
        self.found.tree = true;
        let module = self.entry.module();
        // The go command itself makes those of a toolchain executable.
        if !extracted.odd_modes.is_empty() && !is_toolchain(module) {
            let count = extracted.odd_modes.len();
            self.found.notes.push(format!("{count} extracted files have other modes than go gives"));
        }
        let mut differences = extracted.differences.clone();
        used_toolchain::retain_damage(module, &self.entry.dir(), &mut differences);
        let is_equal = extracted.is_one_to_one() && differences.is_empty();
        match recorded {
            // A zip that is not the recorded one has been named, and this tree is its own.
            _ if is_equal => {}
            None => {}
            Some(recorded) => {
                // The recorded hash is that of the zip, and the tree differs from it: no need to hash it.
                if zip_is_right && !differences.is_empty() && extracted.is_one_to_one() {
                    let dir = self.entry.dir();
                    self.found.problems.push(Problem::DirModified { dir, differences, zip_is_right });
                } else {
                    self.tree_alone(recorded, differences, zip_is_right);
                }
            }
        }
    }

    /// The tree hashed by itself, as `go mod verify` does.
    fn tree_alone(&mut self, recorded: H1, differences: Vec<Difference>, zip_is_right: bool) {
        let (dir, module) = (self.entry.dir(), self.entry.module());
        self.found.tree = true;
        match used_toolchain::hash_as_extracted(&dir, module, &self.threads) {
            Ok(hash) if hash == recorded => {}
            Ok(_) => self.found.problems.push(Problem::DirModified { dir, differences, zip_is_right }),
            Err(source) => self.found.problems.push(Problem::of_tree(dir, source, zip_is_right)),
        }
    }

    fn compare_go_mods(&mut self, inside: Option<H1>, proved: bool) {
        let Some(inside) = inside else { return };
        if self.found.known_go_mod.is_none() {
            self.found.known_go_mod = Some(inside);
        } else if !proved && self.found.go_mod != Some(inside) {
            self.found.problems.push(Problem::GoModOfZip(self.entry.path(CacheFile::Mod)));
            self.found.known_go_mod = Some(inside);
        }
    }
}
