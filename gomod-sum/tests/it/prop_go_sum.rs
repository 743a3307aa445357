//! The laws of go.sum as a text: reading loses nothing; editing changes nothing but the lines named; into a file as go
//! writes it, lines go where go would write them; a merge holds what both hold; both sides of a conflict come back; what
//! the linter passes is what go would write, and it stops where reading does; an explanation never panics.

use gomod_archive::{Archive, Limits};
use gomod_module::{H1, ModuleVersion};
use gomod_sum::go_sum::{ConflictedGoSum, LintProblemKind, Severity};
use gomod_sum::{Evidence, GoSum, Kind, hash_go_mod};
use proptest::collection::vec;
use proptest::prelude::*;

fn module() -> impl Strategy<Value = ModuleVersion> {
    "x\\.y/[a-c]@v[01]\\.(0|1|9|10)\\.0(-a)?".prop_map(|text| text.parse().unwrap())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Zip, Kind::GoMod])
}

fn h1() -> impl Strategy<Value = H1> {
    (0_u8..3).prop_map(|byte| hash_go_mod(&[byte]))
}

/// A line without its ending.
fn line() -> impl Strategy<Value = String> {
    let hash = prop_oneof![5 => h1().prop_map(|hash| hash.to_string()), 1 => "h[12]:[xy]"];
    (module(), kind(), hash).prop_map(|(module, kind, hash)| {
        format!("{} {}{} {hash}", module.path(), module.version(), kind.suffix())
    })
}

fn odd_line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => line(),
        1 => Just(String::new()),
        1 => "[ \t]{0,2}[ab ]{0,6}",
        1 => line().prop_map(|line| line.replace(' ', "\u{a0} ")),
    ]
}

/// Odd files: unsorted, blank and malformed lines, both line endings, and no newline at the end.
fn odd_text() -> impl Strategy<Value = Vec<u8>> {
    (vec((odd_line(), prop::sample::select(vec!["\n", "\r\n"])), 0..20), odd_line()).prop_map(
        |(lines, last)| {
            lines
                .into_iter()
                .map(|(line, end)| line + end)
                .collect::<String>()
                .into_bytes()
                .into_iter()
                .chain(last.into_bytes())
                .collect()
        },
    )
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect()
}

/// One hash for each key at most, as go leaves files.
fn settled(text: &[u8]) -> GoSum {
    let mut sum = GoSum::parse_lax(&GoSum::parse_lax(text).to_go_text());
    let mut seen = std::collections::HashSet::new();
    sum.retain(|entry| seen.insert((entry.path.to_vec(), entry.version.to_vec())));
    sum
}

