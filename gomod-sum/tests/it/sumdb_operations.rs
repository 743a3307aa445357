//! What the checksum database's client answers to the inputs of the vector files.

use std::collections::BTreeSet;
use std::error::Error;

use gomod_module::PrefixPatterns;
use gomod_sum::Kind;
use gomod_sum::sumdb::tlog::{self, HashRead, ProofError, Tile, TileError};
use gomod_sum::sumdb::{
    GoSumDb, Hash, LookupAnswer as SumAnswer, LookupError, Misbehavior, Note, NoteError, ReadSource, Record,
    Routing, Session, SessionOptions, SessionStep, Signature, TreeHead, VerifierKey,
};
use gomod_testkit::vectors::{Answer, Operation, bytes, json_bytes, text};
use serde_json::{Map, Value, json};

/// By the names of the vector files.
pub const SUMDB_OPERATIONS: &[Operation] = &[
    ("note_verifier", note_verifier),
    ("note_open", note_open),
    ("tlog_record_hash", |input| Answer::value(Hash::of_record(&bytes(&input["data"])).to_string())),
    ("tlog_node_hash", |input| {
        Answer::value(Hash::of_node(&hash(&input["left"]), &hash(&input["right"])).to_string())
    }),
    ("tlog_parse_hash", |input| {
        Answer::result(string(&input["s"]).parse::<Hash>().map(|hash| hash.to_string()))
    }),
    ("tlog_parse_tree", |input| {
        let head = TreeHead::parse(&bytes(&input["text"]));
        Answer::result(head.map(|head| json!({"n": head.size, "hash": head.hash.to_string()})))
    }),
    ("tlog_format_tree", |input| {
        Answer::value(TreeHead { size: number(&input["n"]), hash: hash(&input["hash"]) }.to_string())
    }),
    ("tlog_parse_record", |input| {
        Answer::result(
            Record::parse(&bytes(&input["msg"])).map(
                |(record, rest)| json!({"id": record.id, "text": record.text, "rest": json_bytes(rest)}),
            ),
        )
    }),
    ("tlog_format_record", |input| {
        let Some(text) = text(&input["text"]) else { return Answer::error("malformed record data") };
        Answer::result(Record::new(input["id"].as_i64().expect("a number"), &text).map(|r| r.to_string()))
    }),
    ("tlog_stored_hash_index", |input| {
        let level = u32::try_from(number(&input["level"])).expect("a level");
        Answer::value(tlog::stored_hash_index(level, number(&input["n"])))
    }),
    ("tlog_split_stored_hash_index", |input| {
        let (level, n) = tlog::split_stored_hash_index(number(&input["index"]));
        Answer::value(json!({"level": level, "n": n}))
    }),
    ("tlog_stored_hash_count", |input| Answer::value(tlog::stored_hash_count(number(&input["n"])))),
    ("tlog_tree_hash", |input| {
        let hash = tlog::tree_hash(number(&input["n"]), Stored::of(input, "n").reader());
        Answer::result(hash.map(|hash| hash.to_string()))
    }),
    ("tlog_prove_record", |input| {
        let stored = Stored::of(input, "t");
        proof(tlog::prove_record(number(&input["t"]), number(&input["n"]), stored.reader()))
    }),
    ("tlog_prove_tree", |input| {
        let stored = Stored::of(input, "t");
        proof(tlog::prove_tree(number(&input["t"]), number(&input["n"]), stored.reader()))
    }),
    ("tlog_check_record", |input| {
        let (head, n) =
            (TreeHead { size: number(&input["t"]), hash: hash(&input["th"]) }, number(&input["n"]));
        Answer::check(tlog::check_record(&hashes(&input["proof"]), &head, n, &hash(&input["h"])))
    }),
    ("tlog_check_tree", |input| {
        let new = TreeHead { size: number(&input["t"]), hash: hash(&input["th"]) };
        let old = TreeHead { size: number(&input["n"]), hash: hash(&input["h"]) };
        Answer::check(tlog::check_tree(&hashes(&input["proof"]), &new, &old))
    }),
    ("tlog_tile_for_index", |input| {
        let tile = Tile::for_index(height(&input["h"]), number(&input["index"])).expect("a height");
        Answer::value(coordinates(&tile))
    }),
    ("tlog_tile_path", |input| Answer::value(tile(input).to_string())),
    ("tlog_parse_tile_path", |input| {
        Answer::result(string(&input["path"]).parse::<Tile>().map(|tile| coordinates(&tile)))
    }),
    ("tlog_new_tiles", |input| {
        let tiles = Tile::new_tiles(height(&input["h"]), number(&input["old"]), number(&input["new"]));
        Answer::value(tiles.iter().map(Tile::to_string).collect::<Vec<_>>())
    }),
    ("tlog_hash_from_tile", |input| {
        let data = decode(input["data"].as_str().expect("base64"));
        Answer::result(tile(&input["tile"]).hash(&data, number(&input["index"])).map(|hash| hash.to_string()))
    }),
    ("tlog_tile_reader", tile_reader),
    ("sumdb_lookup", sumdb_lookup),
    ("gosumdb_parse", gosumdb_parse),
    ("use_sumdb", |input| {
        let routing =
            Routing::new(&string(&input["gosumdb"]), bytes(&input["gonosumdb"]), &string(&input["goproxy"]));
        Answer::value(routing.is_asked(&string(&input["path"])))
    }),
];

