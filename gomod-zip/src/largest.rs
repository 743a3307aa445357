use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::CheckedFiles;

impl CheckedFiles {
    /// Returns the directories that hold most, at most `count` of them: each with the bytes of the
    /// [valid](Self::valid) files in it and below it, the largest first. The root is not among them.
    ///
    /// ```
    /// use gomod_zip::{DataFile, check_files};
    ///
    /// let files = [("testdata/big/a", 900), ("testdata/b", 50), ("docs/c", 60), ("main.go", 10)];
    /// let checked = check_files(&files.map(|(path, size)| DataFile::new(path, vec![0; size])));
    /// assert_eq!(checked.largest_directories(2), [("testdata", 950), ("testdata/big", 900)]);
    /// ```
    pub fn largest_directories(&self, count: usize) -> Vec<(&str, u64)> {
        let mut files: Vec<_> =
            self.valid.iter().map(String::as_str).zip(self.sizes.iter().copied()).collect();
        // Element by element, so that all files below a directory stand together.
        files.sort_unstable_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));

        let mut largest = Largest { count, heap: BinaryHeap::new() };
        // The directories above the file before, each with what it holds so far.
        let mut open: Vec<(&str, u64)> = Vec::new();
        for (path, size) in files {
            while let Some(&(dir, _)) = open.last()
                && !path.strip_prefix(dir).is_some_and(|below| below.starts_with('/'))
            {
                largest.close(&mut open);
            }
            let known = open.last().map_or(0, |(dir, _)| dir.len() + 1);
            let below = path.get(known..).unwrap_or_default();
            open.extend(below.match_indices('/').filter_map(|(at, _)| Some((path.get(..known + at)?, 0))));
            add(&mut open, size);
        }
        while !open.is_empty() {
            largest.close(&mut open);
        }
        largest.heap.into_sorted_vec().into_iter().map(|Reverse((size, Reverse(dir)))| (dir, size)).collect()
    }
}

struct Largest<'a> {
    count: usize,
    /// The smallest on top; of the same size, the last by name.
    heap: BinaryHeap<Reverse<(u64, Reverse<&'a str>)>>,
}

impl<'a> Largest<'a> {
    /// Nothing more comes for the lowest directory.
    fn close(&mut self, open: &mut Vec<(&'a str, u64)>) {
        if let Some((dir, size)) = open.pop() {
            add(open, size);
            self.heap.push(Reverse((size, Reverse(dir))));
            if self.heap.len() > self.count {
                self.heap.pop();
            }
        }
    }
}

/// To the lowest directory; those above get it when that one is closed.
fn add(open: &mut [(&str, u64)], size: u64) {
    if let Some((_, sum)) = open.last_mut() {
        *sum = sum.saturating_add(size);
    }
}
