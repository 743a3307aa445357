//! Proofs in a file: one JSON object a line.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;

use gomod_module::{ModuleError, ModuleVersion};
use gomod_sum::sumdb::{RecordProof, RecordProofError, SumLines, VerifierKey};
use serde::{Deserialize, Serialize};
use support::new_file;
use thiserror::Error;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// How much of a file is read, in bytes: some hundred thousand proofs. One that is cut off proves nothing.
const MAX_FILE: u64 = 256 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    schema: u32,
    path: String,
    version: String,
    proof: String,
}

/// A line that proves nothing.
#[derive(Debug, Error)]
#[error("line {line}")]
pub(crate) struct BadProof {
    line: usize,
    source: Reason,
}

#[derive(Debug, Error)]
enum Reason {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("schema {0} is not known")]
    Schema(u32),
    #[error(transparent)]
    Module(#[from] ModuleError),
    #[error(transparent)]
    Proof(#[from] RecordProofError),
}

/// Writes proofs in place of whatever the file holds.
pub(crate) fn save(path: &Path, lines: &[(ModuleVersion, SumLines)]) -> io::Result<()> {
    let mut file = new_file::beside(path)?;
    let mut text = Vec::new();
    for (module, lines) in lines {
        let stored = Stored {
            schema: SCHEMA,
            path: module.path().to_string(),
            version: module.version().to_string(),
            proof: lines.proof().to_string(),
        };
        serde_json::to_writer(&mut text, &stored)?;
        text.push(b'\n');
    }
    file.write_all(&text)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The proofs of a file, each checked with the key.
pub(crate) fn load(
    path: &Path,
    key: &VerifierKey,
) -> io::Result<Vec<Result<(ModuleVersion, SumLines), BadProof>>> {
    let lines = BufReader::new(File::open(path)?.take(MAX_FILE)).lines();
    let proofs = lines.enumerate().map(|(index, line)| {
        let line = line?;
        Ok(read(&line, key).map_err(|source| BadProof { line: index + 1, source }))
    });
    proofs.collect()
}

fn read(line: &str, key: &VerifierKey) -> Result<(ModuleVersion, SumLines), Reason> {
    let stored: Stored = serde_json::from_str(line)?;
    if stored.schema != SCHEMA {
        return Err(Reason::Schema(stored.schema));
    }
    let module = ModuleVersion::parse(&stored.path, &stored.version)?;
    let proof: RecordProof = stored.proof.parse()?;
    let lines = SumLines::from_proof(&module, proof, key)?;
    Ok((module, lines))
}
