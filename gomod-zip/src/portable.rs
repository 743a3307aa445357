use gomod_module::text::Printable;
use thiserror::Error;

/// Checks that Windows can hold a file of this slash-separated path, and tells it apart from others.
///
/// A path that [`check_file_path`](gomod_module::path::check_file_path) accepts may still end an element in a space, which
/// Windows drops; name a device after Windows has dropped spaces before the first dot (`nul .txt`), or one that the
/// check does not know (`CONIN$`); or have an element longer than any file system holds. See
/// [issue 80123](https://go.dev/issue/80123). Nothing here keeps two paths apart that differ in case only, or in
/// Unicode normalisation: the former are no valid module.
///
/// ```
/// use gomod_zip::check_portable;
///
/// check_portable("docs/read me.txt")?;
/// let error = check_portable("docs /readme.txt").unwrap_err();
/// assert_eq!(error.to_string(), r#"path element "docs " ends in a space or dot, which Windows drops"#);
/// # Ok::<(), gomod_zip::UnportableElement>(())
/// ```
///
/// # Errors
/// [`UnportableElement`] for the first element of which that is not true.
pub fn check_portable(path: &str) -> Result<(), UnportableElement> {
    path.split('/').try_for_each(|element| match reason(element) {
        Some(reason) => Err(UnportableElement { element: element.into(), reason }),
        None => Ok(()),
    })
}

fn reason(element: &str) -> Option<UnportableReason> {
    let stem = element.split('.').next().unwrap_or_default().trim_end_matches(' ');
    if element.ends_with([' ', '.']) {
        Some(UnportableReason::TrailingSpaceOrDot)
    } else if is_device(stem) {
        Some(UnportableReason::Device)
    } else if element.len() > MAX_ELEMENT {
        Some(UnportableReason::TooLong)
    } else {
        None
    }
}

/// What most file systems take for one element, in bytes or, on Windows, in UTF-16 units, of which there are no more.
const MAX_ELEMENT: usize = 255;

fn is_device(stem: &str) -> bool {
    let device = |name: &str| stem.eq_ignore_ascii_case(name);
    if ["con", "prn", "aux", "nul", "conin$", "conout$"].into_iter().any(device) {
        return true;
    }
    // Of the digits some systems also take 0, and those in superscript.
    stem.split_at_checked(3).is_some_and(|(port, number)| {
        let is_port = port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt");
        let mut number = number.chars();
        let digit = number.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
        is_port && digit && number.next().is_none()
    })
}

/// An element of a path that does not work on Windows.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("path element \"{}\" {reason}", Printable::name(element))]
#[non_exhaustive]
pub struct UnportableElement {
    /// The element.
    pub element: String,
    /// What is wrong with it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::display"))]
    pub reason: UnportableReason,
}

/// Why an element of a path does not work on Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnportableReason {
    /// It ends in a space or dot: the file would get another name, which may be that of another file.
    #[error("ends in a space or dot, which Windows drops")]
    TrailingSpaceOrDot,
    /// It names a device, in every directory and with every extension.
    #[error("names a device on Windows")]
    Device,
    /// It is longer than 255 bytes.
    #[error("is longer than {MAX_ELEMENT} bytes")]
    TooLong,
}
