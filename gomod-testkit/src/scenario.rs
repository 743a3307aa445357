//! All that a proxy does wrong, as a file says it.

use std::num::NonZeroU64;
use std::time::Duration;

use serde::Deserialize;

use crate::rule::Rule;
#[cfg(feature = "tls")]
use crate::tls::Certificate;
use crate::wire_text::optional_millis;

/// What a [`LoopbackProxy`](crate::LoopbackProxy) does wrong, and how slow it is. In JSON an object of which every field may be
/// left out, and no other is allowed:
///
/// | field | |
/// |---|---|
/// | `latency_ms` | before each answer, in milliseconds |
/// | `bandwidth` | bytes a second, for all connections together |
/// | `ranges` | `true`: answers carry an `ETag`, and `Range` requests are answered in part |
/// | `seed` | another number draws other requests |
/// | `cut_one_in` | cuts off the body of one answer in so many, somewhere |
/// | `rules` | a list of [`Rule`]s; of those that apply to a request, the first wins |
/// | `tls` | `good`, `expired`, `other_name` or `unknown_root` (feature `tls`) |
///
/// ```
/// use gomod_testkit::{LoopbackProxy, ModuleTree, Scenario};
///
/// let scenario = r#"{
///   "latency_ms": 20,
///   "seed": 7,
///   "rules": [
///     {"endpoint": "zip", "one_in": 3, "fault": {"cut_body": {"after": 1000}}},
///     {"endpoint": "info", "times": 1, "fault": {"retry_after": {"seconds": 1}}}
///   ]
/// }"#;
/// let scenario = Scenario::parse(scenario)?;
/// let proxy = LoopbackProxy::builder(ModuleTree::new()).scenario(scenario).start();
///
/// let error = Scenario::parse("{\n  \"latency\": 20\n}").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 11));
/// # Ok::<(), gomod_testkit::ScenarioError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a tool puts one together from its flags")]
pub struct Scenario {
    /// Time before each answer.
    #[serde(rename = "latency_ms", with = "optional_millis")]
    pub latency: Option<Duration>,
    /// Bytes a second, for all connections together.
    pub bandwidth: Option<NonZeroU64>,
    /// Whether `Range` requests are answered in part.
    pub ranges: bool,
    /// What decides where something is drawn.
    pub seed: u64,
    /// Of how many answers one breaks off in its body.
    pub cut_one_in: Option<NonZeroU64>,
    /// What goes wrong where.
    pub rules: Vec<Rule>,
    /// The certificate, where it speaks TLS.
    #[cfg(feature = "tls")]
    pub tls: Option<Certificate>,
}

/// A text that is no [`Scenario`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
#[non_exhaustive]
pub struct ScenarioError {
    /// The line, from 1; 0 where there is none.
    pub line: usize,
    /// The column in bytes, from 1; 0 before the first.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

impl Scenario {
    /// The scenario of a JSON text.
    ///
    /// # Errors
    /// Where it is not JSON, has a field that there is not, or a value that is none of its field.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        // A list of all fields in their order would do for serde.
        if text.trim_start().starts_with('[') {
            return Err(ScenarioError { line: 0, column: 0, reason: "a list, not an object".to_owned() });
        }
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let reason = error.to_string();
            let reason = reason.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&reason);
            ScenarioError { line, column, reason: reason.to_owned() }
        })
    }

    /// The rules, each of which draws for itself.
    pub(crate) fn seeded_rules(&mut self) -> impl Iterator<Item = Rule> {
        let rules = std::mem::take(&mut self.rules).into_iter();
        let seeds = std::iter::successors(Some(self.seed), |seed| Some(seed.wrapping_add(1)));
        rules.zip(seeds).map(|(rule, seed)| rule.seeded(seed))
    }
}
