use std::cmp::Ordering;
use std::str;

use gomod_module::{GoEnv, GoMod, GoWork, Info, ModulePath, ModuleVersion, PrefixPatterns, PseudoVersion, Query, Timestamp, Version, check_module, compare_modules, semver};
use gomod_module::escape::{Escaped, escape_path, escape_version, unescape_path, unescape_version};
use gomod_module::modfile::VendorRule;
use gomod_module::path::{check_file_path, check_import_path, check_path, split_path_version};
use gomod_module::pattern::path_match;
use gomod_module::text::fold_key;
use gomod_module::version::{canonical_version, pseudo_version};

/// Escaping and unescaping are inverse; a valid module path is a valid import path; folding twice changes nothing.
pub fn escape(data: &[u8]) {
    let file = check_file_path(data);
    let Ok(text) = str::from_utf8(data) else {
        assert!(file.is_err());
        return;
    };
    if let Ok(path) = unescape_path(text) {
        assert_eq!(escape_path(&path).as_deref(), Ok(text));
    }
    if let Ok(version) = unescape_version(text) {
        assert_eq!(escape_version(&version).as_deref(), Ok(text));
    }
    if let Ok(escaped) = Escaped::path(text) {
        assert_eq!(unescape_path(&escaped.to_string()).as_deref(), Ok(text));
    }
    if let Ok(escaped) = Escaped::version(text) {
        assert_eq!(unescape_version(&escaped.to_string()).as_deref(), Ok(text));
    }
    if check_path(text).is_ok() {
        assert!(check_import_path(text).is_ok() && file.is_ok());
        assert!(split_path_version(text).is_some_and(|(prefix, major)| [prefix, major].concat() == text));
        assert!(ModulePath::new(text).is_ok_and(|path| path.is_prefix_of(text)));
    }
    assert_eq!(fold_key(&fold_key(text)), fold_key(text));
}

/// Versions, taken line by line, are ordered; canonical forms are canonical; pseudo-versions come back from their
/// parts.
pub fn version(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let [v, w, path] = [(); 3].map(|()| lines.next().unwrap_or_default());
    assert_eq!(semver::compare(v, w), semver::compare(w, v).reverse());
    let total = semver::compare_total(v.as_bytes(), w.as_bytes());
    assert_eq!(total.is_eq(), v == w);
    let key = |version: &'static str| (b"m".as_slice(), version.as_bytes());
    assert_eq!(compare_modules(key("v1.0.0"), key("v1.0.0/go.mod")), Ordering::Less);
    let Some(canonical) = canonical_version(v) else {
        assert!(!semver::is_valid(v) && Version::new(v).is_err());
        return;
    };
    assert_eq!(canonical_version(&canonical).as_deref(), Some(&*canonical));
    assert!(semver::compare(v, &canonical).is_eq());
    if let Ok(version) = Version::new(v) {
        assert_eq!(Version::from_escaped(&version.to_escaped()).as_ref(), Ok(&version));
        if let Ok(other) = Version::new(w) {
            assert_eq!(version.cmp(&other), total);
        }
        if let Ok(module) = ModuleVersion::parse(path, v) {
            assert!(check_module(path, v).is_ok());
            assert_eq!(module.to_string().parse(), Ok(module));
        }
    }
    if let Ok(pseudo) = PseudoVersion::parse(v)
        && let (Ok(base), Ok(time)) = (pseudo.base(), pseudo.time())
    {
        let base = base.unwrap_or_default();
        assert_eq!(pseudo_version(semver::major(v), &base, time, pseudo.revision()), v);
    }
    choose(v, w, path);
}

/// What is selected matches.
fn choose(query: &str, listed: &str, path: &str) {
    let (Ok(query), Ok(path)) = (Query::new(query), ModulePath::new(path)) else { return };
    let versions: Vec<&str> = listed.split(',').collect();
    let current = versions.first().and_then(|version| Version::new(*version).ok());
    let Ok(matcher) = query.matcher(&path, current.as_ref()) else { return };
    for go_mod in [None, Some(b"".as_slice())] {
        if let gomod_module::query::Selection::Version(version) = matcher.select(&versions, |_| true, go_mod) {
            assert!(matcher.matches(version));
        }
    }
    let _ = matcher.keeps_current(Timestamp::default());
}

/// The first line is a pattern, the rest a name. A pattern without slashes matches a first element as it matches it
/// alone.
pub fn pattern(data: &[u8]) {
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (pattern, name) = data.split_at(line);
    let name = name.strip_prefix(b"\n").unwrap_or(name);
    let matched = path_match(pattern, name);
    let patterns = PrefixPatterns::parse(pattern);
    let listed = patterns.matches(name);
    let is_single = !pattern.is_empty() && !pattern.contains(&b',') && !pattern.contains(&b'/');
    if is_single && !name.contains(&b'/') {
        assert_eq!(matched.unwrap_or(false), listed);
    }
    let lookup = |_: &str| None;
    let _ = GoEnv::resolve("windows", &lookup, Some(data), Some(data)).check();
}

/// Whatever the strict reader takes, the lax one takes with the same modules; problems lie in the file.
pub fn go_mod(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').count();
    let (strict, lax, work) = (GoMod::parse(data), GoMod::parse_lax(data), GoWork::parse(data));
    for error in [strict.as_ref().err(), lax.as_ref().err(), work.as_ref().err()].into_iter().flatten() {
        let problems = error.errors();
        assert!(!problems.is_empty() && !error.go_text("go.mod").is_empty());
        assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column > 0));
    }
    if let Ok(strict) = strict {
        let lax = lax.expect("what the strict reader takes");
        assert_eq!((strict.module, strict.go), (lax.module, lax.go));
        assert_eq!((strict.require, strict.retract), (lax.require, lax.retract));
    }
    let _ = VendorRule::of(data);
    if let Ok(info) = Info::parse(data) {
        assert_eq!(
            Info::parse(info.encode().as_bytes()).map(|again| again.encode()).ok(),
            Some(info.encode())
        );
    }
}
