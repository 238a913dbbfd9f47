"""A chain of one's own: 1,000 steps as protein backbone models of the Genie family take them, from a table.

    python examples/protein.py

Cosine betas, the noise of each step scaled by 0.6, states of 256 residues with three coordinates (768 numbers). The model is a closed
form that draws one of four backbones; take your own network in its place.
"""

import time

import numpy as np
from speculative_diffusion import Sampler, Step

STEPS, RESIDUES, NOISE = 1000, 256, 0.6


def chain():
    """The steps of DDPM with other noise: ``a``, ``b`` and ``s`` are those of Ho et al. 2020, eq. 7."""
    times = np.arange(STEPS + 1) / STEPS
    signal = np.cos((times + 0.008) / 1.008 * np.pi / 2) ** 2
    betas = np.clip(1 - signal[1:] / signal[:-1], 0, 0.999)
    kept = np.cumprod(1 - betas)
    before = np.concatenate([[1.0], kept[:-1]])
    steps = []
    for k in reversed(range(STEPS)):
        variance = betas[k] * (1 - before[k]) / (1 - kept[k])
        steps.append(
            Step(
                t=k,
                alpha=np.sqrt(kept[k]),
                sigma=np.sqrt(1 - kept[k]),
                a=np.sqrt(1 - betas[k]) * (1 - before[k]) / (1 - kept[k]),
                b=np.sqrt(before[k]) * betas[k] / (1 - kept[k]),
                s=NOISE * np.sqrt(variance),
            )
        )
    return steps


def main():
    steps = chain()
    levels = {int(step.t): (step.alpha, step.sigma) for step in steps}
    backbones = np.random.default_rng(0).standard_normal((4, RESIDUES, 3)).cumsum(axis=1)
    backbones = (backbones - backbones.mean(axis=(1, 2), keepdims=True)) / backbones.std()

    def denoise(x, t):
        """The noise in each state, of data that are one of the backbones with a little tremor."""
        alpha, sigma = (np.array([levels[int(each)][i] for each in t])[:, None, None] for i in (0, 1))
        variance = (0.1 * alpha) ** 2 + sigma**2
        apart = x[:, None] - alpha[:, None] * backbones[None]
        weights = -(apart**2).sum(axis=(2, 3)) / (2 * variance[:, :, 0])
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return sigma / variance * np.einsum("rk,rkij->rij", weights, apart)

    sampler = Sampler.from_steps(steps, prediction="epsilon")
    shape = (RESIDUES, 3)
    print(sampler.check(denoise, shape).text)
    judged = sampler.audit(denoise, shape, runs=4)
    print(f"audit {'passed' if judged.passed else 'FAILED'}: {judged.text}")
    for plain in (False, True):
        began = time.perf_counter()
        out = sampler.sample(denoise, shape, seed=7, plain=plain)
        print(f"{'plain' if plain else 'speculative'}: {out.calls} calls, {out.rows} rows, {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
