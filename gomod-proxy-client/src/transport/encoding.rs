//! Content-Encoding: gzip, which is asked for, and nothing else.

use std::io::{self, BufRead, Read};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// How much content is decoded at once.
const PIECE: usize = 32 << 10;

/// Encodings that hide the content. Others (`none`, `utf-8`, `aws-chunked`) stand beside content that is not encoded.
const NOT_UNDERSTOOD: [&str; 6] = ["br", "zstd", "deflate", "compress", "x-gzip", "x-compress"];

/// What takes a body out of its encoding.
pub(crate) struct Decoder {
    gzip: MultiGzDecoder<Input>,
    is_empty: bool,
}

/// What has come and is not decoded yet.
#[derive(Default)]
struct Input {
    bytes: Bytes,
    has_ended: bool,
}

/// The encoding of an answer, as far as there is one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
    /// One that was not asked for.
    Other(String),
}

impl Encoding {
    /// Case does not matter, as in Go.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let text = text.join(", ").to_ascii_lowercase();
        let mut names = text.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "identity"));
        match (names.next(), names.next()) {
            (Some("gzip"), None) => Self::Gzip,
            (Some(first), second) => {
                let unknown =
                    |name: &str| NOT_UNDERSTOOD.contains(&name) || second.is_some() && name == "gzip";
                if [first].into_iter().chain(second).chain(names).any(unknown) {
                    Self::Other(text.chars().filter(char::is_ascii_graphic).take(80).collect())
                } else {
                    Self::Plain
                }
            }
            (None, _) => Self::Plain,
        }
    }
}

/// Whether bytes are those of files of modules, text or a zip, whatever encoding stands beside them: the go command takes
/// them as they are.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A character cut in two.
        Err(e) if e.error_len().is_none() => {
            bytes.get(..e.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
        }
        Err(_) => return bytes.starts_with(b"PK"),
    };
    bytes.starts_with(b"PK") || !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { gzip: MultiGzDecoder::new(Input::default()), is_empty: true }
    }

    /// Takes the next bytes of the body, or its end; [`Decoder::next`] gives what they hold.
    pub(crate) fn feed(&mut self, bytes: Option<Bytes>) {
        let input = self.gzip.get_mut();
        match bytes {
            Some(bytes) => {
                self.is_empty &= bytes.is_empty();
                input.bytes = bytes;
            }
            None => input.has_ended = true,
        }
    }

    /// The next piece of content; `None` where more of the body is needed, or all of it was decoded.
    ///
    /// # Errors
    /// Where it is no gzip, ends too early, or its checksum is wrong. A body without any bytes is empty, as in Go.
    pub(crate) fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_empty {
            return Ok(None);
        }
        let mut piece = vec![0; PIECE];
        match self.gzip.read(&mut piece) {
            Ok(0) => Ok(None),
            Ok(read) => {
                piece.truncate(read);
                Ok(Some(piece.into()))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(e),
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.bytes.is_empty() && !self.has_ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(&self.bytes)
    }

    fn consume(&mut self, read: usize) {
        self.bytes = self.bytes.split_off(read.min(self.bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Encoding {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, value.parse().unwrap());
        }
        Encoding::of(&headers)
    }

    #[test]
    fn names_in_any_case_and_those_that_hide_the_content() {
        for plain in [&[][..], &[""], &["identity"], &["Identity"], &["none"], &["UTF-8"], &["aws-chunked"]] {
            assert_eq!(of(plain), Encoding::Plain, "{plain:?}");
        }
        for gzip in [&["gzip"][..], &["GZIP"], &["GZip"], &["identity, gzip"], &[" gzip "]] {
            assert_eq!(of(gzip), Encoding::Gzip, "{gzip:?}");
        }
        for other in
            [&["br"][..], &["BR"], &["zstd"], &["deflate"], &["x-gzip"], &["gzip, gzip"], &["gzip", "br"]]
        {
            assert!(matches!(of(other), Encoding::Other(_)), "{other:?}");
        }
        assert_eq!(of(&["Gzip", "bR"]), Encoding::Other("gzip,br".into()));
    }

    #[test]
    fn what_files_of_modules_look_like() {
        for plain in [
            &b""[..],
            b"{\"Version\":\"v1\"}",
            b"module m\r\n\tx\n",
            b"PK\x03\x04\xff",
            "// ü".as_bytes(),
            b"// \xc3",
        ] {
            assert!(is_plain(plain), "{plain:?}");
        }
        for encoded in
            [&b"\x28\xb5\x2f\xfd\x04"[..], b"\x1f\x8b\x08", b"\x78\x9c\x01", b"\x8b\x04\x80", b"\x0b\x02"]
        {
            assert!(!is_plain(encoded), "{encoded:?}");
        }
    }

    /// However it is cut, and whatever comes behind the first member.
    #[test]
    fn gzip_in_pieces() {
        use flate2::write::GzEncoder;
        use std::io::Write as _;

        let member = |text: &[u8]| {
            let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(text).unwrap();
            gzip.finish().unwrap()
        };
        let large = b"0123456789".repeat(20_000);
        let whole = [member(b"one "), member(&large)].concat();
        let decode = |body: &[u8], size: usize| {
            let (mut decoder, mut content) = (Decoder::new(), Vec::new());
            let pieces = body.chunks(size).map(|piece| Some(Bytes::copy_from_slice(piece)));
            for piece in pieces.chain([None]) {
                decoder.feed(piece);
                while let Some(bytes) = decoder.next()? {
                    assert!(bytes.len() <= PIECE);
                    content.extend_from_slice(&bytes);
                }
            }
            Ok::<_, io::Error>(content)
        };
        for size in [1, 7, 100, usize::MAX] {
            assert_eq!(decode(&whole, size).unwrap(), [b"one ", &large[..]].concat());
            let cut = decode(&whole[..whole.len() - 3], size).unwrap_err();
            assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
            let more = [&whole[..], b"more"].concat();
            assert_ne!(decode(&more, size).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            let mut wrong = whole.clone();
            *wrong.last_mut().unwrap() ^= 1;
            assert_eq!(decode(&wrong, size).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(decode(b"", 1).unwrap(), b"");
        assert!(decode(b"no gzip", 3).is_err());
    }
}