proptest! {
    #[test]
    fn reading_loses_nothing(text in vec(any::<u8>(), 0..200)) {
        let sum = GoSum::parse_lax(&text);
        prop_assert_eq!(sum.text(), &text[..]);
    }

    #[test]
    fn inserting_adds_one_line(text in odd_text(), module in module(), kind in kind(), hash in h1()) {
        let before = GoSum::parse_lax(&text);
        let mut sum = before.clone();
        if let Ok(true) = sum.insert(&module, kind, &hash) {
                let line = format!("{} {}{} {hash}", module.path(), module.version(), kind.suffix()).into_bytes();
                let (old, mut new) = (lines(&text), lines(sum.text()));
                let at = new.iter().rposition(|new| *new == line).unwrap();
                new.remove(at);
                // A newline was put behind the last line, where it had none.
                if new.len() > old.len() {
                    prop_assert_eq!(new.pop(), Some(Vec::new()));
                }
                prop_assert_eq!(new, old);
                prop_assert_eq!(sum.entries().len(), before.entries().len() + 1);
        } else {
            prop_assert_eq!(sum.text(), &text[..]);
        }
    }

    #[test]
    fn into_a_file_of_go_lines_go_where_go_writes_them(text in odd_text(), new in vec((module(), kind(), h1()), 1..5)) {
        let mut sum = settled(&text);
        for (module, kind, hash) in new {
            let before = sum.text().to_vec();
            if sum.insert(&module, kind, &hash).unwrap_or(false) {
                prop_assert_eq!(sum.text(), sum.to_go_text());
                if sum.hashes(&module, kind).count() == 1 {
                    let mut back = sum.clone();
                    prop_assert_eq!(back.remove(&module, kind), 1);
                    prop_assert_eq!(back.text(), before);
                }
            }
        }
    }

    #[test]
    fn retaining_everything_or_nothing(text in odd_text()) {
        let mut sum = GoSum::parse_lax(&text);
        let count = sum.entries().len();
        prop_assert_eq!(sum.retain(|_| true), 0);
        prop_assert_eq!(sum.text(), &text[..]);
        prop_assert_eq!(sum.retain(|_| false), count);
        prop_assert_eq!(sum.entries().len(), 0);
    }

    #[test]
    fn a_merge_holds_what_both_hold(a in odd_text(), b in odd_text()) {
        let (a, b) = (settled(&a), settled(&b));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        match (ab.merge(&b), ba.merge(&a)) {
            (Ok(_), Ok(_)) => {
                prop_assert_eq!(ab.text(), ba.text());
                prop_assert_eq!(ab.text(), ab.to_go_text());
                for part in [&a, &b] {
                    let diff = part.diff(&ab);
                    prop_assert!(diff.removed.is_empty());
                    prop_assert_eq!(ab.clone().merge(part).unwrap(), 0);
                }
            }
            (Err(ab), Err(ba)) => {
                prop_assert_eq!(ab.contradictions.len(), ba.contradictions.len());
                prop_assert!(a.diff(&b).changed.len() >= ab.contradictions.len());
            }
            one => prop_assert!(false, "{one:?}"),
        }
    }

    #[test]
    fn a_difference_turns_around(a in odd_text(), b in odd_text()) {
        let (a, b) = (GoSum::parse_lax(&a), GoSum::parse_lax(&b));
        let (there, back) = (a.diff(&b), b.diff(&a));
        prop_assert_eq!((&there.added, &there.removed), (&back.removed, &back.added));
        prop_assert_eq!(there.changed.len(), back.changed.len());
        prop_assert!(a.diff(&a).is_empty());
        prop_assert_eq!(there.is_empty(), a.to_go_text() == b.to_go_text());
    }

    #[test]
    fn both_sides_of_a_conflict_come_back(parts in vec((vec(line(), 0..3), vec(line(), 0..3), vec(line(), 0..3)), 0..4), diff3: bool) {
        let (mut text, mut ours, mut theirs) = (String::new(), String::new(), String::new());
        let join = |lines: &[String]| lines.iter().flat_map(|line| [line, "\n"]).collect::<String>();
        for (both, our, their) in &parts {
            let [both, our, their] = [both, our, their].map(|lines| join(lines));
            let ancestor = if diff3 { "||||||| merged common ancestors\nany\n" } else { "" };
            text.extend([&both, "<<<<<<< HEAD\n", &our, ancestor, "=======\n", &their, ">>>>>>> topic\n"]);
            ours.extend([&both, &our].map(String::as_str));
            theirs.extend([&both, &their].map(String::as_str));
        }
        let conflicted = ConflictedGoSum::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(conflicted.ours().text(), ours.as_bytes());
        prop_assert_eq!(conflicted.theirs().text(), theirs.as_bytes());
        let source: Vec<_> = text.lines().collect();
        for (entry, _) in conflicted.entries() {
            let line = entry_text(&entry);
            prop_assert_eq!(source[entry.line - 1], line);
        }
    }

    #[test]
    fn conflicts_in_any_text(text in "([<>|=]{7}( a)?|a b c|a)(\n[<>|=]{7}( a)?|\na b c){0,8}") {
        if let Ok(conflicted) = ConflictedGoSum::parse(text.as_bytes()) {
            conflicted.entries();
            drop(conflicted.union());
        }
    }

    #[test]
    fn the_linter_passes_what_go_writes(text in odd_text()) {
        check_lint(&text);
        check_lint(&GoSum::parse_lax(&text).to_go_text());
        check_lint(settled(&text).text());
    }

    #[test]
    fn the_linter_reads_any_bytes(text in vec(any::<u8>(), 0..200)) {
        check_lint(&text);
    }

    #[test]
    fn any_mismatch_can_be_explained(recorded in "h1:[!-~]{0,50}", text in odd_text(), go_mod: Vec<u8>, files in vec((vec(any::<u8>(), 0..12), any::<Vec<u8>>()), 0..6)) {
        let line = [format!("x.y/a v1.0.0 {recorded}\n").as_bytes(), &text].concat();
        let sum = GoSum::parse_lax(&line);
        let zip = files.into_iter().fold(gomod_testkit::ModuleZip::new("x.y/a", "v1.0.0"), |zip, (name, data)| zip.raw_name(name, data));
        let archive = Archive::open(zip.build(), &Limits::default()).unwrap();
        let evidence = Evidence::new().go_sum(&sum).go_mod(&go_mod).archive(&archive);
        for kind in [Kind::Zip, Kind::GoMod] {
            if let Err(mismatch) = sum.lookup(&"x.y/a@v1.0.0".parse().unwrap(), kind, &hash_go_mod(&go_mod)) {
                mismatch.explain(&evidence);
            }
        }
    }
}

fn entry_text(entry: &gomod_sum::GoSumLine<'_>) -> String {
    [entry.path, entry.version, entry.hash].map(|field| String::from_utf8_lossy(field).into_owned()).join(" ")
}

fn check_lint(text: &[u8]) {
    let problems = GoSum::lint(text);
    let malformed = |kind: &LintProblemKind| {
        matches!(kind, LintProblemKind::Fields { .. } | LintProblemKind::ConflictMark)
    };
    let first = problems.iter().find(|problem| malformed(&problem.kind));
    match GoSum::parse(text) {
        Err(error) => assert!(first.is_some_and(|problem| problem.line <= error.line)),
        Ok(_) => assert!(first.is_none_or(|problem| problem.kind == LintProblemKind::ConflictMark)),
    }
    if problems.iter().all(|problem| problem.severity() == Severity::Note) {
        assert_eq!(GoSum::parse_strict(text).unwrap().to_go_text(), text);
    }
    let lines: Vec<_> = text.split(|&byte| byte == b'\n').collect();
    for problem in &problems {
        let line = lines[problem.line - 1];
        assert!((1..=line.len() + 1).contains(&problem.column), "{problem}");
    }
    // The linter speaks about order exactly where go would write the lines in another one.
    let order = |kind: &LintProblemKind| {
        matches!(kind, LintProblemKind::Unsorted { .. } | LintProblemKind::Duplicate { .. })
    };
    let is_ordered = {
        let sum = GoSum::parse_lax(text);
        let fields: Vec<_> = sum
            .entries()
            .filter(|entry| !entry.path.starts_with(b"<<<<<<<"))
            .map(|entry| entry_text(&entry))
            .collect();
        let written = String::from_utf8_lossy(&sum.to_go_text()).into_owned();
        fields == written.lines().collect::<Vec<_>>()
    };
    if problems.iter().all(|problem| problem.kind != LintProblemKind::ConflictMark) && text.is_ascii() {
        assert_eq!(problems.iter().all(|problem| !order(&problem.kind)), is_ordered);
    }
}
