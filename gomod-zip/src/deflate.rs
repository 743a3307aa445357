use zlib_rs::{Deflate, DeflateFlush, Status};

/// A raw deflate encoder that is used again for entry after entry.
pub(crate) struct Deflater {
    deflate: Deflate,
    output: Box<[u8]>,
}

/// Fixed, so that the same files always make the same bytes.
const LEVEL: i32 = 6;
const WINDOW_BITS: u8 = 15;
const OUTPUT: usize = 64 << 10;

impl Deflater {
    pub(crate) fn new() -> Self {
        Self { deflate: Deflate::new(LEVEL, false, WINDOW_BITS), output: vec![0; OUTPUT].into_boxed_slice() }
    }

    /// Prepares for a new stream.
    pub(crate) fn reset(&mut self) {
        self.deflate.reset();
    }

    /// Compresses the next bytes of a stream, which may end with them, and hands on what is ready.
    pub(crate) fn push<E: From<std::io::Error>>(
        &mut self,
        mut input: &[u8],
        is_last: bool,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let flush = if is_last { DeflateFlush::Finish } else { DeflateFlush::NoFlush };
        loop {
            let (total_in, total_out) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(input, &mut self.output, flush);
            // Nothing but wrong use makes an error.
            let status = status.map_err(|error| std::io::Error::other(error.as_str()))?;
            let consumed = length(self.deflate.total_in(), total_in);
            let produced = length(self.deflate.total_out(), total_out);
            input = input.get(consumed..).unwrap_or_default();
            each(self.output.get(..produced).unwrap_or_default())?;
            // With room left in the output, nothing more comes of the input.
            let is_done = if is_last {
                status == Status::StreamEnd
            } else {
                input.is_empty() && produced < self.output.len()
            };
            if is_done {
                return Ok(());
            }
            if consumed == 0 && produced == 0 {
                return Err(std::io::Error::other("deflate does not go on").into());
            }
        }
    }
}

fn length(total: u64, before: u64) -> usize {
    usize::try_from(total - before).unwrap_or(usize::MAX)
}
