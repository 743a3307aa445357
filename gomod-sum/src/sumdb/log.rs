//! What a session believes about a log, and how it comes to believe more.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;

use super::answer::{RecordProof, SumLines};
use super::error::{ForgedHeadError, LookupError, Misbehavior};
use super::files::{Files, MAX_LOOKUP, ReadRequest, ReadSource, State, StoredFile};
use super::fork::Fork;
use super::hash::Hash;
use super::hash_read::HashRead;
use super::key::VerifierKey;
use super::note::{Note, NoteError};
use super::proof::{
    ProofError, check_record, check_tree, prove_record, prove_tree, record_index, record_proof_indexes,
    tree_hash,
};
use super::record::{Record, TreeHead};
use super::tile::{Tile, TileError};
use crate::go_sum::entry::Kind;

/// One question of a session.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) path: String,
    pub(super) version: String,
    /// The path of the file with the answer.
    pub(super) file: String,
    /// Whether the tree head in the file is taken over.
    pub(super) is_merged: bool,
    pub(super) result: Option<Result<SumLines, LookupError>>,
}

/// Why something is not known.
pub(super) enum Stop {
    /// Files are missing that were asked for.
    Wait,
    /// The log has grown; that must be stored first.
    Newer,
    Fail(LookupError),
    End(Box<Misbehavior>),
}

impl<E: Into<LookupError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fail(error.into())
    }
}

/// How a tree head stands to the largest one known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Past,
    Now,
    Future,
}

#[derive(Debug)]
pub(super) struct Log {
    key: VerifierKey,
    tile_height: u8,
    files: Files,
    head: TreeHead,
    /// The signed note with the head; empty before the first.
    note: String,
    /// Heads that are known to go with `head`.
    consistent: HashSet<TreeHead>,
    to_store: Vec<StoredFile>,
}

impl Log {
    pub(super) fn new(key: VerifierKey, tile_height: u8) -> Self {
        Self {
            key,
            tile_height,
            files: Files::default(),
            head: TreeHead::EMPTY,
            note: String::new(),
            consistent: HashSet::new(),
            to_store: Vec::new(),
        }
    }

    pub(super) fn note(&self) -> &str {
        &self.note
    }

    pub(super) fn reads(&self) -> Vec<ReadRequest> {
        self.files.reads()
    }

    pub(super) fn provide(&mut self, path: &str, source: ReadSource, content: &[u8]) {
        self.files.provide(path, source, content);
    }

    pub(super) fn provide_error(
        &mut self,
        path: &str,
        source: ReadSource,
        error: &Arc<dyn Error + Send + Sync>,
    ) {
        self.files.provide_error(path, source, error);
    }

    /// The files that were proven and not stored yet.
    pub(super) fn take_stored(&mut self) -> Vec<StoredFile> {
        std::mem::take(&mut self.to_store)
    }

    /// Answers a question as far as the files go that are there.
    pub(super) fn look_up(&mut self, lookup: &mut Lookup) -> Result<SumLines, Stop> {
        self.files.want_lookup(&lookup.file);
        let (content, is_cached) = match self.files.state(&lookup.file) {
            State::Awaited => return Err(Stop::Wait),
            State::Failed(error) => return Err(error.into()),
            State::Read(content, source) => (content.to_vec(), source == ReadSource::Cache),
        };
        let error = match self.judge(lookup, &content) {
            Ok(lines) if !is_cached => {
                self.store(&lookup.file);
                return Ok(lines);
            }
            Ok(lines) => {
                let mut kinds = [Kind::Zip, Kind::GoMod].into_iter();
                if kinds.any(|kind| lines.lines(kind).next().is_some()) {
                    return Ok(lines);
                }
                LookupError::OtherModule { id: lines.proof().record().id }
            }
            Err(Stop::Fail(error)) if error.is_about_answer() => error,
            Err(stop) => return Err(stop),
        };
        if self.files.refetch(&lookup.file) {
            lookup.is_merged = false;
            return Err(Stop::Wait);
        }
        Err(match error {
            // What lies in the cache may have rotted; what the network says is the database's word.
            LookupError::Note { note, source: NoteError::Signature(source) } if !is_cached => {
                Stop::End(Box::new(ForgedHeadError { note, source }.into()))
            }
            error => error.into(),
        })
    }

