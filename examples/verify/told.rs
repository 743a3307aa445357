//! What people are told of what is wrong: of many modules with one cause, the first few.

use std::fmt::Display;

use gomod_cache::CacheError;
use gomod_module::ModuleVersion;
use support::causes::{Causes, NextSteps};
use support::failure::{Failure, chain};
use support::next_step::NO_LINKS;
use support::obstacle::Obstacle;
use support::progress::Progress;

use super::problem::Problem;

/// What was told in one run.
#[derive(Debug)]
pub(crate) struct Told {
    progress: Progress,
    /// Whether each module is told of.
    all: bool,
    broken: Causes,
    gone: Causes,
    failed: Causes,
    steps: NextSteps,
}

impl Told {
    pub(crate) fn new(all: bool, progress: Progress) -> Self {
        let (broken, gone, failed) = <(Causes, Causes, Causes)>::default();
        Self { progress, all, broken, gone, failed, steps: NextSteps::default() }
    }

    /// Something of a module is broken.
    pub(crate) fn broken(&mut self, module: &ModuleVersion, problem: &Problem) {
        let cause = chain(problem);
        if self.broken.tell_of(&module.to_string(), &cause) || self.all {
            self.progress.warn(format_args!("broken: {module}: {cause}"));
            self.steps.tell(Some(problem.next_step()), Obstacle::of(problem), &self.progress);
        }
    }

    /// A directory cannot be listed.
    pub(crate) fn unreadable(&mut self, error: &CacheError) {
        let cause = chain(error);
        let step = "look at the permissions and at the disk".to_owned();
        if self.broken.tell_of(&error.path().display().to_string(), &cause) || self.all {
            self.progress.warn(format_args!("broken: {cause}"));
            self.steps.tell(Some(step), Obstacle::of(error), &self.progress);
        }
    }

    /// A module was taken out by an earlier repair and never came back.
    pub(crate) fn gone(&mut self, module: &ModuleVersion, since: &str, quarantine: &impl Display) {
        if self.gone.tell_of(&module.to_string(), since) || self.all {
            self.progress.warn(format_args!(
                "gone: {module}: was taken out on {since} and never came back; what was there is in {quarantine}"
            ));
            let step =
                "--repair fetches it, --quarantine restore puts back what was there, and prune forgets it";
            self.steps.tell(Some(step.to_owned()), None, &self.progress);
        }
    }

    /// Something in the cache cannot be read, moved or written: `what` it is, and the `name` in that.
    pub(crate) fn cache(&mut self, what: &str, name: &str, error: &CacheError) {
        let cause = chain(error);
        if self.failed.tell_of(name, &cause) || self.all {
            self.progress.warn(format_args!("error: {what}: {cause}"));
            self.steps.tell(Some(next_step(error)), Obstacle::of(error), &self.progress);
        }
    }

    /// A module was not repaired; whether there is more to be said of it.
    pub(crate) fn not_repaired(&mut self, module: &str, why: &str) -> bool {
        let is_told = self.failed.tell_of(module, why) || self.all;
        if is_told {
            self.progress.warn(format_args!("error: {module}: not repaired: {why}"));
        }
        is_told
    }

    /// The same, where the reason is a failure to fetch or to install it.
    pub(crate) fn failed(&mut self, failure: &Failure) -> bool {
        let is_told = self.failed.tell(failure) || self.all;
        if is_told {
            let (module, why) = (&failure.module, chain(&failure.problem));
            self.progress.warn(format_args!("error: {module}: not repaired: {why}"));
        }
        is_told
    }

    /// What to do about a module that was not repaired.
    pub(crate) fn next(&mut self, step: Option<String>, obstacle: Option<Obstacle>) {
        self.steps.tell(step, obstacle, &self.progress);
    }

    /// How many more there are of each cause.
    pub(crate) fn rest(&self) {
        if self.all {
            return;
        }
        for (word, causes) in [("broken", &self.broken), ("gone", &self.gone), ("error", &self.failed)] {
            for line in causes.rest() {
                self.progress.warn(format_args!("{word}: {line}"));
            }
        }
    }
}

/// What to do where the cache itself is in the way.
fn next_step(error: &CacheError) -> String {
    let text = match error {
        CacheError::Symlink { .. } => NO_LINKS,
        CacheError::NotOneModule { .. } => {
            "it is laid out as a module cache: take out of it by hand what you want back"
        }
        error => match Obstacle::of(error) {
            Some(obstacle) => obstacle.next_step_in_cache(error.is_unwritable()),
            None => "look at the permissions and at the disk, and run this again",
        },
    };
    text.to_owned()
}
