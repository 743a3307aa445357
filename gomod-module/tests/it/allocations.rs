//! Law: checking and comparing names allocates nothing where they are good, and neither does writing them, escaped or
//! not, into a formatter.

use std::fmt::{self, Write};
use std::hint::black_box;

use gomod_module::escape::Escaped;
use gomod_module::path::{
    check_file_path, check_import_path, check_path, check_path_major, path_major_prefix, split_path_version,
};
use gomod_module::version::{canonical_version, is_pseudo_version, is_zero_pseudo_version};
use gomod_module::{
    H1, ModulePath, ModuleVersion, PrefixPatterns, PseudoVersion, Timestamp, Version, check_module,
    compare_modules, go_version, semver,
};

const PATHS: [&str; 4] = [
    "github.com/BurntSushi/toml",
    "gopkg.in/yaml.v3",
    "example.com/m/v2",
    "a.very.long.example.com/with/many/Elements/which/go-on_and~on/for/more/than/sixty-four/characters/v12",
];
const VERSIONS: [&str; 6] = [
    "v1.2.3",
    "v2.0.0+incompatible",
    "v1.2.3-RC.1",
    "v0.0.0-20191109021931-daa7c04131f5",
    "v0.0.0-00010101000000-000000000000",
    "v123456789012345678901234567890.0.0-alpha.1.beta.22.gamma.333.delta.4444.epsilon.55555",
];

/// A formatter's target that keeps nothing.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        Ok(())
    }
}

#[track_caller]
fn allocates_nothing(run: impl FnOnce()) {
    let counted = allocation_counter::measure(run);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(black_box(String::from("x"))));
    assert_eq!(counted.count_total, 1);
}

#[test]
fn checking() {
    allocates_nothing(|| {
        for path in PATHS {
            assert!(check_path(path).is_ok() && check_import_path(path).is_ok());
            assert!(check_file_path(path.as_bytes()).is_ok());
            let (_, major) = split_path_version(path).unwrap_or_default();
            black_box(path_major_prefix(major));
        }
        for name in ["README.md", "café/ß/日本語.go", "a b/[x]{y}/(z)!.txt"] {
            assert!(check_file_path(name.as_bytes()).is_ok());
        }
        for version in VERSIONS {
            assert!(semver::is_valid(version));
            black_box((semver::major(version), semver::prerelease(version), semver::build(version)));
            black_box((semver::canonical(version), canonical_version(version), semver::major_minor(version)));
            black_box((is_pseudo_version(version), is_zero_pseudo_version(version)));
            if is_pseudo_version(version) {
                let pseudo = PseudoVersion::parse(version);
                assert!(pseudo.is_ok_and(|pseudo| pseudo.time().is_ok() && !pseudo.revision().is_empty()));
            }
        }
        assert!(check_module("example.com/m/v2", "v2.0.0").is_ok() && check_path_major("v1.0.0", "").is_ok());
        assert!(go_version::is_valid("1.21rc1") && go_version::language("1.21.3") == "1.21");
        assert!("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse::<H1>().is_ok());
        assert!("2024-01-23T18:54:04.5Z".parse::<Timestamp>().is_ok());
    });
}

#[test]
fn proofs_take_text_over() {
    let (paths, versions) = (PATHS.map(String::from), VERSIONS.map(String::from));
    let counted = allocation_counter::measure(|| {
        assert!(paths.into_iter().all(|path| ModulePath::new(path).is_ok()));
        assert!(versions.into_iter().all(|version| Version::new(version).is_ok()));
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn comparing() {
    let modules = ["a.b/c@v1.0.0", "a.b/c@v1.0.1-0.20191109021931-daa7c04131f5", "a.b/c/v2@v2.1.0"]
        .map(|module| module.parse::<ModuleVersion>().unwrap());
    let patterns = PrefixPatterns::parse("*.corp.example.com,git?ub.[a-m]om/B*,rsc.io/private");
    let versions = VERSIONS.map(|version| Version::new(version).unwrap());
    allocates_nothing(|| {
        for (a, b) in VERSIONS.into_iter().flat_map(|a| VERSIONS.map(|b| (a, b))) {
            black_box(semver::compare(a, b));
            black_box(semver::compare_total(a.as_bytes(), b.as_bytes()));
            black_box(compare_modules((b"a.b/c", a.as_bytes()), (b"a.b/c", b.as_bytes())));
            black_box(go_version::compare(a, b));
        }
        for (a, b) in versions.iter().flat_map(|a| versions.iter().map(move |b| (a, b))) {
            black_box((a.cmp(b), a.cmp_precedence(b), a == b));
        }
        for (a, b) in modules.iter().flat_map(|a| modules.iter().map(move |b| (a, b))) {
            black_box((a.cmp(b), a == b, a.path().is_prefix_of(b.path().as_str())));
        }
        assert!(PATHS.into_iter().any(|path| patterns.matches(path)));
    });
}

#[test]
fn writing() {
    let module: ModuleVersion = "github.com/BurntSushi/toml@v1.3.2-RC1".parse().unwrap();
    let hash = H1::from_digest([7; 32]);
    let time: Timestamp = "2024-01-23T18:54:04.25+02:00".parse().unwrap();
    allocates_nothing(|| {
        let mut out = Nowhere;
        write!(out, "{module} {} {}", module.path(), module.version()).unwrap();
        write!(out, "{}/@v/{}.zip", module.path().display_escaped(), module.version().display_escaped())
            .unwrap();
        for path in PATHS {
            write!(out, "{}", Escaped::path(path).unwrap()).unwrap();
        }
        write!(out, "{} {hash} {time}", Escaped::version("Master").unwrap()).unwrap();
    });
}
