// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/**
 * A page in two parts, with a pause in which the browser draws the first: what stands beside the text comes before it.
 * @param {import('node:http').ServerResponse} res
 * @param {string} page
 */
async function sendSlowly(res, page) {
  const text = page.lastIndexOf('<div class="content"');
  if (text >= 0) {
    res.write(page.slice(0, text));
    await setTimeout(500);
  }
  res.end(page.slice(Math.max(text, 0)));
}

/**
 * Serves the built site on a free port. What is asked for with "?slowly" comes over a slow line.
 * @param {string} dist - its folder
 * @param {string} base - what its paths begin with
 */
export async function serveSite(dist, base) {
  /** @type {Map<string, Buffer>} */
  const bodies = new Map();
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://site');
    const path = decodeURIComponent(url.pathname).slice(base.length);
    const file = [path, `${path}.html`, join(path, 'index.html')].find(
      (name) => extname(name) !== '' && existsSync(join(dist, name)),
    );
    if (file === undefined) {
      res.writeHead(404).end();
      return;
    }
    const type = types[/** @type {keyof typeof types} */ (extname(file))];
    if (url.search === '?slowly') {
      res.writeHead(200, { 'content-type': type });
      void sendSlowly(res, readFileSync(join(dist, file), 'utf8'));
      return;
    }
    const body = bodies.get(file) ?? gzipSync(readFileSync(join(dist, file)));
    bodies.set(file, body);
    res.writeHead(200, {
      'content-type': type ?? 'application/octet-stream',
      'content-encoding': 'gzip',
      'content-length': body.length,
    });
    res.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return server;
}