/// A text; what is not UTF-8 becomes U+FFFD, which is refused wherever such bytes are.
fn string(value: &Value) -> String {
    String::from_utf8_lossy(&bytes(value)).into_owned()
}

/// A size or number; what is negative becomes the largest, which is out of range too.
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(u64::MAX)
}

fn height(value: &Value) -> u8 {
    u8::try_from(number(value)).expect("a height")
}

fn hash(value: &Value) -> Hash {
    value.as_str().and_then(|hash| hash.parse().ok()).expect("a hash")
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().into_iter().flatten().map(hash).collect()
}

fn decode(base64: &str) -> Vec<u8> {
    bytes(&json!({"b64": base64}))
}

fn tile(value: &Value) -> Tile {
    let width = u32::try_from(number(&value["w"])).expect("a width");
    let level = value["l"].as_i64().and_then(|level| u32::try_from(level).ok());
    Tile::new(height(&value["h"]), level, number(&value["n"]), width).expect("a tile")
}

fn coordinates(tile: &Tile) -> Value {
    let level = tile.level().map_or(-1, i64::from);
    json!({"h": tile.height(), "l": level, "n": tile.number(), "w": tile.width(), "path": tile.to_string()})
}

fn proof(proof: Result<Vec<Hash>, ProofError>) -> Answer {
    Answer::result(proof.map(|hashes| hashes.iter().map(Hash::to_string).collect::<Vec<_>>()))
}

/// The stored hashes of the log whose record `i` is `prefix` and `i`.
struct Stored(Vec<Hash>);

impl Stored {
    fn of(input: &Value, size: &str) -> Self {
        let prefix = bytes(&input["prefix"]);
        let mut stored: Vec<Hash> = Vec::new();
        for n in 0..number(&input[size]) {
            let mut hash = Hash::of_record(&[&prefix[..], n.to_string().as_bytes()].concat());
            stored.push(hash);
            for level in 0..n.trailing_ones() {
                let left =
                    usize::try_from(tlog::stored_hash_index(level, (n >> level) - 1)).expect("an index");
                hash = Hash::of_node(&stored[left], &hash);
                stored.push(hash);
            }
        }
        Self(stored)
    }

    fn reader(&self) -> impl Fn(&[u64]) -> Result<Vec<Hash>, ProofError> {
        |indexes| {
            let get = |index: &u64| self.0.get(usize::try_from(*index).ok()?).copied();
            indexes.iter().map(get).collect::<Option<_>>().ok_or(ProofError::Reader)
        }
    }
}

fn note_verifier(input: &Value) -> Answer {
    let key = string(&input["key"]).parse::<VerifierKey>();
    Answer::result(key.map(|key| json!({"name": key.name(), "hash": format!("{:08x}", key.hash())})))
}

fn note_open(input: &Value) -> Answer {
    let keys = input["verifiers"].as_array().into_iter().flatten();
    let keys: Vec<VerifierKey> = keys.map(|key| string(key).parse().expect("a key")).collect();
    let list = |signatures: &[Signature]| -> Value {
        let signature =
            |s: &Signature| json!({"name": s.name, "hash": format!("{:08x}", s.hash), "base64": s.base64});
        signatures.iter().map(signature).collect()
    };
    let value = |note: &Note| json!({"text": note.text(), "sigs": list(note.signatures()), "unverified_sigs": list(note.unverified())});
    match Note::open(&bytes(&input["note"]), &keys) {
        Ok(note) => Answer::value(value(&note)),
        Err(NoteError::Unverified(note)) => {
            Answer::partial(value(&note), "note has no verifiable signatures")
        }
        Err(error) => Answer::error(error),
    }
}

