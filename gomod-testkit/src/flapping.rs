//! Bodies that break off now and then, the same ones in every run.

use std::collections::HashMap;

use crate::fault::Fault;

/// Which answers break off, and where.
#[derive(Debug)]
pub(crate) struct Flapping {
    one_in: u64,
    seed: u64,
    /// How often each path was asked for.
    asked: HashMap<String, u64>,
}

impl Flapping {
    pub(crate) fn new(one_in: u64, seed: u64) -> Self {
        assert!(one_in > 0, "one answer in none");
        Self { one_in, seed, asked: HashMap::new() }
    }

    /// The fault of the next answer for this path, whose body has `len` bytes.
    pub(crate) fn meet(&mut self, path: &str, len: usize) -> Option<Fault> {
        let asked = self.asked.entry(path.to_owned()).or_default();
        let drawn = draw(self.seed, path, *asked);
        *asked += 1;
        let after = usize::try_from(drawn / self.one_in).unwrap_or(usize::MAX).checked_rem(len)?;
        drawn.is_multiple_of(self.one_in).then_some(Fault::CutBody { after, reset: false })
    }
}

/// A number that looks random: FNV-1a over everything, then mixed.
pub(crate) fn draw(seed: u64, path: &str, asked: u64) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(path.bytes()).chain(asked.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_three_breaks_off_anywhere() {
        let mut flapping = Flapping::new(3, 1);
        let faults: Vec<_> = (0..3000).map(|n| flapping.meet(&format!("m{n}"), 1000)).collect();
        let cuts: Vec<_> = faults
            .iter()
            .filter_map(|fault| match fault {
                Some(Fault::CutBody { after, .. }) => Some(*after),
                _ => None,
            })
            .collect();
        assert!((900..1100).contains(&cuts.len()), "{}", cuts.len());
        for tenth in 0..10 {
            let inside = cuts.iter().filter(|after| **after / 100 == tenth).count();
            assert!(inside > 60, "{tenth}: {inside}");
        }
        let again = |seed| {
            let mut flapping = Flapping::new(3, seed);
            (0..3000).map(|n| flapping.meet(&format!("m{n}"), 1000)).collect::<Vec<_>>()
        };
        assert_eq!(again(1), faults);
        assert_ne!(again(2), faults);
        assert_eq!(flapping.meet("empty", 0), None);
    }
}
