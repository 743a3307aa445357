//! A plan names what the rules name and nothing else, and removes nothing before it is carried out.

use std::collections::BTreeSet;
use std::fs::File;
use std::time::{Duration, SystemTime};

use gomod_cache::{CacheFile, ModCache, PrunePlan, PruneRules, Pruned};
use gomod_module::ModuleVersion;

use crate::fixture::{TestCache, extract, install_zip};

fn module(text: &str) -> ModuleVersion {
    text.parse().expect("a module version")
}

fn day(day: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(day * 86400)
}

/// Three versions with zip and tree, downloaded on day 1, 2 and 3, and one of which there is only `.mod`, of day 4.
fn filled() -> TestCache {
    let test = TestCache::new();
    for number in 1..=4 {
        let entry = test.cache.entry(&module(&format!("example.com/m@v1.{number}.0")));
        entry.store_mod(b"module example.com/m\n").expect("stored");
        let mut dated = CacheFile::Mod;
        if number < 4 {
            let lock = entry.lock().expect("a lock");
            install_zip(&lock, 1).expect("installed");
            extract(&lock, 1).expect("extracted");
            dated = CacheFile::Zip;
        }
        let file = File::options().write(true).open(entry.path(dated)).expect("a file");
        file.set_modified(day(number)).expect("a time");
    }
    test
}

/// `.mod`, `.ziphash`, `.zip`, and four files of a hundred bytes.
const BYTES: u64 = 21 + 47 + 1000 + 400;

fn names(plan: &PrunePlan) -> Vec<String> {
    plan.remove.iter().map(|candidate| candidate.module.to_string()).collect()
}

fn entries(cache: &ModCache) -> usize {
    cache.entries().count()
}

#[test]
fn without_rules_nothing_goes() {
    let test = filled();
    let plan = test.cache.plan_prune(&PruneRules::new());
    assert!(plan.remove.is_empty() && plan.unreadable.is_empty());
    assert_eq!((plan.kept, plan.kept_bytes), (4, 3 * BYTES + 21));
}

#[test]
fn each_rule_narrows_the_others() {
    let test = filled();
    let plan = |rules: PruneRules| test.cache.plan_prune(&rules);
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| format!("example.com/m@v1.{n}.0"));
    let old = PruneRules::new().downloaded_before(day(3));
    assert_eq!(names(&plan(old.clone())), [&*one, &*two]);
    let named = PruneRules::new().keep(BTreeSet::from([module(&one)]));
    assert_eq!(names(&plan(named)), [&*two, &*three, &*four]);
    assert_eq!(names(&plan(old.clone().keep(BTreeSet::from([module(&one)])))), [&*two]);
    // The oldest first, and no more than it takes.
    let all = 3 * BYTES + 21;
    for (limit, want) in [
        (all, &[][..]),
        (all - 1, &[&*one][..]),
        (all - BYTES, &[&*one]),
        (all - BYTES - 1, &[&*one, &*two]),
        (0, &[&*one, &*two, &*three, &*four]),
    ] {
        let plan = plan(PruneRules::new().max_bytes(limit));
        assert_eq!(names(&plan), want, "{limit}");
        assert_eq!(plan.bytes + plan.kept_bytes, all);
        assert_eq!(plan.remove.len() + plan.kept, 4);
    }
    // What may not go does not go, however little room there is.
    assert_eq!(names(&plan(old.max_bytes(0))), [&*one, &*two]);
    assert_eq!(entries(&test.cache), 4, "a plan removes nothing");
}

#[test]
fn toolchains_are_not_judged_by_go_sum_files() {
    let test = TestCache::new();
    let toolchain = module("golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64");
    test.cache.entry(&toolchain).store_mod(b"module golang.org/toolchain\n").expect("stored");
    assert!(test.cache.plan_prune(&PruneRules::new().keep(BTreeSet::new())).remove.is_empty());
    assert_eq!(test.cache.plan_prune(&PruneRules::new().max_bytes(0)).remove.len(), 1);
}

#[test]
fn a_plan_is_carried_out_one_by_one() {
    let test = filled();
    let plan = test.cache.plan_prune(&PruneRules::new().max_bytes(0));
    let entry = |n: usize| test.cache.entry(&plan.remove[n].module);
    // The first is locked, the second was downloaded again since.
    let lock = entry(0).lock().expect("a lock");
    install_zip(&entry(1).lock().expect("a lock"), 1).expect("installed");
    let ended: Vec<_> =
        plan.remove.iter().map(|candidate| test.cache.prune(candidate).expect("no error")).collect();
    assert_eq!(ended, [Pruned::Busy, Pruned::Changed, Pruned::Removed, Pruned::Removed]);
    assert_eq!(entries(&test.cache), 2);
    drop(lock);
    assert_eq!(test.cache.prune(&plan.remove[0]).expect("no error"), Pruned::Removed);
    assert_eq!(test.cache.prune(&plan.remove[0]).expect("gone already"), Pruned::Removed);
    assert_eq!(entries(&test.cache), 1);
}
