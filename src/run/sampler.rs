//! What a run is made from: a chain, how to draft and test it, and its noise.

use crate::chain::Chain;
use crate::noise::Noise;
use crate::run::length::WindowError;
use crate::run::settings::Settings;

/// A chain, how to draft and test it, and its noise. Clones share the chain's table.
#[derive(Clone, Debug)]
pub struct Sampler {
    chain: Chain,
    settings: Settings,
    noise: Noise,
}

impl Sampler {
    /// # Errors
    /// [`WindowError`] for a fixed window length outside 1 to [`MAX_WINDOW`](crate::run::length::MAX_WINDOW).
    pub fn new(chain: Chain, settings: Settings, noise: Noise) -> Result<Self, WindowError> {
        settings.window.check()?;
        Ok(Self { chain, settings, noise })
    }

    /// The target chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How drafts are made and tested.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its noise.
    pub fn noise(&self) -> &Noise {
        &self.noise
    }

    /// A number that another sampler has only by a chance of one in 2^64: which chain, settings and noise a state is of.
    pub fn fingerprint(&self) -> u64 {
        let Settings { draft, window, rule } = self.settings;
        // every draft freezes the clean estimate; states were saved when that was a choice, and can still be read
        let names = format!("{} x0hat {window} {}", draft.name(), rule.name());
        let numbers = self.chain.numbers().map(f64::to_bits).chain(self.noise.words());
        let bytes = numbers.flat_map(u64::to_le_bytes).chain(names.into_bytes());
        // FNV-1a
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
