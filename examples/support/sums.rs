//! What proves the bytes of a module.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gomod_archive::{Archive, Threads};
use gomod_module::{GoEnv, H1, ModuleVersion};
use gomod_proxy_client::report::Attempt;
use gomod_sum::explain::FindingKind;
use gomod_sum::sumdb::{self, ChecksumError, Misbehavior, Routing, SumDbError, SumLines};
use gomod_sum::{Evidence, Finding, GoSumFiles, Kind, Mismatch, Missing, ProvedBy, Verifier, hash_go_mod};
use thiserror::Error;
use tokio::time::timeout;

use crate::database::{Database, DatabaseError, DialError};
use crate::failure::Problem;

/// How long the checksum database is waited for where nothing depends on it but words.
const PATIENCE: Duration = Duration::from_secs(10);

/// The known hashes, and whom to ask about a module that has none. Clones are cheap.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    go_sum: Arc<GoSumFiles>,
    unknown: Option<Arc<Unknown>>,
}

/// What to do about modules that go.sum does not know.
#[derive(Debug)]
struct Unknown {
    routing: Routing,
    database: Result<Database, Arc<DialError>>,
    /// Whether those about which the database is not asked may be used.
    unproven: bool,
    /// Whether there is a go.sum that could know them.
    in_go_sum: bool,
    /// Whether the database is asked about what go.sum knows, too, where bytes contradict it.
    witness: AtomicBool,
}

/// That the bytes of a module can be judged once they are there, and go.sum for what is said about a wrong hash.
#[derive(Debug, Clone)]
pub struct Expected {
    go_sum: Arc<GoSumFiles>,
    sums: sumdb::Expected,
}

impl Sums {
    /// The hashes of a go.sum file, or of those of a workspace, of which there must be one for everything.
    pub fn new(go_sum: impl Into<Arc<GoSumFiles>>) -> Self {
        Self { go_sum: go_sum.into(), unknown: None }
    }

    /// Asks the checksum database where the go command would. `unproven` lets modules pass about which it would not ask:
    /// GOSUMDB is `off`, or GONOSUMDB names them.
    ///
    /// Where there is no database, that is no error until it would be asked.
    #[must_use]
    pub fn or_database(self, env: &GoEnv, database: Result<Database, DialError>, unproven: bool) -> Self {
        let routing = Routing::new(env.gosumdb(), env.gonosumdb(), env.goproxy());
        let database = database.map_err(Arc::new);
        // Where downloads are forbidden, no other request is wanted either.
        let is_off = env.goproxy().split([',', '|']).next().is_some_and(|first| first.trim() == "off");
        let witness = AtomicBool::new(!is_off);
        let unknown = Unknown { routing, database, unproven, in_go_sum: true, witness };
        Self { unknown: Some(Arc::new(unknown)), ..self }
    }

    /// Where there is no go.sum: no message speaks of one.
    #[must_use]
    pub fn without_go_sum(self) -> Self {
        let unknown = self.unknown.and_then(|unknown| Arc::try_unwrap(unknown).ok());
        let unknown = unknown.map(|unknown| Arc::new(Unknown { in_go_sum: false, ..unknown }));
        Self { unknown, ..self }
    }

