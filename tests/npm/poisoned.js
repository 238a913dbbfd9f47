import { denoise as sound } from './denoiser.js';

/** For a worker: one seed is answered with what is no number, late in its chain. */
export const denoise = (question) => {
  const estimates = sound(question);
  question.seeds.forEach((seed, row) => {
    if (seed === 1 && question.timesteps[row] < 500) estimates[row * 32] = NaN;
  });
  return estimates;
};
