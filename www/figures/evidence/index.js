// @ts-check
/** @type {import('../../sections.js').Figure['mount']} */
export async function mount() {}
