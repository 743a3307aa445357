//! What the database says about each line of a go.sum file.

use std::collections::{BTreeSet, HashMap};

use gomod_module::ModuleVersion;
use gomod_sum::sumdb::{Routing, SumDbError, SumLines};
use gomod_sum::{GoSumFiles, GoSumLine, Kind};
use support::database::DatabaseError;
use support::failure::chain;
use support::silence::Silence;

/// What is known about one line.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It stands in this record.
    Proven(i64),
    /// The database has another hash.
    Wrong { record: i64, recorded: Vec<String> },
    /// The database does not know it, or proves nothing.
    Unknown(String),
    /// The database must not be asked.
    Private,
    /// No database could be asked.
    Unavailable(String),
}

/// Answers, by module.
pub(crate) type Answers = HashMap<ModuleVersion, Result<SumLines, DatabaseError>>;

impl Verdict {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Proven(_) => "proven",
            Self::Wrong { .. } => "wrong",
            Self::Unknown(_) => "unknown",
            Self::Private => "private",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The verdict on a line.
    pub(crate) fn of(entry: &GoSumLine<'_>, routing: &Routing, answers: &Answers) -> Self {
        let Some((module, kind)) = entry.module() else {
            return Self::Unknown("it names no module".to_owned());
        };
        if !routing.is_asked(module.path().as_str()) {
            return Self::Private;
        }
        match answers.get(&module) {
            None => Self::Unknown("there is no proof".to_owned()),
            Some(Ok(lines)) => judge(entry, lines, kind),
            Some(Err(error)) => match error.silence() {
                Silence::UnknownVersion(_) => {
                    Self::Unknown("the database does not know the module".to_owned())
                }
                Silence::Unavailable(_) | Silence::MissingFile { .. } => Self::Unavailable(chain(error)),
                _ => Self::Unknown(chain(error)),
            },
        }
    }
}

fn judge(entry: &GoSumLine<'_>, lines: &SumLines, kind: Kind) -> Verdict {
    if !entry.hash.starts_with(b"h1:") {
        return Verdict::Unknown("its algorithm is not known".to_owned());
    }
    let record = lines.proof().record().id;
    let recorded = || lines.hashes(kind).map(str::to_owned).collect();
    let Some(hash) = entry.h1() else { return Verdict::Wrong { record, recorded: recorded() } };
    match lines.verify(kind, &hash) {
        Ok(()) => Verdict::Proven(record),
        Err(SumDbError::Mismatch(_)) => Verdict::Wrong { record, recorded: recorded() },
        Err(error) => Verdict::Unknown(error.to_string()),
    }
}

/// The modules of go.sum files about which the database may be asked, each once.
pub(crate) fn public(sums: &GoSumFiles, routing: &Routing) -> Vec<ModuleVersion> {
    let entries = sums.files().flat_map(|(_, sum)| sum.entries());
    let modules: BTreeSet<_> = entries.filter_map(|entry| entry.module()).map(|(module, _)| module).collect();
    modules.into_iter().filter(|module| routing.is_asked(module.path().as_str())).collect()
}