fn tile_reader(input: &Value) -> Answer {
    let head = TreeHead { size: number(&input["tree"]["n"]), hash: hash(&input["tree"]["hash"]) };
    let indexes: Vec<u64> = input["indexes"].as_array().into_iter().flatten().map(number).collect();
    let failed = |read: &[String], error: &dyn ToString| {
        Answer::partial(json!({"read": read, "saved": []}), error.to_string())
    };
    let read = match HashRead::new(head, height(&input["height"]), &indexes) {
        Ok(read) => read,
        Err(error) => return failed(&[], &error),
    };
    let mut paths: Vec<String> = read.tiles().iter().map(Tile::to_string).collect();
    let contents: Vec<_> = paths.iter().map_while(|path| input["tiles"].get(path).map(bytes)).collect();
    let missing = paths.get(contents.len()).cloned();
    // The reference stops at the first tile that is not there.
    paths.truncate(contents.len() + 1);
    paths.sort();
    if let Some(missing) = missing {
        return failed(&paths, &format!("tile {missing} does not exist"));
    }
    match read.hashes(&contents) {
        Ok(hashes) => {
            let hashes: Vec<_> = hashes.iter().map(Hash::to_string).collect();
            Answer::value(json!({"hashes": hashes, "read": paths, "saved": paths}))
        }
        Err(error @ (TileError::Length { .. } | TileError::Inconsistent { .. })) => failed(&paths, &error),
        Err(error) => panic!("{error}"),
    }
}

fn gosumdb_parse(input: &Value) -> Answer {
    match string(&input["gosumdb"]).parse::<GoSumDb>() {
        Ok(database) => Answer::value(json!({
            "name": database.key.name(),
            "key": database.key.to_string(),
            "url": database.url.unwrap_or_default(),
        })),
        Err(error) => Answer::caused(&error),
    }
}

/// What the reference's operations saw.
struct Driver<'a> {
    input: &'a Value,
    name: String,
    latest: Vec<u8>,
    latest_writes: u64,
    remote_reads: Vec<String>,
    cache_writes: Vec<String>,
    /// The files that the cache gave. The reference never asks the network for them again, so neither does this.
    cached: BTreeSet<String>,
    security_error: bool,
}

fn sumdb_lookup(input: &Value) -> Answer {
    let questions = input["lookups"].as_array().expect("lookups");
    let key = string(&input["key"]).trim().parse::<VerifierKey>();
    let name = key.as_ref().map(|key| key.name().to_owned()).unwrap_or_default();
    let mut driver = Driver {
        input,
        name,
        latest: bytes(&input["latest"]),
        latest_writes: 0,
        remote_reads: Vec::new(),
        cache_writes: Vec::new(),
        cached: BTreeSet::new(),
        security_error: false,
    };
    let height = input.get("tile_height").map_or(0, self::height);
    let gonosumdb = input.get("gonosumdb").map(bytes).unwrap_or_default();
    let options = SessionOptions::new()
        .tile_height(if height == 0 { tlog::TILE_HEIGHT } else { height })
        .gonosumdb(PrefixPatterns::parse(gonosumdb));
    let mut session = key.map(|key| Session::with_options(key, options));
    let mut lookups = Vec::new();
    let mut first_error = None;
    for question in questions {
        let (path, version) = (string(&question["path"]), string(&question["version"]));
        let result = match &mut session {
            Ok(session) => driver.lookup(session, &path, &version),
            Err(error) => Err((format!("{path}@{version}: initializing sumdb.Client: {error}"), false)),
        };
        lookups.push(match result {
            Ok(lines) => json!({"ok": true, "lines": lines}),
            Err((error, skipped)) => {
                first_error.get_or_insert_with(|| error.clone());
                json!({"ok": false, "error": error, "skipped": skipped})
            }
        });
    }
    driver.remote_reads.sort();
    driver.cache_writes.sort();
    let mut value = Map::new();
    value.insert("lookups".into(), lookups.into());
    value.insert("remote_reads".into(), driver.remote_reads.into());
    let writes = Some(driver.cache_writes).filter(|paths| !paths.is_empty());
    value.insert("cache_writes".into(), writes.into());
    value.insert("latest".into(), json_bytes(&driver.latest));
    value.insert("latest_writes".into(), driver.latest_writes.into());
    value.insert("security_error".into(), driver.security_error.into());
    match first_error {
        None => Answer::value(value),
        Some(error) => Answer::partial(value, error),
    }
}

