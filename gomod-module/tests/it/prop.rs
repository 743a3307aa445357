//! Laws: what is escaped comes back, and no two things are escaped alike even where letter case does not count;
//! versions and modules are totally ordered, in agreement with their equality; what a proof type prints it parses;
//! folding a folded name changes nothing; a pseudo-version gives back what it was made of; a query's choice is one of the
//! versions that match it, in whatever order they are listed, and none that is not allowed; no input panics.

use gomod_module::escape::{escape_path, escape_version, unescape_path, unescape_version};
use gomod_module::path::{
    check_file_path, check_import_path, check_path_major, path_major_prefix, split_path_version,
};
use gomod_module::pattern::path_match;
use gomod_module::query::Selection;
use gomod_module::text::fold_key;
use gomod_module::version::pseudo_version;
use gomod_module::{
    H1, ModulePath, ModuleVersion, PrefixPatterns, PseudoVersion, Query, Timestamp, Version, check_module,
    compare_modules, semver,
};
use proptest::prelude::*;

const PATH: &str = r"[a-z0-9]{1,4}\.[a-z]{1,3}(/[A-Za-z0-9_~.+-]{1,6}){0,3}(/v[0-9]{1,2})?|gopkg\.in/[a-z]{1,3}\.v[0-9]{1,2}(-unstable)?";
const VERSION: &str = r"v[0-3](\.[0-9]{1,2}){2}(-[0-9a-zA-Z]{1,3}(\.[0-9a-z-]{1,3}){0,2}|-0\.2019[0-9]{10}-abcdef)?(\+incompatible)?";
const VERSION_TEXT: &str =
    r"v[0-2](\.[0-2](\.[0-2](-[0-2a]{1,2}(\.[0-2a]{1,2})?)?(\+[a-z.]{1,3})?)?)?|[v.0-]{0,3}";
const TIME: &str = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])";

