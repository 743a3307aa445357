/// Hands bytes on with `\n` in place of every `\r\n`, in whatever pieces they come.
#[derive(Debug, Default)]
pub(crate) struct LineEndings {
    /// A `\r` that ended the piece before.
    held_back: bool,
}

impl LineEndings {
    pub(crate) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        if bytes.is_empty() {
            return;
        }
        if std::mem::take(&mut self.held_back) && !bytes.starts_with(b"\n") {
            each(b"\r");
        }
        let bytes = bytes.strip_suffix(b"\r").inspect(|_| self.held_back = true).unwrap_or(bytes);
        let mut rest = bytes;
        while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
            let (line, next) = rest.split_at(at);
            each(line);
            rest = next.get(1..).unwrap_or_default();
        }
        each(rest);
    }

    pub(crate) fn finish(self, mut each: impl FnMut(&[u8])) {
        if self.held_back {
            each(b"\r");
        }
    }
}
