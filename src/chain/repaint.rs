//! Chains that go back to noisier levels and denoise again, for pictures of which a part is known.

use crate::chain::schedule::{ChainError, Level};
use crate::chain::{Chain, Step, check, deviation};

impl Chain {
    /// The ancestral chain that jumps: every `jump` levels it goes back as many levels by adding noise, and comes down again, until
    /// it has come down from there `visits` times. With [`Mask`](crate::Mask) this lets what is made agree with what is known.
    ///
    /// A jump is one step of any length. Its mean does not depend on the model, which is not asked ([`Chain::asks`]), and a draft of
    /// it is always accepted.
    ///
    /// ```
    /// use speculative_diffusion::Chain;
    /// use speculative_diffusion::schedule::{Grid, Schedule};
    ///
    /// let levels = Grid::Uniform.levels(Schedule::Cosine, 50)?;
    /// // four jumps of ten levels, nine times each
    /// let chain = Chain::repaint(&levels, 1.0, 10, 10)?;
    /// assert_eq!((chain.len(), chain.calls()), (50 + 4 * 9 * 11, 50 + 4 * 9 * 10));
    /// # Ok::<(), speculative_diffusion::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Chain::ancestral`]; [`ChainError::Jump`] for a jump or a number of visits below 1, [`ChainError::Steps`] where all
    /// visits together are too many steps.
    ///
    /// # Reference
    /// Lugmayr et al. 2022 (RePaint), algorithm 1 and section 4.2; the schedule is that of diffusers' `RePaintScheduler`. There, known
    /// pixels are noised and put into the state; here they are part of the estimate.
    #[doc(alias = "inpainting")]
    #[doc(alias = "jump_n_sample")]
    pub fn repaint(levels: &[Level], eta: f64, jump: usize, visits: usize) -> Result<Self, ChainError> {
        if jump == 0 || visits == 0 {
            return Err(ChainError::Jump { jump, visits });
        }
        check(levels)?;
        // the ancestral chain checks eta
        let down = Self::ancestral(levels, eta)?;
        // `left[j]`: jumps still to make from the level that is `j` before the last
        let last = down.len();
        let mut left = vec![0; last + 1];
        (0..last.saturating_sub(jump)).step_by(jump).for_each(|j| left[j] = visits - 1);
        let (mut steps, mut at) = (Vec::new(), 0);
        while at < last {
            // one more than can be used says that they are too many
            if steps.len() > super::schedule::MAX_STEPS {
                break;
            }
            steps.push(down.steps()[at]);
            at += 1;
            if left[last - at] > 0 {
                left[last - at] -= 1;
                steps.push(noised(levels[at], levels[at - jump]));
                at -= jump;
            }
        }
        Self::from_steps(steps, deviation(levels[0]))
    }
}

/// From a level to a noisier one, as the forward process goes.
fn noised(from: Level, to: Level) -> Step {
    let kept = to.alpha / from.alpha;
    let noise = to.sigma * to.sigma - kept * kept * from.sigma * from.sigma;
    Step::new(from, kept, 0.0, libm::sqrt(noise))
}
