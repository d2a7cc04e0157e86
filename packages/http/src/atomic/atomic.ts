import type { AtomicOptions } from './options.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the only type that every handler has
export type AnyHandler = (this: any, ...args: any[]) => any;

/** `atomic` for one kind of handlers: around a function, or as a decorator with or without options. */
export interface Atomic<Base extends AnyHandler> {
  /** Wraps a handler. */
  <H extends Base>(handler: H, options?: AtomicOptions): H;
  /** As `@atomic` on a method. */
  <H extends Base>(handler: H, context: ClassMethodDecoratorContext): H;
  /** As `@atomic` on a method, under `experimentalDecorators`; the request may be any of its arguments. */
  <H extends AnyHandler>(
    target: object,
    key: string | symbol,
    method: TypedPropertyDescriptor<H>,
  ): void;
  /** As `@atomic({ … })` on a method. */
  (options: AtomicOptions): AtomicDecorator<Base>;
}

/** `@atomic` on a method: TC39's decorators and those of `experimentalDecorators`. */
export interface AtomicDecorator<Base extends AnyHandler> {
  /** On a method, as TC39 has it. */
  <H extends Base>(handler: H, context: ClassMethodDecoratorContext): H;
  /** On a method, under `experimentalDecorators`. */
  <H extends AnyHandler>(
    target: object,
    key: string | symbol,
    method: TypedPropertyDescriptor<H>,
  ): void;
}
