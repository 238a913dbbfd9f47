"""What the schedulers of diffusers do at every step, for a list of configurations, in double precision.

    pip install diffusers scipy torch torchsde && python3 tests/diffusers.py

Writes tests/golden/schedulers.json: the mean and the standard deviation of each step for one fixed state and one fixed
model output, and a list of configurations which a reader has to refuse. All numbers come from the library's own code,
run with float64 in the place of float32 and compared with a run in the library's own precision.

Of the ancestral chains the levels and the estimates are the library's; the step between two levels, for which most
classes have no code, is written out here.

    python3 tests/diffusers.py --random 1500 > target/random.json

writes so many configurations drawn at random, ancestral ones and others, for `RANDOM=target/random.json cargo test
--test schedulers`.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
import pathlib
import random
import sys
import types
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if pathlib.Path(entry).resolve() != HERE]  # this file would hide the library

import diffusers
import numpy as np
import torch

STATE = [0.412, -1.27, 0.83, 1.62, -0.36]
OUTPUT = [0.411, 1.9, -0.7, 2.4, -0.3]

# The noise that measures a deviation: large, so that a deviation of 1e-10 is not lost beside the mean.
NOISE = 2.0**40

LINEAR = {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02}
SCALED = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
TRAINED = {"num_train_timesteps": 20, "trained_betas": [round(0.01 + 0.002 * i * i, 5) for i in range(20)]}
SCHEDULES = [LINEAR, SCALED, COSINE]
SPACINGS = ["leading", "linspace", "trailing"]
PREDICTIONS = ["epsilon", "sample", "v_prediction"]
ZERO_SNR = {"rescale_betas_zero_snr": True}
V_PREDICTION = {"prediction_type": "v_prediction"}


@dataclasses.dataclass
class Case:
    config: dict
    steps: int
    eta: float | None
    scale: float | None


def make(name, steps, *options, eta=None, scale=None):
    """A case; its state is scaled by the scheduler's initial deviation unless a scale is given."""
    config = {"_class_name": name}
    for option in options:
        config |= option
    return Case(config, steps, eta, scale)


def spaced(spacing, offset=0):
    return {"timestep_spacing": spacing, "steps_offset": offset}


def thresholded(largest):
    return {"thresholding": True, "dynamic_thresholding_ratio": 0.7, "sample_max_value": largest}


def uneven(name, *options, eta=None):
    """Numbers of steps that do not divide the training steps, and timesteps that have to be rounded from a half."""
    for spacing in SPACINGS:
        yield make(name, 7, *options, spaced(spacing), eta=eta)
    for spacing in ["linspace", "trailing"]:
        yield make(name, 8, *options, spaced(spacing), {"num_train_timesteps": 100}, eta=eta)


def ddpm():
    name = "DDPMScheduler"
    yield make(name, 4)
    yield make(name, 10, {"_diffusers_version": "0.10.2", "trained_betas": None})
    for schedule in SCHEDULES:
        for variance in ["fixed_small", "fixed_small_log", "fixed_large"]:
            yield make(name, 4, schedule, {"variance_type": variance})
    for schedule in [SCALED, COSINE]:
        for prediction in PREDICTIONS:
            yield make(name, 10, schedule, {"prediction_type": prediction, "clip_sample": False})
    for prediction in PREDICTIONS:
        for largest in [1.0, 2.0]:
            yield make(name, 4, {"prediction_type": prediction, "clip_sample": True, "clip_sample_range": largest})
        yield make(name, 4, {"prediction_type": prediction}, thresholded(1.5))
    for largest in [0.8, 1.0, 4.0]:
        yield make(name, 4, V_PREDICTION, {"clip_sample": False}, thresholded(largest))
    for spacing in SPACINGS:
        yield make(name, 10, spaced(spacing))
        yield make(name, 4, spaced(spacing, 1), {"variance_type": "fixed_small_log"})
        yield make(name, 4, spaced(spacing, 1), {"variance_type": "fixed_large", "clip_sample": False})
        yield make(name, 4, V_PREDICTION, ZERO_SNR, spaced(spacing))
    yield make(name, 4, {"prediction_type": "sample"}, ZERO_SNR, spaced("trailing", 1))
    for schedule in [SCALED, COSINE]:
        yield make(name, 4, schedule, V_PREDICTION, ZERO_SNR, spaced("trailing"), {"clip_sample": False})
    yield from uneven(name)
    yield make(name, 4, TRAINED)
    yield make(name, 20, TRAINED, {"clip_sample": False})
    yield make(name, 4, TRAINED, V_PREDICTION, ZERO_SNR, spaced("linspace"))


