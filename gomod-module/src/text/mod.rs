//! Text as the go command reads and prints it.

pub(crate) mod go_string;
pub(crate) mod printable;
pub(crate) mod quote;
pub(crate) mod unicode;

pub use go_string::GoString;
pub use printable::Printable;
pub use quote::quote;
pub use unicode::{UNICODE_VERSION, fold_key};
