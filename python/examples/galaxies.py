"""Galaxies, by a network that others have trained: ONNX Runtime as a model.

    pip install numpy onnx onnxruntime
    pip download --no-deps galaxygrad==0.1.4
    python ../lab/foreign/galaxygrad.py galaxygrad-0.1.4-py3-none-any.whl galaxies
    python examples/galaxies.py galaxies/galaxies-hsc-32

Sampson et al. 2024 (arXiv 2401.07313). Any other folder with a model.onnx (inputs ``sample`` and ``timestep``) and a
scheduler_config.json will do.
"""

import pathlib
import sys
import time

import numpy as np
import onnxruntime
from speculative_diffusion import Sampler


def main():
    folder = pathlib.Path(sys.argv[1])
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    shape = session.get_inputs()[0].shape[1:]

    def denoise(x, t):
        return session.run(None, {"sample": x, "timestep": t})[0]

    for steps in (100, 1000):
        sampler = Sampler.from_config(folder, steps)
        if steps == 100:
            print(sampler.check(denoise, shape).text)
            judged = sampler.audit(denoise, shape, runs=4)
            print(f"audit {'passed' if judged.passed else 'FAILED'}: {judged.text}")
        for plain in (False, True):
            began = time.perf_counter()
            out = sampler.sample(denoise, shape, seed=7, plain=plain)
            took = time.perf_counter() - began
            print(f"{steps} steps, {'plain' if plain else 'speculative'}: {out.calls} calls, {out.rows} rows, {took:.2f} s")
    print(f"flux {np.exp(0.1 * out.sample).mean() - 1:.3f} a pixel")


if __name__ == "__main__":
    main()
