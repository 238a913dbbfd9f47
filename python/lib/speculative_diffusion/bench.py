"""What the package itself costs beside a model: ``python -m speculative_diffusion.bench``.

For states of several sizes and windows of 8 and 20 it prints the time of a call beside the model, in milliseconds: drafting, testing,
and the way to the model and back. The model is a line of NumPy and a wait, as for another device, whose own time is measured and taken
off; noise is drawn while it computes. Where a call of your model is shorter than that, speculation does not pay.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ._sampler import Sampler

SIZES = {"768 (3x16x16)": 768, "12288 (3x64x64)": 12288, "16384 (4x64x64)": 16384, "196608 (3x256x256)": 196608}
WINDOWS = (8, 20)
#: A third of what a row says keeps drafts good and not perfect.
SCALE = np.float32(0.3)


def measured(dim: int, window: int, steps: int, runs: int, wait: float) -> tuple[float, float, int]:
    """Milliseconds a call beside the model, those of the model, and calls a run: the best of some runs."""
    sampler = Sampler.cosine(steps, window=window)
    inside = [0.0]

    def model(x: npt.NDArray[np.float32], t: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        began = time.perf_counter()
        output: npt.NDArray[np.float32] = np.tanh(SCALE * x)
        time.sleep(1e-3 * wait)
        inside[0] += time.perf_counter() - began
        return output

    best = (np.inf, 0.0, 0)
    for seed in range(runs):
        inside[0], began = 0.0, time.perf_counter()
        calls = sampler.sample(model, (dim,), seed).calls
        beside = (time.perf_counter() - began - inside[0]) / calls
        best = min(best, (1e3 * beside, 1e3 * inside[0] / calls, calls))
    return best


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m speculative_diffusion.bench", description=__doc__)
    parser.add_argument("--steps", type=int, default=100, help="steps of the chain (%(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each line, of which the fastest counts (%(default)s)")
    parser.add_argument("--wait", type=float, default=10, help="milliseconds that a call waits for its device (%(default)s)")
    options = parser.parse_args(arguments)
    print("| numbers of a state | window | calls | ms a call beside the model | of the model |\n|---|---|---|---|---|")
    for name, dim in SIZES.items():
        for window in WINDOWS:
            beside, model, calls = measured(dim, window, options.steps, options.runs, options.wait)
            print(f"| {name} | {window} | {calls} | {beside:.2f} | {model:.2f} |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\nmost memory: {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
