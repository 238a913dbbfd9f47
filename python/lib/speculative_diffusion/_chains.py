"""Chains, and the ways to name them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._core import karras
from ._errors import SamplerError

Numbers = npt.NDArray[np.float64]


class Step(NamedTuple):
    """One step of a chain: ``y' ~ N(a y + b x0 + c x0', s^2)`` from the level ``y = alpha x0 + sigma eps``.

    ``x0`` is the model's clean estimate at ``y``, ``x0'`` that of the step before.
    """

    #: What the model is given as its timestep.
    t: float
    #: Signal of the level.
    alpha: float
    #: Noise of the level, above 0 where the model is asked.
    sigma: float
    #: Weight of the state.
    a: float
    #: Weight of the estimate.
    b: float
    #: Standard deviation; 0 for a step without noise.
    s: float
    #: Weight of the estimate of the step before, in chains of second order.
    c: float = 0.0


def table(steps: Iterable[Step] | npt.ArrayLike) -> Numbers:
    """Steps as an array [K, 7]; the last column may be missing."""
    try:
        rows = np.asarray(steps if isinstance(steps, np.ndarray) else list(steps), dtype=np.float64)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise SamplerError("steps must be rows of numbers: t, alpha, sigma, a, b, s and perhaps c", "steps") from error
    if rows.ndim != 2 or rows.shape[1] not in (6, 7):
        raise SamplerError(f"steps has the shape {rows.shape}: it must be [K, 6] or [K, 7]", "steps")
    if rows.shape[1] == 6:
        rows = np.concatenate([rows, np.zeros((len(rows), 1))], axis=1)
    return np.ascontiguousarray(rows)


def numbers(name: str, values: npt.ArrayLike) -> Numbers:
    """A list of numbers, or an error that names it."""
    try:
        found = np.ascontiguousarray(_on_the_host(values), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SamplerError(f"{name} must be numbers", name) from error
    if found.ndim != 1:
        raise SamplerError(f"{name} must be a list of numbers, not of shape {found.shape}", name)
    return found


def _on_the_host(values: Any) -> Any:
    """A tensor of PyTorch's as an array."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def config_text(config: Any) -> str:
    """The JSON text of a scheduler of diffusers, its configuration, a file or folder of one."""
    if hasattr(config, "to_json_string"):
        return str(config.to_json_string())
    if isinstance(config, Mapping):
        return json.dumps(dict(config), default=lambda value: _on_the_host(value).tolist())
    if isinstance(config, str) and config.lstrip("\ufeff \t\r\n").startswith("{"):
        return config
    if isinstance(config, (str, os.PathLike)):
        path = Path(config)
        if path.is_dir():
            inside = path / "scheduler_config.json"
            path = inside if inside.exists() else path / "scheduler" / "scheduler_config.json"
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise SamplerError(f"the configuration cannot be read: {error}", "config") from error
    message = f"config is a {type(config).__name__}: give a scheduler of diffusers, its configuration, or a path to it"
    raise SamplerError(message, "config")


def karras_sigmas(steps: int, most: float = 80.0, least: float = 0.002, rho: float = 7.0) -> Numbers:
    """Noise levels from ``most`` to ``least``, for chains that end at 0: Karras et al. 2022 (EDM), eq. 5.

    Returns
    -------
    array of shape [steps]

    Raises
    ------
    SamplerError
        With the ``field`` ``steps``, ``sigmas`` or ``rho``.
    """
    return karras(steps, most, least, rho)
