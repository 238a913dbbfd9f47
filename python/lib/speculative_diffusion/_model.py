"""A model of the caller's: what it is given, and what it returns."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._errors import SamplerError

#: ``denoise(x, t)`` or ``denoise(x, t, rows)``.
Denoise = Callable[..., Any]


@dataclass(frozen=True)
class Rows:
    """What the rows of a call are, for a ``denoise`` with a parameter named ``rows``."""

    #: For each row the run that it belongs to: its place among the seeds. Conditions are looked up by it.
    runs: npt.NDArray[np.int64]
    #: For each row the step that starts there, 0 at the noisy end.
    steps: npt.NDArray[np.int64]
    #: Rows from this number on are to be answered without their condition: all have it but under guidance.
    conditional: int
    #: Whether the smaller model is asked that drafts.
    drafts: bool

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.runs)


def _modules(found: object, depth: int = 2) -> Iterator[Any]:
    """Modules of PyTorch that an object is, has or closes over."""
    torch = sys.modules["torch"]
    if isinstance(found, torch.nn.Module):
        yield found
        return
    if depth == 0:
        return
    if isinstance(found, functools.partial):
        inside: Sequence[object] = [found.func, *found.args, *found.keywords.values()]
    elif inspect.ismethod(found):
        inside = [found.__self__, found.__func__]
    elif inspect.isfunction(found):
        used = inspect.getclosurevars(found)
        inside = [*used.nonlocals.values(), *used.globals.values()]
    elif type(found).__module__ not in ("builtins", "numpy"):
        inside = list(getattr(found, "__dict__", {}).values())
        call = type(found).__dict__.get("__call__")
        inside += [call] if inspect.isfunction(call) else []
    else:
        return
    for each in inside:
        yield from _modules(each, depth - 1)


class Model:
    """A function of the caller's, with arrays of NumPy or tensors of PyTorch."""

    def __init__(self, denoise: Denoise, field: str, shape: tuple[int, ...], whole: bool, device: Any) -> None:
        if not callable(denoise):
            raise SamplerError(f"{field} must be a function of x and t", field)
        self._denoise, self._field, self._shape, self._whole = denoise, field, shape, whole
        self._torch: Any = None
        self._device: Any = device
        self._dtype: Any = None
        if device is not None:
            import torch

            try:
                self._torch, self._device = torch, torch.device(device)
            except (RuntimeError, TypeError) as error:
                raise SamplerError(f"device is {device!r}: {error}", "device") from error
        elif "torch" in sys.modules:
            module = next(_modules(denoise), None)
            if module is not None:
                first = next(module.parameters(), None)
                self._torch = sys.modules["torch"]
                self._device = self._torch.device("cpu") if first is None else first.device
                self._dtype = first.dtype if first is not None and first.dtype.is_floating_point else None
        try:
            self._wants_rows = "rows" in inspect.signature(denoise).parameters
        except (TypeError, ValueError):
            self._wants_rows = False

    def __call__(self, states: npt.NDArray[np.float32], timesteps: npt.NDArray[np.float64], rows: Rows) -> npt.NDArray[np.float32]:
        """The outputs of a batch, one after the other."""
        x: Any = states.reshape(len(timesteps), *self._shape)
        t: Any = timesteps.astype(np.int64 if self._whole else np.float32)
        more = {"rows": rows} if self._wants_rows else {}
        if self._torch is None:
            return self._numbers(self._denoise(x, t, **more), x.shape)
        with self._torch.no_grad():
            x, t = self._sent(x).to(self._dtype or self._torch.float32), self._sent(t)
            return self._numbers(self._denoise(x, t, **more), tuple(x.shape))

    def _sent(self, array: Any) -> Any:
        tensor = self._torch.from_numpy(array)
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)

    def _numbers(self, output: Any, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        if hasattr(output, "sample") and not hasattr(output, "shape"):
            # what the models of diffusers return
            output = output.sample
        if hasattr(output, "detach"):
            output = output.detach().to("cpu").float().numpy()
        try:
            if output is None:
                raise TypeError("nothing was returned")
            numbers = np.ascontiguousarray(output, dtype=np.float32)
        except (TypeError, ValueError) as error:
            message = f"{self._field} returned a {type(output).__name__}: it must return an array or a tensor"
            raise SamplerError(message, self._field) from error
        if numbers.shape != shape:
            message = f"{self._field} returned the shape {numbers.shape} for x of shape {shape}: they must be the same"
            raise SamplerError(message, self._field)
        return numbers.reshape(-1)

    def returned(self, samples: npt.NDArray[np.float64]) -> Any:
        """Samples as the model's own kind of array."""
        single = samples.astype(np.float32)
        return single if self._torch is None else self._torch.from_numpy(single).to(self._device)
