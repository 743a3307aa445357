//! The operations of this crate that the vector files know.

use std::error::Error;

use gomod_module::modfile::{Exclude, Go, Godebug, Replace, Toolchain};
use gomod_module::modfile::{GoModError, VendorRule};
use gomod_module::text::GoString;
use gomod_module::{self as module, GoEnv, GoMod, GoWork, PrefixPatterns, PseudoVersion, Timestamp, semver};
use gomod_testkit::vectors::{Answer, Operation, bytes, json_bytes, text};
use serde_json::{Value, json};

/// Each operation with what answers it.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("check", |i| both(i, "path", "version", |path, version| answer(module::check_module(path, version)))),
    ("check_path", |i| one(i, "path", |path| answer(module::path::check_path(path)))),
    ("check_import_path", |i| one(i, "path", |path| answer(module::path::check_import_path(path)))),
    ("check_file_path", |i| answer(module::path::check_file_path(&bytes(&i["path"])).map(drop))),
    ("escape_path", |i| one(i, "path", |path| value(module::escape::escape_path(path)))),
    ("escape_version", |i| one(i, "version", |version| value(module::escape::escape_version(version)))),
    ("unescape_path", |i| one(i, "path", |path| value(module::escape::unescape_path(path)))),
    ("unescape_version", |i| one(i, "version", |version| value(module::escape::unescape_version(version)))),
    ("path_major", path_major),
    ("check_path_major", |i| {
        answer(module::path::check_path_major(&lossy(&i["version"]), &lossy(&i["path_major"])))
    }),
    ("path_major_prefix", |i| {
        one(i, "path_major", |major| match module::path::path_major_prefix(major) {
            Some(prefix) => Answer::value(prefix),
            None => Answer::error("not a major version"),
        })
    }),
    ("canonical_version", |i| {
        Answer::value(module::version::canonical_version(&lossy(&i["version"])).unwrap_or_default())
    }),
    ("semver_is_valid", |i| Answer::value(semver::is_valid(&lossy(&i["v"])))),
    ("semver_canonical", |i| Answer::value(semver::canonical(&lossy(&i["v"])).unwrap_or_default())),
    ("semver_major", |i| Answer::value(semver::major(&lossy(&i["v"])))),
    ("semver_major_minor", |i| Answer::value(semver::major_minor(&lossy(&i["v"])))),
    ("semver_prerelease", |i| Answer::value(semver::prerelease(&lossy(&i["v"])))),
    ("semver_build", |i| Answer::value(semver::build(&lossy(&i["v"])))),
    ("semver_compare", |i| Answer::value(semver::compare(&lossy(&i["v"]), &lossy(&i["w"])) as i8)),
    ("semver_sort", semver_sort),
    ("is_pseudo", |i| Answer::value(module::version::is_pseudo_version(&lossy(&i["version"])))),
    ("is_zero_pseudo", |i| Answer::value(module::version::is_zero_pseudo_version(&lossy(&i["version"])))),
    ("pseudo_parse", pseudo_parse),
    ("pseudo_make", pseudo_make),
    ("match_prefix_patterns", |i| {
        Answer::value(PrefixPatterns::parse(bytes(&i["globs"])).matches(bytes(&i["target"])))
    }),
    ("path_match", |i| Answer::result(module::pattern::path_match(bytes(&i["pattern"]), bytes(&i["name"])))),
    ("module_sort", module_sort),
    ("modfile_parse", |i| modfile(GoMod::parse(&bytes(&i["data"])))),
    ("modfile_parse_lax", |i| modfile(GoMod::parse_lax(&bytes(&i["data"])))),
    ("workfile_parse", |i| workfile(GoWork::parse(&bytes(&i["data"])))),
    ("vendor_rule", |i| Answer::value(VendorRule::of(&bytes(&i["data"])).as_str())),
    ("go_env_resolve", go_env_resolve),
];

/// The text of an argument; bytes that are not UTF-8 stay something that is no version.
fn lossy(value: &Value) -> String {
    String::from_utf8_lossy(&bytes(value)).into_owned()
}