impl Driver<'_> {
    /// The lines, or the reference's text of the error and whether it was not asked at all.
    fn lookup(
        &mut self,
        session: &mut Session,
        path: &str,
        version: &str,
    ) -> Result<Vec<String>, (String, bool)> {
        let (bare, kind) = match version.strip_suffix("/go.mod") {
            Some(bare) => (bare, Kind::GoMod),
            None => (version, Kind::Zip),
        };
        session.lookup_raw(path, bare);
        match self.run(session) {
            Ok(answers) => match &answers[0].result {
                Ok(lines) => Ok(lines.lines(kind).map(str::to_owned).collect()),
                Err(LookupError::Skipped) => Err((LookupError::Skipped.to_string(), true)),
                Err(error) => Err((format!("{path}@{version}: {}", reference_text(error)), false)),
            },
            Err(misbehavior) => {
                self.security_error = matches!(misbehavior, Misbehavior::Fork(_));
                let text = match &misbehavior {
                    Misbehavior::Signature(forged) => note_text(&forged.source, &forged.note),
                    other => other.to_string(),
                };
                Err((format!("{path}@{version}: {text}"), false))
            }
        }
    }

    fn run(&mut self, session: &mut Session) -> Result<Vec<SumAnswer>, Misbehavior> {
        loop {
            match session.step()? {
                SessionStep::Read(reads) => {
                    for read in reads {
                        self.read(session, &read.path, read.source);
                    }
                }
                SessionStep::ReadHead => session.provide_head(self.latest.clone()),
                SessionStep::StoreHead { old, new } if old == self.latest => {
                    self.latest = new;
                    self.latest_writes += 1;
                    session.head_stored();
                }
                SessionStep::StoreHead { .. } => session.head_conflict(),
                SessionStep::Store(files) => {
                    self.cache_writes.extend(files.iter().map(|file| format!("{}/{}", self.name, file.path)));
                }
                SessionStep::Done(answers) => return Ok(answers),
            }
        }
    }

    /// Whether the cache gave this file, or the full tile that it is the start of.
    fn gave(&self, path: &str) -> bool {
        let full = path.split_once(".p/").map_or(path, |(full, _)| full);
        self.cached.contains(path) || self.cached.contains(full)
    }

    fn read(&mut self, session: &mut Session, path: &str, source: ReadSource) {
        let content = match source {
            ReadSource::Cache => self.input["cache"].get(format!("{}/{path}", self.name)),
            ReadSource::Network if self.gave(path) => None,
            ReadSource::Network => {
                self.remote_reads.push(format!("/{path}"));
                self.input["remote"].get(format!("/{path}"))
            }
        };
        match content.map(bytes) {
            Some(content) => {
                if source == ReadSource::Cache {
                    self.cached.insert(path.to_owned());
                }
                session.provide(path, source, &content);
            }
            None => session.provide_error(path, source, format!("/{path}: 404 Not Found")),
        }
    }
}

fn note_text(error: &dyn Error, note: &[u8]) -> String {
    format!("reading tree note: {error}\nnote:\n{}", String::from_utf8_lossy(note))
}

fn reference_text(error: &LookupError) -> String {
    match error {
        LookupError::Start(source) => format!("initializing sumdb.Client: {}", reference_text(source)),
        LookupError::Note { note, source } => note_text(source, note),
        LookupError::Tree { text, source } => format!("reading tree: {source}\ntree:\n{text}"),
        LookupError::Unavailable { source, .. } => source.to_string(),
        LookupError::Check { older, newer, source } if older == newer => {
            format!("checking tree#{older}: {}", reference_text(source))
        }
        LookupError::Check { source, .. } => format!("{error}: {}", reference_text(source)),
        other => other.to_string(),
    }
}
