//! The operations on module graphs that the vector files know.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use gomod_module::module_set::{Member, ModuleSet, ModuleSetError, Source};
use gomod_module::{GoMod, GoWork, ModuleVersion, go_version};
use gomod_testkit::vectors::{Answer, Operation, bytes};
use serde_json::{Value, json};

/// By the names of the vector files.
pub(crate) const GRAPH_OPERATIONS: &[Operation] =
    &[("module_set", module_set), ("workspace_set", workspace_set)];

/// The go command that the vectors were made with.
const RUNNING_GO: &str = "1.26.8";

fn module_set(input: &Value) -> Answer {
    let main = match GoMod::parse(&bytes(&input["go_mod"])) {
        Ok(main) => main,
        Err(error) => return Answer::error(error.go_text("go.mod")),
    };
    match ModuleSet::new(&main).map_err(Into::into).and_then(|set| walk(set, &input["mods"])) {
        Ok((set, mods)) => {
            let zips = set.zips();
            let value = json!({ "zips": names(&zips.modules), "mods": names(&mods) });
            match zips.unknown.first() {
                None => Answer::value(value),
                Some(path) => Answer::partial(value, format_args!("module {path}: not a known dependency")),
            }
        }
        Err(error) => Answer::caused(&*error),
    }
}

/// The graph, and the go.mod files of modules that it took.
fn walk(set: ModuleSet, files: &Value) -> Result<(ModuleSet, Vec<ModuleVersion>), Box<dyn Error>> {
    let mut set = set.running(RUNNING_GO);
    let mut mods = Vec::new();
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            return Ok((set, mods));
        }
        for module in missing {
            let name = name(set.source(&module));
            let file = files.get(&name).ok_or_else(|| format!("{name}: no go.mod"))?;
            set.supply(&module, &bytes(file))?;
            mods.extend(name.parse::<ModuleVersion>());
        }
    }
}

fn name(source: Source) -> String {
    match source {
        Source::Module(module) => module.to_string(),
        Source::Directory(directory) => directory,
    }
}

fn names(modules: &[ModuleVersion]) -> Vec<String> {
    let names: BTreeSet<_> = modules.iter().map(ToString::to_string).collect();
    names.into_iter().collect()
}

fn workspace_set(input: &Value) -> Answer {
    let nothing = json!({ "zips": [], "mods": [], "sums": sums(input, "go.work.sum") });
    match workspace(input) {
        Ok(set) => download(set, input),
        Err(error) => Answer::partial(nothing, error),
    }
}

fn workspace(input: &Value) -> Result<ModuleSet, String> {
    let work = GoWork::parse(&bytes(&input["go_work"]));
    let work = work.map_err(|error| format!("errors parsing go.work:\n{}", error.go_text("go.work")))?;
    if let Some(go) = work.go.as_ref().filter(|go| go_version::compare(&go.version, RUNNING_GO).is_gt()) {
        return Err(format!("go.work requires go >= {} (running go {RUNNING_GO})", go.version));
    }
    let mut members = Vec::new();
    for line in &work.use_modules {
        let directory = clean(&line.path);
        let refused = |reason| format!("cannot load module {directory} listed in go.work file: {reason}");
        let go_mod = input["go_mods"].get(&directory).ok_or_else(|| refused("no go.mod".into()))?;
        let go_mod = GoMod::parse(&bytes(go_mod));
        let go_mod = go_mod.map_err(|error| refused(error.go_text(&format!("{directory}/go.mod"))))?;
        members.push((&*line.path, go_mod));
    }
    let members: Vec<_> = members.iter().map(|(directory, go_mod)| Member::new(directory, go_mod)).collect();
    ModuleSet::workspace(&work, &members).map_err(|error| Answer::caused(&error).error.unwrap_or_default())
}

/// The directory of a `use` line as the vectors name it.
fn clean(line: &str) -> String {
    let mut clean = Vec::new();
    for element in line.split('/').filter(|element| !matches!(*element, "" | ".")) {
        match clean.last() {
            Some(&last) if element == ".." && last != ".." => _ = clean.pop(),
            _ => clean.push(element),
        }
    }
    if clean.is_empty() { ".".to_owned() } else { clean.join("/") }
}

/// What the go command leaves in its cache and in go.work.sum, also where it reports something in the end.
fn download(set: ModuleSet, input: &Value) -> Answer {
    let files = &input["mods"];
    let mut set = set.running(RUNNING_GO);
    let (mut mods, mut unread) = (Vec::new(), BTreeMap::new());
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            break;
        }
        for module in missing {
            let source = set.source(&module);
            let supplied = match files.get(name(source.clone())) {
                Some(file) => {
                    mods.extend(module_of(source));
                    set.supply(&module, &bytes(file)).map_err(|error| Answer::caused(&error))
                }
                None => Err(Answer::error(format_args!("{}: no go.mod", name(source)))),
            };
            if let Err(error) = supplied {
                set.skip(&module);
                unread.insert(module, error.error.unwrap_or_default());
            }
        }
    }
    let (zips, lost): (Vec<_>, Vec<_>) =
        set.zips().modules.into_iter().partition(|module| files.get(module.to_string()).is_some());
    mods.extend(zips.iter().cloned());
    let errors: Vec<_> = set.errors().iter().map(ModuleSetError::to_string).collect();
    // What a module lacks keeps go.work.sum from being written, and the error of the graph from being told.
    let is_written = errors.is_empty() && lost.is_empty();
    let lost = lost.first().map(|module| format!("{module}: no go.mod"));
    let error = errors.into_iter().next().or(lost).or_else(|| unread.into_values().next());
    let sums = if is_written { written(&set, &zips, input) } else { sums(input, "go.work.sum") };
    let value = json!({ "zips": names(&zips), "mods": names(&mods), "sums": sums });
    match error {
        None => Answer::value(value),
        Some(error) => Answer::partial(value, error),
    }
}

fn module_of(source: Source) -> Option<ModuleVersion> {
    match source {
        Source::Module(module) => Some(module),
        Source::Directory(_) => None,
    }
}

/// The keys of a sums file that was there before.
fn sums(input: &Value, file: &str) -> BTreeSet<String> {
    let keys = input["sums"][file].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The keys of go.work.sum: it gets what no member's go.sum has, and only then loses what a member has.
fn written(set: &ModuleSet, zips: &[ModuleVersion], input: &Value) -> BTreeSet<String> {
    let old = sums(input, "go.work.sum");
    let members: BTreeSet<String> = input["go_mods"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(directory, _)| sums(input, &format!("{directory}/go.sum")))
        .collect();
    let key =
        |module: &ModuleVersion, suffix: &str| format!("{} {}{suffix}", module.path(), module.version());
    let go_mods = set.go_mods();
    let lines = go_mods.iter().chain(zips).map(|module| key(module, "/go.mod"));
    let lines = lines.chain(zips.iter().map(|module| key(module, "")));
    let new: BTreeSet<_> = lines.filter(|line| !members.contains(line)).collect();
    if new.is_subset(&old) {
        old
    } else {
        old.union(&new).filter(|line| !members.contains(*line)).cloned().collect()
    }
}
