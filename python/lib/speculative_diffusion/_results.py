"""What a run returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The numbers of :attr:`Round.verdict`.
VERDICTS = ("accepted", "rejected", "deterministic", "discarded")


@dataclass(frozen=True)
class Costs:
    """What a run has cost."""

    #: Sequential calls of the model that the run waited for.
    calls: int
    #: Those of the model that drafts.
    draft_calls: int
    #: Rows that the model evaluated.
    rows: int
    #: Drafts that were tested.
    tested: int
    #: Drafts that were accepted.
    accepted: int


@dataclass(frozen=True)
class Round:
    """One round: a window drafted, checked in one call, committed up to its first rejection.

    Arrays have one entry for each position of the window; those of tests are NaN where nothing was tested.
    """

    #: Step of the window's first position.
    first: int
    #: Steps that were committed.
    committed: int
    #: Sequential calls, 1 or 2.
    calls: int
    draft_calls: int
    rows: int
    level: npt.NDArray[np.int64]
    #: 0 accepted, 1 rejected, 2 deterministic, 3 discarded.
    verdict: npt.NDArray[np.uint8]
    #: Whether the draft used an estimate of an earlier call for this very step.
    carried: npt.NDArray[np.bool_]
    #: Standard deviation of the step.
    s: npt.NDArray[np.float64]
    #: Distance of the means of draft and target, in units of ``s``.
    gap: npt.NDArray[np.float64]
    #: That a draft with this gap is accepted.
    probability: npt.NDArray[np.float64]
    ln_u: npt.NDArray[np.float64]
    ln_ratio: npt.NDArray[np.float64]
    #: Committed residual along the gap: standard normal over all tested steps.
    residual: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Progress:
    """A run that has come a round further."""

    #: Place among the seeds.
    index: int
    seed: int
    #: Steps committed so far, and those of the chain.
    level: int
    steps: int
    costs: Costs
    #: The run's state as bytes, to go on from: valid until the function that was given this returns.
    state: Callable[[], bytes]
    #: The round, where rounds are kept.
    round: Round | None = None
    #: The model's clean estimate at the last committed step that asked for one, ``[*shape]``: a sample to look at meanwhile. None
    #: where no step of the round did, as at a jump.
    preview: Any = None


@dataclass(frozen=True)
class Sampled:
    """Samples, and what they cost."""

    #: ``[*shape]`` for a seed, ``[seeds, *shape]`` for several: as the model's tensors, or a NumPy array of ``float32``.
    sample: Any
    seeds: list[int]
    #: Sequential calls of the model; several runs share them.
    calls: int
    #: Rows that it evaluated, of all runs.
    rows: int
    #: Steps of the chain that ask the model: the calls of the plain sampler.
    plain_calls: int
    #: What each run has cost by itself.
    runs: list[Costs]
    #: Each run's rounds, if ``trace=True``.
    rounds: list[list[Round]] = field(default_factory=list, repr=False)
    #: The window that was used.
    window: str = ""

    def plot(self, run: int = 0) -> Figure:
        """A run's staircase, steps committed against calls, and its residuals beside the standard normal, as a picture.

        Needs matplotlib, and ``trace=True``.
        """
        from ._plot import plot

        return plot(self, run)


@dataclass(frozen=True)
class Audited:
    """Whether residuals could be standard normals, which they are if and only if the sampler is exact."""

    passed: bool
    #: Tested steps.
    count: int
    #: Mean and variance in standard errors; critical at 4.892.
    mean_z: float
    variance_z: float
    #: Kolmogorov's statistic; critical at 2.694.
    kolmogorov: float
    #: The worst of the three, in critical values.
    departure: float
    #: What so many residuals show 99 times in 100: a shift in standard deviations, a relative change of variance.
    least_shift_seen: float
    least_spread_seen: float
    #: All of it as a sentence.
    text: str
    #: Means over the runs.
    calls: float
    rows: float


@dataclass(frozen=True)
class Checked:
    """Whether a model answers each row by itself, and the same way each time.

    The three are ``(largest relative difference, the same to the bit, passed)``.
    """

    passed: bool
    repeated: tuple[float, bool, bool]
    shuffled: tuple[float, bool, bool]
    alone: tuple[float, bool, bool]
    #: All of it as a sentence.
    text: str
