use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, FlushCompress};

/// A zip that is small, and comes to much: all its entries share one local header, with data that inflates to zeros.
///
/// ```
/// use gomod_testkit::Bomb;
///
/// let zip = Bomb::new(1 << 10).entries(5000, |number| format!("x{number}")).build();
/// assert!(zip.len() < 1_500_000, "for 5,000 GiB");
/// ```
#[derive(Debug, Clone)]
pub struct Bomb {
    mebibytes: usize,
    names: Vec<Vec<u8>>,
    declared: Option<u32>,
}

impl Bomb {
    /// A bomb of so many MiB, without entries.
    pub fn new(mebibytes: usize) -> Self {
        Self { mebibytes, names: Vec::new(), declared: None }
    }

    /// Adds so many entries, each by the name that belongs to its number.
    #[must_use]
    pub fn entries<N: Into<Vec<u8>>>(mut self, count: usize, name: impl Fn(usize) -> N) -> Self {
        self.names.extend((0..count).map(|number| name(number).into()));
        self
    }

    /// All entries declare so many bytes, whatever they inflate to.
    #[must_use]
    pub fn declared(self, bytes: u32) -> Self {
        Self { declared: Some(bytes), ..self }
    }

    /// The zip.
    ///
    /// # Panics
    /// When a zip without zip64 cannot hold it.
    pub fn build(&self) -> Vec<u8> {
        let data = zeros(self.mebibytes);
        let size = u32::try_from(self.mebibytes << 20).expect("less than 4 GiB");
        let compressed = u32::try_from(data.len()).expect("less than 4 GiB");
        let fields = |name: &[u8]| {
            let mut fields = Vec::new();
            // Version needed, flags, deflate, time, date; a checksum of 0 stands for "unknown".
            for field in [20_u16, 0, 8, 0, 0x21] {
                fields.extend_from_slice(&field.to_le_bytes());
            }
            for field in [0, compressed, self.declared.unwrap_or(size)] {
                fields.extend_from_slice(&field.to_le_bytes());
            }
            fields.extend_from_slice(&u16::try_from(name.len()).expect("a short name").to_le_bytes());
            fields.extend_from_slice(&[0; 2]);
            fields
        };
        let mut zip = [&b"PK\x03\x04"[..], &fields(b"x"), b"x", &data].concat();
        let mut directory = Vec::new();
        for name in &self.names {
            directory.extend_from_slice(b"PK\x01\x02\x14\x03");
            directory.extend_from_slice(&fields(name));
            // Comment, disk, attributes, and the offset of the local header.
            directory.extend_from_slice(&[0; 14]);
            directory.extend_from_slice(name);
        }
        let offset = u32::try_from(zip.len()).expect("less than 4 GiB");
        let length = u32::try_from(directory.len()).expect("less than 4 GiB");
        let count = u16::try_from(self.names.len()).expect("fewer than 65,536 entries");
        zip.extend_from_slice(&directory);
        zip.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        zip.extend_from_slice(&[count.to_le_bytes(), count.to_le_bytes()].concat());
        zip.extend_from_slice(&[length.to_le_bytes(), offset.to_le_bytes()].concat());
        zip.extend_from_slice(&[0; 2]);
        zip
    }
}

/// Deflated zeros: one MiB of them, again and again, which is quicker than to deflate them all.
fn zeros(mebibytes: usize) -> Vec<u8> {
    let mut piece = Vec::with_capacity(64 << 10);
    let mut compress = Compress::new(Compression::best(), false);
    let input = vec![0; 1 << 20];
    compress.compress_vec(&input, &mut piece, FlushCompress::Full).expect("zeros can be deflated");
    assert_eq!(compress.total_in(), input.len() as u64, "all of them");
    let end =
        DeflateEncoder::new(Vec::new(), Compression::best()).finish().expect("a vector takes every byte");
    [piece.repeat(mebibytes), end].concat()
}