    /// What the bytes of a module are held against: asked before anything is fetched. `attempts` gets the requests to the
    /// checksum database.
    ///
    /// # Errors
    /// [`Problem::Missing`] names the line that go.sum would need; [`Problem::Unproven`] besides says why the checksum
    /// database does not make up for it; [`Problem::NoLine`]; [`Problem::Misbehavior`].
    pub async fn expected(
        &self,
        module: &ModuleVersion,
        kind: Kind,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Expected, Problem> {
        if let Some(recorded) = self.recorded(module, kind) {
            return Ok(recorded);
        }
        let missing = Missing::new(module.clone(), kind);
        let Some(unknown) = &self.unknown else { return Err(missing.into()) };
        let verifier = Verifier::new(Arc::clone(&self.go_sum), unknown.routing.clone());
        if let Some(unchecked) = verifier.expected(module, kind) {
            return if unknown.unproven { Ok(self.with(unchecked)) } else { Err(missing.into()) };
        }
        match unknown.lines(module, attempts).await {
            Ok(lines) => {
                let expected = verifier.expected_from(module, kind, lines);
                Ok(self.with(expected.map_err(|error| Problem::NoLine(Box::new(error)))?))
            }
            Err(DatabaseError::Misbehavior(misbehavior)) => Err(Problem::Misbehavior(misbehavior)),
            Err(source) => {
                let in_go_sum = unknown.in_go_sum;
                Err(Problem::Unproven { missing: Box::new(missing), in_go_sum, source })
            }
        }
    }

    /// What go.sum holds the bytes of a module against, if it knows them.
    pub fn recorded(&self, module: &ModuleVersion, kind: Kind) -> Option<Expected> {
        sumdb::Expected::from_go_sum(&self.go_sum, module, kind).map(|sums| self.with(sums))
    }

    fn with(&self, sums: sumdb::Expected) -> Expected {
        Expected { go_sum: Arc::clone(&self.go_sum), sums }
    }

    /// Whether nothing says which bytes are right, and the environment that nothing need.
    pub fn is_waived(&self, module: &ModuleVersion, kind: Kind) -> bool {
        let waives =
            |unknown: &Arc<Unknown>| unknown.unproven && !unknown.routing.is_asked(module.path().as_str());
        !self.go_sum.have_sum(module, kind) && self.unknown.as_ref().is_some_and(waives)
    }

    /// The hash that the checksum database records, where go.sum and bytes differ and the go command would ask it if go.sum
    /// had no line: whose hash that is, is right. `None` where it does not say. `attempts` gets the requests.
    ///
    /// # Errors
    /// [`Misbehavior`].
    pub async fn witness(
        &self,
        mismatch: &Mismatch,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Option<H1>, Box<Misbehavior>> {
        let module = mismatch.module.clone();
        let is_asked = |unknown: &&Arc<Unknown>| {
            unknown.witness.load(Ordering::Relaxed) && unknown.routing.is_asked(module.path().as_str())
        };
        let Some(unknown) = self.unknown.as_ref().filter(is_asked).cloned() else { return Ok(None) };
        let asked = Arc::clone(&unknown);
        // A session that is left in the midst of a lookup would be of no use to others.
        let asking = tokio::spawn(async move {
            let mut attempts = Vec::new();
            (asked.lines(&module, &mut attempts).await, attempts)
        });
        let answer = timeout(PATIENCE, asking).await.ok().and_then(Result::ok);
        let lines = answer.map(|(lines, made)| {
            attempts.extend(made);
            lines
        });
        match lines {
            Some(Ok(lines)) => Ok(match lines.verify(mismatch.kind, &mismatch.found) {
                Ok(()) => Some(mismatch.found),
                Err(SumDbError::Mismatch(other)) => other.recorded.parse().ok(),
                Err(_) => None,
            }),
            Some(Err(DatabaseError::Misbehavior(misbehavior))) => Err(misbehavior),
            Some(Err(error)) if error.is_unknown_version() => Ok(None),
            // It is not waited for once more.
            _ => {
                unknown.witness.store(false, Ordering::Relaxed);
                Ok(None)
            }
        }
    }
}

impl Unknown {
    /// What the checksum database has of a module.
    async fn lines(
        &self,
        module: &ModuleVersion,
        attempts: &mut Vec<Attempt>,
    ) -> Result<SumLines, DatabaseError> {
        match &self.database {
            Ok(database) => database.lines(module, attempts).await,
            Err(error) => Err(DatabaseError::Dial(Arc::clone(error))),
        }
    }
}

/// What the hash that [`Sums::witness`] found says of a mismatch.
pub fn testimony(mismatch: &Mismatch, witness: H1) -> impl Iterator<Item = Finding> {
    let findings = mismatch.explain(&Evidence::new().database(witness));
    findings.into_iter().filter(|finding| matches!(finding.kind, FindingKind::Database { .. }))
}

/// A verdict, and what the bytes at hand show about its reason.
#[derive(Debug, Error)]
#[error("{wrong}")]
#[non_exhaustive]
pub struct Explained {
    /// The verdict.
    #[source]
    pub wrong: ChecksumError,
    /// Facts about the reason; there may be none.
    pub findings: Vec<Finding>,
}

impl Expected {
    /// The verdict on a go.mod file.
    ///
    /// # Errors
    /// [`Explained`].
    pub(crate) fn check_go_mod(&self, content: &[u8]) -> Result<ProvedBy, Box<Explained>> {
        self.check(&hash_go_mod(content))
            .map_err(|wrong| self.explained(wrong, Evidence::new().go_mod(content)))
    }

    /// The verdict on the hash of a zip.
    ///
    /// # Errors
    /// [`Explained`].
    pub(crate) fn check_zip(
        &self,
        hash: &H1,
        zip: &Archive<File>,
        threads: &Threads,
    ) -> Result<ProvedBy, Box<Explained>> {
        self.check(hash)
            .map_err(|wrong| self.explained(wrong, Evidence::new().archive(zip).threads(threads.clone())))
    }

    /// A verdict with what can be said about it.
    pub(crate) fn explained(&self, wrong: ChecksumError, evidence: Evidence<'_>) -> Box<Explained> {
        let findings = match &wrong {
            ChecksumError::GoSum(mismatch) => {
                let file = self.go_sum.file(&mismatch.file);
                mismatch.explain(&match file {
                    Some(file) => evidence.go_sum(file),
                    None => evidence,
                })
            }
            ChecksumError::Database(SumDbError::Mismatch(mismatch)) => mismatch.explain(&evidence),
            _ => Vec::new(),
        };
        Box::new(Explained { wrong, findings })
    }

    /// The verdict on a hash.
    ///
    /// # Errors
    /// [`ChecksumError`].
    pub fn check(&self, found: &H1) -> Result<ProvedBy, ChecksumError> {
        self.sums.check(found)
    }
}
