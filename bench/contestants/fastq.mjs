// @ts-check
import fastq from 'fastq';

/** The worker of its README, for tasks that are functions. @param {() => Promise<unknown>} task */
const worker = async (task) => task();

/** @param {number} limit @param {import('./queue.mjs').Work} work */
export function open(limit, work) {
  const queue = fastq.promise(worker, limit);
  return { run: () => queue.push(work), idle: () => queue.drained() };
}
