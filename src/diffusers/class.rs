//! What is known of each class of scheduler: how it samples, which levels it visits and what it reads.

use super::betas::Betas;

/// A class of diffusers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) own: Own,
    pub(super) grid: Grid,
    /// First and last beta, and what lies between, where the configuration does not say.
    pub(super) betas: (f64, f64, Betas),
    pub(super) clips: Clips,
    /// Whether `rescale_betas_zero_snr` is read.
    pub(super) zero_snr: bool,
}

/// How a class samples by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    Ddpm,
    Ddim,
    EulerAncestral,
    /// Steps without noise, unless `stochastic_sampling` is set.
    FlowEuler,
    /// DPM-Solver++ of first or second order, if its algorithm is the stochastic one.
    Dpm,
    /// Without noise: what it does with earlier estimates is no matter then.
    Solves,
    /// It asks its model more than once a step.
    Twice,
    Lcm,
    /// Its noise is `eta`, from 0 to 1.
    Tcd,
    /// From each estimate straight to the next level, with fresh noise.
    FlowLcm,
    /// It adds noise, and its mean is made of more than one estimate.
    Remembers,
}

/// Which levels a class visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    /// Whole timesteps.
    Timesteps,
    /// Values of `sigma / alpha`, between those of whole timesteps too.
    Sigmas,
    /// As many timesteps and one, of which the cleanest is left out.
    Solver,
    /// Times of a rectified flow.
    Flow,
}

/// What a class does to clean estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clips {
    Nothing,
    /// `thresholding` alone is read.
    Threshold,
    /// `thresholding` and `clip_sample` are read; whether the second is set where the configuration does not say.
    Sample(bool),
    /// `clip_sample` alone is read, and not set where the configuration does not say.
    Range,
}

const LINEAR: (f64, f64, Betas) = (1e-4, 0.02, Betas::Linear);
const NARROW: (f64, f64, Betas) = (0.000_85, 0.012, Betas::Linear);
const SCALED: (f64, f64, Betas) = (0.000_85, 0.012, Betas::ScaledLinear);

const fn class(name: &'static str, own: Own, grid: Grid) -> Class {
    Class { name, own, grid, betas: LINEAR, clips: Clips::Nothing, zero_snr: false }
}

impl Class {
    const fn clips(self, clips: Clips) -> Self {
        Self { clips, ..self }
    }

    const fn betas(self, betas: (f64, f64, Betas)) -> Self {
        Self { betas, ..self }
    }

    const fn zero_snr(self) -> Self {
        Self { zero_snr: true, ..self }
    }

    pub(super) const ALL: [Self; 22] = [
        class("DDPMScheduler", Own::Ddpm, Grid::Timesteps).clips(Clips::Sample(true)).zero_snr(),
        class("DDPMParallelScheduler", Own::Ddpm, Grid::Timesteps).clips(Clips::Sample(true)).zero_snr(),
        class("DDIMScheduler", Own::Ddim, Grid::Timesteps).clips(Clips::Sample(true)).zero_snr(),
        class("DDIMParallelScheduler", Own::Ddim, Grid::Timesteps).clips(Clips::Sample(true)).zero_snr(),
        class("PNDMScheduler", Own::Solves, Grid::Timesteps),
        class("LCMScheduler", Own::Lcm, Grid::Timesteps).clips(Clips::Sample(false)).betas(SCALED).zero_snr(),
        class("TCDScheduler", Own::Tcd, Grid::Timesteps).clips(Clips::Sample(false)).betas(SCALED).zero_snr(),
        class("EulerAncestralDiscreteScheduler", Own::EulerAncestral, Grid::Sigmas).zero_snr(),
        class("EulerDiscreteScheduler", Own::Solves, Grid::Sigmas).zero_snr(),
        class("LMSDiscreteScheduler", Own::Solves, Grid::Sigmas),
        class("HeunDiscreteScheduler", Own::Twice, Grid::Sigmas).clips(Clips::Range).betas(NARROW),
        class("KDPM2DiscreteScheduler", Own::Twice, Grid::Sigmas).betas(NARROW),
        class("KDPM2AncestralDiscreteScheduler", Own::Twice, Grid::Sigmas).betas(NARROW),
        class("DPMSolverSDEScheduler", Own::Twice, Grid::Sigmas).betas(NARROW),
        class("DPMSolverMultistepScheduler", Own::Dpm, Grid::Solver).clips(Clips::Threshold).zero_snr(),
        class("DPMSolverSinglestepScheduler", Own::Solves, Grid::Solver).clips(Clips::Threshold),
        class("UniPCMultistepScheduler", Own::Solves, Grid::Solver).clips(Clips::Threshold).zero_snr(),
        class("DEISMultistepScheduler", Own::Solves, Grid::Solver).clips(Clips::Threshold),
        class("SASolverScheduler", Own::Remembers, Grid::Solver).clips(Clips::Threshold),
        class("FlowMatchEulerDiscreteScheduler", Own::FlowEuler, Grid::Flow),
        class("FlowMatchHeunDiscreteScheduler", Own::Twice, Grid::Flow),
        class("FlowMatchLCMScheduler", Own::FlowLcm, Grid::Flow),
    ];
}