    /// Proves the record of an answer.
    fn judge(&mut self, lookup: &mut Lookup, answer: &[u8]) -> Result<SumLines, Stop> {
        let length = answer.len() as u64;
        if length > MAX_LOOKUP {
            let path = lookup.file.clone();
            return Err(LookupError::TooLong { path, length, limit: MAX_LOOKUP }.into());
        }
        let (record, note) = Record::parse(answer)?;
        if !lookup.is_merged {
            let order = self.merge(note)?;
            lookup.is_merged = true;
            if order == Order::Future {
                return Err(Stop::Newer);
            }
        }
        let size = self.head.size;
        // Go takes a negative number for 0; no log holds a record under one.
        let id = u64::try_from(record.id).unwrap_or(0);
        if id >= size {
            return Err(LookupError::Beyond { id: record.id, size }.into());
        }
        let mut indexes = vec![record_index(id)];
        indexes.extend(record_proof_indexes(size, id)?);
        let hashes = self.read_hashes(self.head, &indexes)?;
        let (leaf, beside) = hashes.split_first().ok_or(ProofError::Reader)?;
        if record.id < 0 || *leaf != record.hash() {
            return Err(LookupError::NotInLog { id: record.id }.into());
        }
        let hashes = prove_record(size, id, |_| Ok::<_, ProofError>(beside.to_vec()))?;
        check_record(&hashes, &self.head, id, &record.hash())?;
        let proof = RecordProof::new(record, hashes, self.note.clone());
        Ok(SumLines::new(lookup.path.clone(), lookup.version.clone(), proof))
    }

    /// Takes a signed tree head over, if it goes with the one that is known.
    pub(super) fn merge(&mut self, note: &[u8]) -> Result<Order, Stop> {
        if note.is_empty() {
            return Ok(if self.head.size == 0 { Order::Now } else { Order::Past });
        }
        let unreadable = |source| LookupError::Note { note: note.to_vec(), source };
        let opened = Note::open(note, std::slice::from_ref(&self.key)).map_err(unreadable)?;
        let head = TreeHead::parse(opened.text().as_bytes())
            .map_err(|source| LookupError::Tree { text: opened.text().to_owned(), source })?;
        let note = String::from_utf8_lossy(note).into_owned();
        if head.size > self.head.size {
            let known = self.note.clone();
            self.check_trees(self.head, &known, head, &note)?;
            (self.head, self.note) = (head, note);
            return Ok(Order::Future);
        }
        if !self.consistent.contains(&head) {
            let known = self.note.clone();
            self.check_trees(head, &note, self.head, &known)?;
            self.consistent.insert(head);
        }
        Ok(if head.size < self.head.size { Order::Past } else { Order::Now })
    }

    /// Says that one log is the start of the other.
    fn check_trees(
        &mut self,
        older: TreeHead,
        old_note: &str,
        newer: TreeHead,
        new_note: &str,
    ) -> Result<(), Stop> {
        let root =
            tree_hash(older.size, |indexes| self.read_hashes(newer, indexes)).map_err(|stop| match stop {
                Stop::Fail(error) => {
                    LookupError::Check { older: older.size, newer: newer.size, source: Box::new(error) }
                        .into()
                }
                stop => stop,
            })?;
        if root == older.hash {
            return Ok(());
        }
        let start = TreeHead { size: older.size, hash: root };
        let proof = match prove_tree(newer.size, older.size, |indexes| self.read_hashes(newer, indexes)) {
            Ok(proof) if check_tree(&proof, &newer, &start).is_ok() => proof,
            Err(Stop::Wait) => return Err(Stop::Wait),
            // With the tiles, the two signed heads are evidence enough.
            _ => Vec::new(),
        };
        let fork = Fork { old: old_note.to_owned(), new: new_note.to_owned(), root, proof };
        Err(Stop::End(Box::new(Misbehavior::Fork(Box::new(fork)))))
    }

    /// Reads stored hashes that the head proves.
    fn read_hashes(&mut self, head: TreeHead, indexes: &[u64]) -> Result<Vec<Hash>, Stop> {
        let read = HashRead::new(head, self.tile_height, indexes)?;
        let paths: Vec<String> = read.tiles().iter().map(Tile::to_string).collect();
        for tile in read.tiles() {
            self.files.want_tile(*tile);
        }
        let states: Vec<_> = paths.iter().map(|path| self.files.state(path)).collect();
        if states.iter().any(|state| matches!(state, State::Awaited)) {
            return Err(Stop::Wait);
        }
        let contents = states.into_iter().map(|state| match state {
            State::Read(content, _) => Ok(content),
            State::Failed(error) => Err(Stop::Fail(error)),
            State::Awaited => Err(Stop::Wait),
        });
        let error = match read.hashes(&contents.collect::<Result<Vec<_>, _>>()?) {
            Ok(hashes) => {
                for path in &paths {
                    self.store(path);
                }
                return Ok(hashes);
            }
            Err(error) => error,
        };
        let suspects: Vec<&Tile> = match &error {
            TileError::Length { tile, .. } | TileError::Inconsistent { tile: Some(tile) } => vec![tile],
            _ => read.right_end().iter().collect(),
        };
        let mut is_asked_again = false;
        for tile in suspects {
            is_asked_again |= self.files.refetch(&tile.to_string());
        }
        Err(if is_asked_again { Stop::Wait } else { error.into() })
    }

    fn store(&mut self, path: &str) {
        let content = self.files.take_unstored(path);
        self.to_store.extend(content.map(|content| StoredFile { path: path.to_owned(), content }));
    }
}
