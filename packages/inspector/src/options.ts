import type { IncomingMessage } from 'node:http';
import {
  checkBoolean,
  checkFunction,
  checkOptions,
  checkString,
  type KnownOptions,
} from '@outlive/core/internal';

/** The stored job whose payload is about to be shown. */
export interface RedactedJob {
  /** Of the stored job. */
  readonly id: string;
  /** What it was defined as. */
  readonly name: string;
}

/** Who may see the page, and what it shows. `R` is a request as the framework has it. */
export interface InspectorOptions<R = IncomingMessage> {
  /**
   * Whether the sender of a request may see the page and act on it: asked for every request, assets included, with
   * Express's `req`, Koa's `ctx`, Fastify's `request` or node's own request. Only `true`, or a promise of it, lets a
   * request in. What it throws keeps it out; an error with a `status` from 400 to 499 is answered with that and its
   * `headers`, so that `{ status: 401, headers: { 'WWW-Authenticate': 'Basic' } }` makes a browser ask.
   *
   * May be left out only with `readOnly: true`: then only clients on this machine get in, and through no proxy.
   */
  readonly authorize?: ((request: R) => boolean | PromiseLike<boolean>) | undefined;
  /**
   * Whether nothing can be changed: nothing cancelled, paused or retried, no limit set.
   * @defaultValue `false`
   */
  readonly readOnly?: boolean | undefined;
  /**
   * Whether payloads of failed and running durable jobs are shown.
   * @defaultValue `false`
   */
  readonly payloads?: boolean | undefined;
  /** What to show in place of a payload; for all that is thrown, nothing is shown. Only with `payloads: true`. @defaultValue the payload as it is */
  readonly redact?: ((payload: unknown, job: RedactedJob) => unknown) | undefined;
  /**
   * Heading and title of the page.
   * @defaultValue `'Jobs'`
   */
  readonly title?: string | undefined;
}

export interface ResolvedOptions {
  readonly authorize: ((request: unknown) => unknown) | undefined;
  readonly readOnly: boolean;
  /** `undefined`: payloads are not shown. */
  readonly showPayload: ((payload: unknown, job: RedactedJob) => unknown) | undefined;
  readonly title: string;
}

const known: KnownOptions<InspectorOptions> = {
  authorize: true,
  readOnly: true,
  payloads: true,
  redact: true,
  title: true,
};

const noGuard =
  'The inspector needs `authorize`, since whoever sees it can cancel jobs: inspector(scheduler, { authorize: (request) => boolean }). ' +
  'Without one, `readOnly: true` shows it to clients on this machine alone';

/** @throws TypeError for a bad option, and for a page that nobody guards */
export function resolveOptions<R>(options: InspectorOptions<R> | undefined): ResolvedOptions {
  const {
    authorize,
    readOnly = false,
    payloads = false,
    redact,
    title = 'Jobs',
  } = checkOptions('options', options as InspectorOptions | undefined, known);
  if (authorize !== undefined) checkFunction('authorize', authorize);
  checkBoolean('readOnly', readOnly);
  checkBoolean('payloads', payloads);
  checkString('title', title);
  if (redact !== undefined) {
    checkFunction('redact', redact);
    if (!payloads) throw new TypeError('`redact` has nothing to do without `payloads: true`');
  }
  if (authorize === undefined && !readOnly) throw new TypeError(noGuard);
  return {
    authorize: authorize as ResolvedOptions['authorize'],
    readOnly,
    showPayload: payloads ? (redact ?? ((payload) => payload)) : undefined,
    title,
  };
}
