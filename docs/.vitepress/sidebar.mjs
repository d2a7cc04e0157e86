// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} path - without its ending */
function entry(path) {
  const text = readFileSync(join(docs, `${path}.md`), 'utf8');
  return { text: /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? path, link: `/${path}` };
}

/**
 * The pages of a folder, by their titles; those named come first.
 * @param {string} folder
 * @param {string[]} [first]
 */
function pagesOf(folder, first = []) {
  if (!existsSync(join(docs, folder))) return [];
  const names = readdirSync(join(docs, folder), { withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.md'))
    .map(({ name }) => name.slice(0, -'.md'.length));
  const rest = names.filter((name) => !first.includes(name)).toSorted();
  return [...first.filter((name) => names.includes(name)), ...rest].map((name) =>
    entry(`${folder}/${name}`),
  );
}

/** @param {...string} paths */
const those = (...paths) => paths.filter((path) => existsSync(join(docs, `${path}.md`))).map(entry);

/** A page that is in none of the groups would be found by nobody: it comes last. */
function others(/** @type {{ items: { link: string }[] }[]} */ groups) {
  const listed = new Set(groups.flatMap(({ items }) => items.map(({ link }) => link)));
  const all = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'index.md');
  return all.map((name) => entry(name.slice(0, -3))).filter(({ link }) => !listed.has(link));
}

const groups = [
  { text: 'Start', items: those('start', 'faq', 'comparison', 'decisions') },
  {
    text: 'Concepts',
    items: pagesOf('concepts', ['scheduler', 'job', 'shield', 'atomic', 'after', 'drain']),
  },
  {
    text: 'Guides',
    items: [
      ...pagesOf('guides', ['express', 'koa', 'fastify', 'node-http']),
      ...those('nestjs', 'frameworks'),
    ],
  },
  { text: 'In depth', items: those('scheduler', 'http', 'limits', 'cancellation', 'errors') },
  {
    text: 'Closing and deployment',
    items: those('closing', 'kubernetes', 'docker-systemd-pm2-cluster', 'what-we-cannot-protect'),
  },
  {
    text: 'Durable jobs',
    items: [
      ...those('durable'),
      ...pagesOf('durable', [
        'delivery',
        'stores',
        'connections',
        'transactions',
        'schedules',
        'limits',
        'operating',
        'throughput',
        'upgrades',
        'testing',
      ]),
    ],
  },
  {
    text: 'Seeing the jobs',
    items: those('observability', 'opentelemetry', 'prometheus', 'inspector', 'logging', 'sentry'),
  },
  { text: 'Working with it', items: those('testing', 'troubleshooting', 'performance') },
  { text: 'Coming from', items: pagesOf('migration', ['aiojobs']) },
];

const rest = others(groups);
export const sidebar = [
  ...groups,
  ...(rest.length > 0 ? [{ text: 'More', items: rest }] : []),
].filter(({ items }) => items.length > 0);
