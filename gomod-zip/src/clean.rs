/// Whether Go's `path.Clean` would leave the path as it is.
pub(crate) fn is_clean(path: &[u8]) -> bool {
    if matches!(path, b"." | b"/") {
        return true;
    }
    let (path, mut parents_may_follow) = path.strip_prefix(b"/").map_or((path, true), |rest| (rest, false));
    path.split(|b| *b == b'/').all(|element| match element {
        b"" | b"." => false,
        b".." => parents_may_follow,
        _ => {
            parents_may_follow = false;
            true
        }
    })
}
