"""Models of PyTorch and pipelines of diffusers, the real packages."""

import numpy as np
import pytest
from speculative_diffusion import Guidance, Sampler, SamplerError

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
pytest.importorskip("transformers")

import pipelines  # noqa: E402
from speculative_diffusion.diffusers import denoiser  # noqa: E402


@pytest.mark.parametrize(
    "scheduler",
    [
        diffusers.DDPMScheduler(clip_sample=False),
        diffusers.DDPMScheduler(clip_sample=True, variance_type="fixed_large"),
        diffusers.EulerAncestralDiscreteScheduler(),
        diffusers.LCMScheduler(),
    ],
    ids=lambda scheduler: type(scheduler).__name__,
)
def test_the_plain_sampler_takes_the_steps_of_the_pipeline_s_own_loop(scheduler, monkeypatch):
    unet, steps = pipelines.picture_network(), 20
    sampler = Sampler.from_config(scheduler, steps)
    inputs, outputs, asked = [], [], []

    def watched(x, t):
        inputs.append(x)
        asked.append(t)
        outputs.append(unet(x, t).sample)
        return outputs[-1]

    out = sampler.sample(watched, (3, 8, 8), seed=3, plain=True)
    assert out.calls == steps and isinstance(out.sample, torch.Tensor)

    # the library's own steps through the same states, without the noise
    module = __import__(type(scheduler).__module__, fromlist=["randn_tensor"])
    monkeypatch.setattr(module, "randn_tensor", lambda shape, **options: torch.zeros(shape))
    scheduler.set_timesteps(steps)
    table, residuals = sampler.steps, []
    for k, timestep in enumerate(scheduler.timesteps):
        assert float(asked[k][0]) == float(timestep)
        # what the model is given is the state by a factor
        scale = float(scheduler.scale_model_input(torch.ones(1), timestep)[0])
        with torch.no_grad():
            mean = scheduler.step(outputs[k], timestep, inputs[k] / scale).prev_sample[0]
        if k + 1 < steps:
            following = inputs[k + 1][0] / float(np.hypot(table[k + 1].sigma, 1) ** -1 if scale != 1 else 1)
            residuals.append(((following - mean) / table[k].s).flatten().numpy())
        else:
            assert torch.allclose(out.sample, mean, atol=1e-4)
    residuals = np.concatenate(residuals)
    assert abs(residuals.mean()) * np.sqrt(residuals.size) < 4.5
    assert abs((residuals**2).mean() - 1) * np.sqrt(residuals.size / 2) < 4.5


def test_five_lines_with_a_unet_give_its_samples_in_fewer_calls():
    unet = pipelines.picture_network()
    sampler = Sampler.from_config(pipelines.ddpm(), num_inference_steps=100)
    out = sampler.sample(lambda x, t: unet(x, t).sample, shape=(3, 8, 8), seed=7)
    assert out.sample.shape == (3, 8, 8) and out.sample.dtype == torch.float32
    assert out.calls < 50, out.calls
    # a module itself, and what it returns
    assert torch.equal(sampler.sample(unet, shape=(3, 8, 8), seed=7).sample, out.sample)
    assert sampler.check(unet, (3, 8, 8)).passed
    judged = sampler.audit(unet, (3, 8, 8), runs=4)
    assert judged.passed and judged.count > 200


def test_a_pipeline_with_a_prompt_guidance_and_a_strength(tmp_path):
    pipe = pipelines.stable_diffusion(tmp_path)
    with pytest.raises(SamplerError) as caught:
        Sampler.from_config(pipe.scheduler, 20)
    assert caught.value.field == "_class_name"
    sampler = Sampler.ancestral(pipe.scheduler, 20)
    cat, dog = denoiser(pipe, "a cat", negative_prompt="fog"), denoiser(pipe, ["a dog", "a cat"], negative_prompt="fog")
    shape = (4, 8, 8)
    guidance = Guidance(7.5, interval=(0.2, 8.0), rescale=0.7)
    out = sampler.sample(cat, shape, 7, guidance=guidance)
    assert out.calls <= 20 and out.rows > 20
    # of two runs that share calls each has its own prompt
    two = sampler.sample(dog, shape, seeds=[8, 7], guidance=guidance)
    assert torch.allclose(two.sample[1], out.sample, atol=1e-3)
    assert not torch.allclose(sampler.sample(cat, shape, 8, guidance=guidance).sample, two.sample[0], atol=1e-2)
    picture = torch.zeros(1, 3, 16, 16)
    with torch.no_grad():
        latents = pipe.vae.encode(picture).latent_dist.mean[0] * pipe.vae.config.scaling_factor
        started = sampler.with_strength(0.6).sample(cat, shape, 7, image=latents)
        decoded = pipe.vae.decode(started.sample[None] / pipe.vae.config.scaling_factor).sample
    assert started.plain_calls == 12 and decoded.shape == (1, 3, 16, 16) and torch.isfinite(decoded).all()
    assert sampler.check(cat, shape).passed and sampler.check(cat, shape, guidance=guidance).passed
    for wrong, field in [(object(), "pipe"), (diffusers.DDPMPipeline(pipelines.picture_network(), pipelines.ddpm()), "prompt")]:
        with pytest.raises(SamplerError) as caught:
            denoiser(wrong, "a cat")
        assert caught.value.field == field


def test_a_policy_s_network_and_one_in_training_mode_is_caught():
    network = pipelines.plan_network()
    sampler = Sampler.from_config(pipelines.ddpm(beta_schedule="squaredcos_cap_v2"), 100)
    out = sampler.sample(lambda x, t: network(x, t).sample, (2, 16), seeds=range(4))
    assert out.sample.shape == (4, 2, 16) and out.calls < 60
    assert sampler.audit(lambda x, t: network(x, t).sample, (2, 16), runs=8).passed
    training = pipelines.plan_network(dropout=True).train()
    checked = sampler.check(lambda x, t: training[1](training[0](x), t).sample, (2, 16))
    assert not checked.passed and not checked.repeated[2], checked.text


def test_tensors_are_on_the_device_and_of_the_type_that_the_model_has_and_errors_name_the_device():
    network, kinds = torch.nn.Linear(4, 4).double(), set()

    class Held:
        def __init__(self):
            self.network = network

        def __call__(self, x, t):
            kinds.add((x.dtype, x.device.type))
            return self.network(x)

    sampler = Sampler.cosine(20)
    assert sampler.sample(Held(), (4,), 1).sample.dtype == torch.float32
    assert sampler.sample(Held().__call__, (4,), 1).calls < 20
    assert kinds == {(torch.float64, "cpu")}
    made = sampler.sample(lambda x, t: torch.tanh(x), (4,), 1, device="cpu")
    assert isinstance(made.sample, torch.Tensor)
    with pytest.raises(SamplerError) as caught:
        sampler.sample(lambda x, t: x, (4,), 1, device="nowhere")
    assert caught.value.field == "device"
    assert isinstance(sampler.sample(lambda x, t: 0.5 * x, (4,), 1).sample, np.ndarray)
