// @ts-check
/** @param {import('./interleave.mjs').Task} task @returns {Promise<import('./interleave.mjs').Block>} */
export async function loadBlock({ file, workload, argument }) {
  const workloads = await import(`../workloads/${file}.mjs`);
  return workloads[workload](argument);
}
