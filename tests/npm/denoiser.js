// Denoisers whose answers are known: the data are normal with this variance, the chain is the cosine one.
const VARIANCE = 0.25;

/** The clean estimate of normal data, each row at its own timestep. */
export function denoise({ sample, timesteps, batch }) {
  const dim = sample.length / batch;
  return sample.map((y, i) => {
    const t = timesteps[Math.floor(i / dim)];
    const [alpha, sigma] = [Math.cos((Math.PI / 2) * t), Math.sin((Math.PI / 2) * t)];
    return ((alpha * VARIANCE) / (alpha * alpha * VARIANCE + sigma * sigma)) * y;
  });
}

/** The same, and a share of what the others in the batch are told: not a function of its own row. */
export function leaning(question) {
  const estimates = denoise(question);
  const dim = estimates.length / question.batch;
  const mean = (i) => {
    let sum = 0;
    for (let row = 0; row < question.batch; row++) sum += estimates[row * dim + i];
    return sum / question.batch;
  };
  const means = Array.from({ length: dim }, (_, i) => mean(i));
  return estimates.map((x, i) => x + 0.3 * means[i % dim]);
}

/** For a worker: with `pause` it hears messages between calls, with `drafts` there is a cheaper model beside it. */
export const create = ({ pause = false, drafts = false } = {}) => {
  const model = pause ? (question) => new Promise((resolve) => setTimeout(() => resolve(denoise(question)))) : denoise;
  return drafts ? { denoise: model, drafter: (question) => denoise(question).map((x) => 0.95 * x) } : model;
};
