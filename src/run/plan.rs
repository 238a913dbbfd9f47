//! What one run follows.

use super::settings::Settings;
use crate::chain::Chain;
use crate::noise::Noise;

/// A sampler's chain and settings, and the noise of one run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) chain: Chain,
    pub(crate) settings: Settings,
    pub(crate) noise: Noise,
}

impl Plan {
    /// A number that another plan has only by a chance of one in 2^64: which chain, settings and noise a state is of.
    pub(crate) fn fingerprint(&self) -> u64 {
        let Settings { draft, window, rule } = self.settings;
        // every draft freezes the clean estimate; states were saved when that was a choice, and can still be read
        let names = format!("{draft} x0hat {window} {rule}");
        let numbers = self.chain.numbers().map(f64::to_bits).chain(self.noise.words());
        let bytes = numbers.flat_map(u64::to_le_bytes).chain(names.into_bytes());
        // FNV-1a
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
