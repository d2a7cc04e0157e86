import type { FastifyInstance } from 'fastify';

// Fastify has no public way to an app's instances, nor to a hook that comes after all others:
// https://github.com/fastify/fastify/blob/v5.12.8/lib/symbols.js
const names = { children: 'Symbol(fastify.children)', hooks: 'Symbol(fastify.hooks)' };

interface Hooks {
  add(name: 'preClose', hook: () => Promise<void>): void;
}

/**
 * Adds a `preClose` hook that comes after those of all plugins, once they are loaded. Gives whether that could
 * be done.
 */
export function addLastPreClose(instance: FastifyInstance, hook: () => Promise<void>): boolean {
  const hooks = own(last(root(instance)), names.hooks) as Hooks | undefined;
  hooks?.add('preClose', hook);
  return hooks !== undefined;
}

/** What a plugin is given inherits from the app. */
function root(instance: object): object {
  const parent = Object.getPrototypeOf(instance) as Partial<FastifyInstance> | null;
  return typeof parent?.addHook === 'function' ? root(parent) : instance;
}

/** Fastify calls the hooks of an instance, and then those of its children. */
function last(instance: object): object {
  const child = (own(instance, names.children) as readonly object[] | undefined)?.at(-1);
  return child === undefined ? instance : last(child);
}

function own(instance: object, name: string): unknown {
  const symbol = Object.getOwnPropertySymbols(instance).find((each) => String(each) === name);
  return symbol === undefined ? undefined : (instance as Record<symbol, unknown>)[symbol];
}
