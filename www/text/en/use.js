// @ts-check
/** The code blocks. */

export const copy = 'Copy';
export const copied = 'Copied';
export const selected = 'Selected';
