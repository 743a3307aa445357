//! The operation `vcs`: a module from its repository up to the hash of its zip, where three crates meet.

use std::error::Error;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_module::{GoMod, ModuleVersion, go_version};
use gomod_sum::{hash_go_mod, hash_zip};
use gomod_testkit::vectors::{Answer, Operation, json_bytes};
use serde_json::{Map, Value, json};
use support::packed::Packed;

#[path = "../gomod-vcs/tests/it/vcs_answer.rs"]
mod answer;

/// Needs git, whose configuration must lead to the repositories.
pub(crate) const OPERATIONS: &[Operation] = &[("vcs", vcs)];

/// The version of the go command whose answers the vectors are.
const GO: &str = "1.26.8";

fn vcs(input: &Value) -> Answer {
    let cache = match tempfile::tempdir() {
        Ok(cache) => cache,
        Err(e) => return Answer::error(e),
    };
    let found = answer::ask(input, cache.path(), &[]);
    let mut value = found.value;
    let packed = match found.result {
        Ok(None) => return Answer::value(value),
        Ok(Some((mut module, resolved, go_mod))) => {
            value.insert("mod_h1".into(), hash_go_mod(&go_mod).to_string().into());
            let path = input["path"].as_str().unwrap_or_default();
            pack(&mut module, path, &resolved, &go_mod, &mut value)
        }
        // A query that was not asked has no value.
        Err(e) if value.is_empty() => return Answer::error(e),
        Err(e) => Err(e.into()),
    };
    match packed {
        Ok(()) => Answer::value(value),
        Err(e) => Answer::partial(value, answer::chain(&*e)),
    }
}

/// Makes the zip and adds its hash and files.
fn pack(
    module: &mut gomod_vcs::ModuleRepository,
    path: &str,
    resolved: &gomod_vcs::Resolved,
    go_mod: &[u8],
    value: &mut Map<String, Value>,
) -> Result<(), Box<dyn Error>> {
    let go = GoMod::parse_lax(go_mod).ok().and_then(|go_mod| go_mod.go);
    if go.is_some_and(|go| go_version::compare(&go.version, GO).is_gt()) {
        return Err(format!("requires another go than {GO}").into());
    }
    let files = module.files(&resolved.version)?;
    let files: Vec<_> = files.iter().map(Packed::from).collect();
    let module = ModuleVersion::parse(path, resolved.version.as_str())?;
    let mut zip = Vec::new();
    gomod_zip::create(&mut zip, &module, &files)?;
    let archive = Archive::open(zip, &Limits::default())?;
    value.insert("zip_h1".into(), hash_zip(&archive, NonZeroUsize::MIN)?.to_string().into());
    let prefix = format!("{module}/").into_bytes();
    let entries = archive
        .entries()
        .iter()
        .map(|entry| (entry.name().strip_prefix(&*prefix).unwrap_or(entry.name()), entry.size()));
    let entries: Vec<_> = entries.collect();
    let has_go_mod_dir = entries.iter().any(|(name, _)| name.starts_with(b"go.mod/"));
    let listed: Vec<_> = entries.into_iter().map(|(name, size)| json!([json_bytes(name), size])).collect();
    value.insert("files".into(), listed.into());
    // The go command reads the file of the extracted module.
    if has_go_mod_dir { Err("go.mod is a directory".into()) } else { Ok(()) }
}
