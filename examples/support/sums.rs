//! What proves the bytes of a module.

use std::sync::Arc;

use gomod_module::{GoEnv, H1, ModuleVersion, PrefixPatterns};
use gomod_sum::{GoSum, Kind, Mismatch, Missing, Verdict};

/// What the go command downloads itself with: neither GOSUMDB=off nor GONOSUMDB lets it pass unproven.
const TOOLCHAIN: &str = "golang.org/toolchain";

/// The known hashes, and what to do about a module that has none. Clones are cheap.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    go_sum: Arc<GoSum>,
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

/// That the bytes of a module can be judged once they are there: go.sum has a hash for them, or they need none.
#[derive(Debug, Clone)]
pub struct Expected {
    go_sum: Arc<GoSum>,
    module: ModuleVersion,
    kind: Kind,
    waived: &'static str,
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
        Self { go_sum: Arc::new(go_sum), unproven: Unproven::Nothing }
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

    /// What the bytes of a module are held against: asked before anything is fetched.
    ///
    /// # Errors
    /// [`Missing`] names the line that go.sum would need.
    pub fn expected(&self, module: &ModuleVersion, kind: Kind) -> Result<Expected, Missing> {
        let waived = self.waived(module);
        if waived.is_none() {
            self.go_sum.require_sum(module, kind)?;
        }
        let (go_sum, module) = (Arc::clone(&self.go_sum), module.clone());
        // Without a waiver there is a line, and its verdict is a match or a mismatch.
        Ok(Expected { go_sum, module, kind, waived: waived.unwrap_or_default() })
    }

    fn waived(&self, module: &ModuleVersion) -> Option<&'static str> {
        match &self.unproven {
            _ if module.path().as_str() == TOOLCHAIN => None,
            Unproven::Everything => Some("GOSUMDB=off"),
            Unproven::Matching(patterns) if patterns.matches(module.path().as_str()) => Some("GONOSUMDB"),
            _ => None,
        }
    }
}

impl Expected {
    /// The verdict on a hash.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn check(&self, found: &H1) -> Result<Proof, Mismatch> {
        if self.go_sum.verify(&self.module, self.kind, found)? == Verdict::Match {
            let text = found.to_string();
            let mut lines = self.go_sum.hashes(&self.module, self.kind);
            let line = lines.find(|entry| entry.hash == text.as_bytes());
            return Ok(Proof::GoSum(line.map_or(0, |entry| entry.line)));
        }
        Ok(Proof::Waived(self.waived))
    }
}
