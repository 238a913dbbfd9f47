"""Text to image with a pipeline of diffusers, speculatively and plain.

    python examples/text_to_image.py [FOLDER_OR_NAME] [--prompt P] [--steps K] [--strength S --image FILE] [--audit RUNS] [--save FILE]

Without a model it takes a pipeline of small networks with random weights, whose pictures mean nothing.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import numpy as np
import torch
from speculative_diffusion import Guidance, Sampler
from speculative_diffusion.diffusers import denoiser

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", help="a folder, or a name on a hub")
    parser.add_argument("--prompt", default="a cat in the snow")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--scale", type=float, default=7.5, help="of the guidance")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--image", type=pathlib.Path, help="an array [3, H, W] from -1 to 1 to start from (.npy)")
    parser.add_argument("--audit", type=int, default=8, metavar="RUNS", help="whose residuals are judged, 0 for none")
    parser.add_argument("--save", type=pathlib.Path, help="where to write the picture (.npy)")
    options = parser.parse_args()

    if options.model:
        from diffusers import DiffusionPipeline

        pipe = DiffusionPipeline.from_pretrained(options.model).to("cuda" if torch.cuda.is_available() else "cpu")
    else:
        import pipelines

        with tempfile.TemporaryDirectory() as folder:
            pipe = pipelines.stable_diffusion(folder)

    denoise = denoiser(pipe, options.prompt, negative_prompt="")
    shape = (pipe.unet.config.in_channels, pipe.unet.config.sample_size, pipe.unet.config.sample_size)
    sampler = Sampler.ancestral(pipe.scheduler, num_inference_steps=options.steps).measured(denoise, shape)
    image, factor = None, pipe.vae.config.scaling_factor
    if options.image:
        picture = torch.from_numpy(np.load(options.image)).float()[None].to(pipe.unet.device, pipe.vae.dtype)
        with torch.no_grad():
            image = pipe.vae.encode(picture).latent_dist.mean[0] * factor
        sampler = sampler.with_strength(options.strength)
    guidance = Guidance(options.scale)
    print(f"{sampler}: {sampler.check(denoise, shape, guidance=guidance).text}")

    if options.audit:
        judged = sampler.audit(denoise, shape, runs=options.audit, guidance=guidance, image=image)
        print(f"audit {'passed' if judged.passed else 'FAILED'}: {judged.text}")

    for plain in (False, True):
        began = time.perf_counter()
        out = sampler.sample(denoise, shape, seed=7, guidance=guidance, image=image, plain=plain)
        print(f"{'plain' if plain else 'speculative'}: {out.calls} calls, {out.rows} rows, {time.perf_counter() - began:.2f} s")
        if options.save and not plain:
            with torch.no_grad():
                np.save(options.save, pipe.vae.decode(out.sample[None].to(pipe.vae.dtype) / factor).sample[0].float().cpu().numpy())


if __name__ == "__main__":
    main()
