use zlib_rs::{Inflate, InflateFlush, Status};

/// A raw deflate decoder that is used again for entry after entry.
pub(crate) struct Inflater {
    /// Made when the first deflated entry is read.
    inflate: Option<Inflate>,
}

/// What one step did.
pub(crate) struct Step {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    pub(crate) state: State,
}

pub(crate) enum State {
    /// The input is used up or the output is full.
    More,
    /// The stream is complete; what follows it in the input does not belong to it.
    End,
    /// This is no deflate stream.
    Corrupt {
        /// How many bytes of the stream had been read.
        offset: u64,
    },
}

const WINDOW_BITS: u8 = 15;

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { inflate: None }
    }

    /// Prepares for a new stream.
    pub(crate) fn reset(&mut self) {
        match &mut self.inflate {
            Some(inflate) => inflate.reset(false),
            empty => *empty = Some(Inflate::new(false, WINDOW_BITS)),
        }
    }

    /// Inflates until `input` is used up, `output` is full or the stream ends.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let inflate = self.inflate.get_or_insert_with(|| Inflate::new(false, WINDOW_BITS));
        let (total_in, total_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(input, output, InflateFlush::Finish);
        let since = |total: u64, before: u64| usize::try_from(total - before).unwrap_or(usize::MAX);
        let state = match status {
            Ok(Status::Ok | Status::BufError) => State::More,
            Ok(Status::StreamEnd) => State::End,
            Err(_) => State::Corrupt { offset: inflate.total_in() },
        };
        Step {
            consumed: since(inflate.total_in(), total_in),
            produced: since(inflate.total_out(), total_out),
            state,
        }
    }
}
