import { type Exchange, pathOf } from './exchange.ts';

/** What the page consists of. All of it lies in one folder, so that all its addresses can be relative. */
export type Route = 'page' | 'slash' | 'app.js' | 'app.css' | 'icon.svg' | 'events' | 'actions';

const files: ReadonlySet<string> = new Set(['app.js', 'app.css', 'icon.svg', 'events', 'actions']);

/**
 * What a request is for; `undefined` if it is not for the page. Where nothing tells the place that the page is mounted
 * at, the last part of the path decides: whoever calls the handler has chosen the requests then.
 */
export function routeOf({ path, url }: Exchange): Route | undefined {
  if (path !== undefined) {
    if (path === '/' || path === '') return pathOf(url).endsWith('/') ? 'page' : 'slash';
    return fileAt(path.slice(1));
  }
  const whole = pathOf(url);
  const last = whole.slice(whole.lastIndexOf('/') + 1);
  if (last === '') return 'page';
  return fileAt(last) ?? (last.includes('.') ? undefined : 'slash');
}

function fileAt(name: string): Route | undefined {
  return files.has(name) ? (name as Route) : undefined;
}

/** The address of the page, of which that without a slash would look for its files one folder above. */
export function withSlash(url: string): string {
  const path = pathOf(url);
  // Relative to the folder that the browser sees: a proxy may have taken a prefix away.
  return `./${path.slice(path.lastIndexOf('/') + 1)}/${url.slice(path.length)}`;
}
