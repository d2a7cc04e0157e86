// @ts-check
// Looks at the built site as its readers do: npm run docs, then node scripts/check-site.mjs [page...]
// Every link inside it has to lead to a page and to a place on it. Some pages are opened in a browser (Debian's Chromium):
// nothing is asked of another host, nothing serious is found by axe-core, nothing moves while it loads, and no page is heavy.
// SCREENSHOTS=folder keeps what it has seen.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serveSite } from './serve-site.mjs';

const dist = fileURLToPath(new URL('../docs/.vitepress/dist', import.meta.url));
const require = createRequire(import.meta.url);
const axe = require.resolve('axe-core/axe.min.js');
const base = '/outlive/';
/** Bytes, as gzip sends them, that the first visit of a page may take. */
const heaviest = 200_000;
/**
 * How far what stands on a page may move while it loads (https://web.dev/articles/cls calls 0.1 good): the columns of a table
 * move a little with each row that comes, by up to 0.012 on a very slow line.
 */
const farthest = 0.05;
const screenshots = process.env['SCREENSHOTS'];

const looks = /** @type {const} */ ([
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
]);

/** One of each kind; the reference's pages are all alike. */
const kinds = [
  '',
  'start',
  'concepts/drain',
  'guides/express',
  'migration/p-queue',
  'errors',
  'inspector',
  'performance',
  'reference/@outlive/core/classes/Scheduler',
];

/** @type {string[]} */
const problems = [];

/** Every page of the site, by its path. */
async function pages() {
  const files = await readdir(dist, { recursive: true });
  const all = new Map();
  for (const file of files.filter((name) => name.endsWith('.html')).toSorted()) {
    all.set(base + file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, ''), file);
  }
  return all;
}

/** @param {Map<string, string>} all */
async function checkLinks(all) {
  const texts = new Map();
  for (const [path, file] of all) texts.set(path, await readFile(join(dist, file), 'utf8'));
  for (const [path, text] of texts) {
    for (const [, href = ''] of text.matchAll(/<a\b[^>]*? href="([^"]+)"/g)) {
      const { pathname, hash, origin } = new URL(
        href.replaceAll('&amp;', '&'),
        `http://site${path}`,
      );
      if (origin !== 'http://site') continue;
      const target = texts.get(pathname);
      if (target === undefined && existsSync(join(dist, pathname.slice(base.length)))) continue;
      if (target === undefined) problems.push(`${path}: no page ${pathname}`);
      else if (hash !== '' && !target.includes(`id="${decodeURIComponent(hash.slice(1))}"`)) {
        problems.push(`${path}: no ${hash} on ${pathname}`);
      }
    }
  }
}

/** Runs in the page, before anything else. */
function sumShifts() {
  /** @type {{ shift: number, moved: string[] }} */
  const seen = Object.assign(globalThis, { shift: 0, moved: [] });
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) {
      seen.shift += entry.value;
      for (const { node } of entry.sources) seen.moved.push(node?.className || node?.nodeName);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} where
 */
async function checkShift(page, where) {
  const { shift, moved } = await page.evaluate(() => {
    const seen = /** @type {any} */ (globalThis);
    return { shift: seen.shift, moved: seen.moved };
  });
  if (shift > farthest) problems.push(`${where}: layout shift of ${shift.toFixed(3)}: ${moved}`);
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} origin
 * @param {string} path
 * @param {string} look
 */
async function checkPage(context, origin, path, look) {
  const page = await context.newPage();
  let bytes = 0;
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (protocol !== 'data:' && asked !== origin) problems.push(`${path}: asks ${request.url()}`);
  });
  page.on('response', (response) => {
    // What is fetched ahead, for the pages that this one links to, keeps nobody waiting.
    if (response.request().headers()['sec-purpose'] === 'prefetch') return;
    bytes += Number(response.headers()['content-length'] ?? 0);
  });
  page.on('pageerror', (error) => problems.push(`${path}: ${error}`));
  await page.addInitScript(sumShifts);
  await page.goto(origin + path, { waitUntil: 'networkidle' });
  await checkShift(page, `${path} (${look})`);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) problems.push(`${path} (${look}): ${overflow} px wider than the window`);
  await page.addScriptTag({ path: axe });
  // On a phone there are other menus, and the same text.
  if (look !== 'phone' || path === `${base}start`) {
    await inspect(page, `${path} (${look})`, `${look}${path.replaceAll('/', '-')}`);
  }
  // The index of the search is fetched by who searches.
  const first = bytes;
  if (path === `${base}start`) {
    await search(page, look);
    await page.goto(`${origin}${path}?slowly`, { waitUntil: 'networkidle' });
    await checkShift(page, `${path} (${look}), on a slow line`);
  }
  await page.close();
  return first;
}

/**
 * @param {import('playwright-core').Page} page - one that has axe-core
 * @param {string} where
 * @param {string} name - of a screenshot
 */
async function inspect(page, where, name) {
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
  for (const { id, impact, nodes } of violations) {
    if (impact !== 'serious' && impact !== 'critical') continue;
    problems.push(`${where}: ${impact}: ${id}: ${nodes[0].html.slice(0, 160)}`);
  }
  if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

/**
 * Searches, without a server: the index is a file of the site.
 * @param {import('playwright-core').Page} page
 * @param {string} look
 */
async function search(page, look) {
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.getByRole('searchbox').fill('SIGTERM');
  const first = page.getByRole('list', { name: 'Results' }).getByRole('link').first();
  await first.waitFor({ timeout: 60_000 });
  await inspect(page, `search (${look})`, `${look}-search`);
  await first.click();
  await page.waitForURL((url) => url.pathname !== `${base}start`, { timeout: 60_000 });
}

/**
 * @param {string} executablePath - of the browser
 * @param {string[]} paths
 */
async function lookAt(executablePath, paths) {
  const server = await serveSite(dist, base);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox'],
    // A busy machine takes its time.
    timeout: 120_000,
  });
  if (screenshots !== undefined) await mkdir(screenshots, { recursive: true });
  let most = 0;
  for (const { name, ...options } of looks) {
    for (const path of paths) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(60_000);
      const bytes = await checkPage(context, `http://127.0.0.1:${port}`, path, name);
      most = Math.max(most, bytes);
      if (bytes > heaviest) problems.push(`${path}: ${bytes} bytes`);
      await context.close();
    }
  }
  await browser.close();
  server.close();
  console.log(`at most ${Math.round(most / 1000)} kB for a page`);
}

const all = await pages();
await checkLinks(all);
const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const asked = process.argv.slice(2);
if (existsSync(executable)) {
  await lookAt(
    executable,
    (asked.length > 0 ? asked : kinds).map((path) => base + path),
  );
} else {
  console.log(`NOT LOOKED AT in a browser: there is no ${executable} (apt-get install chromium)`);
}

for (const problem of problems) console.log(problem);
console.log(`site: ${all.size} pages, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
