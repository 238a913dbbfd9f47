import 'speculative-diffusion/worker';
