//! Following an advice leads further: what failed with it ends well then, or fails for another reason. Every advice about a
//! failure is in one of the tables below.
#![cfg(target_os = "linux")]

use crate::verify::{never_less, unreadable};

const PROJECT: &[&str] = &["--project", "project"];

/// Whether a text has the words between the places of an advice that are filled in.
fn has(text: &str, words: &str) -> bool {
    words.split("{}").all(|words| text.contains(words))
}

macro_rules! followed {
    ($($name:ident: $words:literal, $follow:expr;)*) => {
        $(#[test]
        fn $name() {
            let follow: fn(&str) = $follow;
            follow($words);
        })*
        pub(super) const FOLLOWED: &[&str] = &[$($words),*];
    };
}

mod disk;
mod modules;
mod scene;
mod sources;

/// Those that other tests follow.
const FOLLOWED_ELSEWHERE: &[(&str, fn())] = &[
    (
        "--repair brings it to its end, without network",
        never_less::a_repair_that_was_cut_short_is_found_and_finished_without_network,
    ),
    (
        "look at the permissions and at the disk; what cannot be read is not replaced",
        unreadable::a_permission_that_is_missing_is_no_damage,
    ),
];

macro_rules! not_followed {
    ($($name:ident: $words:literal;)*) => { const NOT_FOLLOWED: &[(&str, &str)] = &[$((stringify!($name), $words)),*]; };
}

not_followed! {
    needs_another_version_to_be_chosen: "do not use this version: its record in the checksum database is about something else";
    needs_those_who_run_the_server: "the credentials were sent, and the server refuses all the same: {}";
    needs_their_permission: "ask those who run the server whether this module is blocked or needs a permission";
    needs_a_quota: "make room within the quota, have it raised, or write to another file system";
    needs_a_quota_of_the_cache: "make room within the quota, have it raised, or set GOMODCACHE to a directory on another disk";
    needs_a_file_system_of_small_files: "this file system holds no file of that size: write to another one";
    needs_a_program_that_asks_no_repository: "there is no direct access to repositories here: name a proxy in GOPROXY";
    needs_one_whose_proxies_have_no_module: "no proxy in GOPROXY has this module, by its own words above";
    needs_one_whose_proxies_fail: "look at the proxy's answer above, or name another proxy in GOPROXY";
    needs_those_who_run_the_database: "trust no module that is new to you until this is explained";
}

/// The texts of an advice in a source file, with `{}` for what is filled in.
fn advices(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |text, line| text + line + "\n");
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(character) = characters.next().filter(|character| *character != '"') {
            match character {
                '\\' => {
                    let escaped = characters.next();
                    if escaped == Some('\n') {
                        while characters.next_if(|character| character.is_whitespace()).is_some() {}
                    } else {
                        text.extend(escaped);
                    }
                }
                '{' => {
                    text.push_str("{}");
                    let _ = characters.by_ref().find(|character| *character == '}');
                }
                character => text.push(character),
            }
        }
        texts.push(text.replace("{}{}", "{}"));
    }
    texts.retain(|text| text.len() > 20 && text.contains(' '));
    texts
}

#[test]
fn every_advice_is_followed_or_known_not_to_be() {
    /// What these functions of a source file say.
    fn of(source: &str, functions: &[&str]) -> Vec<String> {
        let code = |function: &&str| {
            let code = &source[source.find(&format!("fn {function}(")).expect("a function")..];
            code.lines()
                .take_while(|line| !matches!(*line, "}" | "    }"))
                .fold(String::new(), |text, line| text + line + "\n")
        };
        functions.iter().flat_map(|function| advices(&code(function))).collect()
    }
    let mut all = advices(include_str!("../../support/next_step.rs"));
    all.extend(advices(include_str!("../../../gomod-proxy-client/src/report/next_step.rs")));
    all.extend(of(include_str!("../../support/direct/problem.rs"), &["no_git"]));
    all.extend(of(include_str!("../../verify/problem.rs"), &["next_step"]));
    all.extend(of(include_str!("../../support/obstacle.rs"), &["next_step", "next_step_in_cache"]));
    all.extend(of(include_str!("../../download/write_sum.rs"), &["next_step"]));
    let tables = [modules::FOLLOWED, sources::FOLLOWED, disk::FOLLOWED];
    let followed =
        tables.into_iter().flatten().copied().chain(FOLLOWED_ELSEWHERE.iter().map(|(words, _)| *words));
    let known: Vec<_> = followed.chain(NOT_FOLLOWED.iter().map(|(_, words)| *words)).collect();
    for text in &all {
        assert!(known.iter().any(|words| has(text, words)), "nobody follows {text:?}");
    }
    for words in known {
        assert!(all.iter().any(|text| has(text, words)), "nothing says {words:?}");
    }
}
