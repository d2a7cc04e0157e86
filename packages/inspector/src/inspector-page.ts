import { refusalOf } from './access/guard.ts';
import { Tokens } from './access/tokens.ts';
import { answerAction } from './actions/answer-action.ts';
import { type AssetName, assetOf } from './assets.ts';
import { type Exchange, queryOf } from './exchange.ts';
import { Broadcast } from './live/broadcast.ts';
import { shownName } from './live/shown-job.ts';
import { viewOf } from './live/view.ts';
import type { ResolvedOptions } from './options.ts';
import { pageHtml } from './page-html.ts';
import { answer, answerText, secure } from './responses.ts';
import { type Route, routeOf, withSlash } from './route.ts';
import type { Source } from './sources.ts';

/** Pages that may be open at once: each costs a little twice a second. */
const mostPages = 100;

/** The page, whichever framework it is mounted in. */
export class InspectorPage {
  readonly #sources: readonly Source[];
  readonly #options: ResolvedOptions;
  readonly #tokens = new Tokens();
  readonly #broadcast: Broadcast;

  constructor(sources: readonly Source[], options: ResolvedOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#broadcast = new Broadcast(sources, options);
  }

  /**
   * Answers a request, or hands it on. Never rejects.
   *
   * @param onOwn - called before anything is answered
   */
  async serve(exchange: Exchange, onOwn?: () => void): Promise<void> {
    const route = routeOf(exchange);
    if (route === undefined && exchange.pass !== undefined) {
      exchange.pass();
      return;
    }
    onOwn?.();
    try {
      await this.#answer(exchange, route);
    } catch (error) {
      this.#report('The inspector failed', error);
      if (exchange.response.headersSent) exchange.response.destroy();
      else answerText(exchange, 500, 'Internal Server Error');
    }
  }

  /** Ends the streams of all open pages. */
  endStreams(): void {
    this.#broadcast.end();
  }

  async #answer(exchange: Exchange, route: Route | undefined): Promise<void> {
    secure(exchange);
    const refusal = await refusalOf(exchange, this.#options);
    if (refusal !== undefined) {
      const { status, message, headers, error } = refusal;
      if (error !== undefined) this.#report('`authorize` of the inspector failed', error);
      answerText(exchange, status, message, headers);
      return;
    }
    const { method } = exchange.request;
    const isRead = method === 'GET' || method === 'HEAD';
    if (route === undefined) answerText(exchange, 404, 'Not Found');
    else if (route === 'actions') await this.#act(exchange, method);
    else if (isRead) this.#show(exchange, route);
    else answerText(exchange, 405, 'Method Not Allowed', { Allow: 'GET, HEAD' });
  }

  async #act(exchange: Exchange, method: string | undefined): Promise<void> {
    if (method !== 'POST') {
      answerText(exchange, 405, 'Method Not Allowed', { Allow: 'POST' });
    } else if (this.#options.readOnly) {
      answerText(exchange, 403, 'Forbidden: this page is `readOnly`');
    } else {
      const action = await answerAction(exchange, this.#sources, this.#tokens);
      if (action?.action.endsWith('-stored') === true) this.#broadcast.storeChanged();
    }
  }

  #show(exchange: Exchange, route: Exclude<Route, 'actions'>): void {
    switch (route) {
      case 'page': {
        const html = pageHtml(this.#options.title);
        answer(exchange, 200, 'text/html; charset=utf-8', html);
        break;
      }
      case 'slash': {
        answerText(exchange, 302, 'Found', { Location: withSlash(exchange.url) });
        break;
      }
      case 'events':
        this.#stream(exchange);
        break;
      case 'app.js':
      case 'app.css':
      case 'icon.svg':
        this.#asset(exchange, route);
        break;
      default:
        route satisfies never;
    }
  }

  #asset(exchange: Exchange, name: AssetName): void {
    const { type, body, version } = assetOf(name);
    const isCurrent = queryOf(exchange.url).get('v') === version;
    const caching = isCurrent ? 'private, max-age=31536000, immutable' : 'no-cache';
    answer(exchange, 200, type, body, { 'Cache-Control': caching });
  }

  #stream(exchange: Exchange): void {
    const { request, response, url } = exchange;
    // Its client may have left while `authorize` was asked.
    if (response.destroyed || request.socket?.destroyed) return;
    if (request.method === 'HEAD') {
      answerText(exchange, 405, 'Method Not Allowed', { Allow: 'GET' });
    } else if (this.#broadcast.size >= mostPages) {
      answerText(exchange, 503, 'Too many pages are open', { 'Retry-After': '10' });
    } else {
      this.#broadcast.add(exchange, viewOf(queryOf(url)), {
        title: this.#options.title,
        token: this.#options.readOnly ? null : this.#tokens.issue(),
        sources: this.#sources.map(({ scheduler, store }, index) => ({
          name: shownName(scheduler.name) || (index === 0 ? 'default' : `scheduler ${index + 1}`),
          isDurable: store !== undefined,
        })),
      });
    }
  }

  #report(message: string, exception: unknown): void {
    this.#sources[0]?.scheduler.callExceptionHandler({ message, exception });
  }
}
