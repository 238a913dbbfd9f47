"""The sampler: a chain, and a model of the caller's that is asked for it."""

from __future__ import annotations

import functools
import math
import secrets
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from . import _core
from ._chains import Numbers, Step, config_text, numbers, table
from ._errors import Interrupted, SamplerError
from ._model import Denoise, Model, Rows
from ._results import Audited, Checked, Costs, Progress, Round, Sampled

#: Rows that runs share in a call, unless said otherwise.
BATCH = 64
#: Runs of an audit, unless said otherwise.
AUDIT_RUNS = 32
#: Rows of the longer of the two calls whose times make a price, and how often each is timed.
MEASURED_ROWS, MEASURED_TIMES = 8, 5


@dataclass(frozen=True)
class Guidance:
    """Classifier-free guidance (Ho & Salimans 2022): the model is asked again without its condition, in the same call.

    Parameters
    ----------
    scale
        1 is none, more exaggerates the condition.
    interval
        Least and most ``sigma / alpha`` of the levels that are guided (Kynkäänniemi et al. 2024).
    rescale
        Share, 0 to 1, of an output that is scaled to the conditional one's deviation (Lin et al. 2024).
    """

    scale: float
    interval: tuple[float, float] = (0.0, math.inf)
    rescale: float = 0.0


@dataclass(frozen=True)
class Mask:
    """What is known of a sample: known numbers take the place of the model's clean estimates, at every level.

    Parameters
    ----------
    sample
        A whole sample, of the run's shape.
    known
        Of the same shape: whether each number is known.
    """

    sample: Any
    known: Any


