/// The directories below a module's root that are modules of their own.
#[derive(Debug, Default)]
pub(crate) struct NestedModules<'a> {
    /// With a slash at the end, in order, and none below another.
    roots: Vec<&'a [u8]>,
}

impl<'a> NestedModules<'a> {
    /// Given the directories that hold a go.mod, each with a slash at its end.
    pub(crate) fn new(mut dirs: Vec<&'a [u8]>) -> Self {
        dirs.sort_unstable();
        let mut roots: Vec<&[u8]> = Vec::new();
        for dir in dirs {
            if roots.last().is_none_or(|root| !dir.starts_with(root)) {
                roots.push(dir);
            }
        }
        Self { roots }
    }

    /// Whether the file lies in one of them. Of the roots that sort before a path, only the last can hold it, as
    /// what sorts between a directory and its files lies in that directory too.
    pub(crate) fn contains(&self, path: &[u8]) -> bool {
        let after = self.roots.partition_point(|root| *root <= path);
        let before = after.checked_sub(1).and_then(|index| self.roots.get(index));
        before.is_some_and(|root| path.starts_with(root))
    }
}