/// Runs an operation on an argument that the crate takes as text.
fn one(input: &Value, name: &str, run: impl FnOnce(&str) -> Answer) -> Answer {
    text(&input[name]).map_or_else(|| Answer::error("invalid UTF-8"), |text| run(&text))
}

fn both(input: &Value, first: &str, second: &str, run: impl FnOnce(&str, &str) -> Answer) -> Answer {
    one(input, first, |a| one(input, second, |b| run(a, b)))
}

fn answer<E: Error>(result: Result<(), E>) -> Answer {
    result.map_or_else(|error| Answer::caused(&error), |()| Answer::ok())
}

fn value<T: Into<Value>, E: Error>(result: Result<T, E>) -> Answer {
    result.map_or_else(|error| Answer::caused(&error), Answer::value)
}

/// Only ASCII matters for the split, so each byte may stand as a character of its own.
fn path_major(input: &Value) -> Answer {
    let as_text: String = bytes(&input["path"]).into_iter().map(char::from).collect();
    let as_bytes = |text: &str| json_bytes(&text.chars().map(|c| c as u8).collect::<Vec<_>>());
    let split = module::path::split_path_version(&as_text);
    let (prefix, path_major) = split.unwrap_or((&as_text, ""));
    let value = json!({ "prefix": as_bytes(prefix), "path_major": as_bytes(path_major) });
    match split {
        Some(_) => Answer::value(value),
        None => Answer::partial(value, "SplitPathVersion returned ok=false"),
    }
}

fn list(input: &Value) -> &[Value] {
    input["list"].as_array().map_or(&[], Vec::as_slice)
}

fn semver_sort(input: &Value) -> Answer {
    let mut list: Vec<_> = list(input).iter().map(bytes).collect();
    list.sort_by(|a, b| semver::compare_total(a, b));
    Answer::value(list.iter().map(|version| json_bytes(version)).collect::<Vec<_>>())
}

fn module_sort(input: &Value) -> Answer {
    let mut list: Vec<_> =
        list(input).iter().map(|module| (bytes(&module["path"]), bytes(&module["version"]))).collect();
    list.sort_by(|a, b| module::compare_modules((&a.0, &a.1), (&b.0, &b.1)));
    let list = list
        .iter()
        .map(|(path, version)| json!({ "path": json_bytes(path), "version": json_bytes(version) }));
    Answer::value(list.collect::<Vec<_>>())
}

fn pseudo_parse(input: &Value) -> Answer {
    let version = lossy(&input["version"]);
    let parsed = PseudoVersion::parse(&version);
    let part = |read: fn(&PseudoVersion<'_>) -> Result<String, module::version::InvalidVersionError>| {
        Answer::result(parsed.as_ref().map_err(Clone::clone).and_then(read))
    };
    let parts = [
        ("time", part(|pseudo| pseudo.time().map(|time| time.to_string()))),
        ("rev", part(|pseudo| Ok(pseudo.revision().to_owned()))),
        ("base", part(|pseudo| pseudo.base().map(Option::unwrap_or_default))),
    ];
    let error = parts.iter().find_map(|(_, answer)| answer.error.clone());
    let value = parts.iter().map(|(name, answer)| ((*name).to_owned(), answer.to_json())).collect();
    Answer { ok: error.is_none(), value: Some(Value::Object(value)), error }
}

fn pseudo_make(input: &Value) -> Answer {
    let [major, older, time, rev] = ["major", "older", "time", "rev"].map(|name| lossy(&input[name]));
    match time.parse::<Timestamp>() {
        Ok(time) => Answer::value(module::version::pseudo_version(&major, &older, time, &rev)),
        Err(error) => Answer::error(error),
    }
}

