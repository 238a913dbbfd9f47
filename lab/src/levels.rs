//! Chains that were tried and are not worth a place in the library: another grid, another discretisation.

use std::f64::consts::FRAC_PI_2;

use anyhow::{Result, ensure};
use speculative_diffusion::schedule::{Grid, Schedule, T_MAX, T_MIN};
use speculative_diffusion::{Chain, Level, Step};

/// Cosine times of [`even`] after equal shares of the steps.
const EVEN: [f64; 11] = [T_MAX, 0.798, 0.674, 0.556, 0.442, 0.331, 0.245, 0.177, 0.126, 0.084, T_MIN];

/// Levels so spread that the gaps `|D|` of the secant draft are about as large at one end of the chain as at the other, on
/// the faces network at 100 steps.
///
/// # Errors
/// As those of [`Grid::levels`].
pub fn even(schedule: Schedule, steps: usize) -> Result<Vec<Level>> {
    let mut levels = Grid::Uniform.levels(schedule, steps)?;
    for (k, level) in levels[..steps].iter_mut().enumerate() {
        let place = k as f64 / (steps - 1) as f64 * (EVEN.len() - 1) as f64;
        let i = (place as usize).min(EVEN.len() - 2);
        *level = schedule.at_ratio(libm::tan(FRAC_PI_2 * (EVEN[i] + (EVEN[i + 1] - EVEN[i]) * (place - i as f64))));
    }
    Ok(levels)
}

/// `f = d log alpha / dt` and `g^2 = d sigma^2 / dt - 2 f sigma^2` of the forward process at time `t`.
fn rates(schedule: Schedule, t: f64) -> (f64, f64) {
    match schedule {
        Schedule::Cosine => {
            let tangent = libm::tan(FRAC_PI_2 * t);
            (-FRAC_PI_2 * tangent, 2.0 * FRAC_PI_2 * tangent)
        }
        Schedule::LinearBeta => {
            let beta = 0.1 + t * (20.0 - 0.1);
            (-0.5 * beta, beta)
        }
        Schedule::RectifiedFlow => (-1.0 / (1.0 - t), 2.0 * t / (1.0 - t)),
    }
}

/// Euler-Maruyama steps of the reverse-time SDE, then one denoise. `eta = 1` is the SDE of the forward process; less
/// takes a share `eta^2` of its noise, and the score's weight with it, towards the probability-flow ODE.
///
/// # Errors
/// As those of [`Grid::levels`], and where the grid is too coarse.
///
/// # Reference
/// Song et al. 2021 (score SDE), eq. 6 and 13, interpolated as in Karras et al. 2022, eq. 6.
pub fn euler_maruyama(schedule: Schedule, grid: Grid, steps: usize, eta: f64) -> Result<Chain> {
    let levels = grid.levels(schedule, steps)?;
    // the deviation of its first state
    let start = Chain::ancestral(&levels, eta)?.start();
    let mut table = Vec::with_capacity(steps);
    for (k, pair) in levels[..steps].windows(2).enumerate() {
        let (level, gamma) = (pair[0], pair[0].t - pair[1].t);
        let (f, g2) = rates(schedule, level.t);
        // y' = y - gamma f y + c score + s z, and score = (alpha x0hat - y) / sigma^2
        let c = gamma * 0.5 * (1.0 + eta * eta) * g2;
        let variance = level.sigma * level.sigma;
        let a = 1.0 - gamma * f - c / variance;
        ensure!(
            a >= 0.0,
            "step {k} of this grid is too long for Euler-Maruyama (the state's weight would be {a:.2}): take more steps, \
             or a grid uniform in log-SNR"
        );
        table.push(Step::new(level, a, c * level.alpha / variance, eta * (gamma * g2).sqrt()));
    }
    table.push(Step::new(levels[steps - 1], 0.0, 1.0, 0.0));
    Ok(Chain::from_steps(table, start)?)
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::schedule::{Grid, Schedule};
    use speculative_diffusion::{Chain, Level};

    use super::{euler_maruyama, even};

    const SCHEDULES: [Schedule; 3] = [Schedule::Cosine, Schedule::LinearBeta, Schedule::RectifiedFlow];

    /// Of the bits of a chain's numbers (FNV-1a).
    fn hash(chain: &Chain) -> u64 {
        let numbers = chain.steps().iter().flat_map(|s| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s]);
        let bits = numbers.chain([chain.start()]).map(f64::to_bits);
        bits.fold(0xcbf2_9ce4_8422_2325, |hash, bits| (hash ^ bits).wrapping_mul(0x0100_0000_01b3))
    }

    #[test]
    fn the_tables_are_those_that_results_were_measured_on() {
        let evens =
            SCHEDULES.map(|schedule| Chain::ancestral(&even(schedule, 40).expect("valid"), 0.5).expect("valid"));
        assert_eq!(evens.each_ref().map(hash), [0x876b_eda6_952b_fab0, 0x651b_d35c_5f6a_a918, 0xeb65_c0c9_ad3b_fd25]);
        let eulers = SCHEDULES.map(|schedule| euler_maruyama(schedule, Grid::LogSnr, 40, 0.5).expect("fine enough"));
        assert_eq!(eulers.each_ref().map(hash), [0x975e_377a_ce7f_9933, 0x7c02_68af_93d6_6e75, 0xeae8_a4b8_6a04_c5fd]);
    }

    /// Relative error of the variance of the chain's samples where the data are one number, normal with variance 0.7: every
    /// step is linear.
    fn error(chain: &Chain) -> f64 {
        const DATA: f64 = 0.7;
        let first = chain.steps()[0].level;
        let start = first.alpha.powi(2) * DATA + first.sigma.powi(2);
        let reached = chain.steps().iter().fold(start, |variance, step| {
            let Level { alpha, sigma, .. } = step.level;
            let gain = alpha * DATA / (alpha.powi(2) * DATA + sigma.powi(2));
            (step.a + step.b * gain).powi(2) * variance + step.s.powi(2)
        });
        (reached / DATA - 1.0).abs()
    }

    #[test]
    fn every_chain_nears_the_data_s_law_as_its_steps_shorten_and_steps_too_long_are_refused() {
        /// What the last step, from `T_MIN` to the image, leaves: its own variance, 0.6 %.
        const LAST_STEP: f64 = 0.01;
        for schedule in SCHEDULES {
            for eta in [1.0, 0.5] {
                for grid in [Grid::Uniform, Grid::LogSnr, Grid::Edm { rho: 7.0 }] {
                    let euler = |steps| euler_maruyama(schedule, grid, steps, eta);
                    match (euler(200), euler(800)) {
                        (Ok(coarse), Ok(fine)) => {
                            let (coarse, fine) = (error(&coarse), error(&fine));
                            assert!(fine < coarse / 3.0 + LAST_STEP && fine < 0.05, "{schedule:?} {grid:?} {eta}");
                        }
                        (coarse, _) => {
                            assert!(coarse.is_err() && grid != Grid::LogSnr, "{schedule:?} {grid:?} {eta}");
                        }
                    }
                }
                let spread =
                    |steps| error(&Chain::ancestral(&even(schedule, steps).expect("valid"), eta).expect("valid"));
                assert!(spread(800) < spread(200) / 3.0 + LAST_STEP && spread(800) < 0.05, "{schedule:?} {eta}");
            }
        }
        let coarse = euler_maruyama(Schedule::Cosine, Grid::Uniform, 50, 1.0).expect_err("it overshoots");
        assert!(coarse.to_string().contains("step 0"), "{coarse}");
    }
}
