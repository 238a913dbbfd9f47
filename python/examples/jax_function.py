"""A compiled function of JAX as a model.

    python examples/jax_function.py

Rows are padded to a power of two, so that few shapes are compiled.
"""

import jax
import jax.numpy as jnp
import numpy as np
from speculative_diffusion import Sampler

NUMBERS, HIDDEN = 64, 256


def main():
    first, second = (jax.random.normal(jax.random.PRNGKey(i), size) for i, size in enumerate([(NUMBERS, HIDDEN), (HIDDEN, NUMBERS)]))

    @jax.jit
    def network(x, t):
        return jnp.tanh(x @ first / 8 + t[:, None]) @ second / 32

    def denoise(x, t):
        rows = 1 << (len(x) - 1).bit_length()
        padded = np.pad(x, [(0, rows - len(x)), (0, 0)]), np.pad(t, (0, rows - len(t)))
        return np.asarray(network(*padded))[: len(x)]

    sampler = Sampler.cosine(200)
    print(sampler.check(denoise, (NUMBERS,)).text)
    judged = sampler.audit(denoise, (NUMBERS,), runs=8)
    print(f"audit {'passed' if judged.passed else 'FAILED'}: {judged.text}")
    out = sampler.sample(denoise, (NUMBERS,), seeds=range(8), batch=512)
    print(f"8 samples of 200 steps in {out.calls} calls, {out.rows} rows; alone {max(run.calls for run in out.runs)} at most")


if __name__ == "__main__":
    main()