def ddim():
    name = "DDIMScheduler"
    sd = {"_diffusers_version": "0.6.0", "skip_prk_steps": True, "trained_betas": None, "num_train_timesteps": 1000}
    yield make(name, 4, eta=1.0)
    yield make(name, 10, sd, SCALED, {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}, eta=1.0)
    for schedule in SCHEDULES:
        for eta in [0.3, 1.0]:
            yield make(name, 4, schedule, {"clip_sample": False}, eta=eta)
    for prediction in PREDICTIONS:
        yield make(name, 10, {"prediction_type": prediction, "clip_sample": False}, eta=1.0)
        yield make(name, 4, {"prediction_type": prediction, "clip_sample": True}, eta=0.3)
        yield make(name, 4, {"prediction_type": prediction, "clip_sample_range": 2.0}, eta=1.0)
    yield make(name, 4, thresholded(1.5), eta=0.3)
    for largest in [1.0, 1.5, 4.0]:
        yield make(name, 4, V_PREDICTION, {"clip_sample": False}, thresholded(largest), eta=1.0)
    for spacing in SPACINGS:
        for one in [True, False]:
            yield make(name, 4, spaced(spacing, 1), {"set_alpha_to_one": one}, eta=0.3)
        yield make(name, 4, V_PREDICTION, ZERO_SNR, spaced(spacing), {"clip_sample": False}, eta=1.0)
    yield make(name, 4, {"set_alpha_to_one": False}, eta=1.0)
    for schedule in [SCALED, COSINE]:
        yield make(name, 4, schedule, V_PREDICTION, ZERO_SNR, spaced("trailing"), eta=0.3)
    yield from uneven(name, eta=1.0)
    yield make(name, 4, TRAINED, eta=0.3)
    yield make(name, 20, TRAINED, {"set_alpha_to_one": False, "clip_sample": False}, eta=1.0)


