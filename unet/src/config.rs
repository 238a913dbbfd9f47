//! What a network looks like: the few numbers from which every layer's shape follows.

use serde::{Deserialize, Serialize};

/// Shape of a network. It travels with the weights in their sidecar, so a file can be checked
/// before a byte of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetConfig {
    /// Colour channels of an image.
    pub channels: usize,
    /// Height and width of an image, in pixels.
    pub size: usize,
    /// Pixels a side of the patches that the network sees as one, 1 to 4. 2 makes channels of 2x2 pixels each and
    /// halves the resolution of everything but the last layer.
    #[serde(default = "one")]
    pub patch: usize,
    /// Channels at full resolution.
    pub base: usize,
    /// Channels at each resolution, as multiples of `base`; the resolution halves from one entry to the next.
    pub multipliers: Vec<usize>,
    /// Names of the classes. The label table has a further row for "no class".
    pub classes: Vec<String>,
}

fn one() -> usize {
    1
}

/// Groups of every group normalisation.
pub(crate) const GROUPS: usize = 8;
/// Added to the variances of every group normalisation.
pub(crate) const EPSILON: f32 = 1e-5;
/// Channels that each pixel of a patch has before the last layer.
pub(crate) const REFINED: usize = 8;
/// Heads of the self-attention at the lowest resolution.
pub(crate) const HEADS: usize = 4;

/// Channels in and out of the blocks, in the order of a forward pass.
pub(crate) struct Blocks {
    pub(crate) down: Vec<(usize, usize)>,
    pub(crate) up: Vec<(usize, usize)>,
}

impl UNetConfig {
    /// Checks that every layer can be built.
    ///
    /// # Errors
    /// A sentence naming the field that does not fit.
    pub fn check(&self) -> Result<(), String> {
        if !self.size.is_multiple_of(self.patch.max(1)) || !(1..=4).contains(&self.patch) {
            return Err(format!(
                "patch is {}, which is not 1 to 4 or does not divide the size {}",
                self.patch, self.size
            ));
        }
        if self.channels == 0 || self.size == 0 || self.base == 0 || self.multipliers.is_empty() {
            return Err("channels, size, base and multipliers must not be empty or zero".into());
        }
        if !self.base.is_multiple_of(GROUPS) {
            return Err(format!("base is {}, not a multiple of {GROUPS}", self.base));
        }
        if self.channels > 16 || self.size > 256 || self.base > 512 || self.classes.len() > 10_000 {
            return Err("channels, size, base or classes are larger than 16, 256, 512 or 10000".into());
        }
        if self.multipliers.len() > 8 || self.multipliers.iter().any(|&m| m == 0 || m > 16) {
            return Err("multipliers must be at most 8 numbers from 1 to 16".into());
        }
        let halvings = self.multipliers.len() - 1;
        if self.patch == 1 && !self.size.is_multiple_of(1 << halvings) {
            return Err(format!("size is {}, which cannot be halved {halvings} times", self.size));
        }
        Ok(())
    }

    /// Numbers in one image.
    pub fn dim(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Pixels a side of what the layers see: patches, with a margin where they could not be halved otherwise.
    pub(crate) fn inner_size(&self) -> usize {
        (self.size / self.patch).next_multiple_of(1 << (self.multipliers.len() - 1))
    }

    /// Channels that each residual block takes and gives: one a resolution on the way down, two on the way up, which
    /// take what the way down left at their resolution too.
    pub(crate) fn blocks(&self) -> Blocks {
        let widths: Vec<usize> = self.multipliers.iter().map(|m| m * self.base).collect();
        let (mut down, mut up) = (Vec::new(), Vec::new());
        let mut skips = vec![self.base];
        let mut width = self.base;
        for (level, &to) in widths.iter().enumerate() {
            down.push((width, to));
            width = to;
            skips.push(width);
            if level + 1 < widths.len() {
                skips.push(width);
            }
        }
        for &to in widths.iter().rev() {
            for _ in 0..2 {
                up.push((width + skips.pop().unwrap_or_default(), to));
                width = to;
            }
        }
        Blocks { down, up }
    }

    /// Width of the embedding that carries time and class to every block.
    pub(crate) fn embedding(&self) -> usize {
        4 * self.base
    }

    /// Width of the sinusoidal features of time.
    pub(crate) fn time_features(&self) -> usize {
        2 * self.base
    }
}
