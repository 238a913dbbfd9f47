"""A function of JAX."""

import numpy as np
import pytest
from speculative_diffusion import Sampler

jax = pytest.importorskip("jax")


def test_a_compiled_function_of_jax():
    weights = jax.random.normal(jax.random.PRNGKey(0), (8, 8)) / 4

    @jax.jit
    def model(x, t):
        return jax.numpy.tanh(x @ weights)

    sampler = Sampler.cosine(60, window=8)
    out = sampler.sample(model, (8,), 7)
    assert isinstance(out.sample, np.ndarray) and out.calls < 30
    assert sampler.check(model, (8,)).passed
    assert sampler.audit(model, (8,), runs=8).passed
