use std::error::Error;
use std::fmt;
use std::iter;

use crate::text::printable::Printable;

/// More than an error says that is not meant to annoy.
const MAX_CHARS: usize = 4000;

/// An error and its causes, each behind the one that it led to, as it can be shown to people: `read go.mod: permission
/// denied`.
///
/// What a layer repeats of the one below it is shown once. The text is [`Printable`], and has at most 4,000 characters; line feeds
/// and tabs stay.
///
/// ```
/// use gomod_module::{ErrorChain, ModuleVersion};
///
/// let error = "example.com/M@1.0".parse::<ModuleVersion>().unwrap_err();
/// assert!(ErrorChain::new(&error).to_string().starts_with("example.com/M@1.0: invalid version"));
/// ```
#[derive(Clone, Copy)]
pub struct ErrorChain<'a>(&'a (dyn Error + 'static));

impl<'a> ErrorChain<'a> {
    /// The error and all that its `source()` leads to.
    pub fn new(error: &'a (dyn Error + 'static)) -> Self {
        Self(error)
    }

    /// The error, its cause, the cause of that, and so on: to look for one of a type.
    pub fn causes(self) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
        iter::successors(Some(self.0), |&error| error.source())
    }
}

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for cause in self.causes() {
            let cause = Printable::display(&cause).lines().max_chars(MAX_CHARS).to_string();
            if text.is_empty() {
                text = cause;
            } else if !text.ends_with(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
            if text.len() > 4 * MAX_CHARS {
                break;
            }
        }
        Printable::new(&text).lines().max_chars(MAX_CHARS).fmt(f)
    }
}

impl fmt::Debug for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.causes()).finish()
    }
}
