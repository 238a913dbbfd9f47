"""Exact speculative sampling of diffusion models.

Several denoising steps are drafted without the model, checked in one batched call of it, and accepted or reflected so that the
samples have exactly the law of the plain sampler, in a fraction of its sequential calls (De Bortoli et al., ICML 2025,
arXiv 2501.05370).

>>> import numpy as np
>>> from speculative_diffusion import Sampler
>>> sampler = Sampler.from_config({"_class_name": "DDPMScheduler", "clip_sample": False}, num_inference_steps=100)
>>> out = sampler.sample(lambda x, t: 0.9 * x, shape=(3, 16, 16), seed=7)
>>> out.sample.shape, out.calls < 40
((3, 16, 16), True)
"""

from ._chains import Step, karras_sigmas
from ._errors import Interrupted, SamplerError
from ._model import Rows
from ._results import Audited, Checked, Costs, Progress, Round, Sampled
from ._sampler import Guidance, Mask, Sampler

__all__ = [
    "Audited",
    "Checked",
    "Costs",
    "Guidance",
    "Interrupted",
    "Mask",
    "Progress",
    "Round",
    "Rows",
    "Sampled",
    "Sampler",
    "SamplerError",
    "Step",
    "karras_sigmas",
]
