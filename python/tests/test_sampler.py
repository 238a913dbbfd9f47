"""What the package promises, with NumPy alone."""

import json
import pathlib
import pickle
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from speculative_diffusion import Guidance, Interrupted, Mask, Sampler, SamplerError, Step, karras_sigmas

DDPM = {"_class_name": "DDPMScheduler", "clip_sample": False}
GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "half.json"


def shrink(x, t):
    return np.float32(0.5) * x


def leaning(x, t):
    """Look at the neighbours, as batch normalisation in training mode does."""
    return x - x.mean(axis=0)


def refused(field, work, *arguments, **options):
    with pytest.raises(SamplerError) as caught:
        work(*arguments, **options)
    assert caught.value.field == field, str(caught.value)
    assert len(str(caught.value)) > 10
    return caught.value


def test_a_sample_takes_fewer_calls_than_the_plain_one():
    sampler = Sampler.from_config(DDPM, num_inference_steps=100)
    out = sampler.sample(lambda x, t: 0.9 * x, shape=(3, 8, 8), seed=7)
    assert out.sample.shape == (3, 8, 8) and out.sample.dtype == np.float32
    assert out.calls < 40 and out.plain_calls == 100 and out.rows >= 100
    plain = sampler.sample(lambda x, t: 0.9 * x, shape=(3, 8, 8), seed=7, plain=True)
    assert (plain.calls, plain.rows) == (100, 100)
    again = sampler.sample(lambda x, t: 0.9 * x, shape=(3, 8, 8), seed=7)
    assert np.array_equal(again.sample, out.sample)


