//! Several go.sum files asked together.

use gomod_module::{H1, ModuleVersion};
use gomod_sum::{GoSum, GoSumFiles, Kind, Verdict};

const A: &str = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";

fn module() -> ModuleVersion {
    "x.y/m@v1.0.0".parse().unwrap()
}

/// Files whose only lines are about the module's zip, with these hashes.
fn files(hashes: [&[&str]; 3]) -> GoSumFiles {
    let [main, a, b] = hashes.map(|hashes| {
        let lines: Vec<_> = hashes.iter().map(|hash| format!("x.y/m v1.0.0 {hash}\n")).collect();
        GoSum::parse(lines.concat().as_bytes()).unwrap()
    });
    GoSumFiles::new("go.work.sum", main).with("a/go.sum", a).with("b/go.sum", b)
}

fn verify(hashes: [&[&str]; 3]) -> Result<Verdict, String> {
    let found: H1 = A.parse().unwrap();
    let strict = files(hashes).verify(&module(), Kind::Zip, &found);
    let lenient = files(hashes).lookup(&module(), Kind::Zip, &found);
    // Nothing but a match proves anything.
    assert_eq!(strict.is_ok(), lenient == Ok(Verdict::Match), "{strict:?}");
    assert_eq!(strict.err().and_then(|error| error.mismatch().cloned()), lenient.clone().err());
    files(hashes)
        .lookup(&module(), Kind::Zip, &found)
        .map_err(|mismatch| format!("{}:{}", mismatch.file, mismatch.line))
}

#[test]
fn the_main_file_decides_first() {
    assert_eq!(verify([&[A], &["h1:x"], &[]]), Ok(Verdict::Match));
    assert_eq!(verify([&["h1:x", A], &[A], &[]]), Err("go.work.sum:1".into()));
}

#[test]
fn then_every_line_of_every_member_counts() {
    assert_eq!(verify([&[], &[A], &[]]), Ok(Verdict::Match));
    assert_eq!(verify([&["h2:x"], &["h3:x"], &[A]]), Ok(Verdict::Match));
    assert_eq!(verify([&[], &[A], &["h1:x"]]), Err("b/go.sum:1".into()));
    assert_eq!(verify([&[], &[A, "h1:x"], &[]]), Err("a/go.sum:2".into()));
    assert_eq!(verify([&[], &[], &[]]), Ok(Verdict::Absent));
    assert_eq!(verify([&[], &["h2:x"], &[]]), Ok(Verdict::UnknownAlgorithm));
}

#[test]
fn any_file_will_do_for_having_a_hash() {
    assert!(files([&[], &["h2:x"], &["h1:"]]).have_sum(&module(), Kind::Zip));
    let none = files([&["h2:x"], &[], &[]]);
    assert!(!none.have_sum(&module(), Kind::Zip));
    assert!(none.require_sum(&module(), Kind::Zip).is_err());
    let names: Vec<_> = files([&[A], &[], &["h2:x"]])
        .hashes(&module(), Kind::Zip)
        .map(|(name, entry)| format!("{name}:{}", entry.line))
        .collect();
    assert_eq!(names, ["go.work.sum:1", "b/go.sum:1"]);
}

#[test]
fn only_the_main_file_is_written() {
    let found: H1 = A.parse().unwrap();
    assert!(!files([&[], &[A], &[]]).insert(&module(), Kind::Zip, &found).unwrap());
    assert!(files([&[], &["h1:x"], &[]]).insert(&module(), Kind::Zip, &found).is_err());
    let mut files = files([&["h2:x"], &["h2:y"], &[]]);
    assert!(files.insert(&module(), Kind::Zip, &found).unwrap());
    assert_eq!(files.main().entries().len(), 2);
    assert_eq!(files.remove_repeated(), 2);
    assert_eq!(files.main().text(), b"");
}

#[cfg(feature = "sumdb")]
#[test]
fn a_match_names_the_file_that_has_it() {
    use gomod_sum::sumdb::Routing;
    use gomod_sum::{ProvedBy, Verifier};

    let found: H1 = A.parse().unwrap();
    let verifier = Verifier::new(files([&["h2:x"], &["h3:x"], &[A]]), Routing::new("off", "", ""));
    let proved = verifier.expected(&module(), Kind::Zip).unwrap().check(&found).unwrap();
    assert_eq!(proved, ProvedBy::GoSum { file: "b/go.sum".into(), line: 1 });
    let one = Verifier::new(GoSum::default(), Routing::new("off", "", ""));
    let proved = one.expected(&module(), Kind::Zip).unwrap().check(&found).unwrap();
    assert!(matches!(proved, ProvedBy::Unchecked(_)));
}
