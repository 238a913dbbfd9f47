"""Pipelines of diffusers as models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._errors import SamplerError
from ._model import Denoise, Rows


def denoiser(pipe: Any, prompt: str | Sequence[str] | None = None, *, negative_prompt: str | Sequence[str] | None = None) -> Denoise:
    """A pipeline's network, with its prompt, as the ``denoise`` of :meth:`Sampler.sample`.

    For pipelines with a ``unet``: unconditional ones (DDPM, DDIM), Stable Diffusion 1 and 2, Stable Diffusion XL. Under guidance rows
    without their condition are answered with the negative prompt.

    Parameters
    ----------
    pipe
        The pipeline, on its device.
    prompt, negative_prompt
        One for all runs, or one for each.

    Raises
    ------
    SamplerError
        With the ``field`` ``pipe`` or ``prompt``.
    """
    import torch

    unet = getattr(pipe, "unet", None)
    if unet is None:
        raise SamplerError(f"{type(pipe).__name__} has no unet: write denoise(x, t) for its network yourself", "pipe")
    if prompt is None:
        return lambda x, t: unet(x, t).sample
    if not hasattr(pipe, "encode_prompt"):
        raise SamplerError(f"{type(pipe).__name__} takes no prompt", "prompt")
    prompts = [prompt] if isinstance(prompt, str) else list(prompt)
    negative = [negative_prompt or ""] if negative_prompt is None or isinstance(negative_prompt, str) else list(negative_prompt)
    if len(negative) == 1:
        negative = negative * len(prompts)
    if len(negative) != len(prompts):
        raise SamplerError(f"there are {len(prompts)} prompts and {len(negative)} negative ones", "negative_prompt")
    with torch.no_grad():
        encoded = pipe.encode_prompt(
            prompts,
            device=unet.device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
            negative_prompt=negative,
        )
    # with the condition and without; Stable Diffusion XL adds a vector for each
    states, pooled = encoded[:2], encoded[2:]

    def of(pair: Sequence[Any], rows: Rows) -> Any:
        runs = torch.from_numpy(rows.runs) if len(prompts) > 1 else torch.zeros(len(rows), dtype=torch.int64)
        kept, free = pair[0][runs[: rows.conditional]], pair[1][runs[rows.conditional :]]
        return torch.cat([kept, free])

    def denoise(x: Any, t: Any, rows: Rows) -> Any:
        more: dict[str, Any] = {}
        if pooled:
            scale = pipe.vae_scale_factor
            size = [x.shape[-2] * scale, x.shape[-1] * scale]
            ids = torch.tensor([*size, 0, 0, *size], dtype=x.dtype, device=x.device)
            more["added_cond_kwargs"] = {"text_embeds": of(pooled, rows), "time_ids": ids.repeat(len(rows), 1)}
        return unet(x, t, encoder_hidden_states=of(states, rows), **more).sample

    return denoise
