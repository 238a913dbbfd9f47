// @ts-check
/** What the settings are called, what they mean, and why one is refused. A value is never translated; only what is said of it is. */

/** @type {Record<string, {label: string, help: string, each?: Record<string, string>}>} `each` explains the values of a choice */
export const fields = {
  seed: { label: 'Seed', help: 'Fixes all random numbers of the run. The same seed and settings give the same picture again.' },
  model: {
    label: 'Model',
    help: 'The network that draws: faces of 16 × 16 pixels in colour, or clothes of 28 × 28 in grey. It is loaded when it is first asked for.',
  },
  class: { label: 'Class', help: 'What to draw.' },
  guidance: { label: 'Guidance', help: 'How strongly the class is followed. Above 1 every state costs a second network evaluation.' },
  steps: { label: 'Steps K', help: 'Number of denoising steps. More steps lie closer together, so drafts are accepted more often.' },
  eta: { label: 'Noise η', help: 'Fresh noise per step. 1 is DDPM. At 0 (DDIM) there is no noise, so drafts cannot be tested; the smallest value is 0.001.' },
  window: {
    label: 'Window L',
    help:
      'How many steps are drafted per round. auto measures what an evaluation costs on this device and picks the fastest length (at least 2 on a CPU). ' +
      'The link keeps the measured cost, e.g. auto/0.9/2: evaluations run 2 at a time, and each further pair adds 0.9 of a call. auto/0 makes the fewest calls.',
  },
  draft: {
    label: 'Draft',
    help: 'How a window is drafted before the network is called.',
    each: {
      secant:
        'keeps the estimates of earlier calls and moves them along with their states; the default, usually with the fewest calls without a second network.',
      carry: 'keeps the estimates of earlier calls as they are, also past a rejection.',
      prefetched: 'takes one estimate of the last call for the whole window.',
      frozen: 'makes a call at the start of each round and takes its estimate for the whole window.',
      'frozen-drift': 'the paper’s draft to the letter: the same, but the whole drift stands still, not the estimate.',
      independent: 'the paper’s other draft: a smaller network, the drafter, goes ahead step by step.',
      corrected: 'the same, with the drafter’s errors estimated too. It can need the fewest calls of all, but calls the drafter hundreds of times.',
    },
  },
  rule: {
    label: 'Test',
    help: 'How drafts are tested; both tests are exact. The reflection looks at one step after another. The peak test judges a whole window at once, by the highest point of its path of likelihood ratios, and saves more calls when windows have 12 steps or more.',
  },
  engine: {
    label: 'Engine',
    help: 'Where the network is computed. CPU and WebGPU are this project’s own; burn runs the same network through the framework it was trained with, for comparison, and loads a larger file.',
  },
  workers: {
    label: 'Workers',
    help: 'Threads that share the network evaluations of a call on the CPU; auto takes one for each core, eight at most. They change how long a run takes, and nothing else: every number stays the same.',
  },
  axis: { label: 'Shared axis', help: 'What the two lanes are compared by.' },
  speed: { label: 'Speed', help: 'Of the replay; it changes nothing in the run.' },
};

/** Values that are shown by other words than their own. @type {Record<string, Record<string, string>>} */
export const choices = {
  model: { faces: 'faces', fashion: 'fashion' },
  class: {
    any: 'any',
    short: 'short hair',
    long: 'long hair',
    glasses: 'glasses',
    hat: 'hat',
    tshirt: 'T-shirt',
    trousers: 'trousers',
    pullover: 'pullover',
    dress: 'dress',
    coat: 'coat',
    sandal: 'sandal',
    shirt: 'shirt',
    sneaker: 'sneaker',
    bag: 'bag',
    boot: 'boot',
  },
  rule: { auto: 'whichever saves more' },
  engine: { cpu: 'CPU', webgpu: 'WebGPU', burn: 'burn on WebGPU' },
  axis: { calls: 'sequential calls', time: 'wall-clock' },
  speed: { 0.25: '¼×', 0.5: '½×', 1: '1×', 2: '2×', 4: '4×' },
};

/** As much of what somebody typed as a sentence can carry. @param {string} raw */
const quoted = (raw) => `“${raw.length > 40 ? `${raw.slice(0, 40)}…` : raw}”`;

/**
 * What is allowed.
 * @param {import('../../state/settings.js').Field} field
 * @param {import('../../state/settings.js').Value[] | undefined} values that can be chosen, if it is a choice
 */
function range({ kind, auto, priced, min, max }, values) {
  if (values) return `one of ${values.join(', ')}`;
  return `${priced ? 'auto, auto/PRICE/LANES or ' : auto ? 'auto or ' : ''}${kind === 'whole' ? 'a whole number' : 'a number'} from ${min} to ${max}`;
}

/**
 * @param {import('../../state/settings.js').Field} field
 * @param {string} raw
 * @param {import('../../state/settings.js').Value[] | undefined} values
 */
export const refused = (field, raw, values) => `${field.label} (${field.name}) cannot be ${quoted(raw)}: it must be ${range(field, values)}.`;

/** @param {string} name @param {string[]} names */
export const unknown = (name, names) => `The address names a setting ${quoted(name)} that does not exist. The settings are ${names.join(', ')}.`;