class Sampler:
    """A chain, and how drafts are made for it. Made by one of the class methods.

    All of them take these, too:

    draft : str
        Where drafts come from: ``secant`` (the default), ``carry``, ``prefetched``, ``frozen`` (the paper's), ``frozen-drift``, or
        ``independent`` and ``corrected``, which need a ``drafter``.
    window : int or str
        Steps drafted a round: 1 to 256; ``auto/PRICE``, as many as make a step cheapest if a further row adds such a share of a call
        of one row; ``auto``, the default, for a price of 0.02, as on a fast GPU; ``measured`` measures the price before the first
        run. A seed gives the same sample with the same window only.
    rule : str
        ``reflection``, ``peak``, or ``auto``, the default: whichever saves more. Both are exact.

    Examples
    --------
    >>> from speculative_diffusion import Sampler
    >>> sampler = Sampler.cosine(100)
    >>> out = sampler.sample(lambda x, t: 0.5 * x, shape=(4,), seed=7)
    >>> out.calls, out.plain_calls
    (7, 100)
    """

    def __init__(self, scheduler: _core.Scheduler, draft: str = "secant", window: int | str = "auto", rule: str = "auto") -> None:
        self._scheduler = scheduler
        self._draft, self._window, self._rule = draft, str(window), rule
        # settings that cannot be used are refused now
        _core.Pool(scheduler, self._settings("auto" if window == "measured" else self._window), 1, 1, False)

    def _settings(self, window: str) -> tuple[str, str, str]:
        return self._draft, window, self._rule

    @classmethod
    def from_config(cls, config: Any, num_inference_steps: int, eta: float = 1.0, **settings: Any) -> Sampler:
        """The class's own sampler: DDPM, DDIM, EulerAncestral, DPM++ 2M SDE, LCM, TCD, a stochastic flow.

        Parameters
        ----------
        config
            A scheduler of diffusers, its configuration, its JSON text, or a path to its file or folder.
        num_inference_steps
            Steps of the chain.
        eta
            Noise of a DDIM or TCD chain, above 0 up to 1.

        Raises
        ------
        SamplerError
            Naming the field of the configuration that cannot be used: ``_class_name`` for a class without noise of its own, which
            :meth:`ancestral` takes.
        """
        scheduler = _core.Scheduler.from_config(config_text(config), _whole("num_inference_steps", num_inference_steps), eta)
        return cls(scheduler, **settings)

    @classmethod
    def ancestral(
        cls,
        config: Any,
        num_inference_steps: int | None = None,
        eta: float = 1.0,
        *,
        mu: float | None = None,
        sigmas: npt.ArrayLike | None = None,
        timesteps: npt.ArrayLike | None = None,
        **settings: Any,
    ) -> Sampler:
        """The ancestral chain (DDIM with noise ``eta``; 1 is DDPM) through a scheduler's levels, whatever its solver does.

        Parameters
        ----------
        config
            As of :meth:`from_config`; any class with a table of betas, or a flow.
        num_inference_steps, sigmas, timesteps
            One of them: so many levels of the class's own, values of ``sigma / alpha``, or timesteps.
        eta
            Noise, above 0 up to 1.
        mu
            Shift of a flow with ``use_dynamic_shifting``.
        """
        steps = None if num_inference_steps is None else _whole("num_inference_steps", num_inference_steps)
        of = [
            None if given is None else numbers(name, given).tolist() for name, given in (("sigmas", sigmas), ("timesteps", timesteps))
        ]
        return cls(_core.Scheduler.ancestral(config_text(config), steps, eta, mu, *of), **settings)

    @classmethod
    def from_steps(cls, steps: Iterable[Step] | npt.ArrayLike, start: float = 1.0, prediction: str = "x0", **settings: Any) -> Sampler:
        """A chain from its own table.

        Parameters
        ----------
        steps
            :class:`Step`, or an array [K, 6] or [K, 7] of ``t, alpha, sigma, a, b, s`` and perhaps ``c``.
        start
            Standard deviation of the first state.
        prediction
            What the model predicts: ``x0``, ``epsilon``, ``v_prediction``, ``flow`` or ``score``.
        """
        return cls(_core.Scheduler.from_steps(table(steps), start, prediction), **settings)

    @classmethod
    def cosine(cls, num_inference_steps: int, eta: float = 1.0, prediction: str = "x0", **settings: Any) -> Sampler:
        """The ancestral chain with ``alpha = cos(pi t / 2)``, ``t`` from .995 to .05, then one step without noise."""
        return cls(_core.Scheduler.cosine(_whole("num_inference_steps", num_inference_steps), eta, prediction), **settings)

    @classmethod
    def langevin(cls, steps: int, gamma: float, **settings: Any) -> Sampler:
        """So many steps ``y' = y + gamma score(y) + sqrt(2 gamma) z`` from a standard normal; the model returns the score."""
        return cls(_core.Scheduler.langevin(_whole("steps", steps), gamma), **settings)

    @classmethod
    def edm(
        cls,
        sigmas: npt.ArrayLike,
        churn: float,
        *,
        interval: tuple[float, float] = (0.0, math.inf),
        noise_scale: float = 1.0,
        step_scale: float = 1.0,
        prediction: str = "x0",
        **settings: Any,
    ) -> Sampler:
        """Karras's stochastic sampler with Euler steps: the noise is raised, then a step is taken.

        Parameters
        ----------
        sigmas
            Falling; a 0 at the end may be given or not. The model is given the raised ``sigma`` as its timestep.
        churn
            ``sigma`` becomes ``(1 + churn) sigma`` (``S_churn / K``; 0.8 in AlphaFold 3).
        interval
            Least and most ``sigma`` that are raised. A step that ends below has no noise, and takes a call of its own.
        noise_scale, step_scale
            Factors of the noise that is added, and of each step's length (1.003 and 1.5 in AlphaFold 3).
        """
        made = _core.Scheduler.edm(numbers("sigmas", sigmas), churn, interval, noise_scale, step_scale, prediction)
        return cls(made, **settings)

    @classmethod
    def dpmpp_2m_sde(
        cls,
        sigmas: npt.ArrayLike,
        eta: float = 1.0,
        solver_type: str = "midpoint",
        prediction: str = "x0",
        **settings: Any,
    ) -> Sampler:
        """DPM-Solver++(2M) SDE through these sigmas, as k-diffusion has it; the last may be 0."""
        return cls(_core.Scheduler.dpmpp_2m_sde(numbers("sigmas", sigmas), eta, solver_type, prediction), **settings)

    def with_strength(self, strength: float) -> Sampler:
        """The chain's last ``floor(strength K)`` steps, for samples that start from an ``image``."""
        if not 0 < strength <= 1:
            raise SamplerError(f"strength is {strength}: choose a number above 0 up to 1", "strength")
        return self._with(self._scheduler.last(int(len(self) * strength)))

    def with_jumps(self, jump: int = 10, visits: int = 10) -> Sampler:
        """The chain with RePaint's jumps, for samples of which a part is known; the model is not asked at a jump."""
        return self._with(self._scheduler.with_jumps(_whole("jump", jump), _whole("visits", visits)))

    def _with(self, scheduler: _core.Scheduler, window: str | None = None) -> Sampler:
        return Sampler(scheduler, self._draft, window or self._window, self._rule)

    def __len__(self) -> int:
        """Steps of the chain."""
        return len(self._scheduler.table())

    def __repr__(self) -> str:
        """Name the chain's length and the settings."""
        return f"Sampler({len(self)} steps, draft={self._draft!r}, window={self._window!r}, rule={self._rule!r})"

    @property
    def steps(self) -> list[Step]:
        """The chain, noisy end first."""
        return [Step(*row) for row in self._scheduler.table().tolist()]

    @property
    def start(self) -> float:
        """Standard deviation of the first state, which is normal around 0."""
        return self._scheduler.start

    @property
    def window(self) -> str:
        """The window that runs have."""
        return self._window

    def measured(self, denoise: Denoise, shape: Sequence[int], *, device: Any = None) -> Sampler:
        """The same sampler with a window for what rows of this model cost here: ``auto/PRICE``.

        A call of one row and one of eight are timed five times each, after a first one; the quickest counts.
        """
        shape, dim = _shape(shape)
        model = Model(denoise, "denoise", shape, self._is_whole(), device)
        steps = self._scheduler.table()
        middle = len(steps) // 2
        size = min(self.start, math.hypot(steps[middle, 1], steps[middle, 2]))
        noise = np.random.default_rng(0)

        def seconds(rows: int) -> float:
            which = np.full(rows, middle, dtype=np.int64)
            states = (size * noise.standard_normal(rows * dim)).astype(np.float32)
            taken = []
            for _ in range(1 + MEASURED_TIMES):
                began = time.perf_counter()
                _called(model, states, steps[which, 0], Rows(np.zeros_like(which), which, rows, False))
                taken.append(time.perf_counter() - began)
            return min(taken[1:])

        one, many = seconds(1), seconds(MEASURED_ROWS)
        row = min(max((many / one - 1) / (MEASURED_ROWS - 1), 0.0), 1.0)
        return self._with(self._scheduler, f"auto/{row:.3g}")

    def sample(
        self,
        denoise: Denoise,
        shape: Sequence[int],
        seed: int | None = None,
        *,
        seeds: Iterable[int] | None = None,
        drafter: Denoise | None = None,
        guidance: Guidance | float | None = None,
        image: Any = None,
        mask: Mask | None = None,
        state: bytes | None = None,
        states: Sequence[bytes | None] | None = None,
        batch: int = BATCH,
        plain: bool = False,
        device: Any = None,
        trace: bool = False,
        on_round: Callable[[Progress], object] | None = None,
        progress: bool = False,
    ) -> Sampled:
        """Draw a sample, or several in shared calls.

        Parameters
        ----------
        denoise
            The model: ``denoise(x, t)`` or ``denoise(x, t, rows)``, with ``x`` of shape ``[rows, *shape]``, scaled as diffusers'
            ``scale_model_input`` does, and ``t`` of shape ``[rows]``, **a timestep for each row**; it returns as many outputs as
            ``x`` has rows. Each row must be answered independently of the others and the same way each time (:meth:`check`). Both
            are tensors where ``denoise`` is, has or uses a module of PyTorch, on its device; else arrays of NumPy in float32.
        shape
            Of one state, without a batch.
        seed, seeds
            Whole numbers from 0 on; one at random where none is given. The same seed gives the same sample.
        drafter
            A smaller model, for the drafts ``independent`` and ``corrected``.
        guidance
            Classifier-free guidance: then rows from ``rows.conditional`` on are to be answered without their condition.
        image
            What to start from, with noise of the chain's first level (:meth:`with_strength`): of ``shape``, or one for each seed.
        mask
            What is known of the sample.
        state, states
            To go on from: of :class:`Progress` or of a :class:`SamplerError`.
        batch
            Most rows of a call that several runs share.
        plain
            Take the plain sampler instead, one call a step: what a run is compared with.
        device
            Of the tensors that ``denoise`` is given, where it is not found by itself: ``"cpu"``, ``"cuda"``, a ``torch.device``.
        trace
            Keep every round, for :meth:`Sampled.plot`.
        on_round
            Is given each run's :class:`Progress` after each round, with a preview of its sample.
        progress
            Show a bar, if tqdm is installed.

        Raises
        ------
        SamplerError
            With the argument at fault as ``field``, what ``denoise`` has raised as ``__cause__``, and ``states`` to go on from.
        """
        shape, dim = _shape(shape)
        chosen = _seeds(seed, seeds)
        model = Model(denoise, "denoise", shape, self._is_whole(), device)
        smaller = None if drafter is None else Model(drafter, "drafter", shape, self._is_whole(), device)
        if self._window == "measured":
            self._window = self.measured(denoise, shape, device=device)._window
        pool = _core.Pool(self._scheduler, self._settings(self._window), dim, _whole("batch", batch), plain)
        _guide(pool, guidance)
        if mask is not None:
            pool.keep(_whole_state("mask", mask.sample, shape), _flags(mask.known, shape))
        images = _images(image, shape, len(chosen))
        saved = [state] if state is not None else list(states) if states is not None else [None] * len(chosen)
        if len(saved) != len(chosen):
            raise SamplerError(f"states has {len(saved)} entries for {len(chosen)} seeds", "states")
        for each, kept, first in zip(chosen, saved, images, strict=True):
            pool.push(each, kept, first)

        rounds: list[list[Round]] = [[] for _ in chosen]
        failures: list[str] = []
        bar = _bar(len(chosen) * len(self)) if progress else None
        try:
            while (question := pool.ask()) is not None:
                answering = smaller if question[5] else model
                if answering is None:
                    raise SamplerError(f'draft is "{self._draft}", and there is no drafter', "drafter")
                output = _called(answering, question[0], question[1], Rows(question[3], question[2], question[4], question[5]))
                for run, columns, estimate, failure in pool.answer(output, trace, on_round is not None):
                    if failure is not None:
                        failures.append(f"seed {chosen[run]}: {failure}")
                        continue
                    found = None if columns is None else Round(**columns)
                    if found is not None:
                        rounds[run].append(found)
                    if bar is not None:
                        bar.n = sum(pool.level(i)[0] for i in range(len(chosen)))
                        bar.refresh()
                    if on_round is not None:
                        level, _ = pool.level(run)
                        costs, saved_later = Costs(*pool.costs(run)), functools.partial(pool.state, run)
                        preview = None if estimate is None else model.returned(estimate.reshape(shape))
                        on_round(Progress(run, chosen[run], level, len(self), costs, saved_later, found, preview))
        except BaseException as error:
            _ended(error, [pool.state(run) for run in range(len(chosen))])
        finally:
            if bar is not None:
                bar.close()
        if failures:
            raise SamplerError("; ".join(failures), "denoise", [pool.state(run) for run in range(len(chosen))])
        samples = np.stack([pool.sample(run) for run in range(len(chosen))]).reshape(len(chosen), *shape)
        runs = [Costs(*pool.costs(run)) for run in range(len(chosen))]
        return Sampled(
            sample=model.returned(samples[0] if seeds is None else samples),
            seeds=chosen,
            calls=pool.calls(),
            rows=sum(run.rows for run in runs),
            plain_calls=self._scheduler.calls,
            runs=runs,
            rounds=rounds if trace else [],
            window=self._window,
        )

    def check(
        self,
        denoise: Denoise,
        shape: Sequence[int],
        *,
        guidance: Guidance | float | None = None,
        seed: int = 0,
        device: Any = None,
    ) -> Checked:
        """Test what exactness rests on: that the model answers each row by itself, and the same way each time.

        The same rows are asked together, again, in another order, and alone. Dropout, batch normalisation in training mode and
        whatever else looks at neighbours is found. With the ``guidance`` of the runs, rows are asked without their condition too, and
        the guided outputs are compared.
        """
        shape, dim = _shape(shape)
        model = Model(denoise, "denoise", shape, self._is_whole(), device)
        window = "auto" if self._window == "measured" else self._window
        check = _core.Check(self._scheduler, self._settings(window), dim, seed)
        _guide(check, guidance)
        try:
            while (question := check.ask()) is not None:
                rows = Rows(question[3], question[2], question[4], question[5])
                check.answer(_called(model, question[0], question[1], rows))
        except BaseException as error:
            _ended(error, [])
        return Checked(**check.judge())

    def audit(self, denoise: Denoise, shape: Sequence[int], *, runs: int = AUDIT_RUNS, seed: int = 0, **options: Any) -> Audited:
        """Judge the committed residuals of some runs: standard normal if and only if the samples are the plain chain's.

        ``options`` are those of :meth:`sample` but for ``seeds``, ``trace`` and ``plain``, which an audit has of its own.
        """
        for name, instead in [
            ("seeds", "give runs and seed"),
            ("trace", "it keeps the rounds itself"),
            ("plain", "a plain run tests nothing"),
        ]:
            if name in options:
                raise SamplerError(f"{name} is no option of an audit: {instead}", name)
        made = self.sample(denoise, shape, seeds=range(seed, seed + runs), trace=True, **options)
        kept = [round for rounds in made.rounds for round in rounds]
        judged = _core.judge(np.concatenate([round.residual[: round.committed] for round in kept]))
        if judged is None:
            raise SamplerError(f"{runs} runs have too few tested steps to say anything: ask for more", "runs")
        calls = statistics.fmean(run.calls for run in made.runs)
        return Audited(*judged, calls, statistics.fmean(run.rows for run in made.runs))

    def _is_whole(self) -> bool:
        """Whether all timesteps are whole numbers, as those of diffusers are."""
        timesteps = self._scheduler.table()[:, 0]
        return bool(np.all(timesteps == np.round(timesteps)) and np.any(timesteps > 1))


