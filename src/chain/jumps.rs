//! Chains that go back to noisier levels and come down again, for samples of which a part is known.

use crate::chain::schedule::{ChainError, Level, MAX_STEPS};
use crate::chain::{Chain, Step};

/// One move of a chain with jumps.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    /// This step of the chain without jumps.
    Down(usize),
    /// From where this step starts, or after the last one, to where an earlier one does.
    Back(usize, usize),
}

/// The moves of a chain of `last` steps, but no more than one beyond what a chain may have.
pub(crate) fn moves(last: usize, jump: usize, visits: usize) -> Result<Vec<Move>, ChainError> {
    if jump == 0 || visits == 0 {
        return Err(ChainError::Jump { jump, visits });
    }
    // jumps still to make, by the number of steps before the end
    let mut left = vec![0; last + 1];
    (0..last.saturating_sub(jump)).step_by(jump).for_each(|j| left[j] = visits - 1);
    let (mut moves, mut at) = (Vec::new(), 0);
    while at < last && moves.len() <= MAX_STEPS {
        moves.push(Move::Down(at));
        at += 1;
        if left[last - at] > 0 {
            left[last - at] -= 1;
            moves.push(Move::Back(at, at - jump));
            at -= jump;
        }
    }
    Ok(moves)
}

impl Chain {
    /// The chain with jumps: every `jump` steps it goes back as many by adding noise, and comes down again, until it has come down
    /// from there `visits` times. With a [`Mask`](crate::Mask) this lets what is made agree with what is known.
    ///
    /// A jump is one step, however far it goes. Its mean does not depend on the model, which is not asked ([`Chain::asks`]), and a
    /// draft of it is always accepted. For chains whose states have the law of their levels, such as ancestral ones.
    ///
    /// ```
    /// use speculative_diffusion::Chain;
    ///
    /// // four jumps of ten steps, nine times each
    /// let chain = Chain::cosine(50, 1.0)?.with_jumps(10, 10)?;
    /// assert_eq!((chain.len(), chain.calls()), (50 + 4 * 9 * 11, 50 + 4 * 9 * 10));
    /// # Ok::<(), speculative_diffusion::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Jump`] for a jump or a number of visits below 1, [`ChainError::Steps`] where all visits together are too many
    /// steps, [`ChainError::Step`] where a jump leads to no noisier level.
    ///
    /// # Reference
    /// Lugmayr et al. 2022 (RePaint), algorithm 1 and section 4.2; the order of the steps is that of diffusers' `RePaintScheduler`.
    /// There, known pixels are noised and put into the state; here they are part of the estimate.
    #[doc(alias = "RePaint")]
    #[doc(alias = "inpainting")]
    #[doc(alias = "jump_n_sample")]
    pub fn with_jumps(&self, jump: usize, visits: usize) -> Result<Self, ChainError> {
        // the states after the last step are of the level that its mean and its deviation make of its own
        let Step { level: Level { alpha, sigma, .. }, a, b, s, .. } = self.steps[self.len() - 1];
        let end = Level { t: 0.0, alpha: a * alpha + b, sigma: libm::hypot(a * sigma, s) };
        let level = |k: usize| self.steps.get(k).map_or(end, |step| step.level);
        let mut steps = Vec::new();
        for to in moves(self.len(), jump, visits)? {
            let after_a_jump = steps.last().is_some_and(|step: &Step| step.b == 0.0);
            steps.push(match to {
                Move::Down(k) if after_a_jump => self.steps[k].forgetting(),
                Move::Down(k) => self.steps[k],
                Move::Back(from, to) => noised(level(from), level(to)),
            });
        }
        Self::from_steps(steps, self.start)
    }
}

/// From a level to a noisier one, as the forward process goes.
fn noised(from: Level, to: Level) -> Step {
    let kept = to.alpha / from.alpha;
    let noise = to.sigma * to.sigma - kept * kept * from.sigma * from.sigma;
    Step::new(from, kept, 0.0, libm::sqrt(noise))
}