def test_numpy_is_all_that_it_needs():
    program = """
import sys
import numpy as np
from speculative_diffusion import Sampler
assert Sampler.cosine(20).sample(lambda x, t: np.float32(0.5) * x, (4,), 1).calls < 20
assert not {"torch", "diffusers", "transformers", "jax", "matplotlib", "tqdm", "IPython"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_bits_are_those_of_rust_and_javascript(half):
    golden = json.loads(GOLDEN.read_text())
    for case in golden["cases"]:
        sampler = Sampler.cosine(case["steps"], prediction=case["prediction"], window=case["window"])
        out = sampler.sample(half, (case["dim"],), case["seed"])
        assert out.sample.view(np.uint32).tolist() == case["bits"]
        assert (out.calls, out.rows) == (case["calls"], case["rows"])


def test_the_timesteps_are_what_diffusers_gives_a_model_and_differ_from_row_to_row():
    asked = []
    Sampler.from_config(DDPM, 10).sample(lambda x, t: (asked.append(t), shrink(x, t))[1], (2,), 1)
    assert all(t.dtype == np.int64 for t in asked)
    assert sorted({int(each) for t in asked for each in t}) == list(range(0, 1000, 100))
    assert any(len(set(t.tolist())) > 1 for t in asked)
    Sampler.cosine(10).sample(lambda x, t: (asked.append(t), shrink(x, t))[1], (2,), 1)
    assert asked[-1].dtype == np.float32


def test_runs_that_share_calls_do_what_each_does_alone():
    sampler = Sampler.cosine(50)
    conditions = np.array([0.5, -0.5, 1.0], dtype=np.float32)

    def conditioned(x, t, rows):
        return np.float32(0.5) * x + conditions[rows.runs][:, None]

    together = sampler.sample(conditioned, (4,), seeds=[3, 1, 4])
    assert together.sample.shape == (3, 4) and together.calls <= max(run.calls for run in together.runs) + 1
    for index, seed in enumerate([3, 1, 4]):
        alone = sampler.sample(lambda x, t, index=index: np.float32(0.5) * x + conditions[index], (4,), seed)
        assert np.array_equal(alone.sample, together.sample[index])
        assert (alone.calls, alone.rows) == (together.runs[index].calls, together.runs[index].rows)


def test_the_check_and_the_audit_pass_an_honest_model_and_the_check_fails_one_that_leans_on_its_batch():
    sampler = Sampler.cosine(60)
    assert sampler.check(shrink, (8,)).passed
    leant = sampler.check(leaning, (8,))
    assert not leant.passed and not leant.alone[2]
    judged = sampler.audit(lambda x, t: np.tanh(2 * x), (8,), runs=16)
    assert judged.passed and judged.count > 200 and judged.departure < 1
    refused("runs", sampler.audit, shrink, (2,), runs=1)
    for option in ({"trace": False}, {"plain": True}, {"seeds": [1]}):
        refused(next(iter(option)), sampler.audit, shrink, (2,), **option)


def test_a_guided_check_sees_rows_without_their_condition():
    def honest(x, t, rows):
        return np.concatenate([np.tanh(x[: rows.conditional]), shrink(x[rows.conditional :], t)])

    def half(x, t, rows):
        free = x[rows.conditional :]
        return np.concatenate([np.tanh(x[: rows.conditional]), leaning(free, t) if len(free) else free])

    sampler = Sampler.cosine(60)
    for guidance in (7.5, Guidance(3, interval=(0.2, 6), rescale=0.7)):
        assert sampler.check(honest, (8,), guidance=guidance).passed
        leant = sampler.check(half, (8,), guidance=guidance)
        assert not leant.passed and not leant.alone[2] and leant.repeated[1]
    assert sampler.check(half, (8,)).passed
    refused("guidance", sampler.check, honest, (8,), guidance=Guidance(3, rescale=2))


def test_chains_of_every_kind():
    sigmas = karras_sigmas(30)
    assert sigmas.shape == (30,) and sigmas[0] == 80.0 and np.all(np.diff(sigmas) < 0)

    def denoised(x, t):
        return x / (1 + np.asarray(t, dtype=np.float32)[:, None] ** 2)

    chains = [
        Sampler.edm(sigmas, 0.4, interval=(0.05, 50.0), noise_scale=1.003, step_scale=1.2),
        Sampler.dpmpp_2m_sde([*sigmas, 0.0]),
        Sampler.dpmpp_2m_sde([*sigmas, 0.0], solver_type="heun"),
    ]
    for chain in chains:
        out = chain.sample(denoised, (16,), 1)
        assert np.all(np.isfinite(out.sample)) and out.calls <= len(chain)
    assert any(step.c != 0 for step in chains[1].steps)
    well = Sampler.langevin(200, 0.01).sample(lambda x, t: -x, (4,), 2)
    assert well.calls < 100
    table = Sampler.from_steps(chains[1].steps, start=chains[1].start)
    assert np.array_equal(table.sample(denoised, (16,), 1).sample, chains[1].sample(denoised, (16,), 1).sample)
    assert Sampler.from_steps([Step(1, 0.9, 0.4, 0.5, 0.5, 0.1), Step(0, 0.99, 0.1, 0.0, 1.0, 0.0)]).steps[0].c == 0
    sdxl = {
        "_class_name": "EulerDiscreteScheduler",
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "beta_end": 0.012,
    }
    refused("_class_name", Sampler.from_config, sdxl, 50)
    assert len(Sampler.ancestral(sdxl, 50)) == 50
    assert len(Sampler.ancestral(sdxl, sigmas=[14.6, 6.5, 3.9, 1.4, 0.1])) == 5
    assert [step.t for step in Sampler.ancestral(sdxl, timesteps=[999, 500, 10]).steps] == [999, 500, 10]
    flux = {"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": True}
    assert len(Sampler.ancestral(flux, 20, mu=1.15)) == 20


def test_guidance_an_image_and_a_mask():
    def conditioned(x, t, rows):
        return np.concatenate([np.ones_like(x[: rows.conditional]), np.zeros_like(x[rows.conditional :])])

    sampler = Sampler.cosine(40)
    assert np.allclose(sampler.sample(conditioned, (4,), 1).sample, 1)
    assert np.allclose(sampler.sample(conditioned, (4,), 1, guidance=3).sample, 3)
    interval = sampler.sample(conditioned, (4,), 1, guidance=Guidance(3, interval=(0.3, 3)))
    assert np.allclose(interval.sample, 1)
    refused("guidance", sampler.sample, conditioned, (4,), 1, guidance=Guidance(3, rescale=2))

    image = np.linspace(-1, 1, 4)
    near = sampler.with_strength(0.1).sample(lambda x, t: x, (4,), 1, image=image).sample
    assert np.abs(near - image).max() < 0.8
    each = sampler.with_strength(0.5).sample(shrink, (4,), seeds=[1, 2], image=np.stack([image, -image]))
    assert each.sample.shape == (2, 4)
    refused("image", sampler.sample, shrink, (4,), 1, image=np.zeros(3))
    refused("strength", sampler.with_strength, 1.5)

    known = np.array([True, False, True, False])
    for chain in (sampler, sampler.with_jumps(10, 3)):
        made = chain.sample(shrink, (4,), 1, mask=Mask(image, known))
        assert np.allclose(made.sample[known], image[known]) and made.calls < made.plain_calls
    refused("mask", sampler.sample, shrink, (4,), 1, mask=Mask(image, known[:3]))
    refused("jump", sampler.with_jumps, 0)


def test_a_run_goes_on_from_a_saved_state_to_the_same_sample():
    sampler, whole, saved = Sampler.cosine(50), None, []
    whole = sampler.sample(shrink, (4,), 7, on_round=lambda progress: saved.append(progress.state()))
    for state in saved[:-1]:
        assert np.array_equal(sampler.sample(shrink, (4,), 7, state=state).sample, whole.sample)
    refused("state", sampler.sample, shrink, (4,), 8, state=saved[0])
    refused("state", sampler.sample, shrink, (4,), 7, state=b"damaged")
    refused("state", sampler.sample, shrink, (5,), 7, state=saved[0])
    refused("states", sampler.sample, shrink, (4,), seeds=[7, 8], states=[saved[0]])


def test_a_run_shows_what_the_model_makes_of_its_last_committed_step():
    answers, shown = [], []

    def recorded(x, t, rows):
        output = np.tanh(2 * x)
        answers.extend(zip(rows.steps.tolist(), output, strict=True))
        return output

    out = Sampler.cosine(50).sample(recorded, (2, 4), 7, on_round=shown.append)
    for progress in shown:
        assert progress.preview.shape == (2, 4) and progress.preview.dtype == np.float32
        assert any(step == progress.level - 1 and np.array_equal(each, progress.preview) for step, each in answers)
    assert np.array_equal(shown[-1].preview, out.sample)

    def conditioned(x, t, rows):
        return np.concatenate([np.ones_like(x[: rows.conditional]), np.zeros_like(x[rows.conditional :])])

    shown.clear()
    Sampler.cosine(20).sample(
        conditioned, (4,), 1, guidance=3, mask=Mask([9, 0, 0, 0], [True, False, False, False]), on_round=shown.append
    )
    assert len(shown) > 1 and all(progress.preview.tolist() == [9, 3, 3, 3] for progress in shown)


def test_nothing_is_lost_when_a_model_fails():
    sampler = Sampler.cosine(50)
    whole = sampler.sample(shrink, (4,), seeds=[1, 2])
    for broken, field, cause in [
        (lambda x: 1 / 0, "denoise", ZeroDivisionError),
        (lambda x: x[:, :2], "denoise", None),
        (lambda x: "nothing", "denoise", ValueError),
        (lambda x: np.full_like(x, np.nan), "denoise", None),
        (lambda x: None, "denoise", TypeError),
    ]:
        calls = [0]

        def failing(x, t, broken=broken, calls=calls):
            calls[0] += 1
            return shrink(x, t) if calls[0] < 4 else broken(x)

        error = refused(field, sampler.sample, failing, (4,), seeds=[1, 2])
        assert cause is None or isinstance(error.__cause__, cause)
        assert len(error.states) == 2 and error.state == error.states[0]
        assert pickle.loads(pickle.dumps(error)).states == error.states
        assert np.array_equal(sampler.sample(shrink, (4,), seeds=[1, 2], states=error.states).sample, whole.sample)


def test_ctrl_c_ends_a_run_with_its_states():
    sampler, calls = Sampler.cosine(50), [0]
    # a program in the background ignores the signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupted(x, t):
        calls[0] += 1
        if calls[0] == 4:
            signal.raise_signal(signal.SIGINT)
        return shrink(x, t)

    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            sampler.sample(interrupted, (4,), 7)
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(caught.value, Interrupted) and isinstance(caught.value.__cause__, KeyboardInterrupt)
    whole = sampler.sample(shrink, (4,), 7)
    assert np.array_equal(sampler.sample(shrink, (4,), 7, state=caught.value.state).sample, whole.sample)


def test_what_cannot_be_used_is_refused_by_its_name():
    refused("num_inference_steps", Sampler.from_config, DDPM, 0)
    refused("num_inference_steps", Sampler.from_config, DDPM, 1.5)
    refused("num_inference_steps", Sampler.ancestral, DDPM)
    refused("eta", Sampler.from_config, {"_class_name": "DDIMScheduler"}, 10, 0.0)
    refused("beta_end", Sampler.from_config, {**DDPM, "beta_end": 2}, 10)
    refused("json", Sampler.from_config, "{", 10)
    refused("config", Sampler.from_config, 7, 10)
    refused("config", Sampler.from_config, "no/such/file.json", 10)
    refused("window", Sampler.cosine, 10, window=0)
    refused("window", Sampler.cosine, 10, window="long")
    refused("draft", Sampler.cosine, 10, draft="none")
    refused("rule", Sampler.cosine, 10, rule="none")
    refused("prediction", Sampler.cosine, 10, prediction="everything")
    refused("steps", Sampler.from_steps, [[1, 2, 3]])
    refused("steps", Sampler.from_steps, "table")
    refused("sigmas", Sampler.edm, [1.0, 2.0, 3.0], 0.2)
    refused("churn", Sampler.edm, [3.0, 2.0, 1.0], -1)
    refused("solver_type", Sampler.dpmpp_2m_sde, [3.0, 2.0, 1.0], solver_type="euler")
    sampler = Sampler.cosine(10)
    refused("shape", sampler.sample, shrink, ())
    refused("shape", sampler.sample, shrink, (0, 3))
    refused("shape", sampler.sample, shrink, 3)
    refused("seed", sampler.sample, shrink, (2,), -1)
    refused("seeds", sampler.sample, shrink, (2,), seeds=[])
    refused("seed", sampler.sample, shrink, (2,), 1, seeds=[2])
    refused("denoise", sampler.sample, "model", (2,), 1)
    refused("drafter", Sampler.cosine(10, draft="independent").sample, shrink, (2,), 1)
    refused("trace", sampler.sample(shrink, (2,), 1).plot)


def test_a_smaller_model_drafts():
    sampler = Sampler.cosine(40, draft="corrected", window=10)
    out = sampler.sample(lambda x, t: np.tanh(x), (4,), 1, drafter=lambda x, t: np.float32(0.8) * x)
    assert out.runs[0].draft_calls > 0 and out.calls < 40


def test_configurations_come_from_files_and_as_python_writes_them(tmp_path):
    folder = tmp_path / "scheduler"
    folder.mkdir()
    (folder / "scheduler_config.json").write_text('{"_class_name": "DDPMScheduler", "lambda_min_clipped": -Infinity}')
    for path in (tmp_path, folder, folder / "scheduler_config.json", str(folder)):
        assert len(Sampler.from_config(path, 10)) == 10
    trained = {**DDPM, "num_train_timesteps": 4, "trained_betas": np.array([0.1, 0.2, 0.3, 0.4])}
    assert len(Sampler.from_config(trained, 4)) == 4


def test_a_measured_window_is_short_where_rows_cost_a_call_and_long_where_they_are_free(monkeypatch):
    # a clock that only the model moves on
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])

    def dear(x, t):
        clock[0] += 0.004 * len(x)
        return shrink(x, t)

    def free(x, t):
        clock[0] += 0.004
        return shrink(x, t)

    prices = [float(Sampler.cosine(50).measured(model, (4,)).window.split("/")[1]) for model in (dear, free)]
    assert prices == [1.0, pytest.approx(0.0, abs=0.01)]
    sampler = Sampler.cosine(50, window="measured")
    assert sampler.window == "measured"
    assert sampler.sample(dear, (4,), 1).window.startswith("auto/")


def test_runs_in_several_threads_do_not_disturb_each_other():
    sampler, found = Sampler.cosine(50), {}

    def work(seed):
        found[seed] = sampler.sample(lambda x, t: np.tanh(2 * x), (40_000,), seed).sample

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, sample in found.items():
        assert np.array_equal(sampler.sample(lambda x, t: np.tanh(2 * x), (40_000,), seed).sample, sample)
