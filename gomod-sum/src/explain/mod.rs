//! Why a module may not have the hash that go.sum records: facts, each computed from what is at hand.

mod attributes;
mod content;
pub(crate) mod evidence;
mod file_hashes;
mod files;
pub(crate) mod finding;
mod kind;
mod known;
mod left_out;
mod lines;
mod looks_like;
mod mismatch;
mod rewriting;
mod sentence;
mod spelling;
mod witnesses;

pub use evidence::Evidence;
pub use finding::Finding;
pub use kind::{FindingKind, Which};
pub use left_out::LeftOut;
pub use looks_like::LooksLike;
pub use rewriting::Rewriting;
