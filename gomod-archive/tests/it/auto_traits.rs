//! Every public type goes to another thread and is shared between threads; errors can be boxed.

use std::fs::File;
use std::hash::Hash;

use gomod_archive::{
    Archive, CancelToken, Cancelled, ContentTooLarge, Entry, Limits, Mode, OpenError, ReadError,
    ReadToVecError, Threads,
};

fn send_sync<T: Send + Sync + std::fmt::Debug>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn key<T: Send + Sync + Clone + Eq + Hash + std::fmt::Debug>() {}

#[test]
fn types() {
    send_sync::<Archive<File>>();
    send_sync::<Archive<Vec<u8>>>();
    send_sync::<Entry>();
    send_sync::<CancelToken>();
    send_sync::<Threads>();
    send_sync::<Limits>();
    key::<Mode>();
    error::<OpenError>();
    error::<ReadError>();
    error::<ReadToVecError>();
    error::<ContentTooLarge>();
    error::<Cancelled>();
}
