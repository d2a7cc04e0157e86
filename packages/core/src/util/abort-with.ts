import { onAbort } from './on-abort.ts';

/** Whoever holds a signal holds with it what aborts it. */
const controllers = new WeakMap<AbortSignal, AbortController>();

const forgotten = new FinalizationRegistry<() => void>((unlink) => {
  unlink();
});

/**
 * Has a controller abort when a signal does, for as long as anybody holds the controller or its signal. Not by
 * `AbortSignal.any()`, which leaves something of each result in a signal that lives long
 * (https://github.com/nodejs/node/issues/55351, https://github.com/nodejs/node/issues/64476).
 */
export function abortWith(controller: AbortController, source: AbortSignal): void {
  controllers.set(controller.signal, controller);
  const weak = new WeakRef(controller);
  const unlink = onAbort(source, () => weak.deref()?.abort(source.reason));
  forgotten.register(controller, unlink);
}
