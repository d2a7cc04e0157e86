// @ts-check
// What an open page of the inspector costs, with 10,000 live jobs of which 2,000 a second come and go: CPU time of the
// server with and without it, lateness and frames of the page, memory of its tab. Needs Chromium, and a quiet machine.
//
//   node packages/inspector/scripts/load.mjs [minutes]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Scheduler } from '@outlive/core';
import { inspector } from '@outlive/inspector';
import { chromium } from 'playwright-core';

const liveJobs = 10_000;
const jobsPerSecond = 2_000;
/** ms of each window in which CPU time is measured. */
const measured = 15_000;

if (process.argv[2] === 'server') await serve();
else await measure(Number(process.argv[2] ?? 3));

/** The server under load; says how much CPU time it has used whenever it is asked. */
async function serve() {
  const scheduler = new Scheduler({ name: 'load', limit: 1_000, pendingLimit: Infinity });
  const never = new Promise(() => undefined);
  for (let index = 0; index < liveJobs - jobsPerSecond / 10; index += 1) {
    scheduler.spawnNow(() => undefined, { name: `waiting ${index}`, after: never });
  }
  const startedAt = performance.now();
  let spawned = 0;
  setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * jobsPerSecond;
    for (; spawned < due; spawned += 1) {
      scheduler.spawnNow(() => pause(100), { name: `short ${spawned % 50}` });
    }
  }, 5);
  const server = createServer(inspector(scheduler, { authorize: () => true }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1_000, spawned, live: scheduler.size });
  });
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
}

/** @param {number} minutes */
async function measure(minutes) {
  const server = fork(import.meta.filename, ['server']);
  const [{ port }] = await once(server, 'message');
  const usage = async () => {
    server.send('usage');
    const [used] = await once(server, 'message');
    return { ...used, at: performance.now() };
  };
  const cpuOfWindow = async () => {
    const before = await usage();
    await pause(measured);
    const after = await usage();
    return {
      cpuPerSecond: ((after.cpu - before.cpu) / (after.at - before.at)) * 1_000,
      perSecond: ((after.spawned - before.spawned) / (after.at - before.at)) * 1_000,
      live: after.live,
    };
  };
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    await pause(5_000);
    const address = `http://127.0.0.1:${port}/`;
    for (let round = 0; round < 3; round += 1) {
      const without = await cpuOfWindow();
      const page = await browser.newPage();
      await page.goto(address);
      await pause(2_000);
      const withPage = await cpuOfWindow();
      await page.close();
      console.log(
        `server: ${withPage.live} live jobs, ${withPage.perSecond.toFixed(0)} jobs/s; ms of CPU a second: ` +
          `${without.cpuPerSecond.toFixed(0)} without a page, ${withPage.cpuPerSecond.toFixed(0)} with it, ` +
          `so ${((withPage.cpuPerSecond - without.cpuPerSecond) / 10).toFixed(1)} % of a core`,
      );
    }
    await watchTab(await browser.newPage(), address, minutes);
  } finally {
    await browser.close();
    server.kill();
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} address
 * @param {number} minutes
 */
async function watchTab(page, address, minutes) {
  await page.goto(address);
  const session = await page.context().newCDPSession(page);
  await page.evaluate(() => {
    const seen = { frame: 0, between: 0, changed: performance.now() };
    Object.assign(globalThis, { seen });
    let last = performance.now();
    /** @param {number} at */
    const onFrame = (at) => {
      seen.frame = Math.max(seen.frame, at - last);
      last = at;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
    // Ages of jobs change with each update.
    new MutationObserver(() => {
      seen.between = Math.max(seen.between, performance.now() - seen.changed);
      seen.changed = performance.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  for (let round = 0; round <= minutes * 2; round += 1) {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    const worst = await page.evaluate(() => {
      const { seen } = /** @type {{ seen?: { frame: number, between: number } }} */ (globalThis);
      const { frame = 0, between = 0 } = seen ?? {};
      Object.assign(seen ?? {}, { frame: 0, between: 0 });
      return { frame, between };
    });
    console.log(
      `tab after ${(round / 2).toFixed(1)} min: ${(usedSize / 2 ** 20).toFixed(2)} MiB of heap, ${nodes} elements; ` +
        `longest frame ${worst.frame.toFixed(0)} ms, longest time between two updates ${worst.between.toFixed(0)} ms`,
    );
    await pause(30_000);
  }
}
