//! Lists of files and trees, odd and plain, for laws that hold for any.

use std::io::{self, Read};

use gomod_zip::{FileKind, FileStat, SourceFile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A file of which everything can be a lie.
#[derive(Debug, Clone)]
pub(crate) struct OddFile {
    pub(crate) path: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) kind: FileKind,
    pub(crate) size: u64,
    pub(crate) fails: bool,
}

impl SourceFile for OddFile {
    fn path(&self) -> &[u8] {
        &self.path
    }

    fn stat(&self) -> io::Result<FileStat> {
        if self.fails {
            Err(io::Error::other("stat failed"))
        } else {
            Ok(FileStat::new(self.kind, self.size))
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.data.as_slice()))
    }
}

/// Elements that some rule is about.
const ODD: &[&[u8]] = &[
    b"go.mod",
    b"GO.MOD",
    b"Go.Mod",
    b"vendor",
    b"Vendor",
    b"modules.txt",
    b".git",
    b".svn",
    b".hg_archival.txt",
    b"LICENSE",
    b"license",
    b"a",
    b"A",
    b"b.go",
    b"sub",
    b"SUB",
    b"s",
    b"S",
    "\u{17f}".as_bytes(),
    b"k",
    "\u{212a}".as_bytes(),
    "é".as_bytes(),
    "É".as_bytes(),
    "ß".as_bytes(),
    "i".as_bytes(),
    "İ".as_bytes(),
    "ı".as_bytes(),
    b"con",
    b"aux.go",
    b"com1",
    b"CONIN$",
    b"a b",
    b"a ",
    b" a",
    b"x.",
    b"...",
    b"a'b",
    b"a\"b",
    b"a\\b",
    b"a:b",
    b"a~1",
    b"-",
    b"~",
    b"a\nb",
    b"\xff",
    b"caf\xe9",
    "\u{1f600}".as_bytes(),
    "日本".as_bytes(),
    b"a*b",
    b"a!b",
    b"@",
    b"nul .txt",
];

/// Elements of paths that no rule refuses, unless they collide.
const PLAIN: &[&[u8]] = &[
    b"a",
    b"b.go",
    b"c.txt",
    b"internal",
    b"vendor",
    b"modules.txt",
    b"d e",
    b"LICENSE",
    b"x_test.go",
    "été.md".as_bytes(),
    "日本".as_bytes(),
    b"go.mod",
    b".git",
    b"deep",
];

const GO_MODS: &[&str] = &[
    "",
    "module m\n",
    "module m\n\ngo 1.23\n",
    "module m\n\ngo 1.24\n",
    "go 1.25.1\n",
    "go 1.24\ngo 1.25\n",
    "go 99\n",
    "module m\ngo 1.24\nrequire bogus\n",
    "\u{feff}module m\ngo 1.24\n",
];

fn element(known: &'static [&'static [u8]], odd: u32) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        40 => select(known).prop_map(<[u8]>::to_vec),
        odd => select(vec!["", ".", ".."]).prop_map(|element| element.as_bytes().to_vec()),
        odd => vec(any::<u8>(), 0..4),
        odd => any::<String>().prop_map(String::into_bytes),
    ]
}

fn path(known: &'static [&'static [u8]], odd: u32) -> impl Strategy<Value = Vec<u8>> {
    let ends = prop_oneof![30 => Just(("", "")), odd => Just(("/", "")), odd => Just(("", "/")), odd => Just(("./", ""))];
    (vec(element(known, odd), 1..5), ends).prop_map(|(elements, (start, end))| {
        [start.as_bytes(), &elements.join(&b'/'), end.as_bytes()].concat()
    })
}

fn small_data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![select(GO_MODS).prop_map(|text| text.as_bytes().to_vec()), vec(any::<u8>(), 0..80)]
}

/// Also more than the pieces in which files are read.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => small_data(),
        1 => (any::<u8>(), 0_usize..200_000).prop_map(|(byte, length)| vec![byte; length]),
        1 => (any::<u64>(), 0_usize..200_000).prop_map(|(seed, length)| gomod_testkit::source_text(seed, length)),
        1 => (vec(any::<u8>(), 1..50), 60_000_usize..140_000)
            .prop_map(|(part, length)| part.into_iter().cycle().take(length).collect()),
    ]
}

/// How many cases to try: those that the environment asks for, as for any other property.
pub(crate) fn cases(default: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(default))
}

/// Lists in which anything may be wrong.
pub(crate) fn odd_files() -> impl Strategy<Value = Vec<OddFile>> {
    let kind = prop_oneof![
        12 => Just(FileKind::Regular),
        1 => Just(FileKind::Directory),
        1 => Just(FileKind::Symlink),
        1 => Just(FileKind::Irregular),
    ];
    let size = prop_oneof![
        30 => Just(None),
        1 => select(vec![0, 1, 16 << 20, (16 << 20) + 1, 500 << 20, (500 << 20) + 1, 1 << 62, 1 << 63, u64::MAX]).prop_map(Some),
    ];
    let path = prop_oneof![2 => path(ODD, 1), 1 => path(PLAIN, 0), 1 => Just(b"go.mod".to_vec())];
    let file = (path, small_data(), kind, size, prop::bool::weighted(0.02)).prop_map(
        |(path, data, kind, size, fails)| OddFile {
            size: size.unwrap_or(data.len() as u64),
            path,
            data,
            kind,
            fails,
        },
    );
    vec(file, 0..12)
}

/// Lists that are nearly always valid.
pub(crate) fn plain_files() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    vec((prop_oneof![3 => path(PLAIN, 0), 1 => Just(b"go.mod".to_vec())], data()), 0..10).prop_map(
        |mut files| {
            let mut seen = std::collections::HashSet::new();
            files.retain(|(path, _)| seen.insert(path.clone()));
            files
        },
    )
}

/// What stands in a directory.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    File(Vec<u8>),
    Directory,
    Link(&'static str),
    Socket,
}

/// Trees in which anything may be wrong that a file system can hold. Where two nodes cannot be together, there is only
/// the first.
pub(crate) fn odd_tree() -> impl Strategy<Value = Vec<(Vec<u8>, Node)>> {
    let node = prop_oneof![
        16 => data().prop_map(Node::File),
        1 => Just(Node::Directory),
        1 => select(vec!["go.mod", "a", "../x", "/dev/null", "nowhere", "sub"]).prop_map(Node::Link),
        1 => Just(Node::Socket),
    ];
    let path = prop_oneof![1 => path(ODD, 0), 3 => path(PLAIN, 0), 1 => Just(b"go.mod".to_vec())];
    vec((path, node), 0..14)
}
