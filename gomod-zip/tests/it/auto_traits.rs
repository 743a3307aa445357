//! Every public type goes to another thread and is shared between threads; errors can be boxed, and reports compared.

use gomod_zip::{
    ChangeCause, ChangedFile, CheckDirError, CheckError, CheckedFiles, Content, CreateError, Created,
    DataFile, Diff, DiffError, DiffFile, FileError, FileErrors, FileKind, FileReason, FileStat, NoModule,
    Options, Side, SizeError, StatError, UnexpectedFile, UnportableElement, UnportableReason, UnzipError,
    Unzipped,
};

fn send_sync<T: Send + Sync + std::fmt::Debug>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn value<T: Send + Sync + Clone + PartialEq + std::fmt::Debug>() {}

#[test]
fn types_of_reports() {
    value::<CheckedFiles>();
    value::<FileError>();
    value::<FileReason>();
    value::<SizeError>();
    value::<Created>();
    value::<Diff>();
    value::<DiffFile>();
    value::<ChangedFile>();
    value::<ChangeCause>();
    value::<Content>();
    value::<FileKind>();
    value::<FileStat>();
    value::<Side>();
    value::<UnportableElement>();
    value::<UnportableReason>();
    value::<Unzipped>();
    send_sync::<DataFile>();
    send_sync::<Options>();
}

#[test]
fn types_of_errors() {
    error::<CheckError>();
    error::<CheckDirError>();
    error::<CreateError>();
    error::<DiffError>();
    error::<FileError>();
    error::<FileErrors>();
    error::<NoModule>();
    error::<SizeError>();
    error::<StatError>();
    error::<UnexpectedFile>();
    error::<UnportableElement>();
    error::<UnzipError>();
}