fn modfile(file: Result<GoMod, GoModError>) -> Answer {
    let file = match file {
        Ok(file) => file,
        Err(error) => return Answer::error(error.go_text("go.mod")),
    };
    Answer::value(object([
        (
            "module",
            file.module.map_or(Value::Null, |module| {
                let deprecated = module.deprecated.as_ref().map_or(Value::Null, go_string);
                object([
                    ("path", go_string(&module.path)),
                    ("deprecated", deprecated),
                    ("line", module.line.into()),
                ])
            }),
        ),
        ("go", go_line(file.go)),
        ("toolchain", toolchain_line(file.toolchain)),
        ("godebug", godebug_lines(&file.godebug)),
        (
            "require",
            lines(&file.require, |require| {
                let indirect = if require.indirect { Value::Bool(true) } else { Value::Null };
                object([
                    ("path", go_string(&require.path)),
                    ("version", require.version.clone().into()),
                    ("indirect", indirect),
                    ("line", require.line.into()),
                ])
            }),
        ),
        (
            "exclude",
            lines(
                &file.exclude,
                |Exclude { path, version, line, .. }| json!({ "path": go_string(path), "version": version, "line": line }),
            ),
        ),
        ("replace", replace_lines(&file.replace)),
        (
            "retract",
            lines(&file.retract, |retract| {
                let rationale =
                    if retract.rationale.is_empty() { Value::Null } else { go_string(&retract.rationale) };
                object([
                    ("low", go_string(&retract.low)),
                    ("high", go_string(&retract.high)),
                    ("rationale", rationale),
                    ("line", retract.line.into()),
                ])
            }),
        ),
        ("tool", lines(&file.tool, |tool| json!({ "path": go_string(&tool.path), "line": tool.line }))),
        (
            "ignore",
            lines(&file.ignore, |ignore| json!({ "path": go_string(&ignore.path), "line": ignore.line })),
        ),
    ]))
}

fn workfile(file: Result<GoWork, GoModError>) -> Answer {
    let file = match file {
        Ok(file) => file,
        Err(error) => return Answer::error(error.go_text("go.work")),
    };
    Answer::value(object([
        ("go", go_line(file.go)),
        ("toolchain", toolchain_line(file.toolchain)),
        ("godebug", godebug_lines(&file.godebug)),
        ("use", lines(&file.use_modules, |line| json!({ "path": go_string(&line.path), "line": line.line }))),
        ("replace", replace_lines(&file.replace)),
    ]))
}

fn go_line(go: Option<Go>) -> Value {
    go.map_or(Value::Null, |go| json!({ "version": go.version, "line": go.line }))
}

fn toolchain_line(toolchain: Option<Toolchain>) -> Value {
    toolchain.map_or(
        Value::Null,
        |toolchain| json!({ "name": go_string(&toolchain.name), "line": toolchain.line }),
    )
}

fn godebug_lines(list: &[Godebug]) -> Value {
    lines(
        list,
        |Godebug { key, value, line, .. }| json!({ "key": go_string(key), "value": go_string(value), "line": line }),
    )
}

fn replace_lines(list: &[Replace]) -> Value {
    lines(list, |replace| {
        object([
            ("old_path", go_string(&replace.old_path)),
            ("old_version", replace.old_version.clone().into()),
            ("new_path", go_string(&replace.new_path)),
            ("new_version", replace.new_version.clone().into()),
            ("line", replace.line.into()),
        ])
    })
}

fn lines<T>(list: &[T], line: impl Fn(&T) -> Value) -> Value {
    if list.is_empty() { Value::Null } else { list.iter().map(line).collect() }
}

fn go_string(text: &GoString) -> Value {
    json_bytes(text.as_bytes())
}

/// An object of the fields that are not null.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The variables that the go command prints as they are.
pub(crate) const GO_ENV_NAMES: [&str; 14] = [
    "GO111MODULE",
    "GOAUTH",
    "GOENV",
    "GOFLAGS",
    "GOINSECURE",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOTOOLCHAIN",
    "GOVCS",
];

fn go_env_resolve(input: &Value) -> Answer {
    let lookup = |name: &str| text(input["os_env"].get(name)?).map(Into::into);
    let file = |name: &str| Some(&input[name]).filter(|file| !file.is_null()).map(bytes);
    let goos = input["goos"].as_str().unwrap_or_default();
    let env = GoEnv::resolve(goos, &lookup, file("user_file").as_deref(), file("goroot_file").as_deref());
    if let Err(error) = env.check_start() {
        return Answer::caused(&error);
    }
    Answer::value(object(
        GO_ENV_NAMES
            .map(|name| (name, json!({ "value": env.get(name), "origin": env.origin(name).as_str() }))),
    ))
}
