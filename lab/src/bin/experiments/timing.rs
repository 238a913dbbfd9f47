//! Wall-clock beside the plain sampler's, on one device.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use lab::mean;
use pollster::block_on;
use speculative_diffusion::{Batch, Level, Noise, Purpose, Target, TargetError};

use crate::cells::Measured;

/// A target that notes how long its calls take; the rest of a run is the host's own arithmetic.
pub struct Timed<'a, T> {
    target: &'a T,
    nanoseconds: AtomicU64,
}

impl<'a, T: Target + Sync> Timed<'a, T> {
    pub fn new(target: &'a T) -> Self {
        Self { target, nanoseconds: AtomicU64::new(0) }
    }

    /// Seconds of all calls so far.
    pub fn seconds(&self) -> f64 {
        self.nanoseconds.load(Ordering::Relaxed) as f64 / 1e9
    }

    async fn timed<R>(&self, of: impl Future<Output = R>) -> R {
        let began = Instant::now();
        let result = of.await;
        self.nanoseconds.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        result
    }
}

impl<T: Target + Sync> Target for Timed<'_, T> {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn rows_per_state(&self) -> usize {
        self.target.rows_per_state()
    }

    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + Send {
        self.timed(self.target.estimate(batch))
    }

    fn draft(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + Send {
        self.timed(self.target.draft(batch))
    }
}

/// Rows of the calls whose time is taken.
const ROWS: [usize; 11] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
/// Calls of each, of which the fastest counts: other programs only ever make one slower.
const CALLS: usize = 12;

/// Prints what a call of so many rows costs, on one thread.
pub fn calls(target: &impl Target) -> Result<()> {
    println!("| rows of a call | ms at best | against one row |");
    println!("|---|---|---|");
    let mut one = None;
    for rows in ROWS {
        let mut batch = Batch::default();
        for row in 0..rows {
            let level = Level::cosine(0.05 + 0.9 * (row as f64 + 0.5) / rows as f64);
            batch.push_level(level, &Noise::new(1, 0).normals(Purpose::Step, row, target.dim()));
        }
        let mut least = f64::INFINITY;
        for _ in 0..CALLS {
            let began = Instant::now();
            block_on(target.estimate(&batch))?;
            least = least.min(began.elapsed().as_secs_f64());
        }
        println!("| {rows} | {:.2} | {:.2}x |", 1e3 * least, least / *one.get_or_insert(least));
    }
    println!();
    Ok(())
}

/// What [`columns`] are about.
pub const COLUMNS: [&str; 4] = ["seconds", "plain seconds", "time against plain", "host ms a call"];

/// The end of a table's row: what runs took, and what the plain ones did.
pub fn columns(runs: &[Measured], plain: &[Measured]) -> String {
    let (seconds, error) = mean(runs.iter().map(|run| run.seconds.0));
    let (plain, plain_error) = mean(plain.iter().map(|run| run.seconds.0));
    let (host, _) = mean(runs.iter().map(|run| 1e3 * (run.seconds.0 - run.seconds.1) / run.costs.calls as f64));
    format!(" {seconds:.3} ± {error:.3} | {plain:.3} ± {plain_error:.3} | {:.2}x | {host:.2} |", seconds / plain)
}