def euler_ancestral():
    name = "EulerAncestralDiscreteScheduler"
    sd = {"_diffusers_version": "0.10.2", "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True}
    yield make(name, 4)
    yield make(name, 10, sd, SCALED, V_PREDICTION, spaced("leading", 1), {"trained_betas": None})
    for schedule in SCHEDULES:
        yield make(name, 4, schedule, {"prediction_type": "epsilon"})
        yield make(name, 10, schedule, V_PREDICTION)
    for spacing in SPACINGS:
        yield make(name, 4, SCALED, spaced(spacing, 1))
        for prediction in ["epsilon", "v_prediction"]:
            yield make(name, 4, SCALED, ZERO_SNR, spaced(spacing), {"prediction_type": prediction})
    yield make(name, 4, V_PREDICTION, ZERO_SNR, spaced("trailing"), scale=1.0)
    yield make(name, 4, COSINE, ZERO_SNR, spaced("linspace"), scale=1.0)
    yield from uneven(name, SCALED)
    yield make(name, 4, TRAINED)


def flow_match():
    name = "FlowMatchEulerDiscreteScheduler"
    stochastic = {"stochastic_sampling": True}
    unused = {"base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256, "max_image_seq_len": 4096}
    yield make(name, 4, stochastic)
    for shift in [1.0, 3.0]:
        for steps in [4, 10]:
            yield make(name, steps, stochastic, {"shift": shift, "use_dynamic_shifting": False})
    yield make(name, 7, stochastic, unused, {"_diffusers_version": "0.32.0", "shift": 3.0})
    yield make(name, 8, stochastic, {"shift": 3.0, "num_train_timesteps": 100})


def consistency():
    lcm, tcd, flow = "LCMScheduler", "TCDScheduler", "FlowMatchLCMScheduler"
    for name, eta in [(lcm, None), (tcd, 0.3), (tcd, 1.0)]:
        for steps in [2, 4, 7, 50]:
            yield make(name, steps, eta=eta)
        for schedule in SCHEDULES:
            for prediction in PREDICTIONS:
                yield make(name, 4, schedule, {"prediction_type": prediction}, eta=eta)
        yield make(name, 8, {"original_inference_steps": 30}, ZERO_SNR, V_PREDICTION, eta=eta)
        yield make(name, 6, TRAINED, {"original_inference_steps": 13}, eta=eta)
        yield make(name, 4, {"clip_sample": True, "clip_sample_range": 0.9}, eta=eta)
    yield make(lcm, 4, {"timestep_scaling": 0.002})
    yield make(lcm, 4, thresholded(1.5))
    for shift in [1.0, 3.0]:
        yield make(flow, 4, {"shift": shift})


def refused():
    """Configurations to refuse, the field to blame, and what diffusers does with them when it samples."""
    ddpm_name, ddim_name, euler_name = "DDPMScheduler", "DDIMScheduler", "EulerAncestralDiscreteScheduler"
    for variance, outcome in [("learned", "raises"), ("learned_range", "raises"), ("fixed_large_log", "nan")]:
        yield make(ddpm_name, 4, {"variance_type": variance}), "variance_type", outcome
    for name in [ddpm_name, ddim_name, euler_name]:
        yield make(name, 4, {"prediction_type": "something"}), "prediction_type", "raises"
        yield make(name, 4, {"timestep_spacing": "random"}), "timestep_spacing", "raises"
    yield make(euler_name, 4, {"prediction_type": "sample"}), "prediction_type", "raises"
    yield make(ddpm_name, 4, {"beta_schedule": "sigmoid"}), "beta_schedule", "finite"
    yield make(ddim_name, 4, {"beta_schedule": "sigmoid"}), "beta_schedule", "raises"
    yield make(euler_name, 4, {"beta_schedule": "sigmoid"}), "beta_schedule", "raises"
    yield make("DPMSolverMultistepScheduler", 4), "algorithm_type", "finite"
    for name in ["LCMScheduler", "TCDScheduler"]:
        yield make(name, 4, {"original_inference_steps": 3}), "original_inference_steps", "raises"
        yield make(name, 4, TRAINED), "original_inference_steps", "raises"
    for name in ["PNDMScheduler", "EulerDiscreteScheduler", "UniPCMultistepScheduler"]:
        yield make(name, 4), "_class_name", "finite"
    yield make("FlowMatchEulerDiscreteScheduler", 4), "_class_name", "finite"
    for name in [ddpm_name, ddim_name]:
        divides = [ZERO_SNR, {"prediction_type": "epsilon", "clip_sample": False}]
        yield make(name, 4, *divides, spaced("trailing")), "rescale_betas_zero_snr", "infinite"
        yield make(name, 4, *divides, spaced("linspace")), "rescale_betas_zero_snr", "infinite"


def doubled(library):
    """The names of a library, with float64 under the name of float32."""
    return types.SimpleNamespace(**(vars(library) | {"float32": library.float64}))


def class_of(case):
    name = case.config["_class_name"]
    return getattr(diffusers, COUNTED_BY.get(name, name) if isinstance(case, Ancestral) else name)


def module_of(case):
    return sys.modules[class_of(case).__module__]


@contextlib.contextmanager
def in_double(case):
    single = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with mock.patch.multiple(module_of(case), torch=doubled(torch), np=doubled(np)):
            yield
    finally:
        torch.set_default_dtype(single)


def scheduler_of(case):
    scheduler = class_of(case).from_config(case.config)
    scheduler.set_timesteps(case.steps)
    return scheduler


def image(values):
    """A batch of one image, in the precision of the run."""
    return torch.tensor(values, dtype=torch.get_default_dtype()).reshape(1, 1, 1, -1)


def walk(case, state, noise):
    """For each step from the same state: the timestep, the model's input and the next state under a constant noise."""

    def constant(shape, dtype, **_):
        return torch.full(shape, noise, dtype=dtype)

    scheduler = scheduler_of(case)
    scale = getattr(scheduler, "scale_model_input", lambda sample, _: sample)
    eta = {} if case.eta is None else {"eta": case.eta}
    steps = []
    with mock.patch.object(module_of(case), "randn_tensor", constant, create=True):
        for timestep in scheduler.timesteps:
            scaled = scale(image(state), timestep)
            following = scheduler.step(image(OUTPUT), timestep, image(state), **eta).prev_sample
            steps.append((timestep.item(), scaled.flatten().tolist(), following.flatten().tolist()))
    return steps


def rows_of(case, state):
    for (timestep, scaled, mean), (_, _, noisy) in zip(walk(case, state, 0.0), walk(case, state, NOISE)):
        deviations = [(after - before) / NOISE for before, after in zip(mean, noisy)]
        np.testing.assert_allclose(deviations, deviations[0], rtol=1e-6)
        yield {"timestep": timestep, "input": scaled, "mean": mean, "deviation": deviations[0]}


def record(case):
    start = float(getattr(scheduler_of(case), "init_noise_sigma", 1.0))
    state = [value * (start if case.scale is None else case.scale) for value in STATE]
    rows = list(rows_of(case, state))
    timesteps = [row["timestep"] for row in rows]
    probe = {"start": start, "state": state, "output": OUTPUT, "timesteps": timesteps, "rows": rows}
    return {"config": case.config, "steps": case.steps, "eta": case.eta, **probe}


def tables(case):
    names = ["betas", "alphas", "alphas_cumprod", "one", "final_alpha_cumprod", "timesteps", "sigmas"]
    scheduler = scheduler_of(case)
    return {name: np.asarray(getattr(scheduler, name)) for name in names if hasattr(scheduler, name)}


def recorded_in_double(case):
    """The record of a case in double precision, once its tables and steps are seen to be the library's."""
    with in_double(case):
        recorded, double = record(case), tables(case)
    for name, single in tables(case).items():
        np.testing.assert_allclose(single, double[name], rtol=1e-5, atol=2e-5, err_msg=f"{name} of {case}")
    for single, row in zip(rows_of(case, recorded["state"]), recorded["rows"], strict=True):
        if np.isnan(single["mean"]).all():  # the root of almost 0 in DDIM and EulerAncestral, below 0 in float32
            continue
        for name, value in row.items():
            np.testing.assert_allclose(single[name], value, rtol=1e-3, atol=2e-3, err_msg=f"{name} of {case}")
    return recorded


def outcome(case):
    """What comes of sampling with diffusers as it is."""
    try:
        means = [mean for _, _, mean in walk(case, STATE, 0.0)]
    except (NotImplementedError, TypeError, ValueError):
        return "raises"
    if np.isnan(means).any():
        return "nan"
    return "finite" if np.isfinite(means).all() else "infinite"


def checked_refusal(case, field, expected):
    assert outcome(case) == expected, (case, outcome(case))
    return {"config": case.config, "field": field}


# Ancestral chains: two numbers of a state that keeps the variance, and of a model's output.
PAIR = [0.83, -1.27]
SAID = [0.4, -0.9]

TIMESTEPS = ["DDPMScheduler", "DDIMScheduler", "DDIMParallelScheduler", "PNDMScheduler", "LCMScheduler", "TCDScheduler"]
ONCE = ["EulerAncestralDiscreteScheduler", "EulerDiscreteScheduler", "LMSDiscreteScheduler"]
TWICE = ["HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "DPMSolverSDEScheduler"]
SOLVERS = [
    "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler",
    "UniPCMultistepScheduler",
    "DEISMultistepScheduler",
    "SASolverScheduler",
]
FLOWS = ["FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler", "FlowMatchLCMScheduler"]
SIGMAS = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"]
ZERO_SNR_CLASSES = [
    "DDPMScheduler",
    "DDIMScheduler",
    "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
]
# What the classes that count their own timesteps are asked for in the place of them.
COUNTED_BY = {"LCMScheduler": "DDIMScheduler", "TCDScheduler": "DDIMScheduler", "PNDMScheduler": "DDPMScheduler"}


@dataclasses.dataclass
class Ancestral:
    config: dict
    steps: int
    eta: float = 1.0
    mu: float | None = None
    sigmas: list | None = None
    timesteps: list | None = None


def ancestral():
    spacings = [spaced(spacing, offset) for spacing in SPACINGS for offset in [0, 1]]
    for name in TIMESTEPS + ONCE + TWICE + SOLVERS:
        plain = {"_class_name": name}
        yield Ancestral(plain, 4)
        for schedule in SCHEDULES:
            for prediction in PREDICTIONS:
                yield Ancestral(plain | schedule | {"prediction_type": prediction}, 3, 0.5)
        for spacing in spacings:
            yield Ancestral(plain | SCALED | spacing, 7)
        yield Ancestral(plain | TRAINED, 4)
    for name in ZERO_SNR_CLASSES:
        for spacing in SPACINGS:
            yield Ancestral({"_class_name": name} | SCALED | ZERO_SNR | V_PREDICTION | spaced(spacing), 4)
    for name in ONCE[1:] + TWICE + SOLVERS:
        for schedule in [SCALED, COSINE]:
            for sigmas in SIGMAS:
                yield Ancestral({"_class_name": name, sigmas: True} | schedule, 5)
    for schedule in [SCALED, COSINE]:
        yield Ancestral({"_class_name": SOLVERS[0], "use_lu_lambdas": True} | schedule, 5)
        for name in [SOLVERS[0], SOLVERS[1], SOLVERS[4]]:
            yield Ancestral({"_class_name": name, "lambda_min_clipped": -5.1} | schedule, 5)
    yield Ancestral({"_class_name": "EulerDiscreteScheduler", "use_karras_sigmas": True, "sigma_min": 0.05, "sigma_max": 9.0}, 5)
    for name in SOLVERS:
        yield Ancestral({"_class_name": name} | COSINE | thresholded(1.5), 4)
        flow = {"_class_name": name, "use_flow_sigmas": True, "prediction_type": "flow_prediction"}
        for shift in [1.0, 3.0]:
            yield Ancestral(flow | {"flow_shift": shift}, 5)
    for name in ["DDPMScheduler", "DDIMScheduler", "HeunDiscreteScheduler"]:
        yield Ancestral({"_class_name": name, "clip_sample": True, "clip_sample_range": 0.7}, 4)
    for name in FLOWS:
        for shift in [1.0, 3.0]:
            yield Ancestral({"_class_name": name, "shift": shift}, 5, 0.5)
    for name in [FLOWS[0], FLOWS[2]]:
        dynamic = {"_class_name": name, "use_dynamic_shifting": True}
        yield Ancestral(dynamic, 5, mu=1.15)
        yield Ancestral(dynamic | {"time_shift_type": "linear"}, 5, mu=1.15)
        yield Ancestral(dynamic | {"shift_terminal": 0.1}, 5, mu=0.7)
        # as FLUX asks for its levels
        yield Ancestral(dynamic, 4, mu=1.15, sigmas=[1.0, 0.75, 0.5, 0.25])
        for sigmas in SIGMAS:
            yield Ancestral({"_class_name": name, sigmas: True, "shift": 3.0}, 5)
        # as Mochi counts
        yield Ancestral({"_class_name": name, "invert_sigmas": True}, 5)
    # Align Your Steps, Sabour et al. 2024, for Stable Diffusion 1.5
    steps = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029, 0.0]
    yield Ancestral({"_class_name": "EulerDiscreteScheduler"} | SCALED, 11, sigmas=steps)
    for name in ["DDPMScheduler", "EulerDiscreteScheduler"]:
        yield Ancestral({"_class_name": name} | SCALED, 4, timesteps=[999, 600, 250, 10])


def multistep():
    """DPM-Solver++(2M) SDE, walked through with another output at each step."""
    sde = {"algorithm_type": "sde-dpmsolver++"}
    for schedule in SCHEDULES:
        for solver in ["midpoint", "heun"]:
            for order in [1, 2]:
                yield make(SOLVERS[0], 6, sde, schedule, {"solver_type": solver, "solver_order": order})
        for prediction in PREDICTIONS:
            yield make(SOLVERS[0], 5, sde, schedule, {"prediction_type": prediction})
    for spacing in SPACINGS:
        yield make(SOLVERS[0], 7, sde, SCALED, spaced(spacing, 1))
    for sigmas in [*SIGMAS, "use_lu_lambdas"]:
        yield make(SOLVERS[0], 7, sde, SCALED, {sigmas: True})
    for ending in [{"final_sigmas_type": "sigma_min"}, {"euler_at_final": True}, {"lower_order_final": False}]:
        for steps in [6, 16]:
            yield make(SOLVERS[0], steps, sde, SCALED, ending)
            yield make(SOLVERS[0], steps, sde, SCALED, ending, {"final_sigmas_type": "sigma_min"})
    yield make(SOLVERS[0], 6, sde, COSINE, thresholded(1.5))
    yield make(SOLVERS[0], 6, sde, V_PREDICTION, ZERO_SNR, SCALED, spaced("trailing"))
    yield make(SOLVERS[0], 6, sde, {"use_flow_sigmas": True, "flow_shift": 3.0, "prediction_type": "flow_prediction"})


def walked(case, noise):
    scheduler = scheduler_of(case)

    def constant(shape, dtype, **_):
        return torch.full(shape, noise, dtype=dtype)

    with mock.patch.object(module_of(case), "randn_tensor", constant):
        for k, timestep in enumerate(scheduler.timesteps):
            said = [out * (1 + 0.1 * k) for out in SAID]
            following = scheduler.step(image(said), timestep, image(PAIR)).prev_sample
            yield timestep.item(), np.asarray(following.flatten())


def recorded_multistep(case):
    with in_double(case):
        rows = [
            {"timestep": t, "mean": mean.tolist(), "deviation": float((noisy - mean)[0] / NOISE)}
            for (t, mean), (_, noisy) in zip(list(walked(case, 0.0)), list(walked(case, NOISE)))
        ]
    return {"config": case.config, "steps": case.steps, "rows": rows}


def levels_of(case):
    """Timesteps, and signal and noise there, noisy end first: the library's."""
    name = case.config["_class_name"]
    config = dict(case.config)
    if name in COUNTED_BY:
        config = (SCALED if name != "PNDMScheduler" else {}) | {"clip_sample": False} | config
    scheduler = class_of(case).from_config(config)
    if case.config.get("rescale_betas_zero_snr") and any(case.config.get(sigmas) for sigmas in SIGMAS):
        assert scheduler.alphas_cumprod[-1] < scheduler.alphas_cumprod[-2], "a sigma has two timesteps"
    options = {key: value for key in ["mu", "sigmas", "timesteps"] if (value := getattr(case, key)) is not None}
    if not {"sigmas", "timesteps"} & options.keys():
        options["num_inference_steps"] = case.steps
    scheduler.set_timesteps(**options)
    timesteps = np.asarray(scheduler.timesteps, dtype=float)
    if name in TIMESTEPS:
        signals = np.asarray(scheduler.alphas_cumprod)[timesteps.astype(int)]
        return scheduler, timesteps, np.sqrt(signals), np.sqrt(1 - signals)
    sigmas = np.asarray([sigma for sigma, _ in itertools.groupby(np.asarray(scheduler.sigmas).tolist())])[: case.steps]
    if name in TWICE + FLOWS[1:2]:
        timesteps = timesteps[::2]
    if name in FLOWS or case.config.get("use_flow_sigmas"):
        if case.config.get("invert_sigmas"):
            sigmas = 1 - sigmas
        return scheduler, timesteps, 1 - sigmas, sigmas
    signals = 1 / np.sqrt(1 + sigmas**2)
    return scheduler, timesteps, signals, sigmas * signals


def estimate(case, scheduler, step, alpha, sigma):
    """The clean estimate, by the library's code where a class has a function for it."""
    y, out = np.asarray(PAIR), np.asarray(SAID)
    if case.config["_class_name"] in SOLVERS:
        scheduler._step_index = step
        said = scheduler.convert_model_output(image(SAID), sample=image(PAIR))
        said = np.asarray(said.flatten())
        # this class asks for the noise
        return (y - sigma * said) / alpha if case.config["_class_name"] == "DEISMultistepScheduler" else said
    kind = "flow" if case.config["_class_name"] in FLOWS else scheduler.config.prediction_type
    formulas = {
        "epsilon": lambda: (y - sigma * out) / alpha,
        "sample": lambda: out,
        "v_prediction": lambda: alpha * y - sigma * out,
        "flow": lambda: y - sigma * (-out if case.config.get("invert_sigmas") else out),
    }
    x0 = formulas[kind]()
    if getattr(scheduler.config, "clip_sample", False):
        x0 = x0.clip(-scheduler.config.clip_sample_range, scheduler.config.clip_sample_range)
    return x0


def ancestral_rows(case):
    scheduler, timesteps, alphas, sigmas = levels_of(case)
    following = list(zip(alphas, sigmas))[1:] + [(1.0, 0.0)]
    for step, (t, alpha, sigma, (after, noise)) in enumerate(zip(timesteps, alphas, sigmas, following)):
        x0 = estimate(case, scheduler, step, alpha, sigma)
        kept = (alpha * noise / (after * sigma)) ** 2
        assert kept < 1, "the noise does not fall"
        direction = noise * np.sqrt(1 - case.eta**2 + case.eta**2 * kept) / sigma
        mean = after * x0 + direction * (np.asarray(PAIR) - alpha * x0)
        yield {"timestep": float(t), "mean": mean.tolist(), "deviation": float(case.eta * noise * np.sqrt(1 - kept))}


def recorded_ancestral(case):
    with in_double(case):
        rows = list(ancestral_rows(case))
    assert len(rows) == case.steps, case
    extra = {key: value for key in ["mu", "sigmas", "timesteps"] if (value := getattr(case, key)) is not None}
    return {"config": case.config, "steps": case.steps, "eta": case.eta, **extra, "rows": rows}


def lines(entries):
    return ",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in entries)


def drawn(count):
    """Configurations at random; those that the library itself cannot run are left out."""
    dice, cases = random.Random(1), []
    classes = TIMESTEPS + ONCE + TWICE + SOLVERS
    while len(cases) < count:
        name = dice.choice(classes)
        config = {"_class_name": name, "prediction_type": dice.choice(PREDICTIONS)}
        config |= dice.choice([*SCHEDULES, {"beta_start": 10 ** dice.uniform(-5, -3), "beta_end": 10 ** dice.uniform(-2.5, -1)}])
        config |= spaced(dice.choice(SPACINGS), dice.choice([0, 0, 1, 3])) | {"num_train_timesteps": dice.choice([1000, 1000, 100, 4000])}
        if name in ONCE[1:] + TWICE + SOLVERS and dice.random() < 0.4:
            config[dice.choice(SIGMAS)] = True
        if name in ZERO_SNR_CLASSES and dice.random() < 0.2:
            config |= ZERO_SNR | V_PREDICTION
        case = Ancestral(config, dice.randint(2, 60), dice.choice([1.0, 0.5]))
        try:
            recorded = recorded_ancestral(case)
        except (AssertionError, IndexError, ValueError):
            continue
        if np.isfinite([row["mean"] + [row["deviation"]] for row in recorded["rows"]]).all():
            cases.append(recorded)
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, metavar="N", help="print N configurations drawn at random instead")
    count = parser.parse_args().random
    diffusers.utils.logging.set_verbosity_error()
    if count:
        print(f'{{"cases":[],"refused":[],"ancestral":[\n{lines(drawn(count))}\n]}}')
        return
    cases = [recorded_in_double(case) for kind in [ddpm, ddim, euler_ancestral, flow_match, consistency] for case in kind()]
    refusals = [checked_refusal(*refusal) for refusal in refused()]
    chains = [recorded_ancestral(case) for case in ancestral()]
    second_order = [recorded_multistep(case) for case in multistep()]
    versions = f'"diffusers":"{diffusers.__version__}","torch":"{torch.__version__}"'
    text = f'{{{versions},"cases":[\n{lines(cases)}\n],"refused":[\n{lines(refusals)}\n],"ancestral":[\n{lines(chains)}\n],"multistep":[\n{lines(second_order)}\n]}}\n'
    (HERE / "golden" / "schedulers.json").write_text(text)


if __name__ == "__main__":
    main()
