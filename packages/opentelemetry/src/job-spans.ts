import { channel } from 'node:diagnostics_channel';
import {
  type Context,
  context,
  type Link,
  propagation,
  type Span,
  SpanKind,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import {
  type DurableStoreEvent,
  type JobRetryEvent,
  type JobSettleEvent,
  type JobStartEvent,
  observe,
} from '@outlive/core';
import { keepsSpawnContext, version } from '@outlive/core/internal';
import { failed } from './failed-span.ts';
import { nameOf, recordedAttributes, sendAttributes, spanAttributes } from './span-attributes.ts';
import { isWithoutSdk } from './without-sdk.ts';

/** The spans of jobs: one for each call of a function, active while it runs. */
export class JobSpans {
  /** That were active when jobs were spawned, of those that may start in another one. */
  readonly #spawnContexts = new WeakMap<object, Context>();
  readonly #spans = new WeakMap<object, Span>();
  readonly #relation: 'link' | 'child';
  readonly #stops: (() => void)[];
  /** That was given, in place of the global one. */
  #given: TracerProvider | undefined;
  /** Whose tracer this is. */
  #provider: TracerProvider | undefined;
  #tracer: Tracer | undefined;

  constructor(relation: 'link' | 'child') {
    this.#relation = relation;
    // What is bound to a channel is entered for the function of the job; of a store only this method is used.
    const store = {
      run: (active: Context | undefined, run: () => void): void => {
        if (active === undefined) run();
        else context.with(active, run);
      },
    };
    const start = channel('outlive:job:start');
    start.bindStore(store as never, (event) => this.#begin(event as JobStartEvent));
    this.#stops = [
      () => void start.unbindStore(store as never),
      observe('outlive:job:spawn', ({ job, scheduler }) => {
        if (!keepsSpawnContext(scheduler, job)) this.#spawnContexts.set(job, context.active());
      }),
      observe('outlive:durable:store', (event) => {
        this.#send(event);
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
    this.#given = provider;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** `undefined` while there is no SDK: then no span is worth its price. */
  #find(): Tracer | undefined {
    const provider = this.#given ?? trace.getTracerProvider();
    if (this.#tracer !== undefined && provider === this.#provider) return this.#tracer;
    const tracer = provider.getTracer('@outlive/opentelemetry', version);
    this.#provider = provider;
    // The same provider may have an SDK later.
    this.#tracer = isWithoutSdk(tracer) ? undefined : tracer;
    return this.#tracer;
  }

  /** Jobs are about to be stored: all their runs refer to this span, in a process of which nobody knows when. */
  #send(event: DurableStoreEvent): void {
    const span = this.#find()?.startSpan(`send ${event.name}`, {
      kind: SpanKind.PRODUCER,
      attributes: sendAttributes(event),
    });
    const active = context.active();
    propagation.inject(span === undefined ? active : trace.setSpan(active, span), event.headers);
    if (span === undefined) return;
    event.ids.then(
      ([id]) => {
        if (event.count === 1 && typeof id === 'string') {
          span.setAttribute('messaging.message.id', id);
        }
        span.end();
      },
      (error: unknown) => {
        failed(span, error);
        span.end();
      },
    );
  }

  /** Begins the span of a call; gives the context to make it in. */
  #begin(event: JobStartEvent): Context | undefined {
    const tracer = this.#find();
    if (tracer === undefined) return undefined;
    const { job, kind, stored } = event;
    const spawnedIn = this.#spawnContexts.get(job) ?? context.active();
    const isChild = kind === 'atomic' || this.#relation === 'child';
    const spawner =
      stored === undefined ? spawnedIn : propagation.extract(spawnedIn, stored.headers);
    const linked = isChild ? undefined : trace.getSpanContext(spawner);
    const links: Link[] = linked === undefined ? [] : [{ context: linked }];
    const span = tracer.startSpan(
      nameOf(event),
      {
        kind: stored === undefined ? SpanKind.INTERNAL : SpanKind.CONSUMER,
        attributes: spanAttributes(event),
        links,
        root: !isChild,
      },
      spawner,
    );
    // One that is not sampled has nothing to be told.
    if (span.isRecording()) {
      this.#spans.set(job, span);
      span.setAttributes(recordedAttributes(event));
    }
    return trace.setSpan(spawner, span);
  }

  #end({ job, error }: JobSettleEvent | JobRetryEvent, outcome: string): void {
    const span = this.#spans.get(job);
    if (span === undefined) return;
    this.#spans.delete(job);
    span.setAttribute('outlive.job.outcome', outcome);
    if (outcome === 'failed' || outcome === 'retried') failed(span, error);
    span.end();
  }
}
