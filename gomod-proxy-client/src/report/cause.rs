use std::error::Error;

/// What lies behind a failure.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
