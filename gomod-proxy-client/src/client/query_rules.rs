//! Which versions a query may choose.

use gomod_module::Version;
use gomod_module::modfile::Retract;

/// Which versions count.
pub(crate) struct Rules<'a> {
    pub(crate) current: Option<&'a str>,
    pub(crate) excluded: &'a [Version],
    pub(crate) retracted: Retracted,
}

pub(crate) enum Retracted {
    /// They count like others.
    Ignored,
    Unknown,
    Known(Vec<Retract>),
}

impl Rules<'_> {
    pub(crate) fn allows(&self, version: &str) -> bool {
        let is_retracted = match &self.retracted {
            Retracted::Known(list) => list.iter().any(|retract| retract.contains(version)),
            _ => false,
        };
        !is_retracted && !self.excludes(version)
    }

    /// Whether it matters for one of these versions what is retracted, and that is not known yet.
    pub(crate) fn must_know<'v>(&self, versions: impl IntoIterator<Item = &'v str>) -> bool {
        matches!(self.retracted, Retracted::Unknown)
            && versions.into_iter().any(|version| !self.excludes(version))
    }

    fn excludes(&self, version: &str) -> bool {
        self.excluded.iter().any(|excluded| excluded.as_str() == version)
    }
}
