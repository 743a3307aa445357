//! Many failures that have one cause are told once, with the first few names.

use std::collections::{HashMap, HashSet};

use gomod_module::ModuleVersion;

use crate::failure::{Failure, Problem, chain};
use crate::obstacle::{Obstacle, tell_next};
use crate::progress::Progress;

/// So many failures of one cause are told in full.
const TOLD: usize = 3;
/// So many more are named.
const NAMED: usize = 10;
/// So many causes are told apart; all others count as one.
const CAUSES: usize = 1000;

/// The failures of one run, by their cause.
#[derive(Debug, Default)]
pub struct Causes {
    order: Vec<String>,
    seen: HashMap<String, Seen>,
}

/// What was recommended in one run, whatever the causes: once is enough.
#[derive(Debug, Default)]
pub struct NextSteps(HashSet<String>);

impl NextSteps {
    /// Tells what to do, and before that which limit was met, unless that was told before.
    pub fn tell(&mut self, step: Option<String>, obstacle: Option<Obstacle>, progress: &Progress) {
        if let Some(step) = step
            && self.0.insert(step.clone())
        {
            tell_next(Some(step), obstacle, progress);
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    first: String,
    count: usize,
    named: Vec<String>,
}

impl Causes {
    /// Counts a failure, and says whether to tell of it in full: the first three of each cause are told.
    pub fn tell(&mut self, failure: &Failure) -> bool {
        self.tell_of(&failure.module, &cause(failure))
    }

    /// The same for what is no [`Failure`]. `what` may hold names, paths and hashes that are the module's own.
    pub fn tell_of(&mut self, module: &str, what: &str) -> bool {
        self.count(module, without_own(module, what))
    }

    fn count(&mut self, module: &str, mut cause: String) -> bool {
        if self.seen.len() >= CAUSES && !self.seen.contains_key(&cause) {
            cause.clear();
        }
        let seen = self.seen.entry(cause).or_insert_with_key(|cause| {
            self.order.push(cause.clone());
            Seen { first: module.to_owned(), ..Seen::default() }
        });
        seen.count += 1;
        if seen.count > TOLD && seen.named.len() < NAMED {
            seen.named.push(module.to_owned());
        }
        seen.count <= TOLD
    }

    /// A line for each cause of which not all failures were told.
    pub fn rest(&self) -> impl Iterator<Item = String> {
        let seen =
            self.order.iter().filter_map(|cause| self.seen.get(cause)).filter(|seen| seen.count > TOLD);
        seen.map(|seen| {
            let (more, first) = (seen.count - TOLD, &seen.first);
            let rest = if seen.named.len() < more { ", …" } else { "" };
            format!("and {more} more for the same reason as {first}: {}{rest}", seen.named.join(", "))
        })
    }
}

/// What two failures share that have one cause.
fn cause(failure: &Failure) -> String {
    match &failure.problem {
        Problem::Fetch(error) => {
            let asked = failure.requests().last().map(|last| format!("{} {}", last.source(), last.outcome()));
            let (status, said) = (error.status(), error.server_response().unwrap_or_default());
            format!("{} {status:?} {} {said}", error.kind(), asked.unwrap_or_default())
        }
        Problem::Cached { .. } => "cached".to_owned(),
        Problem::Modified(_) => "modified".to_owned(),
        Problem::ForeignZipHash(_) => "foreign hash".to_owned(),
        problem => chain(problem),
    }
}

/// A text without what is each module's own: its name, also as it stands in paths, and hashes.
fn without_own(module: &str, text: &str) -> String {
    let (path, version) = module.split_once('@').unwrap_or((module, ""));
    let escaped = module.parse().map(|module: ModuleVersion| {
        let (path, version) = (module.path().to_escaped(), module.version().to_escaped());
        (format!("{path}@{version}"), path, version)
    });
    let (whole, dir, file) = escaped.unwrap_or_default();
    let mut text = text.to_owned();
    for own in [module, &*whole, path, &*dir, version, &*file].into_iter().filter(|own| !own.is_empty()) {
        text = text.replace(own, "…");
    }
    let words = text.split_inclusive(' ').map(|word| if word.contains("h1:") { "h1:… " } else { word });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_told_and_the_others_counted() {
        let mut causes = Causes::default();
        let told = (0..40).filter(|i| causes.count(&format!("m{i}"), "one".to_owned())).count();
        assert_eq!(told, TOLD);
        assert!(causes.count("other", "two".to_owned()));
        let rest: Vec<_> = causes.rest().collect();
        assert_eq!(
            rest,
            ["and 37 more for the same reason as m0: m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, …"]
        );
    }

    #[test]
    fn names_paths_and_hashes_do_not_tell_causes_apart() {
        let mut causes = Causes::default();
        for (module, dir) in [("a.b/One@v1.0.0", "a.b/!one"), ("a.b/Two@v1.1.0", "a.b/!two")] {
            let (name, hash) = (&module[8..], &module[4..7]);
            causes.tell_of(
                module,
                &format!("/cache/{dir}/@v/{name}.zip is not {module}: found h1:{hash}=, recorded h1:x"),
            );
        }
        assert_eq!(causes.seen.len(), 1, "{:?}", causes.order);
    }

    /// However many causes and modules there are, little is kept.
    #[test]
    fn nothing_grows_without_end() {
        let mut causes = Causes::default();
        for i in 0..3 * CAUSES {
            causes.count("m", i.to_string());
            causes.count("m", "one".to_owned());
        }
        assert_eq!(causes.seen.len(), CAUSES + 1);
        assert!(causes.rest().all(|line| line.len() < 500));
    }
}
