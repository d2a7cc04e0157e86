// @ts-check
import { interleave } from './interleave.mjs';
import { ratio } from './statistics.mjs';

/** @typedef {import('./statistics.mjs').Estimate} Estimate */
/** @typedef {{ samples: Record<string, number[]>, apart?: Record<string, number[]>, noise: Estimate, isVoid: boolean }} Comparison */

const attemptsAllowed = 3;
const noiseAllowed = { low: 0.93, high: 1.07 };

/**
 * Measures the contestants in one process, in which whatever one of them switches on costs the others
 * too, and again each in a process of its own, in which it does not.
 *
 * @param {Record<string, import('./interleave.mjs').Contestant>} contestants the first is ours
 * @param {import('./interleave.mjs').Effort} effort
 * @returns {Promise<Comparison>}
 */
export async function compareBothWays(contestants, effort) {
  const together = await compare(contestants, effort, 'together');
  const apart = await compare(contestants, effort, 'apart');
  const noisier = Math.abs(apart.noise.value - 1) > Math.abs(together.noise.value - 1);
  return {
    samples: together.samples,
    apart: apart.samples,
    noise: noisier ? apart.noise : together.noise,
    isVoid: together.isVoid || apart.isVoid,
  };
}

/**
 * Measures the contestants side by side, and the first of them twice: what it scores against itself is
 * the noise. A run that is too noisy to tell anything is repeated, a bounded number of times.
 *
 * @param {Record<string, import('./interleave.mjs').Contestant>} contestants the first is ours
 * @param {import('./interleave.mjs').Effort} effort
 * @param {'together' | 'apart'} [where]
 * @returns {Promise<Comparison>}
 */
export async function compare(contestants, effort, where) {
  const [[first, ours] = ['', { module: '', workload: '' }]] = Object.entries(contestants);
  for (let attempts = 1; ; attempts += 1) {
    const samples = await interleave({ ...contestants, again: ours }, effort, where);
    const noise = ratio(samples['again'] ?? [], samples[first] ?? []);
    const isVoid = !(noise.value >= noiseAllowed.low && noise.value <= noiseAllowed.high);
    if (!isVoid || attempts === attemptsAllowed) return { samples, noise, isVoid };
    console.error(`  noise ${noise.value.toFixed(2)}: void, again (${attempts})`);
  }
}
