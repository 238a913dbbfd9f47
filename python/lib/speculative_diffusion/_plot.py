"""Pictures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._errors import SamplerError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._results import Sampled


def plot(sampled: Sampled, run: int) -> Figure:
    """Steps against calls, and residuals beside their law."""
    if not sampled.rounds:
        raise SamplerError("nothing is kept of the rounds: sample with trace=True", "trace")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SamplerError("matplotlib is not installed", "plot") from error
    rounds = sampled.rounds[run]
    calls = np.cumsum([0] + [round.calls for round in rounds])
    steps = np.cumsum([0] + [round.committed for round in rounds])
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.step(calls, steps, where="post", label=f"speculative: {calls[-1]} calls")
    left.plot([0, sampled.plain_calls], [0, steps[-1]], label=f"plain: {sampled.plain_calls} calls", linestyle="--")
    left.set(xlabel="sequential calls", ylabel="steps committed", title=f"seed {sampled.seeds[run]}")
    left.legend()
    residuals = np.concatenate([round.residual[: round.committed] for round in rounds])
    residuals = residuals[np.isfinite(residuals)]
    at = np.linspace(-4, 4, 200)
    right.hist(residuals, bins=25, range=(-4, 4), density=True, alpha=0.5, label=f"{len(residuals)} residuals")
    right.plot(at, np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi), label="standard normal")
    right.set(xlabel="committed residual along the gap", ylabel="density")
    right.legend()
    return figure
