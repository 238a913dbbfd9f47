//! Group normalisation.

use super::images::Images;
use crate::config::{EPSILON, GROUPS};
use crate::graph::Then;
use crate::host::{Lanes, silu, vectorised};

/// Group normalisation (Wu & He 2018), with what follows it.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
    pub(super) then: Then,
}

impl Norm {
    /// # Shapes
    /// `modulations`: for each of the graph's, `[rows, 2 channels]`; `y`: as `x`.
    pub(super) fn run(&self, Images(x, image): Images, modulations: &[Vec<f32>], y: &mut [f32]) {
        let channels = image.channels;
        for (row, (x, y)) in x.chunks_exact(image.numbers()).zip(y.chunks_exact_mut(image.numbers())).enumerate() {
            let modulation = match self.then {
                Then::Modulated(index) => Some(&modulations[index][row * 2 * channels..][..2 * channels]),
                Then::Nothing | Then::Silu => None,
            };
            let (scale, shift) = self.affine(Images(x, image), modulation);
            vectorised(
                #[inline(always)]
                || {
                    let pixels = x.chunks_exact(channels).zip(y.chunks_exact_mut(channels));
                    for (x, y) in pixels {
                        let affine = Lanes::of(&scale).iter().zip(Lanes::of(&shift));
                        for ((x, y), (scale, shift)) in Lanes::of(x).iter().zip(Lanes::of_mut(y)).zip(affine) {
                            let normed = Lanes(*x) * Lanes(*scale) + Lanes(*shift);
                            *y = if matches!(self.then, Then::Nothing) { normed } else { silu(normed) }.0;
                        }
                    }
                },
            );
        }
    }

    /// Factor and shift of each channel that do it all, for one image.
    fn affine(&self, Images(x, image): Images, modulation: Option<&[f32]>) -> (Vec<f32>, Vec<f32>) {
        let channels = image.channels;
        let group = channels / GROUPS;
        let count = (image.pixels() * group) as f32;
        // means over groups of what is summed up for each channel
        let means = |sums: &[f32]| -> Vec<f32> {
            let group = sums.chunks_exact(group).flat_map(|sums| {
                let mean = sums.iter().sum::<f32>() / count;
                core::iter::repeat_n(mean, group)
            });
            group.collect()
        };
        let mean = means(&sums(x, channels, &vec![0.0; channels], |x, zero| x - zero));
        let variance = means(&sums(x, channels, &mean, |x, mean| (x - mean) * (x - mean)));

        let mut scale: Vec<f32> =
            self.gamma.iter().zip(&variance).map(|(gamma, variance)| gamma / (variance + EPSILON).sqrt()).collect();
        let mut shift: Vec<f32> =
            self.beta.iter().zip(&scale).zip(&mean).map(|((beta, scale), mean)| beta - mean * scale).collect();
        if let Some((more, moved)) = modulation.map(|modulation| modulation.split_at(channels)) {
            for channel in 0..channels {
                let factor = 1.0 + more[channel];
                scale[channel] *= factor;
                shift[channel] = shift[channel] * factor + moved[channel];
            }
        }
        (scale, shift)
    }
}

/// For each channel, the sum over pixels of what `of` makes of a value and the channel's own number.
fn sums(x: &[f32], channels: usize, own: &[f32], of: impl Fn(Lanes, Lanes) -> Lanes) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    vectorised(
        #[inline(always)]
        || {
            for pixel in x.chunks_exact(channels) {
                let own = Lanes::of(own);
                for ((sum, value), own) in Lanes::of_mut(&mut sums).iter_mut().zip(Lanes::of(pixel)).zip(own) {
                    *sum = (Lanes(*sum) + of(Lanes(*value), Lanes(*own))).0;
                }
            }
        },
    );
    sums
}