def _guide(asking: _core.Pool | _core.Check, guidance: Guidance | float | None) -> None:
    if guidance is not None:
        given = guidance if isinstance(guidance, Guidance) else Guidance(float(guidance))
        asking.guide(given.scale, given.interval, given.rescale)


def _called(model: Model, states: npt.NDArray[np.float32], timesteps: Numbers, rows: Rows) -> npt.NDArray[np.float32]:
    """Call the model; what it raises becomes an error of this package."""
    try:
        return model(states, timesteps, rows)
    except (SamplerError, KeyboardInterrupt):
        raise
    except Exception as error:
        field = "drafter" if rows.drafts else "denoise"
        raise SamplerError(f"{field} raised {type(error).__name__}: {error}", field) from error


def _ended(error: BaseException, states: list[bytes]) -> NoReturn:
    """Raise what has ended a run, with the states to go on from."""
    if isinstance(error, SamplerError):
        error.states = states
        raise error
    if isinstance(error, KeyboardInterrupt):
        raise Interrupted("the run was interrupted: its states go on with sample(states=..)", "denoise", states) from error
    raise error


def _whole(name: str, value: Any) -> int:
    """A whole number from 0 on."""
    try:
        whole = int(value)
    except (TypeError, ValueError) as error:
        raise SamplerError(f"{name} must be a whole number", name) from error
    if whole != value or whole < 0:
        raise SamplerError(f"{name} is {value}: it must be a whole number from 0 on", name)
    return whole


