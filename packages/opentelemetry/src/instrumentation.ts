import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { version } from '@outlive/core/internal';
import { JobMetrics } from './job-metrics.ts';
import { JobSpans } from './job-spans.ts';
import {
  type OutliveInstrumentationOptions,
  resolveOptions,
  type ResolvedOptions,
} from './options.ts';

/**
 * Traces and counts the jobs of all schedulers of the process. An `Instrumentation` as OpenTelemetry's `NodeSDK` and
 * `registerInstrumentations()` take it. It patches nothing: it may come before or after the first import of Outlive.
 *
 * @throws TypeError for a bad option, naming it
 * @example
 * ```ts
 * import { OutliveInstrumentation } from '@outlive/opentelemetry';
 * import { NodeSDK } from '@opentelemetry/sdk-node';
 *
 * const sdk = new NodeSDK({ instrumentations: [new OutliveInstrumentation({ relation: 'link' })] });
 * sdk.start();
 * await sdk.shutdown();
 * ```
 */
export class OutliveInstrumentation {
  /** What OpenTelemetry calls it. */
  readonly instrumentationName = '@outlive/opentelemetry';
  /** The version of the package. */
  readonly instrumentationVersion: string = version;
  #options: ResolvedOptions;
  #tracers: TracerProvider | undefined;
  #meters: MeterProvider | undefined;
  #spans: JobSpans | undefined;
  #metrics: JobMetrics | undefined;

  constructor(options?: OutliveInstrumentationOptions) {
    this.#options = resolveOptions(options);
    if (this.#options.enabled) this.enable();
  }

  /** Begins, unless it has. */
  enable(): void {
    if (this.#spans !== undefined) return;
    this.#spans = new JobSpans(this.#options.relation);
    this.#metrics = new JobMetrics(this.#options.jobNames);
    if (this.#tracers !== undefined) this.#spans.provider = this.#tracers;
    if (this.#meters !== undefined) this.#metrics.provider = this.#meters;
  }

  /** Ends; spans that are open stay so. */
  disable(): void {
    this.#spans?.stop();
    this.#metrics?.stop();
    this.#spans = undefined;
    this.#metrics = undefined;
  }

  /** Where spans go, in place of the global provider. */
  setTracerProvider(provider: TracerProvider): void {
    this.#tracers = provider;
    if (this.#spans !== undefined) this.#spans.provider = provider;
  }

  /** Where metrics go, in place of the global provider. */
  setMeterProvider(provider: MeterProvider): void {
    this.#meters = provider;
    if (this.#metrics !== undefined) this.#metrics.provider = provider;
  }

  /**
   * Begins anew with other options.
   *
   * @throws TypeError for a bad option, naming it
   */
  setConfig(options: OutliveInstrumentationOptions): void {
    this.#options = resolveOptions(options);
    this.disable();
    if (this.#options.enabled) this.enable();
  }

  /** The options, with their defaults. */
  getConfig(): OutliveInstrumentationOptions & { enabled?: boolean } {
    return this.#options;
  }
}

/**
 * {@link OutliveInstrumentation} for programs that set OpenTelemetry up by themselves: call it after that.
 *
 * @throws TypeError for a bad option, naming it
 * @example
 * ```ts
 * import { instrumentOutlive } from '@outlive/opentelemetry';
 *
 * const instrumentation = instrumentOutlive({ relation: 'child' });
 * instrumentation.disable();
 * ```
 */
export function instrumentOutlive(options?: OutliveInstrumentationOptions): OutliveInstrumentation {
  return new OutliveInstrumentation(options);
}
