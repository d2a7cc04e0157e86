import { channel } from 'node:diagnostics_channel';
import {
  type Attributes,
  type Context,
  context,
  type Exception,
  type Link,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import {
  type JobRetryEvent,
  type JobSettleEvent,
  type JobStartEvent,
  observe,
} from '@outlive/core';
import { version } from '@outlive/core/internal';
import { attributesOf } from './attributes.ts';

/** The spans of jobs: one for each call of a function, active while it runs. */
export class JobSpans {
  /** That were active when jobs were spawned which have not settled. */
  readonly #spawnContexts = new WeakMap<object, Context>();
  readonly #spans = new WeakMap<object, Span>();
  readonly #relation: 'link' | 'child';
  readonly #stops: (() => void)[];
  #provider: TracerProvider | undefined;

  constructor(relation: 'link' | 'child') {
    this.#relation = relation;
    // What is bound to a channel is entered for the function of the job; of a store only this method is used.
    const store = { run: (active: Context, run: () => void) => context.with(active, run) };
    const start = channel('outlive:job:start');
    start.bindStore(store as never, (event) => this.#begin(event as JobStartEvent));
    this.#stops = [
      () => void start.unbindStore(store as never),
      observe('outlive:job:spawn', ({ job }) => {
        this.#spawnContexts.set(job, context.active());
      }),
      observe('outlive:durable:store', ({ name, headers }) => {
        this.#create(name, headers);
      }),
      observe('outlive:job:cancel', ({ job, running }) => {
        if (running) this.#spans.get(job)?.addEvent('cancelled');
      }),
      observe('outlive:job:retry', (event) => {
        this.#end(event, 'retried');
      }),
      observe('outlive:job:settle', (event) => {
        this.#end(event, event.outcome);
      }),
    ];
  }

  set provider(provider: TracerProvider) {
    this.#provider = provider;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The span of a job that is about to be stored, for all its runs to refer to: in a process of which nobody knows when. */
  #create(name: string, headers: Record<string, string>): void {
    const span = this.#tracer.startSpan(`create ${name}`, {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'outlive',
        'messaging.operation.name': 'create',
        'messaging.operation.type': 'create',
        'messaging.destination.name': name,
      },
    });
    propagation.inject(trace.setSpan(context.active(), span), headers);
    span.end();
  }

  get #tracer(): Tracer {
    return (this.#provider ?? trace).getTracer('@outlive/opentelemetry', version);
  }

  /** Begins the span of a call; gives the context to make it in. */
  #begin(event: JobStartEvent): Context {
    const { job, kind, stored } = event;
    const spawnedIn = this.#spawnContexts.get(job) ?? context.active();
    const isChild = kind === 'atomic' || this.#relation === 'child';
    const spawner =
      stored === undefined ? spawnedIn : propagation.extract(spawnedIn, stored.headers);
    const linked = trace.getSpanContext(spawner);
    const links: Link[] = isChild || linked === undefined ? [] : [{ context: linked }];
    const span = this.#tracer.startSpan(
      nameOf(event),
      {
        kind: stored === undefined ? SpanKind.INTERNAL : SpanKind.CONSUMER,
        attributes: spanAttributes(event),
        links,
        root: !isChild,
      },
      spawner,
    );
    this.#spans.set(job, span);
    return trace.setSpan(spawner, span);
  }

  #end(event: JobSettleEvent | JobRetryEvent, outcome: string): void {
    const { job, error } = event;
    const span = this.#spans.get(job);
    if (span === undefined) return;
    this.#spans.delete(job);
    span.setAttribute('outlive.job.outcome', outcome);
    if (outcome === 'failed' || outcome === 'retried') {
      span.recordException(exceptionOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    }
    span.end();
  }
}

/** As the conventions for messaging have it, where the job went through a store. */
function nameOf({ job, kind, stored }: JobStartEvent): string {
  if (stored !== undefined) return `process ${stored.name}`;
  const what = kind === 'atomic' ? 'atomic' : 'job';
  return job.name === undefined ? what : `${what} ${job.name}`;
}

function spanAttributes({
  job,
  scheduler,
  attempt,
  wait,
  kind,
  stored,
}: JobStartEvent): Attributes {
  const attributes: Attributes = {
    ...attributesOf(scheduler, job.name),
    'outlive.job.id': job.id,
    'outlive.job.kind': kind,
    'outlive.job.attempt': stored?.attempt ?? attempt,
    'outlive.job.wait': wait / 1_000,
  };
  if (stored === undefined) return attributes;
  return {
    ...attributes,
    'messaging.system': 'outlive',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': stored.name,
    'messaging.message.id': stored.id,
  };
}

function exceptionOf(error: unknown): Exception {
  return error instanceof Error || typeof error === 'string'
    ? error
    : { message: messageOf(error) };
}

function messageOf(error: unknown): string {
  try {
    const { message } = (error ?? {}) as { message?: unknown };
    return typeof message === 'string' ? message : String(error);
  } catch {
    return 'an error that has no text';
  }
}
