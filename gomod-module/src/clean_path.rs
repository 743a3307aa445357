use std::path::{Component, Path, PathBuf};

/// The shortest path that means the same where no directory is a link (`filepath.Clean`, but that nothing is left of `.`).
pub(crate) fn clean_path(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match (component, out.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => _ = out.pop(),
            (component, _) => out.push(component),
        }
    }
    out
}
