/**
 * For the other packages of this family, which are versioned in lockstep with this one. Not part of
 * the public interface.
 */
export * from './check.ts';
export { Group } from './group.ts';