def _shape(shape: Sequence[int]) -> tuple[tuple[int, ...], int]:
    message = "shape must be the sizes of one state, whole numbers above 0, without a batch"
    try:
        sizes = tuple(_whole("shape", size) for size in shape)
    except TypeError as error:
        raise SamplerError(message, "shape") from error
    if not sizes or 0 in sizes:
        raise SamplerError(message, "shape")
    return sizes, math.prod(sizes)


def _seeds(seed: int | None, seeds: Iterable[int] | None) -> list[int]:
    if seeds is None:
        return [secrets.randbits(53) if seed is None else _whole("seed", seed)]
    if seed is not None:
        raise SamplerError("seed and seeds are given: choose one", "seed")
    chosen = [_whole("seeds", each) for each in seeds]
    if not chosen:
        raise SamplerError("seeds is empty", "seeds")
    return chosen


def _array(name: str, values: Any, kind: Any) -> npt.NDArray[Any]:
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        return np.ascontiguousarray(values, dtype=kind)
    except (TypeError, ValueError) as error:
        raise SamplerError(f"{name} must be numbers", name) from error


def _whole_state(name: str, values: Any, shape: tuple[int, ...]) -> Numbers:
    found = _array(name, values, np.float64)
    if found.shape != shape:
        raise SamplerError(f"{name} has the shape {found.shape}, the run {shape}", name)
    return found.reshape(-1)


def _flags(known: Any, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    found = _array("mask", known, np.bool_)
    if found.shape != shape:
        raise SamplerError(f"mask: known has the shape {found.shape}, the run {shape}", "mask")
    return found.reshape(-1)


def _images(image: Any, shape: tuple[int, ...], count: int) -> list[Numbers | None]:
    if image is None:
        return [None] * count
    found = _array("image", image, np.float64)
    if found.shape == shape:
        return [found.reshape(-1)] * count
    if found.shape == (count, *shape):
        return list(found.reshape(count, -1))
    raise SamplerError(f"image has the shape {found.shape}: give {shape}, or {(count, *shape)}", "image")


def _bar(total: int) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise SamplerError("tqdm is not installed", "progress") from error
    return tqdm(total=total, unit="step")