proptest! {
    #[test]
    fn escaping_is_undone(path in PATH, version in VERSION) {
        if let Ok(path) = ModulePath::new(path) {
            prop_assert_eq!(ModulePath::from_escaped(&path.to_escaped()), Ok(path.clone()));
            prop_assert!(!path.to_escaped().contains(|c: char| c.is_ascii_uppercase()));
            prop_assert_eq!(path.to_escaped(), escape_path(path.as_str()).unwrap());
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
        if let Ok(version) = Version::new(version) {
            prop_assert_eq!(Version::from_escaped(&version.to_escaped()), Ok(version.clone()));
            prop_assert_eq!(version.to_escaped(), escape_version(version.as_str()).unwrap());
            prop_assert_eq!(version.to_string().parse(), Ok(version));
        }
    }

    #[test]
    fn unescaping_is_undone(text in r"[a-z0-9./!~-]{0,20}|\PC{0,20}") {
        if let Ok(path) = unescape_path(&text) {
            prop_assert_eq!(escape_path(&path), Ok(text.clone()));
        }
        if let Ok(version) = unescape_version(&text) {
            prop_assert_eq!(escape_version(&version), Ok(text));
        }
    }

    #[test]
    fn module_versions_parse_what_they_print(path in PATH, version in VERSION) {
        if let Ok(module) = ModuleVersion::parse(&path, &version) {
            prop_assert_eq!(check_module(&path, &version), Ok(()));
            prop_assert_eq!(module.to_string().parse(), Ok(module));
        }
    }

    #[test]
    fn versions_are_totally_ordered(list in prop::collection::vec(VERSION_TEXT, 3)) {
        let [a, b, c] = [&list[0], &list[1], &list[2]];
        let compare = |x: &str, y: &str| semver::compare_total(x.as_bytes(), y.as_bytes());
        prop_assert_eq!(compare(a, b), compare(b, a).reverse());
        prop_assert_eq!(compare(a, b).is_eq(), a == b);
        if compare(a, b).is_le() && compare(b, c).is_le() {
            prop_assert!(compare(a, c).is_le());
        }
        prop_assert_eq!(semver::compare(a, b), semver::compare(b, a).reverse());
        if semver::compare(a, b).is_ne() {
            prop_assert_eq!(semver::compare(a, b), compare(a, b));
        }
        if let (Ok(a), Ok(b)) = (Version::new(a), Version::new(b)) {
            prop_assert_eq!(a.cmp(&b), compare(a.as_str(), b.as_str()));
        }
    }

    #[test]
    fn lines_of_go_sum_are_totally_ordered(
        list in prop::collection::vec((r"[ab]{1,2}", VERSION_TEXT, r"(/go\.mod|/x)?"), 3),
    ) {
        let list: Vec<_> = list.into_iter().map(|(path, version, suffix)| (path, version + &suffix)).collect();
        let compare = |x: usize, y: usize| {
            let line = |index: usize| (list[index].0.as_bytes(), list[index].1.as_bytes());
            compare_modules(line(x), line(y))
        };
        prop_assert_eq!(compare(0, 1), compare(1, 0).reverse());
        prop_assert_eq!(compare(0, 1).is_eq(), list[0] == list[1]);
        if compare(0, 1).is_le() && compare(1, 2).is_le() {
            prop_assert!(compare(0, 2).is_le());
        }
    }

    #[test]
    fn go_sum_order_of_modules_is_their_order(a in (PATH, VERSION), b in (PATH, VERSION)) {
        if let (Ok(a), Ok(b)) = (ModuleVersion::parse(&a.0, &a.1), ModuleVersion::parse(&b.0, &b.1)) {
            let line = |module: &ModuleVersion| (module.path().to_string(), module.version().to_string());
            let ((a_path, a_version), (b_path, b_version)) = (line(&a), line(&b));
            let compared = compare_modules(
                (a_path.as_bytes(), a_version.as_bytes()),
                (b_path.as_bytes(), b_version.as_bytes()),
            );
            prop_assert_eq!(a.cmp(&b), compared);
        }
    }

    #[test]
    fn folding_twice_changes_nothing(name in r"\PC{0,12}|[A-Za-zſK]{0,6}") {
        let key = fold_key(&name);
        prop_assert_eq!(fold_key(&key), key.clone());
        prop_assert_eq!(fold_key(&name.to_ascii_uppercase()), key);
    }

    #[test]
    fn times_print_as_they_are_read(text in TIME) {
        let time: Timestamp = text.parse().unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
        if let Some(system) = time.to_system_time() {
            let utc = Timestamp::from_system_time(system);
            prop_assert!(utc.is_none_or(|utc| utc.unix_seconds() == time.unix_seconds() && utc.nanos() == time.nanos()));
        }
    }

    #[test]
    fn pseudo_versions_give_back_their_parts(older in VERSION, time in TIME, revision in "[0-9a-f]{12}") {
        let time: Timestamp = time.parse().unwrap();
        let whole = Timestamp::from_system_time(time.to_system_time().unwrap());
        // An offset can carry the first and last year into one of five digits or below zero.
        prop_assume!(whole.is_some());
        let made = pseudo_version("v0", &older, time, &revision);
        let parsed = PseudoVersion::parse(&made).unwrap();
        prop_assert_eq!(parsed.revision(), revision);
        prop_assert_eq!(parsed.time().unwrap().unix_seconds(), time.unix_seconds());
        if semver::is_valid(&older) {
            prop_assert_eq!(parsed.base().unwrap(), Some(older.clone()));
            prop_assert!(semver::compare(&made, &older).is_gt());
        }
    }

    #[test]
    fn digests_survive(digest in any::<[u8; 32]>()) {
        let hash = H1::from_digest(digest);
        prop_assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn a_pattern_is_bad_whatever_the_name_is(pattern in r"[a\[\]^*?\\/-]{0,8}", a in "[a/]{0,4}", b in "[a/]{0,4}") {
        prop_assert_eq!(path_match(&pattern, a).is_err(), path_match(&pattern, b).is_err());
    }

    #[test]
    fn nothing_panics(data in prop::collection::vec(any::<u8>(), 0..24), text in r"\PC{0,16}|[v0-9./~!@+-]{0,16}") {
        let lossy = String::from_utf8_lossy(&data).into_owned();
        let _ = check_file_path(&data);
        let _ = path_match(&data, &data);
        let _ = PrefixPatterns::parse(&data).matches(&data);
        let _ = compare_modules((&data, text.as_bytes()), (&data, &data));
        for text in [lossy, text] {
            let _ = check_import_path(&text);
            let _ = split_path_version(&text);
            let _ = path_major_prefix(&text);
            let _ = check_path_major(&text, &text);
            let _ = PseudoVersion::parse(&text).map(|pseudo| (pseudo.base(), pseudo.time()));
            let _ = text.parse::<ModuleVersion>();
            let _ = text.parse::<H1>();
            let _ = text.parse::<Timestamp>();
            let _ = unescape_path(&text);
            let _ = unescape_version(&text);
            let _ = semver::canonical(&text);
            let _ = semver::major_minor(&text);
            let _ = fold_key(&text);
        }
    }

    #[test]
    fn queries_choose_what_matches(
        query in r"latest|upgrade|patch|[<>]=?v[0-2](\.[0-2]){0,2}|v[0-2](\.[0-2])?",
        mut list in prop::collection::vec(VERSION_TEXT, 0..8),
        refused in 0..8_usize,
        current in prop::option::of(r"v[0-2]\.[0-2]\.[0-2](-rc\.1)?"),
        has_go_mod in any::<bool>(),
    ) {
        let Ok(query) = Query::new(query) else { return Ok(()) };
        let path = ModulePath::new("example.com/m").unwrap();
        let current = current.map(|version| Version::new(version).unwrap());
        let Ok(matcher) = query.matcher(&path, current.as_ref()) else { return Ok(()) };
        let refused = list.get(refused).cloned();
        let allowed = |version: &str| refused.as_deref() != Some(version);
        let go_mod = if has_go_mod { "module example.com/m\n\ngo 1.21\n" } else { "module example.com/m\n" };
        let choose = |list: &[String]| match matcher.select(list, allowed, Some(go_mod.as_bytes())) {
            Selection::Version(version) => Some(version.clone()),
            _ => None,
        };
        let chosen = choose(&list);
        if let Some(version) = &chosen {
            prop_assert!(list.contains(version) && matcher.matches(version) && allowed(version));
        } else {
            prop_assert!(!list.iter().any(|version| matcher.matches(version) && allowed(version)));
        }
        list.reverse();
        prop_assert_eq!(choose(&list), chosen);
    }
}
