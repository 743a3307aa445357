//! One job, done by both sides by turns.

use std::env;
use std::error::Error;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gomod_benches::side::Side;
use gomod_benches::{THREADS, measuring, median, millis};

/// What both sides are told to do.
#[derive(Debug)]
pub(crate) struct Job {
    name: String,
    fields: [String; 2],
    /// The third field: a number of threads, which Go does not use, or how often.
    numbers: Vec<String>,
    rounds: usize,
}

impl Job {
    pub(crate) fn new(name: String, job: &str, file: &Path, number: u32) -> Self {
        let fields = [job.to_owned(), file.display().to_string()];
        Self { name, fields, numbers: vec![number.to_string()], rounds: super::ROUNDS }
    }

    /// The same on each of these numbers of threads.
    pub(crate) fn each_of(self, threads: &[NonZeroUsize], rounds: usize) -> Self {
        Self { numbers: threads.iter().map(ToString::to_string).collect(), rounds, ..self }
    }
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    go: Option<Sample>,
    /// On one thread, on two.
    ours: Vec<Sample>,
}

/// The rounds of one process.
#[derive(Debug)]
struct Sample {
    median: Duration,
    fastest: Duration,
    /// Of all rounds, in seconds.
    processor: Option<f64>,
    /// The most memory it took, in MiB.
    peak: Option<f64>,
}

impl Row {
    /// Does a job by turns, each side in a process of its own for each number of threads, after one round to warm up.
    pub(crate) fn measure(go: Option<&Path>, job: &Job) -> Result<Self, Box<dyn Error>> {
        let [name, file] = &job.fields;
        let mut sides = Vec::new();
        for number in &job.numbers {
            sides.push((Side::start(Command::new(env::current_exe()?).arg("jobs"))?, number));
        }
        if let Some((go, (_, number))) = go.zip(sides.first()) {
            sides.push((Side::start(&mut Command::new(go))?, *number));
        }
        let rounds = if measuring() { job.rounds } else { 1 };
        let mut times = vec![Vec::new(); sides.len()];
        let mut expected: Option<String> = None;
        let mut before = Vec::new();
        for round in 0..=rounds {
            if round == 1 {
                before = sides.iter().map(|(side, _)| side.processor_time()).collect();
            }
            for turn in 0..sides.len() {
                // Who begins, alternates.
                let which = (round + turn) % sides.len();
                let (side, number) = &mut sides[which];
                let (took, result) = side.ask(&[name, file, number])?;
                let expected = expected.get_or_insert_with(|| result.clone());
                assert_eq!(expected, &result, "{}", job.name);
                if round > 0 {
                    times[which].push(took);
                }
            }
        }
        let mut samples: Vec<Sample> = Vec::new();
        for (((side, _), times), before) in sides.iter().zip(times).zip(before) {
            samples.push(Sample {
                fastest: times.iter().min().copied().unwrap_or_default(),
                median: median(times).unwrap_or_default(),
                processor: side.processor_time().zip(before).map(|(after, before)| after - before),
                peak: side.peak(),
            });
        }
        let go = go.and(samples.pop());
        Ok(Self { name: job.name.clone(), go, ours: samples })
    }

    /// How many times as fast as Go ours is on each number of threads, by the medians.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = f64> {
        self.ours.iter().filter_map(|ours| Some(self.ratio(ours)?.0))
    }

    /// The ratios of the medians, of the fastest rounds, and of all processor time.
    fn ratio(&self, ours: &Sample) -> Option<(f64, f64, Option<f64>)> {
        let go = self.go.as_ref()?;
        let ratio = |go: Duration, ours: Duration| go.as_secs_f64() / ours.as_secs_f64();
        let processor = go.processor.zip(ours.processor).map(|(go, ours)| go / ours);
        Some((ratio(go.median, ours.median), ratio(go.fastest, ours.fastest), processor))
    }

    /// The first two lines of a table of rows, in Markdown.
    pub(crate) fn header() -> String {
        let threads = "one thread | times as fast | two threads | times as fast";
        format!("| | Go | {threads} | peak memory |\n|---|--:|--:|--:|--:|--:|--:|")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |sample: &Sample| format!("{:.1} ms", millis(sample.median));
        write!(f, "| {} | {} |", self.name, self.go.as_ref().map_or("-".into(), time))?;
        for i in 0..THREADS.len() {
            let ours = self.ours.get(i);
            let ratio = ours.and_then(|ours| self.ratio(ours));
            let ratio = ratio.map(|(median, fastest, processor)| {
                let processor = processor.map_or("?".into(), |ratio| format!("{ratio:.1}"));
                format!("{median:.1} ({fastest:.1}, {processor})")
            });
            write!(f, " {} | {} |", ours.map(time).unwrap_or_default(), ratio.unwrap_or_default())?;
        }
        let peaks = self.go.iter().chain(&self.ours).map(|sample| match sample.peak {
            Some(peak) => format!("{peak:.0}"),
            None => "?".into(),
        });
        write!(f, " {} MiB |", peaks.collect::<Vec<_>>().join(" / "))
    }
}
