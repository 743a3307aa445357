//! What proves the bytes of a module.

use gomod_module::{GoEnv, H1, ModuleVersion, PrefixPatterns};
use gomod_sum::{GoSum, Kind, Mismatch, Missing, Verdict};

/// The known hashes, and what to do about a module that has none.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    go_sum: GoSum,
    unproven: Unproven,
}

/// What may be used without a known hash.
#[derive(Debug, Clone, Default)]
enum Unproven {
    #[default]
    Nothing,
    /// GOSUMDB=off.
    Everything,
    /// The modules that GONOSUMDB names.
    Matching(PrefixPatterns),
}

/// Why bytes are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third reason")]
pub enum Proof {
    /// Their hash stands in this line of go.sum.
    GoSum(usize),
    /// The environment says that nothing need prove them: the variable that does.
    Waived(&'static str),
}

impl Sums {
    /// The hashes of a go.sum file, of which there must be one for everything.
    pub fn new(go_sum: GoSum) -> Self {
        Self { go_sum, unproven: Unproven::Nothing }
    }

    /// Lets modules without a known hash pass where the go command would not ask the checksum database: GOSUMDB is
    /// `off` or GONOSUMDB names them.
    #[must_use]
    pub fn or_unproven(mut self, env: &GoEnv) -> Self {
        self.unproven = match env.gosumdb() {
            "off" => Unproven::Everything,
            _ => Unproven::Matching(PrefixPatterns::parse(env.gonosumdb())),
        };
        self
    }

    /// Says that the bytes can be judged when they have come: asked before anything is fetched.
    ///
    /// # Errors
    /// [`Missing`] names the line that go.sum would need.
    pub fn require(&self, module: &ModuleVersion, kind: Kind) -> Result<(), Missing> {
        match self.waived(module) {
            Some(_) => Ok(()),
            None => self.go_sum.require_sum(module, kind),
        }
    }

    /// The verdict on a hash.
    ///
    /// # Errors
    /// [`Mismatch`]. That there is no line for it is none: see [`Sums::require`].
    pub fn check(&self, module: &ModuleVersion, kind: Kind, found: &H1) -> Result<Proof, Mismatch> {
        if self.go_sum.verify(module, kind, found)? == Verdict::Match {
            let text = found.to_string();
            let line = self.go_sum.hashes(module, kind).find(|entry| entry.hash == text.as_bytes());
            return Ok(Proof::GoSum(line.map_or(0, |entry| entry.line)));
        }
        Ok(Proof::Waived(self.waived(module).unwrap_or("nothing")))
    }

    fn waived(&self, module: &ModuleVersion) -> Option<&'static str> {
        match &self.unproven {
            Unproven::Everything => Some("GOSUMDB=off"),
            Unproven::Matching(patterns) if patterns.matches(module.path().as_str()) => Some("GONOSUMDB"),
            _ => None,
        }
    }
}
