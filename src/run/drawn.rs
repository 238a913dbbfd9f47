//! Noises of steps that are drawn already: a level may be drafted in several rounds, and is drawn once.

use std::collections::BTreeMap;

use crate::noise::{Noise, Purpose};

/// The noises as they are addressed, by level. What a peak test renews is part of the [`State`](crate::State) instead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn(BTreeMap<usize, Vec<f64>>);

impl Drawn {
    /// Takes a level's noise out, drawing it unless that was done.
    pub(crate) fn take(&mut self, noise: &Noise, level: usize, dim: usize) -> Vec<f64> {
        self.0.remove(&level).unwrap_or_else(|| noise.normals(Purpose::Step, level, dim))
    }

    /// Draws a level's noise for later, unless that was done.
    pub(crate) fn draw(&mut self, noise: &Noise, level: usize, dim: usize) {
        self.0.entry(level).or_insert_with(|| noise.normals(Purpose::Step, level, dim));
    }

    /// Keeps a noise that was taken out and is needed again.
    pub(crate) fn put(&mut self, level: usize, noise: Vec<f64>) {
        self.0.insert(level, noise);
    }

    /// Forgets the levels before this one.
    pub(crate) fn forget_before(&mut self, level: usize) {
        self.0 = self.0.split_off(&level);
    }
}
