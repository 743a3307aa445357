//! What the checksum database says about the hashes that were found.

use std::error::Error;

use gomod_cache::{CacheFile, Entry, ModCache};
use gomod_module::{GoEnv, H1};
use gomod_sum::Kind;
use gomod_sum::sumdb::{Misbehavior, Routing, SumDbError, SumLines};
use serde_json::{Value, json};
use support::database::{Database, DatabaseError};
use support::failure::chain;
use support::progress::Progress;

use super::args::Args;
use super::check::{Checked, SumFile};
use super::problem::Problem;

/// What the checksum database says about a module.
#[derive(Debug)]
pub(crate) enum SumDbVerdict {
    /// What was found stands in this record.
    Confirmed(i64),
    /// This record has another hash.
    Contradicted(i64),
    /// The database was not asked, and did not have to be.
    Exempt(&'static str),
    /// It should have been confirmed.
    Unconfirmed {
        /// In general.
        why: &'static str,
        /// What went wrong with this one.
        cause: String,
    },
}

impl SumDbVerdict {
    pub(crate) fn record(&self) -> Value {
        match self {
            Self::Confirmed(id) => json!({"verdict": "confirmed", "record": id}),
            Self::Contradicted(id) => json!({"verdict": "contradicted", "record": id}),
            Self::Exempt(why) => json!({"verdict": "skipped", "why": why}),
            Self::Unconfirmed { why, cause } => json!({"verdict": "skipped", "why": why, "cause": cause}),
        }
    }
}

/// The checksum database, where it may be asked.
#[derive(Debug)]
pub(crate) struct SumDbChecker {
    routing: Routing,
    /// `None` where GOSUMDB is `off`.
    database: Option<Database>,
}

impl SumDbChecker {
    pub(crate) fn new(
        args: &Args,
        env: &GoEnv,
        cache: &ModCache,
        progress: &Progress,
    ) -> Result<Self, Box<dyn Error>> {
        let routing = Routing::new(env.gosumdb(), env.gonosumdb(), env.goproxy());
        if routing.is_off {
            return Ok(Self { routing, database: None });
        }
        let client = args.network.client(env, args.jobs, progress, args.verbose)?;
        let database = Some(Database::open(env, &client, cache)?);
        Ok(Self { routing, database })
    }

    /// Asks about what was found; what the database contradicts is a problem.
    pub(crate) async fn evaluate(
        &self,
        found: &mut Checked,
        entry: &Entry,
        sums: &[SumFile],
    ) -> Result<(), Box<Misbehavior>> {
        let verdict = match &self.database {
            _ if found.zip.or(found.known_zip).or(found.go_mod).is_none() => {
                SumDbVerdict::Exempt("nothing in the cache that has a hash")
            }
            Some(database) if self.routing.is_asked(found.module.path().as_str()) => {
                match database.lines(&found.module, &mut Vec::new()).await {
                    Ok(lines) => compare(found, entry, sums, &lines),
                    Err(DatabaseError::Misbehavior(misbehavior)) => return Err(misbehavior),
                    Err(error) => unanswered(&error),
                }
            }
            Some(_) if self.routing.gonosumdb.matches(found.module.path().as_str()) => {
                SumDbVerdict::Exempt("private by GONOSUMDB or GOPRIVATE")
            }
            Some(_) => SumDbVerdict::Exempt("GOPROXY is a directory"),
            None => SumDbVerdict::Exempt("GOSUMDB=off"),
        };
        found.verdict = Some(verdict);
        Ok(())
    }
}

/// Holds the hashes of zip and go.mod against those of a record. What proves a fresh copy is from now on what the record
/// has: nothing that was recorded here against it.
fn compare(found: &mut Checked, entry: &Entry, sums: &[SumFile], lines: &SumLines) -> SumDbVerdict {
    let id = lines.proof().record().id;
    let zip_file = if found.zip.is_some() { CacheFile::Zip } else { CacheFile::ZipHash };
    let hashes =
        [(Kind::Zip, zip_file, found.zip.or(found.known_zip)), (Kind::GoMod, CacheFile::Mod, found.go_mod)];
    let mut contradicted = false;
    for (kind, file, hash) in hashes {
        let Some(hash) = hash else { continue };
        match lines.verify(kind, &hash) {
            Ok(()) => {}
            Err(SumDbError::Mismatch(mismatch)) => {
                let matches = |sum: &SumFile| sum.lines.verify(entry.module(), kind, &hash).is_ok();
                let agreed = sums.iter().find(|sum| matches(sum)).map(|sum| sum.name.clone());
                found.problems.push(Problem::SumDb {
                    path: entry.path(file),
                    mismatch: Box::new(mismatch),
                    agreed,
                });
                contradicted = true;
            }
            Err(error) => {
                return SumDbVerdict::Unconfirmed {
                    why: "its record is about something else",
                    cause: chain(&error),
                };
            }
        }
    }
    let confirmed = |kind, hash: Option<H1>| hash.filter(|hash| lines.verify(kind, hash).is_ok());
    found.known_zip = confirmed(Kind::Zip, found.zip).or(confirmed(Kind::Zip, found.known_zip));
    found.known_go_mod = confirmed(Kind::GoMod, found.known_go_mod);
    if contradicted { SumDbVerdict::Contradicted(id) } else { SumDbVerdict::Confirmed(id) }
}

fn unanswered(error: &DatabaseError) -> SumDbVerdict {
    let why = match error.unavailable() {
        _ if error.is_unknown_version() => "not known to the checksum database",
        Some(_) => "the checksum database could not be asked",
        None => "no proven answer of the checksum database",
    };
    SumDbVerdict::Unconfirmed { why, cause: chain(error) }
}
