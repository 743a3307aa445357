//! What a module's repository answers to a line of `vcs.jsonl`, up to the files of the version.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::path::Path;

use gomod_module::{Info, ModulePath, Origin, Query, Version};
use gomod_vcs::{GitProgram, ModuleRepository, RepoRoot, RepoUrl, Resolved, Vcs};
use serde_json::{Map, Value, json};

/// The answer, and the version, where there is one.
pub(crate) struct Found {
    pub(crate) value: Map<String, Value>,
    pub(crate) result: Result<Option<(ModuleRepository, Resolved, Vec<u8>)>, String>,
}

/// Asks in an empty module cache, with git as the environment has it and these variables.
pub(crate) fn ask(input: &Value, mod_cache: &Path, variables: &[(&str, &Path)]) -> Found {
    let mut value = Map::new();
    let query = input["query"].as_str().unwrap_or_default();
    if matches!(query, "upgrade" | "patch") {
        return Found { value, result: Err("without a main module, there is nothing to upgrade".into()) };
    }
    if query != "-versions" {
        value.insert("version".into(), query.into());
    }
    let result = find(input, query, mod_cache, variables, &mut value);
    Found { value, result }
}

fn find(
    input: &Value,
    query: &str,
    mod_cache: &Path,
    variables: &[(&str, &Path)],
    value: &mut Map<String, Value>,
) -> Result<Option<(ModuleRepository, Resolved, Vec<u8>)>, String> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let path = ModulePath::new(text("path")).map_err(|e| chain(&e))?;
    let url = RepoUrl::new(text("repo"), false).map_err(|e| chain(&e))?;
    let root = RepoRoot::new(text("root"), Vcs::Git, url).with_subdir(text("subdir"));
    let root = root.map_err(|e| chain(&e))?;
    let git = GitProgram::find(environment(variables)).ok_or("no git in PATH")?;
    let mut module = ModuleRepository::open(&git, mod_cache, &root, &path).map_err(|e| chain(&e))?;
    if query == "-versions" {
        let versions = module.versions().map_err(|e| chain(&e))?;
        let versions: Vec<_> = versions.iter().map(Version::as_str).collect();
        value.insert("versions".into(), versions.into());
        return Ok(None);
    }
    let query = Query::new(query).map_err(|e| chain(&e))?;
    let resolved = module.query(&query, None).map_err(|e| {
        if let Some(origin) = &e.origin {
            value.insert("origin".into(), of_origin(origin));
        }
        chain(&e)
    })?;
    if let Some(origin) = &resolved.origin {
        value.insert("origin".into(), of_origin(origin));
    }
    value.insert("version".into(), resolved.version.as_str().into());
    value.insert("info".into(), of_info(&resolved.to_info()));
    let go_mod = module.go_mod(&resolved.version).map_err(|e| chain(&e))?;
    value.insert("go_mod".into(), gomod_testkit::vectors::json_bytes(&go_mod));
    Ok(Some((module, resolved, go_mod)))
}

/// The environment of this process, but for these variables.
fn environment(variables: &[(&str, &Path)]) -> Vec<(OsString, OsString)> {
    let set = variables.iter().map(|(name, value)| (OsString::from(name), value.as_os_str().to_owned()));
    let is_set = |name: &OsString| variables.iter().any(|(other, _)| name == other);
    env::vars_os().filter(|(name, _)| !is_set(name)).chain(set).collect()
}

fn of_info(info: &Info) -> Value {
    serde_json::from_str(&info.encode()).unwrap_or(Value::Null)
}

fn of_origin(origin: &Origin) -> Value {
    let mut value = Map::new();
    for (name, field) in [
        ("VCS", &origin.vcs),
        ("URL", &origin.url),
        ("Subdir", &origin.subdir),
        ("Hash", &origin.hash),
        ("TagPrefix", &origin.tag_prefix),
        ("TagSum", &origin.tag_sum),
        ("Ref", &origin.reference),
        ("RepoSum", &origin.repo_sum),
    ] {
        if !field.is_empty() {
            value.insert(name.into(), json!(field));
        }
    }
    value.into()
}

/// An error and all its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
