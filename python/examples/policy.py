"""A diffusion policy: plans of 16 commands in 100 steps, each for an observation of its own, several robots in shared calls.

    python examples/policy.py

The network is UNet1DModel of diffusers with random weights; take your own in its place.
"""

import pathlib
import sys
import time

import torch
from diffusers import DDPMScheduler
from speculative_diffusion import Sampler

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests"))

import pipelines

ROBOTS, COMMANDS = 4, 16


def main():
    network = pipelines.plan_network()
    observations = torch.randn(ROBOTS, 2, 1, generator=torch.Generator().manual_seed(0))

    def denoise(x, t, rows):
        # the condition of a row is looked up by its run
        return network(x, t).sample + 0.1 * observations[torch.from_numpy(rows.runs)]

    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2", clip_sample=True, prediction_type="epsilon")
    sampler = Sampler.from_config(scheduler, num_inference_steps=100)
    judged = sampler.audit(denoise, (2, COMMANDS), runs=ROBOTS)
    print(f"audit {'passed' if judged.passed else 'FAILED'}: {judged.text}")
    for plain in (False, True):
        began = time.perf_counter()
        out = sampler.sample(denoise, (2, COMMANDS), seeds=range(ROBOTS), plain=plain)
        seconds = time.perf_counter() - began
        print(f"{'plain' if plain else 'speculative'}: {ROBOTS} plans in {out.calls} calls, {out.rows} rows, {seconds:.2f} s")


if __name__ == "__main__":
    main()
